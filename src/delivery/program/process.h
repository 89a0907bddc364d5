/*
 * A program that is run with a text as its standard input, within limits.
 *
 * It is started directly, without a shell. Its standard input is a file, so it may read as late as
 * it likes. Its standard output goes nowhere. Its standard error is a pipe that is read all the
 * time, of which the last words are kept: however much it writes there, it is neither blocked for
 * long nor stored. When it ends, is too slow or is stopped, all processes that it has started end
 * with it (Linux: those in its process group); one that lives on, with the pipe in its hands, holds
 * nothing up.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "last_words.h"

#include "base/os.h"
#include "base/span.h"

struct process_order {
    const char *program;                /* absolute path, UTF-8 */
    char *const *arguments;             /* `count` of them, without the program's name */
    unsigned count;
    struct span input;
    uint32_t timeout_ms;
    uint64_t memory;                    /* bytes of address space (Linux) or of committed memory
                                         * (Windows) */
    const int32_t *stop;                /* not 0: end the program; on Linux it is asked to by
                                         * SIGTERM, as are those in its process group, and given a
                                         * few seconds */
};

struct process_end {
    bool ran;                           /* it was started, and ended by itself */
    bool gone;                          /* Linux: there is no process any more */
    bool timed_out, stopped;            /* not `stopped`: it ended with code 0 when it was asked */
    int code;                           /* `ran`: the exit code; a signal counts as 128 and its
                                         * number */
    HRESULT hr;                         /* neither of these: why it could not be run */
    struct last_words words;            /* of its standard error */
};

/* Blocks until the program has ended, which is noticed at once, or where a sandbox of Linux refuses
 * pidfd_open within 20 ms; for `timeout_ms` and a moment at most. */
void process_run(const struct process_order *order, struct process_end *end);

/* Why this account cannot run the program, as "does not exist; ..."; NULL: it can. */
const char *process_fault(const char *program);

#endif
