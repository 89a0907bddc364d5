/*
 * The scheduled task that runs "certwitness prune" each day, as SYSTEM: created if RetainDays of a
 * CA is not 0. Uses the Task Scheduler's COM interface.
 */
#ifndef TASK_H
#define TASK_H

#include <windows.h>
#include <stdbool.h>

/* in the Task Scheduler's root folder: one for all CAs of the machine */
#define TASK_NAME L"CertWitness prune"
#define TASK_PROGRAM  L"certwitness.exe"
#define TASK_PATH_MAX 1024                      /* characters with the zero */

/*
 * Get the program that the task should run: the one in the folder of `file`. False: the path is
 * too long.
 */
bool task_program(const WCHAR *file, WCHAR out[TASK_PATH_MAX]);

/*
 * True if the Task Scheduler would run exactly this file: false if its path contains what the Task
 * Scheduler replaces by values.
 */
bool task_may_run(const WCHAR *program);

enum task_state {
    TASK_NONE,
    TASK_OURS,                                  /* it runs `program` in the way of this version */
    TASK_OTHER,                                 /* a task of that name runs something else */
    TASK_UNKNOWN,                               /* the Task Scheduler does not answer */
};

/*
 * True if a task's XML runs `command` (escaped for XML) as SYSTEM, with our arguments, and nothing
 * else.
 */
bool task_is_ours(const WCHAR *xml, const WCHAR *command);

#define TASK_XML_MAX (16 * TASK_PATH_MAX)

/* Format the task's XML for the Task Scheduler. */
void task_spell(const WCHAR *program, WCHAR out[TASK_XML_MAX]);

/*
 * These functions may be called on any thread, with or without COM. They block for as long as the
 * Task Scheduler's service does.
 */
enum task_state task_look(const WCHAR *program);

/*
 * Create the task, replacing one of the same name. Only SYSTEM and Administrators may read or
 * change it. Returns the Task Scheduler's failure.
 */
HRESULT task_make(const WCHAR *program);

/* S_OK also if there is no task. */
HRESULT task_remove(void);

#endif
