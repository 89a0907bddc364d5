/* Preloaded into a program: MEMORY=SIZE,TIMES refuses that many times a new buffer of that many bytes, as where memory has run out. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static size_t refused;
static long times;

static void __attribute__((constructor)) begin(void)
{
    const char *said = getenv("MEMORY");

    if (said && sscanf(said, "%zu,%ld", &refused, &times) != 2) abort();
}

void *realloc(void *old, size_t size)
{
    void *(*real)(void *, size_t) = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");

    if (old || size != refused || __atomic_fetch_sub(&times, 1, __ATOMIC_RELAXED) <= 0) return real(old, size);
    errno = ENOMEM;
    return NULL;
}
