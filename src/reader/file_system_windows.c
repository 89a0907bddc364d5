#include "file_system.h"

#include "journal/error_windows.h"

#include <windows.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static WCHAR *wide(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *out = size > 0 ? calloc((size_t)size, sizeof *out) : NULL;

    if (out) MultiByteToWideChar(CP_UTF8, 0, text, -1, out, size);
    return out;
}

#define PLAIN_MAX 240                   /* what any part of Windows takes, with room for a file's name behind a folder's */

/* A path that may be longer than Windows takes without being told so: absolute then, and with the mark that says it. */
static WCHAR *wide_path_of(const char *path)
{
    static const WCHAR mark[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
    WCHAR *given = wide(path), *whole = NULL;
    DWORD size = given ? GetFullPathNameW(given, 0, NULL, NULL) : 0;
    bool is_share = given && given[0] == L'\\' && given[1] == L'\\';

    if (size <= PLAIN_MAX || !wcsncmp(given, mark, 4) || !(whole = calloc(size + ARRAYSIZE(share), sizeof *whole))) return given;
    if (!is_share) {
        wcscpy(whole, mark);
        GetFullPathNameW(given, size, whole + 4, NULL);
    } else {
        GetFullPathNameW(given, size, whole + 6, NULL);         /* its own two backslashes lie where the mark's last two belong */
        wmemcpy(whole, share, 8);
    }
    free(given);
    return whole;
}

FILE *file_open(const char *path, const char *mode)
{
    WCHAR *wide_path = wide_path_of(path), *wide_mode = wide(mode);
    FILE *file = NULL;

    if (wide_path && wide_mode) file = _wfopen(wide_path, wide_mode);
    else errno = ENOMEM;
    free(wide_path);
    free(wide_mode);
    return file;
}

FILE *file_standard_input(void)
{
    _setmode(_fileno(stdin), _O_BINARY);
    return stdin;
}

HRESULT folder_make(const char *path)
{
    WCHAR *wide_path = wide_path_of(path);
    DWORD error = ERROR_SUCCESS;

    if (!wide_path) return E_OUTOFMEMORY;
    if (!CreateDirectoryW(wide_path, NULL)) error = GetLastError();
    free(wide_path);
    if (error == ERROR_ALREADY_EXISTS && folder_is(path)) return S_FALSE;
    return error == ERROR_ALREADY_EXISTS ? HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) : HRESULT_FROM_WIN32(error);
}

bool folder_is(const char *path)
{
    WCHAR *wide_path = wide_path_of(path);
    DWORD found = wide_path ? GetFileAttributesW(wide_path) : INVALID_FILE_ATTRIBUTES;

    free(wide_path);
    return found != INVALID_FILE_ATTRIBUTES && found & FILE_ATTRIBUTE_DIRECTORY;
}

HRESULT folder_is_empty(const char *path, bool *empty)
{
    size_t size = strlen(path);
    char *pattern = malloc(size + 3);
    WCHAR *wide_path;
    WIN32_FIND_DATAW found;
    HRESULT hr = S_OK;
    HANDLE search;

    if (!pattern) return E_OUTOFMEMORY;
    memcpy(pattern, path, size);
    memcpy(pattern + size, "\\*", 3);
    wide_path = wide_path_of(pattern);
    free(pattern);
    if (!wide_path) return E_OUTOFMEMORY;
    search = FindFirstFileW(wide_path, &found);
    *empty = true;
    if (search == INVALID_HANDLE_VALUE) hr = GetLastError() == ERROR_FILE_NOT_FOUND ? S_OK : last_error();
    free(wide_path);
    if (search == INVALID_HANDLE_VALUE) return hr;
    do *empty &= !wcscmp(found.cFileName, L".") || !wcscmp(found.cFileName, L"..");
    while (FindNextFileW(search, &found));
    FindClose(search);
    return S_OK;
}

HRESULT file_flush(FILE *file)
{
    errno = 0;
    return fflush(file) || _commit(_fileno(file)) ? file_error() : S_OK;
}

HRESULT file_replace(const char *from, const char *to)
{
    WCHAR *wide_from = wide_path_of(from), *wide_to = wide_path_of(to);
    HRESULT hr = S_OK;

    if (!wide_from || !wide_to) hr = E_OUTOFMEMORY;
    else if (!MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) hr = last_error();
    free(wide_from);
    free(wide_to);
    return hr;
}

HRESULT file_remove(const char *path)
{
    WCHAR *wide_path = wide_path_of(path);
    HRESULT hr = wide_path ? S_OK : E_OUTOFMEMORY;

    if (wide_path && !DeleteFileW(wide_path)) hr = last_error();
    free(wide_path);
    return hr;
}
