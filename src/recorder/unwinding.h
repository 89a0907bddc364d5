/*
 * A count of the exceptions that pass through our frames.
 *
 * The CA's callback may throw: an access violation, a C++ exception, a stack overflow. The
 * exception is the CA's and continues to its handler there; exceptions that the callback catches
 * itself are not noticed. While the stack is unwound the code only counts: no lock, no memory, no
 * call. The resources of the unwound frames stay as they are, for the code that later reads the
 * count.
 */
#ifndef UNWINDING_H
#define UNWINDING_H

#include <windows.h>

/*
 * {0} before the first call. Each exception is counted first in `all`, if not NULL, then in
 * `count`.
 */
struct unwindings {
    volatile LONG count;
    struct unwindings *all;
};

/*
 * Call `run` with `argument`. If an exception passes, it is counted in `unwindings` and this call
 * does not return. Any thread.
 */
void unwinding_watch(void (*run)(void *argument), void *argument, struct unwindings *unwindings);

#endif
