/* Files that come in and go out. */
#include "files.h"

#include "heap.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

static HRESULT files_failed(struct reason *reason, const char *what, const char *path, DWORD error)
{
    HRESULT hr = HRESULT_FROM_WIN32(error);
    char *why = text_of_code(hr);

    text_reason(reason, hr, "%s cannot be %s: %s (error %lu)", path, what, why, error);
    free(why);
    return hr;
}

static HRESULT files_read_all(HANDLE file, const char *path, size_t limit, char **data,
                              size_t *size, struct reason *reason)
{
    LARGE_INTEGER length;
    DWORD got = 0;

    if (!GetFileSizeEx(file, &length)) return files_failed(reason, "read", path, GetLastError());
    if ((ULONGLONG)length.QuadPart > limit) {
        return text_reason(reason, HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE),
                           "%s has more than %lu bytes", path, (unsigned long)limit);
    }
    *data = heap_take((size_t)length.QuadPart + 1);
    if (!ReadFile(file, *data, (DWORD)length.QuadPart, &got, NULL))
        return files_failed(reason, "read", path, GetLastError());
    (*data)[got] = '\0';
    *size = got;
    return S_OK;
}

HRESULT file_read(const char *path, size_t limit, char **data, size_t *size, struct reason *reason)
{
    WCHAR *wide = text_wide(path);
    HANDLE file =
        CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, 0, NULL);
    DWORD error = GetLastError();
    HRESULT hr;

    free(wide);
    *data = NULL;
    *size = 0;
    if (file == INVALID_HANDLE_VALUE) return files_failed(reason, "opened", path, error);
    hr = files_read_all(file, path, limit, data, size, reason);
    CloseHandle(file);
    if (FAILED(hr)) {
        free(*data);
        *data = NULL;
    }
    return hr;
}

#define PEM_LINE 48                     /* bytes to a line of 64 characters */

/* Three bytes in four characters; what is missing of them is filled up with '='. */
static char *put_four(char *out, const unsigned char *in, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned three = (unsigned)in[0] << 16 | (size > 1 ? in[1] << 8 : 0) | (size > 2 ? in[2] : 0);

    for (int i = 0; i < 4; i++)
        *out++ = (size_t)i <= size ? digits[three >> (18 - 6 * i) & 63] : '=';
    return out;
}

/* Base64 in lines, each of which ends in LF: Windows' own writer is not the same everywhere (Wine
 * 10 ends full lines with an empty one, which openssl refuses). The caller frees. */
static char *base64_lines(const unsigned char *data, size_t size)
{
    char *text = heap_take((size + 2) / 3 * 4 + size / PEM_LINE + 2), *out = text;

    for (size_t at = 0; at < size; at += 3) {
        out = put_four(out, data + at, size - at);
        if ((at + 3) % PEM_LINE == 0 || at + 3 >= size) *out++ = '\n';
    }
    *out = 0;
    return text;
}

/* The caller frees. */
static char *pem(const char *label, const void *der, size_t size)
{
    char *base64 = base64_lines(der, size),
         *text = text_format("-----BEGIN %s-----\n%s-----END %s-----\n", label, base64, label);

    free(base64);
    return text;
}

static bool files_write_all(const WCHAR *path, const void *data, DWORD size)
{
    HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD written = 0, error;
    BOOL ok;

    if (file == INVALID_HANDLE_VALUE) return false;
    ok = WriteFile(file, data, size, &written, NULL);
    error = ok && written != size ? ERROR_DISK_FULL : GetLastError();
    CloseHandle(file);
    SetLastError(error);
    return ok && written == size;
}

HRESULT file_write(const char *path, const void *data, size_t size, struct reason *reason)
{
    char *unfinished = text_format("%s.unfinished", path);
    WCHAR *from = text_wide(unfinished), *to = text_wide(path);
    HRESULT hr = S_OK;

    if (!files_write_all(from, data, (DWORD)size) ||
        !MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING)) {
        hr = files_failed(reason, "written", path, GetLastError());
        DeleteFileW(from);
    }
    free(unfinished);
    free(from);
    free(to);
    return hr;
}

HRESULT file_write_pem(const char *path, const char *label, const void *der, size_t size,
                       struct reason *reason)
{
    char *text = pem(label, der, size);
    HRESULT hr = file_write(path, text, strlen(text), reason);

    free(text);
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
            CreateDirectoryW(wide,
                             NULL); /* fails for C: and for what is there: the last one tells */
            *c = slash;
        }
    }
    if (!CreateDirectoryW(wide, NULL)) error = GetLastError();
    attributes = GetFileAttributesW(wide);
    free(wide);
    if (attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY) return S_OK;
    return files_failed(reason, "made a folder", path, error);
}
