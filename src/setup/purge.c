#include "purge.h"

#include "journal/error_windows.h"
#include "journal/folder_windows.h"
#include "journal/segment.h"
#include "settings/settings.h"

#include <stdio.h>
#include <wchar.h>

#define PATH_MAX_HERE (SETTINGS_PATH_MAX + MAX_PATH + 16)

static void path_of(const WCHAR *folder, const WCHAR *name, WCHAR out[PATH_MAX_HERE])
{
    swprintf(out, PATH_MAX_HERE, FOLDER_LONG_PATH L"%ls%ls%ls", folder, *name ? L"\\" : L"", name);
    out[PATH_MAX_HERE - 1] = 0;
}

bool purge_is_in_use(const WCHAR *folder)
{
    WCHAR path[PATH_MAX_HERE];
    HANDLE lock;

    path_of(folder, L"lock", path);
    lock = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (lock != INVALID_HANDLE_VALUE) {
        CloseHandle(lock);
        return false;
    }
    return GetLastError() == ERROR_SHARING_VIOLATION;
}

static bool is_segment(const WCHAR *name)
{
    char text[SEGMENT_NAME_SIZE + 1] = "";

    return WideCharToMultiByte(CP_UTF8, 0, name, -1, text, sizeof text, NULL, NULL) == sizeof text && segment_sequence(text);
}

static bool is_ours(const WCHAR *name)
{
    static const WCHAR *const names[] = {L"lock", L"head", L"prune", L"prune.lock"};   /* head.h, request.h */

    for (size_t i = 0; i < ARRAYSIZE(names); i++) if (!wcscmp(name, names[i])) return true;
    return is_segment(name);
}

static bool is_any(const WCHAR *name)
{
    (void)name;
    return true;
}

/* Files only; a folder that stands there is somebody else's, or a link of his. */
static HRESULT remove_files(const WCHAR *folder, bool (*chosen)(const WCHAR *name))
{
    WCHAR path[PATH_MAX_HERE];
    WIN32_FIND_DATAW found;
    HRESULT hr = S_OK;
    HANDLE search;

    path_of(folder, L"*", path);
    if ((search = FindFirstFileW(path, &found)) == INVALID_HANDLE_VALUE) {
        hr = last_error();
        return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) ? S_FALSE : hr;
    }
    do {
        if (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY || !chosen(found.cFileName)) continue;
        path_of(folder, found.cFileName, path);
        if (!DeleteFileW(path) && SUCCEEDED(hr)) hr = last_error();
    } while (FindNextFileW(search, &found));
    FindClose(search);
    return hr;
}

static bool remove_folder(const WCHAR *folder)
{
    WCHAR path[PATH_MAX_HERE];

    path_of(folder, L"", path);
    return RemoveDirectoryW(path) || GetLastError() == ERROR_FILE_NOT_FOUND || GetLastError() == ERROR_PATH_NOT_FOUND;
}

/* torn\ holds nothing but what the journal moved there; a link in its place would lead to files of somebody else. */
static HRESULT remove_torn(const WCHAR *folder)
{
    WCHAR path[PATH_MAX_HERE], torn[PATH_MAX_HERE];
    DWORD attributes;
    HRESULT hr;

    path_of(folder, L"torn", path);
    attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY) || attributes & FILE_ATTRIBUTE_REPARSE_POINT) return S_OK;
    swprintf(torn, ARRAYSIZE(torn), L"%ls\\torn", folder);
    torn[ARRAYSIZE(torn) - 1] = 0;
    hr = remove_files(torn, is_any);
    if (SUCCEEDED(hr)) remove_folder(torn);
    return hr;
}

static void remove_folder_above(const WCHAR *folder)
{
    WCHAR above[SETTINGS_PATH_MAX];
    DWORD size = ExpandEnvironmentStringsW(L"%ProgramData%\\CertWitness", above, ARRAYSIZE(above));

    if (size && size <= ARRAYSIZE(above) && !_wcsnicmp(folder, above, size - 1) && folder[size - 1] == '\\') remove_folder(above);
}

HRESULT purge_journal(const WCHAR *folder, const struct listener *listener)
{
    HRESULT hr = remove_torn(folder);

    if (SUCCEEDED(hr)) hr = remove_files(folder, is_ours);
    if (FAILED(hr)) return hr;
    if (remove_folder(folder)) remove_folder_above(folder);
    else if (GetLastError() == ERROR_DIR_NOT_EMPTY) listener_tell(listener, TONE_HINT, L"%ls stays: something else stands in it.", folder);
    else listener_tell(listener, TONE_HINT, L"%ls stays, with nothing of the journal in it: another program has it open.", folder);
    return S_OK;
}
