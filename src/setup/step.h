/* One step of a plan: what it says, whether it can be done, and doing it. */
#ifndef STEP_H
#define STEP_H

#include "inventory.h"

/* In the order in which they are done: what may fail most easily comes first, and no list names a module that is not registered. */
enum step_kind {
    STEP_FOLDER, STEP_REGISTER, STEP_REGISTER_CONSOLE, STEP_KEY, STEP_DIRECTORY, STEP_ACTIVATE,
    STEP_DEACTIVATE, STEP_UNREGISTER, STEP_KEY_REMOVE, STEP_RESTART, STEP_PURGE_JOURNAL, STEP_PURGE_SETTINGS, STEP_PURGE_LOG,
    STEP_TASK, STEP_TASK_REMOVE,
};

struct step {
    enum step_kind kind;
    const struct ca *ca;                /* of those that are about one */
    WCHAR path[SETTINGS_PATH_MAX];      /* of those that are about a folder */
    uint64_t files;                     /* of a journal that is removed */
};

/* Whether a step was done, would be done were this no dry run, or will be done if somebody agrees. */
enum mood { MOOD_DONE, MOOD_WOULD, MOOD_WILL };

/* Tell what the step does, and each key and file that it touches. */
void step_show(const struct step *step, const struct machine *machine, enum mood mood, const struct listener *listener);

/* False: it cannot be done, `listener` has been told why and what to do. Writes nothing. */
bool step_check(const struct step *step, const struct machine *machine, const struct listener *listener);

/* Whether the drive of a path is there at all. */
bool step_has_drive(const WCHAR *path);

/* Whether the key for a CA's settings is there and has nothing in it. */
bool step_key_is_empty(const struct ca *ca);

/* Doing a step that is done already changes nothing. After failure `listener` has been told. */
HRESULT step_do(const struct step *step, const struct machine *machine, const struct listener *listener);

#endif
