/*
 * Running somebody else's code so that what it throws ends here: an access violation, a C++ exception, RaiseException.
 *
 * What that code catches itself, in whatever language, it catches undisturbed: the guard is the outermost of its frames
 * and is asked last. Frames in between are unwound, so that their destructors and __finally blocks run. Nothing helps
 * against a process that is ended, or a heap that is broken. Any thread; guards may stand inside one another.
 */
#ifndef STUBCA_GUARD_H
#define STUBCA_GUARD_H

#include <stdbool.h>
#include <windows.h>

struct fault {
    DWORD code;                         /* 0xc0000005 and so on; 0: nothing was thrown */
    void *address;                      /* of the instruction */
};

/* False: an exception escaped, and `fault` tells which. It is cleared otherwise. */
bool guard_run(void (*run)(void *argument), void *argument, struct fault *fault);

#endif
