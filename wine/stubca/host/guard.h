/*
 * A guard around foreign code that catches every exception: an access violation, a C++ exception,
 * RaiseException.
 *
 * Exceptions that the code catches itself, in any language, are not affected: the guard is the
 * outermost frame and is asked last. The frames between are unwound, so their destructors and
 * __finally blocks run. The guard cannot help if the process is ended or its heap is damaged. Any
 * thread; guards may be nested.
 */
#ifndef STUBCA_GUARD_H
#define STUBCA_GUARD_H

#include <stdbool.h>
#include <windows.h>

struct fault {
    DWORD code;                         /* 0xc0000005 and so on; 0: nothing was thrown */
    void *address;                      /* address of the instruction */
};

/*
 * Run the function. Returns false if an exception escaped, which `fault` then describes; otherwise
 * `fault` is cleared.
 */
bool guard_run(void (*run)(void *argument), void *argument, struct fault *fault);

#endif
