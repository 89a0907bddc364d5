/* TAP on standard output. */
#include "tap.h"

#include "heap.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static SRWLOCK lock = SRWLOCK_INIT;
static int played, failures;
static __thread const char *at_file = "";
static __thread int at_line;
static bool to_stderr;
static void (*on_bail_out)(void);

void tap_to_stderr(void)
{
    to_stderr = true;
}

static FILE *out(void)
{
    return to_stderr ? stderr : stdout;
}

/* One line, whatever the text holds. */
static void tap_say(const char *before, const char *format, va_list arguments)
{
    char text[4096], *shown;

    vsnprintf(text, sizeof text, format, arguments);
    shown = text_shown(text);
    fprintf(out(), "%s%s\n", before, shown);
    fflush(out());
    free(shown);
}

void tap_plan(int count)
{
    fprintf(out(), "1..%d\n", count);
    fflush(out());
}

void tap_at(const char *file, int line)
{
    AcquireSRWLockExclusive(&lock);
    at_file = file;
    at_line = line;
    ReleaseSRWLockExclusive(&lock);
}

void tap_result(bool ok, const char *format, ...)
{
    char before[32];
    va_list arguments;

    AcquireSRWLockExclusive(&lock);
    snprintf(before, sizeof before, "%sok %d - ", ok ? "" : "not ", ++played);
    failures += !ok;
    va_start(arguments, format);
    tap_say(before, format, arguments);
    va_end(arguments);
    ReleaseSRWLockExclusive(&lock);
}

void tap_note(const char *format, ...)
{
    va_list arguments;

    AcquireSRWLockExclusive(&lock);
    va_start(arguments, format);
    tap_say("# ", format, arguments);
    va_end(arguments);
    ReleaseSRWLockExclusive(&lock);
}

static void say_where(const char *mark, const char *format, va_list arguments)
{
    char *before = text_format("%s%s:%d: ", mark, at_file, at_line);

    tap_say(before, format, arguments);
    free(before);
}

void tap_reason(const char *format, ...)
{
    va_list arguments;

    AcquireSRWLockExclusive(&lock);
    va_start(arguments, format);
    say_where("# ", format, arguments);
    va_end(arguments);
    ReleaseSRWLockExclusive(&lock);
}

void tap_bail_out(const char *format, ...)
{
    va_list arguments;

    AcquireSRWLockExclusive(&lock);     /* for good: the others are to keep silent */
    va_start(arguments, format);
    say_where("Bail out! ", format, arguments);
    va_end(arguments);
    if (on_bail_out) on_bail_out();
    TerminateProcess(GetCurrentProcess(), 2);
    abort();
}

void tap_on_bail_out(void (*clean_up)(void))
{
    on_bail_out = clean_up;
}

int tap_failures(void)
{
    return failures;
}
