/* Preloaded into a program: each time that it opens the file SLOW_OPEN, a name in a folder that it has open, takes half a second longer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int openat(int folder, const char *name, int flags, ...)
{
    int (*real)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat");
    const char *slow = getenv("SLOW_OPEN");
    mode_t mode = 0;
    va_list more;

    va_start(more, flags);
    if (flags & O_CREAT) mode = va_arg(more, mode_t);
    va_end(more);
    if (slow && !strcmp(name, slow)) nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    return real(folder, name, flags, mode);
}
