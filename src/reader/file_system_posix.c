#define _GNU_SOURCE
#include "file_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

HRESULT folder_is_empty(const char *path, bool *empty)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    if (!folder) return file_error();
    *empty = true;
    while ((entry = readdir(folder))) *empty &= !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    closedir(folder);
    return S_OK;
}

HRESULT file_flush(FILE *file)
{
    errno = 0;
    return fflush(file) || fsync(fileno(file)) ? file_error() : S_OK;
}

static HRESULT flush_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int handle = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    HRESULT hr = handle < 0 || fsync(handle) ? file_error() : S_OK;

    if (handle >= 0) close(handle);
    free(folder);
    return hr;
}

HRESULT file_replace(const char *from, const char *to)
{
    return rename(from, to) ? file_error() : flush_folder_of(to);
}

HRESULT file_remove(const char *path)
{
    return remove(path) ? file_error() : S_OK;
}
