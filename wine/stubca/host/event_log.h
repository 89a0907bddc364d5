/*
 * The CA's own event log: what certsrv.exe writes when an exit module fails.
 *
 * Every entry is shown as a note when it is written. A scenario says which entries it expects; those that nobody
 * expected make it fail in the end. Any thread.
 */
#ifndef STUBCA_EVENT_LOG_H
#define STUBCA_EVENT_LOG_H

#include <stdbool.h>
#include <windows.h>

/* A module's method returned a failing HRESULT. */
#define EVENT_EXIT_ERROR 46

/* An exception escaped from a module's method. */
#define EVENT_EXIT_EXCEPTION 45

/* Event 46: `module` is the module's description, or its ProgID where it has none yet; `detail` what the module itself
 * said through IErrorInfo, or "". */
void event_log_exit_error(const char *module, const char *method, HRESULT code, const char *detail);

/* Event 45: the exception's code and the address of the instruction that raised it. */
void event_log_exit_exception(const char *module, const char *method, DWORD code, const void *address);

/* Take the oldest entry of that number whose text holds `part` ("": any) out of the log; false: there is none. */
bool event_log_take(int number, const char *part);

/* Entries nobody has taken. The caller frees the text of the oldest one, NULL where there is none. */
int event_log_count(void);
char *event_log_oldest(void);

void event_log_clear(void);

#endif
