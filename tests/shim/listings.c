/* Preloaded into a program: how often it lists a folder, as a number in the file that LISTINGS names, when it ends. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static int listings;

DIR *opendir(const char *path)
{
    DIR *(*real)(const char *) = (DIR *(*)(const char *))dlsym(RTLD_NEXT, "opendir");

    listings++;
    return real(path);
}

__attribute__((destructor)) static void tell(void)
{
    FILE *file = getenv("LISTINGS") ? fopen(getenv("LISTINGS"), "w") : NULL;

    if (file) fprintf(file, "%d", listings), fclose(file);
}
