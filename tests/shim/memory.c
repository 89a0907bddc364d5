/*
 * Preloaded into a program: MEMORY=SIZE,TIMES refuses that many times a new buffer of that many bytes, as where memory has run out. MEMORY=SIZE,TIMES,GIVEN does so once so many
 * were given, and of a buffer that grows, too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static size_t refused;
static long times, given;
static int grows;

static void __attribute__((constructor)) begin(void)
{
    const char *said = getenv("MEMORY");

    int read = said ? sscanf(said, "%zu,%ld,%ld", &refused, &times, &given) : 0;

    if (said && read < 2) abort();
    grows = read == 3;
}

void *realloc(void *old, size_t size)
{
    void *(*real)(void *, size_t) = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");

    if ((old && !grows) || size != refused || __atomic_fetch_sub(&given, 1, __ATOMIC_RELAXED) > 0) return real(old, size);
    if (__atomic_fetch_sub(&times, 1, __ATOMIC_RELAXED) <= 0) return real(old, size);
    errno = ENOMEM;
    return NULL;
}
