/*
 * A program that is run with a text as its standard input, within limits.
 *
 * It is started directly, without a shell. Its standard output goes nowhere, its standard error is
 * kept. When it ends, is too slow or is stopped, all processes that it has started end with it
 * (Linux: those in its process group).
 */
#ifndef PROCESS_H
#define PROCESS_H

#include "base/bytes.h"
#include "base/os.h"
#include "base/span.h"

#define PROCESS_ERRORS_MAX 4096         /* bytes of standard error that are kept: the last ones */

struct process_order {
    const char *program;                /* absolute path, UTF-8 */
    char *const *arguments;             /* `count` of them, without the program's name */
    unsigned count;
    struct span input;
    uint32_t timeout_ms;
    uint64_t memory;                    /* bytes of address space (Linux) or of committed memory
                                         * (Windows) */
    const int32_t *stop;                /* not 0: end the program */
};

struct process_end {
    bool ran;                           /* it was started, and ended by itself */
    bool timed_out, stopped;
    int code;                           /* `ran`: the exit code; a signal counts as 128 and its
                                         * number */
    HRESULT hr;                         /* neither of these: why it could not be run */
    char errors[PROCESS_ERRORS_MAX + 1];
};

/* Blocks until the program has ended, for `timeout_ms` and a moment at most. */
void process_run(const struct process_order *order, struct process_end *end);

#endif
