#include "file_system.h"

#include <windows.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <wchar.h>

static WCHAR *wide(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *out = size > 0 ? calloc((size_t)size, sizeof *out) : NULL;

    if (out) MultiByteToWideChar(CP_UTF8, 0, text, -1, out, size);
    return out;
}

FILE *file_open(const char *path, const char *mode)
{
    WCHAR *wide_path = wide(path), *wide_mode = wide(mode);
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
    WCHAR *wide_path = wide(path);
    DWORD error = ERROR_SUCCESS;

    if (!wide_path) return E_OUTOFMEMORY;
    if (!CreateDirectoryW(wide_path, NULL)) error = GetLastError();
    free(wide_path);
    if (error == ERROR_ALREADY_EXISTS && folder_is(path)) return S_FALSE;
    return error == ERROR_ALREADY_EXISTS ? HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) : HRESULT_FROM_WIN32(error);
}

bool folder_is(const char *path)
{
    WCHAR *wide_path = wide(path);
    DWORD found = wide_path ? GetFileAttributesW(wide_path) : INVALID_FILE_ATTRIBUTES;

    free(wide_path);
    return found != INVALID_FILE_ATTRIBUTES && found & FILE_ATTRIBUTE_DIRECTORY;
}
