#include "file_system.h"

#include "error_windows.h"
#include "folder_guard_windows.h"
#include "folder_windows.h"
#include "utf16_windows.h"

#include <windows.h>
#include <sddl.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static WCHAR *wide(const char *text)
{
    size_t size = utf16_units(text, strlen(text) + 1);
    WCHAR *out = size ? calloc(size, sizeof *out) : NULL;

    if (out) utf16_from_utf8(text, out, size);
    return out;
}

/* what any part of Windows takes, with room for a file's name behind a folder's */
#define PLAIN_MAX 240

/* A path that may be longer than Windows takes without being told so: absolute then, and with the
 * mark that says it. */
static WCHAR *wide_path_of(const char *path)
{
    static const WCHAR mark[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
    WCHAR *given = wide(path), *whole = NULL;
    DWORD size = given ? GetFullPathNameW(given, 0, NULL, NULL) : 0;
    bool is_share = given && given[0] == L'\\' && given[1] == L'\\';

    if (size <= PLAIN_MAX || !wcsncmp(given, mark, 4) ||
        !(whole = calloc(size + ARRAYSIZE(share), sizeof *whole)))
        return given;
    if (!is_share) {
        wcscpy(whole, mark);
        GetFullPathNameW(given, size, whole + 4, NULL);
    } else {
        GetFullPathNameW(given, size, whole + 6,
                         NULL); /* its own two backslashes lie where the mark's last two belong */
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

/* Of several names one has the file's; a reparse point is not looked through, but Wine tells of it
 * by name alone. */
static bool is_odd(const WCHAR *path)
{
    HANDLE handle = CreateFileW(
        path, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    DWORD named = GetFileAttributesW(path);
    BY_HANDLE_FILE_INFORMATION info;
    bool odd = named != INVALID_FILE_ATTRIBUTES && named & FILE_ATTRIBUTE_REPARSE_POINT;

    if (handle == INVALID_HANDLE_VALUE) return odd;
    if (GetFileInformationByHandle(handle, &info) &&
        !(info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        odd |= info.nNumberOfLinks > 1;
    odd |= (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    CloseHandle(handle);
    return odd;
}

bool file_is_odd(const char *path)
{
    WCHAR *wide_path = wide_path_of(path);
    bool odd = wide_path && is_odd(wide_path);

    free(wide_path);
    return odd;
}

static HANDLE create_new(const WCHAR *path)
{
    HANDLE handle;

    for (int i = 0; i < 2; i++) {
        handle = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW,
                             FILE_ATTRIBUTE_NORMAL, NULL);
        if (handle != INVALID_HANDLE_VALUE || GetLastError() != ERROR_FILE_EXISTS) return handle;
        if (is_odd(path) || !DeleteFileW(path)) return handle;
    }
    return handle;
}

/* It has the permissions that its folder gives. */
FILE *file_create(const char *path)
{
    WCHAR *wide_path = wide_path_of(path);
    HANDLE handle = wide_path ? create_new(wide_path) : INVALID_HANDLE_VALUE;
    DWORD error = GetLastError();
    int number = handle == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t)handle, _O_BINARY);
    FILE *file = number < 0 ? NULL : _fdopen(number, "wb");

    if (file) goto done;
    if (number >= 0) _close(number);
    else if (handle != INVALID_HANDLE_VALUE) CloseHandle(handle);
    errno = !wide_path                      ? ENOMEM
            : is_odd(wide_path)             ? EMLINK
            : error == ERROR_DISK_FULL      ? ENOSPC
            : error == ERROR_PATH_NOT_FOUND ? ENOENT
            : error == ERROR_FILE_EXISTS    ? EEXIST
                                            : EACCES;
done:
    free(wide_path);
    return file;
}

/* D:P…(A;OICI;FA;;;<whoever this is>), for those who may not give a folder to Administrators. */
static PSECURITY_DESCRIPTOR own_descriptor(void)
{
    BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    PSECURITY_DESCRIPTOR out = NULL;
    WCHAR *sid = NULL, sddl[320];
    DWORD size;
    HANDLE token;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return NULL;
    if (GetTokenInformation(token, TokenUser, room, sizeof room, &size) &&
        ConvertSidToStringSidW(((TOKEN_USER *)(void *)room)->User.Sid, &sid)) {
        swprintf(sddl, ARRAYSIZE(sddl),
                 L"O:%lsD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;%ls)", sid, sid);
        if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &out,
                                                                  NULL))
            out = NULL;
    }
    LocalFree(sid);
    CloseHandle(token);
    return out;
}

static PSECURITY_DESCRIPTOR descriptor(void)
{
    SID_IDENTIFIER_AUTHORITY authority = {SECURITY_NT_AUTHORITY};
    PSECURITY_DESCRIPTOR out = NULL;
    BOOL is_administrator = FALSE;
    PSID administrators = NULL;

    if (AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID,
                                 DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0, 0, &administrators)) {
        if (!CheckTokenMembership(NULL, administrators, &is_administrator))
            is_administrator = FALSE;
        FreeSid(administrators);
    }
    if (!is_administrator) return own_descriptor();
    return ConvertStringSecurityDescriptorToSecurityDescriptorW(FOLDER_SDDL, SDDL_REVISION_1, &out,
                                                                NULL)
               ? out
               : NULL;
}

/* A backslash at its end would lead through a link; behind a drive's letter it is the root. */
static void cut_slashes(WCHAR *path)
{
    size_t size = wcslen(path);

    while (size > 1 && (path[size - 1] == '\\' || path[size - 1] == '/') && path[size - 2] != ':')
        path[--size] = 0;
}

/* The handle is kept: nobody puts another folder in the place of one that was judged. */
static HRESULT judge_own(const WCHAR *path)
{
    struct folder_fault fault;
    HANDLE kept;

    return folder_guard_open(path, FOLDER_HOLDS, &kept, &fault);
}

HRESULT folder_make(const char *path)
{
    SECURITY_ATTRIBUTES security = {sizeof security, descriptor(), FALSE};
    WCHAR *wide_path = wide_path_of(path);
    HRESULT hr = wide_path && security.lpSecurityDescriptor ? S_OK : E_OUTOFMEMORY, judged;

    if (SUCCEEDED(hr)) cut_slashes(wide_path);
    if (SUCCEEDED(hr) && !CreateDirectoryW(wide_path, &security))
        hr = GetLastError() == ERROR_ALREADY_EXISTS ? S_FALSE : last_error();
    if (SUCCEEDED(hr) && FAILED(judged = judge_own(wide_path))) hr = judged;
    LocalFree(security.lpSecurityDescriptor);
    free(wide_path);
    return hr;
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
    if (search == INVALID_HANDLE_VALUE)
        hr = GetLastError() == ERROR_FILE_NOT_FOUND ? S_OK : last_error();
    free(wide_path);
    if (search == INVALID_HANDLE_VALUE) return hr;
    do *empty &= !wcscmp(found.cFileName, L".") || !wcscmp(found.cFileName, L"..");
    while (FindNextFileW(search, &found));
    FindClose(search);
    return S_OK;
}

HRESULT file_let_read(FILE *file)
{
    (void)file;
    return S_OK;
}

/* Nobody else may open it meanwhile, not even to read. */
HRESULT file_hold(const char *path, intptr_t *held)
{
    WCHAR *wide_path = wide_path_of(path);
    HANDLE handle = INVALID_HANDLE_VALUE;
    HRESULT hr = S_OK;

    if (!wide_path) hr = E_OUTOFMEMORY;
    else if (is_odd(wide_path)) hr = HRESULT_FROM_WIN32(ERROR_REPARSE_POINT_ENCOUNTERED);
    else if ((handle = CreateFileW(wide_path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS,
                                   FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL)) ==
             INVALID_HANDLE_VALUE)
        hr = last_error();
    *held = (intptr_t)handle;
    free(wide_path);
    return hr;
}

void file_let_go(intptr_t held)
{
    CloseHandle((HANDLE)held);
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
    else if (!MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
        hr = last_error();
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
