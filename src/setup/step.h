/* One step of a plan: its description, its check, and its execution. */
#ifndef STEP_H
#define STEP_H

#include "inventory.h"

/*
 * In the order of execution: steps that are likely to fail come first, and no list ever names a
 * module that is not registered.
 */
enum step_kind {
    STEP_FOLDER,
    STEP_REGISTER,
    STEP_REGISTER_CONSOLE,
    STEP_KEY,
    STEP_DIRECTORY,
    STEP_ACTIVATE,
    STEP_DEACTIVATE,
    STEP_UNREGISTER,
    STEP_KEY_REMOVE,
    STEP_RESTART,
    STEP_PURGE_JOURNAL,
    STEP_PURGE_SETTINGS,
    STEP_PURGE_LOG,
    STEP_TASK,
    STEP_TASK_REMOVE,
};

struct step {
    enum step_kind kind;
    const struct ca *ca;                /* the CA of a step that concerns one */
    WCHAR path[SETTINGS_PATH_MAX];      /* the folder of a step that concerns one */
    uint64_t files;                     /* number of files of a journal to be removed */
};

/* A step was done, would be done if this were not a dry run, or will be done after confirmation. */
enum mood { MOOD_DONE, MOOD_WOULD, MOOD_WILL };

/* Report the step, and each key and file that it changes. */
void step_show(const struct step *step, const struct machine *machine, enum mood mood,
               const struct listener *listener);

/*
 * Check the step. Returns false if it cannot be done; the reason and the remedy are reported to
 * `listener`. Writes nothing.
 */
bool step_check(const struct step *step, const struct machine *machine,
                const struct listener *listener);

/* True if the key for a CA's settings exists and is empty. */
bool step_key_is_empty(const struct ca *ca);

/*
 * Execute the step. S_FALSE: there was nothing to do, because the state was as ordered already.
 * Repeating a step that is done changes nothing. Failures are reported to `listener`.
 */
HRESULT step_do(const struct step *step, const struct machine *machine,
                const struct listener *listener);

#endif
