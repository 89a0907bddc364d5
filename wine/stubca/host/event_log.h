/*
 * The CA's own event log: the entries that certsrv.exe writes when an exit module fails.
 *
 * Every entry is shown as a note when it is written. A scenario states the entries that it
 * expects; any other entry makes it fail at the end. Any thread.
 */
#ifndef STUBCA_EVENT_LOG_H
#define STUBCA_EVENT_LOG_H

#include <stdbool.h>
#include <windows.h>

/* A module's method returned a failing HRESULT. */
#define EVENT_EXIT_ERROR 46

/* An exception escaped from a module's method. */
#define EVENT_EXIT_EXCEPTION 45

/*
 * Event 46: `module` is the module's description, or its ProgID if it has none yet; `detail` is
 * the module's own text from IErrorInfo, or "".
 */
void event_log_exit_error(const char *module, const char *method, HRESULT code, const char *detail);

/* Event 45: the exception's code and the address of the instruction that raised it. */
void event_log_exit_exception(const char *module, const char *method, DWORD code,
                              const void *address);

/*
 * Remove the oldest entry of that number whose text contains `part` ("": any) from the log; false:
 * none.
 */
bool event_log_take(int number, const char *part);

/*
 * The number of entries still in the log, and the text of the oldest one, NULL if there is none.
 * The caller frees the text.
 */
int event_log_count(void);
char *event_log_oldest(void);

void event_log_clear(void);

#endif
