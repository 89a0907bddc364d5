/* The scheduled task that runs "certwitness prune" each day, as SYSTEM: made where a CA's RetainDays is not 0. Through the Task Scheduler's COM interface. */
#ifndef TASK_H
#define TASK_H

#include <windows.h>
#include <stdbool.h>

#define TASK_NAME     L"CertWitness prune"      /* in the Task Scheduler's root folder: one for all CAs of the machine */
#define TASK_PROGRAM  L"certwitness.exe"
#define TASK_PATH_MAX 1024                      /* characters with the zero */

/* The program that the task runs would be the one beside `file`. False: the path is too long. */
bool task_program(const WCHAR *file, WCHAR out[TASK_PATH_MAX]);

/* Whether the Task Scheduler would run this very file: false where its path holds what it puts values in the place of. */
bool task_may_run(const WCHAR *program);

enum task_state {
    TASK_NONE,
    TASK_OURS,                                  /* it runs `program` as this version would have it */
    TASK_OTHER,                                 /* a task of that name runs something else */
    TASK_UNKNOWN,                               /* the Task Scheduler does not answer */
};

/* Whether a task's XML runs `command`, spelled as XML has it, as SYSTEM, with our arguments, and nothing else. */
bool task_is_ours(const WCHAR *xml, const WCHAR *command);

#define TASK_XML_MAX (16 * TASK_PATH_MAX)

/* The task as the Task Scheduler is given it. */
void task_spell(const WCHAR *program, WCHAR out[TASK_XML_MAX]);

/* These may be called on any thread, with or without COM. They block for as long as the Task Scheduler's service does. */
enum task_state task_look(const WCHAR *program);

/* Make the task, in place of whatever has its name. Only SYSTEM and Administrators may read or change it. Fails as the Task Scheduler does. */
HRESULT task_make(const WCHAR *program);

/* S_OK where there was none. */
HRESULT task_remove(void);

#endif
