/*
 * The stub CA's standard output: TAP, in UTF-8, one line for each step.
 *
 * Any thread. Texts from a module or an enrollee are shown without their control characters.
 */
#ifndef STUBCA_TAP_H
#define STUBCA_TAP_H

#include <stdbool.h>

void tap_plan(int count);

/* Write everything to standard error instead, for commands whose standard output is not TAP. */
void tap_to_stderr(void);

/* Set the step that is being played on this thread. `file` is kept by pointer. */
void tap_at(const char *file, int line);

void tap_result(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A note `# FILE:LINE: ...` for the step that is being played. */
void tap_reason(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Nothing more can be played: report it and end the process at once with exit code 2, even if
 * threads hang inside a module.
 */
void tap_bail_out(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Set a function that tap_bail_out calls before it ends the process, to clean up. NULL: none. */
void tap_on_bail_out(void (*clean_up)(void));

int tap_failures(void);

#endif
