/*
 * What the stub CA says on its standard output: TAP, in UTF-8, one line for each step.
 *
 * Any thread. What a module or an enrollee wrote is shown without its control characters.
 */
#ifndef STUBCA_TAP_H
#define STUBCA_TAP_H

#include <stdbool.h>

void tap_plan(int count);

/* Whatever is said goes to standard error instead, for commands whose standard output is not TAP. */
void tap_to_stderr(void);

/* The step that is being played on this thread. `file` is kept by pointer. */
void tap_at(const char *file, int line);

void tap_result(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* `# FILE:LINE: ...`, of the step that is being played. */
void tap_reason(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Nothing further can be played: says so and ends the process at once with exit code 2. Threads that hang inside a
 * module keep nothing from ending. */
void tap_bail_out(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Called by tap_bail_out before the end, so that nothing of ours stays behind. NULL: nothing to do. */
void tap_on_bail_out(void (*clean_up)(void));

int tap_failures(void);

#endif
