#define _GNU_SOURCE
#include "file_system.h"

#include <errno.h>
#include <sys/stat.h>

FILE *file_open(const char *path, const char *mode)
{
    return fopen(path, mode);
}

FILE *file_standard_input(void)
{
    return stdin;
}

HRESULT folder_make(const char *path)
{
    if (!mkdir(path, 0777)) return S_OK;
    return errno == EEXIST && folder_is(path) ? S_FALSE : file_error();
}

bool folder_is(const char *path)
{
    struct stat found;

    return !stat(path, &found) && S_ISDIR(found.st_mode);
}
