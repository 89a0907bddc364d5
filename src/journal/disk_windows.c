#include "disk.h"
#include "lock_windows.h"

#include "base/error_windows.h"
#include "base/folder_windows.h"
#include "base/utf16_windows.h"

#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whoever reads a segment may do so while it is written. Nobody may remove or rename it then: what
 * is acknowledged would go with it. */
#define READERS     FILE_SHARE_READ

struct disk_folder {
    HANDLE guard;                       /* keeps the folder where it is; NULL: only looked at */
    HANDLE lock;                        /* so is this */
    size_t size;                        /* of `path`, in characters */
    WCHAR path[];
};

struct disk_file {
    HANDLE handle;
};

/* `folder\name`, or `folder` alone where name is ""; freed by the caller. */
static WCHAR *disk_path_of(const struct disk_folder *folder, const char *name)
{
    size_t names = strlen(name);
    WCHAR *path = malloc((folder->size + names + 2) * sizeof *path);

    if (!path) return NULL;
    memcpy(path, folder->path, folder->size * sizeof *path);
    if (names) path[folder->size] = '\\';
    for (size_t i = 0; i <= names; i++)
        path[folder->size + !!names + i] = name[i] == '/' ? '\\' : (unsigned char)name[i];
    return path;
}

static HRESULT open_handle(const WCHAR *path, DWORD access, DWORD share, DWORD disposition,
                           HANDLE *out)
{
    HANDLE handle =
        CreateFileW(path, access, share, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);

    *out = handle == INVALID_HANDLE_VALUE ? NULL : handle;
    return *out ? S_OK : last_error();
}

static HRESULT make_one(const WCHAR *path, SECURITY_ATTRIBUTES *security)
{
    DWORD code;

    if (CreateDirectoryW(path, security)) return S_OK;
    code = GetLastError();
    if (code == ERROR_ALREADY_EXISTS) return S_OK;
    return HRESULT_FROM_WIN32(code);
}

/* A local drive, from its root: nothing else. */
static HRESULT folder_of(const char *path, struct disk_folder **out)
{
    size_t size = utf16_units(path, strlen(path) + 1);
    struct disk_folder *folder;

    if (size < 4) return E_INVALIDARG;
    if (!(folder = calloc(1, sizeof *folder + (FOLDER_LONG_SIZE + size) * sizeof(WCHAR))))
        return E_OUTOFMEMORY;
    memcpy(folder->path, FOLDER_LONG_PATH, FOLDER_LONG_SIZE * sizeof(WCHAR));
    utf16_from_utf8(path, folder->path + FOLDER_LONG_SIZE, size);
    folder->size = FOLDER_LONG_SIZE + size - 1;
    if (folder->path[FOLDER_LONG_SIZE + 1] == ':' && folder->path[FOLDER_LONG_SIZE + 2] == '\\') {
        *out = folder;
        return S_OK;
    }
    free(folder);
    return E_INVALIDARG;
}

HRESULT disk_open_folder(const char *path, struct disk_folder **out)
{
    struct disk_folder *folder;
    WCHAR *lock = NULL;
    HRESULT hr;

    *out = NULL;
    if (FAILED(hr = folder_of(path, &folder))) return hr;
    if (FAILED(hr = folder_hold(folder->path, &folder->guard))) goto failed;
    hr = E_OUTOFMEMORY;
    if (!(lock = disk_path_of(folder, DISK_LOCK_NAME))) goto failed;
    if (FAILED(hr = lock_take(lock, &folder->lock))) goto failed;
    free(lock);
    *out = folder;
    return S_OK;
failed:
    free(lock);
    if (folder->guard) CloseHandle(folder->guard);
    free(folder);
    return hr;
}

/* \\?\UNC\server\share\... */
static HRESULT share_of(const char *path, struct disk_folder **out)
{
    static const WCHAR prefix[] = L"\\\\?\\UNC";
    size_t size = utf16_units(path, strlen(path) + 1), start = sizeof prefix / sizeof *prefix - 1;
    struct disk_folder *folder;

    if (size < 4) return E_INVALIDARG;
    if (!(folder = calloc(1, sizeof *folder + (start + size) * sizeof(WCHAR))))
        return E_OUTOFMEMORY;
    utf16_from_utf8(path, folder->path + start - 1, size);
    memcpy(folder->path, prefix, start * sizeof(WCHAR)); /* over the first of the two backslashes */
    folder->size = start + size - 2;
    *out = folder;
    return S_OK;
}

HRESULT disk_view_folder(const char *path, struct disk_folder **out)
{
    struct disk_folder *folder;
    HANDLE handle;
    HRESULT hr;

    *out = NULL;
    if (FAILED(hr = !strncmp(path, "\\\\", 2) ? share_of(path, &folder) : folder_of(path, &folder)))
        return hr;
    handle = CreateFileW(folder->path, FILE_LIST_DIRECTORY, SHARE_ALL, NULL, OPEN_EXISTING,
                         FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (handle == INVALID_HANDLE_VALUE) {
        hr = last_error();
        free(folder);
        return hr;
    }
    CloseHandle(handle);
    *out = folder;
    return S_OK;
}

/* Asks for no right to read or write: no sharing stands in its way. */
static HRESULT is_same(HANDLE ours, const WCHAR *path)
{
    BY_HANDLE_FILE_INFORMATION mine, theirs;
    HANDLE there = CreateFileW(path, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING,
                               FILE_FLAG_BACKUP_SEMANTICS, NULL);
    HRESULT hr = S_OK;

    if (there == INVALID_HANDLE_VALUE) return last_error();
    if (!GetFileInformationByHandle(ours, &mine) || !GetFileInformationByHandle(there, &theirs))
        hr = last_error();
    else if (mine.dwVolumeSerialNumber != theirs.dwVolumeSerialNumber ||
             mine.nFileIndexHigh != theirs.nFileIndexHigh ||
             mine.nFileIndexLow != theirs.nFileIndexLow)
        hr = S_FALSE;
    CloseHandle(there);
    return hr;
}

HRESULT disk_is_same_folder(struct disk_folder *folder)
{
    WCHAR *lock;
    HRESULT hr;

    if (!folder->lock)                  /* a view: it goes wherever its path leads */
        return GetFileAttributesW(folder->path) == INVALID_FILE_ATTRIBUTES ? last_error() : S_OK;
    lock = disk_path_of(folder, DISK_LOCK_NAME);
    hr = lock ? is_same(folder->lock, lock) : E_OUTOFMEMORY;
    free(lock);
    return hr == S_OK ? is_same(folder->guard, folder->path) : hr;
}

HRESULT disk_guard(struct disk_folder *folder)
{
    (void)folder;
    return S_OK;
}

void disk_close_folder(struct disk_folder *folder)
{
    if (!folder) return;
    if (folder->lock) CloseHandle(folder->lock);
    if (folder->guard) CloseHandle(folder->guard);
    free(folder);
}

/* Names of ours are ASCII; others are nothing to the journal. */
static bool disk_narrow(const WCHAR *wide, char out[DISK_NAME_MAX])
{
    size_t i;

    for (i = 0; wide[i]; i++) {
        if (i + 1 >= DISK_NAME_MAX || wide[i] > 0x7e) return false;
        out[i] = (char)wide[i];
    }
    out[i] = 0;
    return true;
}

HRESULT disk_list(struct disk_folder *folder, void (*each)(void *, const char *), void *context)
{
    WCHAR *pattern = disk_path_of(folder, "*");
    char name[DISK_NAME_MAX];
    WIN32_FIND_DATAW found;
    HANDLE search;
    HRESULT hr;

    if (!pattern) return E_OUTOFMEMORY;
    search = FindFirstFileExW(pattern, FindExInfoBasic, &found, FindExSearchNameMatch, NULL,
                              FIND_FIRST_EX_LARGE_FETCH);
    hr = search == INVALID_HANDLE_VALUE ? last_error() : S_OK;
    free(pattern);
    if (FAILED(hr)) return hr;
    do {
        if (!(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) &&
            disk_narrow(found.cFileName, name))
            each(context, name);
    } while (FindNextFileW(search, &found));
    hr = last_error();
    FindClose(search);
    return hr == HRESULT_FROM_WIN32(ERROR_NO_MORE_FILES) ? S_OK : hr;
}

HRESULT disk_make_folder(struct disk_folder *folder, const char *name)
{
    WCHAR *path = disk_path_of(folder, name);
    HRESULT hr = path ? make_one(path, NULL) : E_OUTOFMEMORY;       /* NULL: ours is inherited */

    free(path);
    return hr;
}

/* Windows documents no flushing of a folder, and NTFS journals its names by itself: a refusal is no
 * failure. Linux needs it. */
static bool disk_refused(DWORD code)
{
    return code == ERROR_ACCESS_DENIED || code == ERROR_INVALID_FUNCTION ||
           code == ERROR_INVALID_HANDLE || code == ERROR_INVALID_PARAMETER ||
           code == ERROR_NOT_SUPPORTED;
}

HRESULT disk_flush_folder(struct disk_folder *folder)
{
    HANDLE handle = CreateFileW(folder->path, GENERIC_WRITE, SHARE_ALL, NULL,
                                OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD code = handle == INVALID_HANDLE_VALUE || !FlushFileBuffers(handle) ? GetLastError() : 0;

    if (handle != INVALID_HANDLE_VALUE) CloseHandle(handle);
    return !code || disk_refused(code) ? S_OK : HRESULT_FROM_WIN32(code);
}

HRESULT disk_free_bytes(struct disk_folder *folder, uint64_t *bytes)
{
    ULARGE_INTEGER available = {.QuadPart = 0};
    BOOL told = GetDiskFreeSpaceExW(folder->path, &available, NULL, NULL);
    HRESULT hr = told ? S_OK : last_error();

    *bytes = available.QuadPart;
    return hr;
}

HRESULT disk_remove(struct disk_folder *folder, const char *name)
{
    WCHAR *path = disk_path_of(folder, name);
    HRESULT hr = !path ? E_OUTOFMEMORY : DeleteFileW(path) ? S_OK : last_error();

    free(path);
    return hr;
}

HRESULT disk_move(struct disk_folder *folder, const char *from, const char *to)
{
    WCHAR *old = disk_path_of(folder, from), *new = disk_path_of(folder, to);
    HRESULT hr = !old || !new ? E_OUTOFMEMORY : MoveFileExW(old, new, 0) ? S_OK : last_error();

    free(old);
    free(new);
    return hr == HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS) ? HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)
                                                          : hr;
}

static HRESULT disk_open_file(struct disk_folder *folder, const char *name, DWORD access,
                              DWORD share, DWORD disposition, struct disk_file **out)
{
    struct disk_file *file = calloc(1, sizeof *file);
    WCHAR *path = disk_path_of(folder, name);
    HRESULT hr =
        file && path ? open_handle(path, access, share, disposition, &file->handle) : E_OUTOFMEMORY;

    free(path);
    if (FAILED(hr)) {
        free(file);
        file = NULL;
    }
    *out = file;
    return hr;
}

HRESULT disk_create(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open_file(folder, name, GENERIC_READ | GENERIC_WRITE, READERS, CREATE_NEW, out);
}

HRESULT disk_open(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open_file(folder, name, GENERIC_READ | GENERIC_WRITE, READERS, OPEN_EXISTING, out);
}

HRESULT disk_view(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open_file(folder, name, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, out);
}

HRESULT disk_lock(struct disk_folder *folder, const char *name, struct disk_file **out)
{
    return disk_open_file(folder, name, GENERIC_READ | GENERIC_WRITE, 0, OPEN_ALWAYS, out);
}

static HRESULT disk_check_plain(HANDLE handle)
{
    BY_HANDLE_FILE_INFORMATION found;

    if (GetFileType(handle) != FILE_TYPE_DISK) return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    if (!GetFileInformationByHandle(handle, &found)) return last_error();
    return found.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)
               ? HRESULT_FROM_WIN32(ERROR_INVALID_DATA)
               : S_OK;
}

/* Whether a name is that of a plain file, asked without opening what it leads to. Wine opens what a
 * Unix link leads to; it tells of one here. */
static HRESULT look_plain(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    if (attributes == INVALID_FILE_ATTRIBUTES) return last_error();
    return attributes &
                   (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE)
               ? HRESULT_FROM_WIN32(ERROR_INVALID_DATA)
               : S_OK;
}

HRESULT disk_load(struct disk_folder *folder, const char *name, void *data, size_t room,
                  size_t *size)
{
    WCHAR *path = disk_path_of(folder, name);
    struct disk_file file = {NULL};
    HRESULT hr = path ? look_plain(path) : E_OUTOFMEMORY;

    *size = 0;
    if (SUCCEEDED(hr)) {
        file.handle = CreateFileW(path, GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING,
                                  FILE_FLAG_OPEN_REPARSE_POINT, NULL);
        if (file.handle == INVALID_HANDLE_VALUE) hr = last_error();
        else if (SUCCEEDED(hr = disk_check_plain(file.handle)))
            hr = disk_read(&file, 0, data, room, size);
    }
    if (file.handle && file.handle != INVALID_HANDLE_VALUE) CloseHandle(file.handle);
    free(path);
    return hr;
}

HRESULT disk_size(struct disk_folder *folder, const char *name, uint64_t *size)
{
    WCHAR *path = disk_path_of(folder, name);
    WIN32_FILE_ATTRIBUTE_DATA found;
    HRESULT hr = !path                                                       ? E_OUTOFMEMORY
                 : GetFileAttributesExW(path, GetFileExInfoStandard, &found) ? S_OK
                                                                             : last_error();

    *size = SUCCEEDED(hr) ? (uint64_t)found.nFileSizeHigh << 32 | found.nFileSizeLow : 0;
    free(path);
    return hr;
}

HRESULT disk_is_written(struct disk_folder *folder, bool *answer)
{
    struct disk_file *lock;
    HRESULT hr = disk_view(folder, DISK_LOCK_NAME, &lock);

    if (SUCCEEDED(hr)) hr = lock_is_free(lock->handle);
    disk_close(lock);                   /* and lets go of the byte */
    *answer = hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    return *answer || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ? S_OK : hr;
}

void disk_close(struct disk_file *file)
{
    if (!file) return;
    CloseHandle(file->handle);
    free(file);
}

HRESULT disk_is_same_file(struct disk_folder *folder, const char *name, struct disk_file *file)
{
    WCHAR *path = disk_path_of(folder, name);
    HRESULT hr = path ? is_same(file->handle, path) : E_OUTOFMEMORY;

    free(path);
    return hr;
}

static OVERLAPPED at(uint64_t offset)
{
    return (OVERLAPPED){.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
}

HRESULT disk_end(struct disk_file *file, uint64_t *offset)
{
    LARGE_INTEGER whole;

    if (!GetFileSizeEx(file->handle, &whole)) return last_error();
    *offset = (uint64_t)whole.QuadPart;
    return S_OK;
}

HRESULT disk_read(struct disk_file *file, uint64_t offset, void *data, size_t size, size_t *got)
{
    *got = 0;
    while (*got < size) {
        OVERLAPPED where = at(offset + *got);
        size_t left = size - *got;
        DWORD part = left > 1 << 30 ? 1 << 30 : (DWORD)left, done = 0;

        if (!ReadFile(file->handle, (char *)data + *got, part, &done, &where)) {
            DWORD code = GetLastError();

            return code == ERROR_HANDLE_EOF ? S_OK : HRESULT_FROM_WIN32(code);
        }
        if (!done) return S_OK;
        *got += done;
    }
    return S_OK;
}

HRESULT disk_write(struct disk_file *file, uint64_t offset, const void *data, size_t size)
{
    for (size_t written = 0; written < size;) {
        OVERLAPPED where = at(offset + written);
        size_t left = size - written;
        DWORD part = left > 1 << 30 ? 1 << 30 : (DWORD)left, done = 0;

        if (!WriteFile(file->handle, (const char *)data + written, part, &done, &where))
            return last_error();
        if (!done) return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
        written += done;
    }
    return S_OK;
}

HRESULT disk_cut(struct disk_file *file, uint64_t size)
{
    LARGE_INTEGER end = {.QuadPart = (LONGLONG)size};

    if (!SetFilePointerEx(file->handle, end, NULL, FILE_BEGIN) || !SetEndOfFile(file->handle))
        return last_error();
    return S_OK;
}

HRESULT disk_flush(struct disk_file *file)
{
    return FlushFileBuffers(file->handle) ? S_OK : last_error();
}
