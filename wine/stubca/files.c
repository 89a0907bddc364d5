/* Files that come in and go out. */
#include "files.h"

#include "heap.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

static HRESULT failed(struct reason *reason, const char *what, const char *path, DWORD error)
{
    HRESULT hr = HRESULT_FROM_WIN32(error);
    char *why = text_of_code(hr);

    text_reason(reason, hr, "%s cannot be %s: %s (error %lu)", path, what, why, error);
    free(why);
    return hr;
}

static HRESULT read_all(HANDLE file, const char *path, size_t limit, char **data, size_t *size, struct reason *reason)
{
    LARGE_INTEGER length;
    DWORD got = 0;

    if (!GetFileSizeEx(file, &length)) return failed(reason, "read", path, GetLastError());
    if ((ULONGLONG)length.QuadPart > limit) {
        return text_reason(reason, HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE), "%s has more than %lu bytes", path,
                           (unsigned long)limit);
    }
    *data = heap_take((size_t)length.QuadPart + 1);
    if (!ReadFile(file, *data, (DWORD)length.QuadPart, &got, NULL)) return failed(reason, "read", path, GetLastError());
    (*data)[got] = '\0';
    *size = got;
    return S_OK;
}

HRESULT file_read(const char *path, size_t limit, char **data, size_t *size, struct reason *reason)
{
    WCHAR *wide = text_wide(path);
    HANDLE file = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    DWORD error = GetLastError();
    HRESULT hr;

    free(wide);
    *data = NULL;
    *size = 0;
    if (file == INVALID_HANDLE_VALUE) return failed(reason, "opened", path, error);
    hr = read_all(file, path, limit, data, size, reason);
    CloseHandle(file);
    if (FAILED(hr)) {
        free(*data);
        *data = NULL;
    }
    return hr;
}

/* The caller frees. */
static char *pem(const char *label, const void *der, size_t size)
{
    const DWORD flags = CRYPT_STRING_BASE64 | CRYPT_STRING_NOCR;
    DWORD length = 0;
    char *base64, *text;

    CryptBinaryToStringA(der, (DWORD)size, flags, NULL, &length);
    base64 = heap_take(length + 1);
    CryptBinaryToStringA(der, (DWORD)size, flags, base64, &length);
    text = text_format("-----BEGIN %s-----\n%s-----END %s-----\n", label, base64, label);
    free(base64);
    return text;
}

static bool write_all(const WCHAR *path, const char *text)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD size = (DWORD)strlen(text), written = 0, error;
    BOOL ok;

    if (file == INVALID_HANDLE_VALUE) return false;
    ok = WriteFile(file, text, size, &written, NULL);
    error = ok && written != size ? ERROR_DISK_FULL : GetLastError();
    CloseHandle(file);
    SetLastError(error);
    return ok && written == size;
}

HRESULT file_write_pem(const char *path, const char *label, const void *der, size_t size, struct reason *reason)
{
    char *text = pem(label, der, size), *unfinished = text_format("%s.unfinished", path);
    WCHAR *from = text_wide(unfinished), *to = text_wide(path);
    HRESULT hr = S_OK;

    if (!write_all(from, text) || !MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING)) {
        hr = failed(reason, "written", path, GetLastError());
        DeleteFileW(from);
    }
    free(text);
    free(unfinished);
    free(from);
    free(to);
    return hr;
}

void file_remove(const char *path)
{
    WCHAR *wide = text_wide(path);

    DeleteFileW(wide);
    free(wide);
}

HRESULT folder_make(const char *path, struct reason *reason)
{
    WCHAR *wide = text_wide(path);
    DWORD error = ERROR_SUCCESS, attributes;

    for (WCHAR *c = wide; *c; c++) {
        if (c > wide && (*c == '/' || *c == '\\')) {
            WCHAR slash = *c;

            *c = '\0';
            CreateDirectoryW(wide, NULL);       /* fails for C: and for what is there: the last one tells */
            *c = slash;
        }
    }
    if (!CreateDirectoryW(wide, NULL)) error = GetLastError();
    attributes = GetFileAttributesW(wide);
    free(wide);
    if (attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY) return S_OK;
    return failed(reason, "made a folder", path, error);
}
