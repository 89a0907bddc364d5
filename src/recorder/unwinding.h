/*
 * A count of the exceptions that pass through our frames.
 *
 * The CA's callback may throw: an access violation, a C++ exception, a stack overflow. The exception is the CA's, and goes on to whoever
 * catches it there; what the callback catches itself is not noticed. All that is done while the stack is unwound is to count: no lock, no
 * memory, no call. What the frames within held stays as it is, for somebody who reads the count later.
 */
#ifndef UNWINDING_H
#define UNWINDING_H

#include <windows.h>

/* {0} before the first call. Each exception counts in `all` first, where that is not NULL, then here. */
struct unwindings {
    volatile LONG count;
    struct unwindings *all;
};

/* Call `run` with `argument`. Does not return where an exception passes, which is then counted in `unwindings`. Any thread. */
void unwinding_watch(void (*run)(void *argument), void *argument, struct unwindings *unwindings);

#endif
