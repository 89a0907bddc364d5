#define _DEFAULT_SOURCE                 /* d_type */
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct disk_folder {
    int handle, lock;
    int sub; /* the folder in it that was made last; names in it are flushed with it */
    bool guarded;
    uid_t owner; /* once it is guarded */
    char path[];
};

struct disk_file {
    int handle;
};

static HRESULT last_error(void)
{
    switch (errno) {
    case ENOENT:      return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    case EACCES:
    case EPERM:
    case EROFS:       return HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);
    case EEXIST:      return HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
    case ENOSPC:
    case EDQUOT:      return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    case ENOTDIR:     return HRESULT_FROM_WIN32(267);           /* ERROR_DIRECTORY */
    case ELOOP:
    case ENXIO:       return HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE);
    case EWOULDBLOCK: return HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    case ENOMEM:      return E_OUTOFMEMORY;
    default:          return HRESULT_FROM_WIN32(ERROR_IO_DEVICE);
    }
}

static HRESULT make_folders(char *path)
{
    for (char *at = path + 1;; at++) {
        bool last = !*at;

        if (!last && *at != '/') continue;
        *at = 0;
        if (mkdir(path, 0700) && errno != EEXIST) return last_error();
        if (last) return S_OK;
        *at = '/';
    }
}

/* By its handle, since the name can lead to another file at any time. */
static HRESULT disk_judge(const struct disk_folder *folder, int handle)
{
    struct stat found;

    if (fstat(handle, &found)) return last_error();
    if (S_ISREG(found.st_mode) &&
        (!folder->guarded || (found.st_nlink == 1 &&
                              (!found.st_uid || found.st_uid == folder->owner ||
                               found.st_uid == geteuid()))))
        return S_OK;
    return HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE);
}

/* O_NONBLOCK: a pipe would wait for its other end. */
static HRESULT disk_open_lock(struct disk_folder *folder)
{
    folder->lock = openat(folder->handle, DISK_LOCK_NAME,
                          O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (folder->lock < 0) return last_error();
    return disk_judge(folder, folder->lock);
}

HRESULT disk_open_folder(const char *path, struct disk_folder **out)
{
    struct disk_folder *folder = calloc(1, sizeof *folder + strlen(path) + 1);
    HRESULT hr;

    *out = NULL;
    if (!folder) return E_OUTOFMEMORY;
    strcpy(folder->path, path);
    folder->handle = folder->lock = folder->sub = -1;
    if (*path != '/') { hr = E_INVALIDARG; goto failed; }
    if (FAILED(hr = make_folders(folder->path))) goto failed;
    folder->handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    hr = folder->handle < 0 ? last_error() : disk_open_lock(folder);
    if (FAILED(hr)) goto failed;
    if (flock(folder->lock, LOCK_EX | LOCK_NB)) {
        hr = last_error();
        goto failed;
    }
    *out = folder;
    return S_OK;
failed:
    disk_close_folder(folder);
    return hr;
}

HRESULT disk_view_folder(const char *path, struct disk_folder **out)
{
    struct disk_folder *folder = calloc(1, sizeof *folder + strlen(path) + 1);
    HRESULT hr;

    *out = NULL;
    if (!folder) return E_OUTOFMEMORY;
    strcpy(folder->path, path);
    folder->lock = folder->sub = -1;
    folder->handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->handle >= 0) {
        *out = folder;
        return S_OK;
    }
    hr = last_error();
    disk_close_folder(folder);
    return hr;
}

HRESULT disk_guard(struct disk_folder *folder)
{
    struct stat found;

    if (fstat(folder->handle, &found)) return last_error();
    folder->owner = found.st_uid;
    folder->guarded = true;
    return S_OK;
}

/* `path` begins at the folder `at`. */
static HRESULT is_same(int handle, int at, const char *path)
{
    struct stat ours, there;

    if (fstat(handle, &ours) || fstatat(at, path, &there, 0)) return last_error();
    return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino ? S_OK : S_FALSE;
}

HRESULT disk_is_same_folder(struct disk_folder *folder)
{
    size_t size = strlen(folder->path) + sizeof "/" DISK_LOCK_NAME;
    char *lock = malloc(size);
    HRESULT hr = lock ? is_same(folder->handle, AT_FDCWD, folder->path) : E_OUTOFMEMORY;

    if (hr == S_OK && folder->lock >= 0) {
        snprintf(lock, size, "%s/" DISK_LOCK_NAME, folder->path);
        hr = is_same(folder->lock, AT_FDCWD, lock);
    }
    free(lock);
    return hr;
}

void disk_close_folder(struct disk_folder *folder)
{
    if (!folder) return;
    if (folder->sub >= 0) close(folder->sub);
    if (folder->lock >= 0) close(folder->lock);
    if (folder->handle >= 0) close(folder->handle);
    free(folder);
}

/* Most file systems say it with the name; asking for each one takes as long as all else together
 * does ten times over. */
static bool disk_is_file(const struct disk_folder *folder, const struct dirent *entry)
{
    struct stat status;

    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK) return entry->d_type == DT_REG;
    return !fstatat(folder->handle, entry->d_name, &status, 0) && S_ISREG(status.st_mode);
}

HRESULT disk_list(struct disk_folder *folder, void (*each)(void *, const char *), void *context)
{
    DIR *listing = opendir(folder->path);
    struct dirent *entry;

    if (!listing) return last_error();
    while ((entry = readdir(listing))) {
        if (strlen(entry->d_name) < DISK_NAME_MAX && disk_is_file(folder, entry))
            each(context, entry->d_name);
    }
    closedir(listing);
    return S_OK;
}

HRESULT disk_make_folder(struct disk_folder *folder, const char *name)
{
    if (mkdirat(folder->handle, name, 0700) && errno != EEXIST) return last_error();
    if (folder->sub >= 0) close(folder->sub);
    folder->sub = openat(folder->handle, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder->sub < 0 ? last_error() : S_OK;
}

HRESULT disk_flush_folder(struct disk_folder *folder)
{
    return (folder->sub >= 0 && fsync(folder->sub)) || fsync(folder->handle) ? last_error() : S_OK;
}

HRESULT disk_free_bytes(struct disk_folder *folder, uint64_t *bytes)
{
    struct statvfs volume;

    *bytes = 0;
    if (fstatvfs(folder->handle, &volume)) return last_error();
    *bytes = (uint64_t)volume.f_bavail * volume.f_frsize;
    return S_OK;
}

HRESULT disk_remove(struct disk_folder *folder, const char *name)
{
    return unlinkat(folder->handle, name, 0) ? last_error() : S_OK;
}

/* By a second name, which does not take anybody's place. */
HRESULT disk_move(struct disk_folder *folder, const char *from, const char *to)
{
    return linkat(folder->handle, from, folder->handle, to, 0) || unlinkat(folder->handle, from, 0)
               ? last_error()
               : S_OK;
}

static HRESULT disk_open_file(struct disk_folder *folder, const char *name, int flags,
                              struct disk_file **out)
{
    int handle;
    HRESULT hr = S_OK;

    *out = NULL;
    if (folder->guarded) flags |= O_NOFOLLOW | O_NONBLOCK;
    if ((handle = openat(folder->handle, name, flags | O_CLOEXEC, 0600)) < 0) return last_error();
    if (folder->guarded) hr = disk_judge(folder, handle);
    if (SUCCEEDED(hr) && !(*out = calloc(1, sizeof **out))) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) (*out)->handle = handle;
    else close(handle);
    return hr;
}

HRESULT disk_create(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open_file(folder, name, O_RDWR | O_CREAT | O_EXCL, out);
}

HRESULT disk_open(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open_file(folder, name, O_RDWR, out);
}

HRESULT disk_view(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open_file(folder, name, O_RDONLY, out);
}

HRESULT disk_lock(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    HRESULT hr = disk_open_file(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, out);

    if (FAILED(hr) || !flock((*out)->handle, LOCK_EX | LOCK_NB)) return hr;
    hr = last_error();
    disk_close(*out);
    *out = NULL;
    return hr;
}

HRESULT disk_load(struct disk_folder *folder, const char *name, void *data, size_t room,
                  size_t *size)
{
    int handle = openat(folder->handle, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct disk_file file = {handle};
    HRESULT hr;

    *size = 0;
    hr = handle < 0 ? last_error() : disk_judge(folder, handle);
    if (hr == HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE) && !folder->guarded)
        hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    if (SUCCEEDED(hr)) hr = disk_read(&file, 0, data, room, size);
    if (handle >= 0) close(handle);
    return hr;
}

HRESULT disk_size(struct disk_folder *folder, const char *name, uint64_t *size)
{
    struct stat status;

    *size = 0;
    if (fstatat(folder->handle, name, &status, 0)) return last_error();
    *size = (uint64_t)status.st_size;
    return S_OK;
}

HRESULT disk_is_written(struct disk_folder *folder, bool *answer)
{
    int handle = openat(folder->handle, DISK_LOCK_NAME,
                        O_RDONLY | O_NONBLOCK | O_CLOEXEC | (folder->guarded ? O_NOFOLLOW : 0));

    *answer = handle < 0 ? errno == EBUSY || errno == ETXTBSY
                         : flock(handle, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    if (handle < 0) return *answer || errno == ENOENT ? S_OK : last_error();
    close(handle);
    return S_OK;
}

void disk_close(struct disk_file *file)
{
    if (!file) return;
    close(file->handle);
    free(file);
}

HRESULT disk_is_same_file(struct disk_folder *folder, const char *name, struct disk_file *file)
{
    return is_same(file->handle, folder->handle, name);
}

HRESULT disk_end(struct disk_file *file, uint64_t *offset)
{
    struct stat status;

    if (fstat(file->handle, &status)) return last_error();
    *offset = (uint64_t)status.st_size;
    return S_OK;
}

HRESULT disk_read(struct disk_file *file, uint64_t offset, void *data, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        ssize_t part =
            pread(file->handle, (char *)data + *got, size - *got, (off_t)(offset + *got));

        if (part < 0 && errno == EINTR) continue;
        if (part < 0) return last_error();
        if (!part) return S_OK;
        *got += part;
    }
    return S_OK;
}

HRESULT disk_write(struct disk_file *file, uint64_t offset, const void *data, size_t size)
{
    for (size_t written = 0; written < size;) {
        ssize_t part = pwrite(file->handle, (const char *)data + written, size - written,
                              (off_t)(offset + written));

        if (part < 0 && errno == EINTR) continue;
        if (part < 0) return last_error();
        written += part;
    }
    return S_OK;
}

HRESULT disk_cut(struct disk_file *file, uint64_t size)
{
    return ftruncate(file->handle, (off_t)size) ? last_error() : S_OK;
}

HRESULT disk_flush(struct disk_file *file)
{
    return fsync(file->handle) ? last_error() : S_OK;
}
