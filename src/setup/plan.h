/* What is to be done, step by step, out of what is wanted and what is there. */
#ifndef PLAN_H
#define PLAN_H

#include "cas.h"
#include "module.h"
#include "service.h"
#include "setup.h"
#include "task.h"

#define PLAN_STEPS_MAX 256

/* What is there. */
struct machine {
    struct cas cas;
    struct module module;
    enum ca_service service;
    bool is_clustered, is_elevated;
    WCHAR program[TASK_PATH_MAX];       /* what the scheduled task runs: beside the module; "" where it cannot be told */
    enum task_state task;
};

/* In the order in which they are done: what may fail most easily comes first, and no list names a module that is not registered. */
enum step_kind {
    STEP_FOLDER, STEP_REGISTER, STEP_REGISTER_CONSOLE, STEP_DIRECTORY, STEP_ACTIVATE,
    STEP_DEACTIVATE, STEP_UNREGISTER, STEP_RESTART, STEP_PURGE_JOURNAL, STEP_PURGE_SETTINGS, STEP_PURGE_LOG,
    STEP_TASK, STEP_TASK_REMOVE,
};

struct step {
    enum step_kind kind;
    const struct ca *ca;                /* of those that are about one */
    WCHAR path[SETTINGS_PATH_MAX];      /* of those that are about a folder */
};

struct plan {
    struct step steps[PLAN_STEPS_MAX];
    unsigned count;
    bool refused;                       /* `listener` has been told why; the steps are not to be done */
    bool changes_cas;                   /* what is done takes effect when the CA is restarted */
};

/* Read-only, as checking is: a plan may be made by anybody and at any time. `machine` has to outlive it. */
void plan_make(const struct setup_order *order, const struct machine *machine, const struct listener *listener, struct plan *plan);

#endif
