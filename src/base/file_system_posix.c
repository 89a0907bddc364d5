#define _GNU_SOURCE
#include "file_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
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

bool file_is_odd(const char *path)
{
    struct stat found;

    return !lstat(path, &found) && !S_ISDIR(found.st_mode) &&
           (!S_ISREG(found.st_mode) || found.st_nlink > 1);
}

FILE *file_create(const char *path)
{
    int handle = -1;
    FILE *file;

    for (int i = 0; i < 2 && handle < 0; i++) {
        handle = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (handle >= 0 || errno != EEXIST) break;
        if (file_is_odd(path)) errno = EMLINK;
        if (errno == EMLINK || unlink(path)) return NULL;
    }
    if (handle < 0) return NULL;
    if (!(file = fdopen(handle, "wb"))) close(handle);
    return file;
}

/* A slash at its end would lead through a link, and so would a dot behind that. */
static char *without_slashes(const char *path)
{
    size_t size = strlen(path);

    while (size > 1 && (path[size - 1] == '/' || (path[size - 1] == '.' && path[size - 2] == '/')))
        size--;
    return strndup(path, size);
}

static HRESULT file_system_check_own(const char *path)
{
    struct stat found;

    if (lstat(path, &found)) return file_error();
    if (S_ISLNK(found.st_mode)) return HRESULT_FROM_WIN32(ERROR_REPARSE_POINT_ENCOUNTERED);
    if (!S_ISDIR(found.st_mode)) return HRESULT_FROM_WIN32(ERROR_DIRECTORY);
    if (found.st_uid && found.st_uid != geteuid()) return HRESULT_FROM_WIN32(ERROR_INVALID_OWNER);
    return found.st_mode & 022 ? HRESULT_FROM_WIN32(ERROR_INVALID_ACL) : S_FALSE;
}

HRESULT folder_make(const char *path)
{
    char *plain = without_slashes(path);
    HRESULT hr = plain ? S_OK : E_OUTOFMEMORY;

    if (plain && mkdir(plain, 0700))
        hr = errno == EEXIST ? file_system_check_own(plain) : file_error();
    free(plain);
    return hr;
}

HRESULT folder_is_empty(const char *path, bool *empty)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    if (!folder) return file_error();
    *empty = true;
    while ((entry = readdir(folder)))
        *empty &= !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    closedir(folder);
    return S_OK;
}

HRESULT file_let_read(FILE *file)
{
    return fchmod(fileno(file), 0644) ? file_error() : S_OK;
}

HRESULT file_hold(const char *path, intptr_t *held)
{
    int handle = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    HRESULT hr;

    *held = -1;
    if (handle < 0)
        return errno == ELOOP ? HRESULT_FROM_WIN32(ERROR_REPARSE_POINT_ENCOUNTERED) : file_error();
    if (!flock(handle, LOCK_EX | LOCK_NB)) {
        *held = handle;
        return S_OK;
    }
    hr = errno == EWOULDBLOCK ? HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION) : file_error();
    close(handle);
    return hr;
}

void file_let_go(intptr_t held)
{
    close((int)held);
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
