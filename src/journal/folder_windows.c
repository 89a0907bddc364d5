#include "folder_windows.h"

#include "error_windows.h"
#include "folder_guard_windows.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* On the way from the drive to a folder or a file. */
struct walk {
    WCHAR *path;
    size_t public_size;                 /* of the part of it that is %ProgramData%; 0: it lies elsewhere */
    SECURITY_ATTRIBUTES *security;      /* of folders that are made; NULL: none are */
    HANDLE held;                        /* the one just judged: kept until the next one is open */
    WCHAR why[FOLDER_GUARD_TEXT_MAX];   /* the sentence, where the guard refused one; `path` then ends with it */
};

static size_t public_size(const WCHAR *path)
{
    WCHAR root[MAX_PATH];
    DWORD size = ExpandEnvironmentStringsW(L"%ProgramData%", root, ARRAYSIZE(root));

    if (!size || size > ARRAYSIZE(root) || _wcsnicmp(path + FOLDER_LONG_SIZE, root, size - 1)) return 0;
    return path[FOLDER_LONG_SIZE + size - 1] == '\\' ? FOLDER_LONG_SIZE + size - 1 : 0;
}

/* Only in the writer's thread: a drive that leads to a dead share answers after a minute. One that is not there is left for what follows. */
static HRESULT check_drive(const WCHAR *path)
{
    const WCHAR root[] = {path[FOLDER_LONG_SIZE], ':', '\\', 0};
    UINT type = GetDriveTypeW(root);

    return type == DRIVE_FIXED || type == DRIVE_NO_ROOT_DIR ? S_OK : HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE);
}

static HRESULT judge(struct walk *walk, enum folder_role role)
{
    HANDLE here;
    HRESULT hr = folder_guard_open(walk->path, role, &here, walk->why);

    if (walk->held) CloseHandle(walk->held);
    walk->held = here;
    return hr;
}

/* One folder, whose path is `walk->path` as it stands. */
static HRESULT step(struct walk *walk, bool judged)
{
    DWORD code;

    if (walk->security && GetFileAttributesW(walk->path) == INVALID_FILE_ATTRIBUTES && !CreateDirectoryW(walk->path, walk->security)) {
        code = GetLastError();
        if (code != ERROR_ALREADY_EXISTS) return HRESULT_FROM_WIN32(code);
    }
    return judged ? judge(walk, FOLDER_HOLDS) : S_OK;
}

static HRESULT go(struct walk *walk)
{
    HRESULT hr = check_drive(walk->path);

    walk->public_size = public_size(walk->path);
    for (WCHAR *at = walk->path + FOLDER_LONG_SIZE + 3; *at && SUCCEEDED(hr); at++) {   /* behind "C:\" */
        if (*at != '\\') continue;
        *at = 0;
        hr = step(walk, walk->public_size && (size_t)(at - walk->path) > walk->public_size);
        if (FAILED(hr) && !walk->security) return hr;
        *at = '\\';
    }
    return SUCCEEDED(hr) ? step(walk, true) : hr;
}

/* To a file, and every folder is judged: only the last one holds it, the drive's root among those that lead there. */
static HRESULT go_to_file(struct walk *walk)
{
    WCHAR *first = walk->path + FOLDER_LONG_SIZE + 3, *last = wcsrchr(walk->path, '\\'), cut = *first;
    HRESULT hr = check_drive(walk->path);

    if (FAILED(hr)) return hr;
    *first = 0;                         /* "C:" without the \ would be the disk itself */
    if (FAILED(hr = judge(walk, last < first ? FOLDER_HOLDS : FOLDER_LEADS))) return hr;
    *first = cut;
    for (WCHAR *at = first; *at; at++) {
        if (*at != '\\') continue;
        *at = 0;
        if (FAILED(hr = judge(walk, at == last ? FOLDER_HOLDS : FOLDER_LEADS))) return hr;
        *at = '\\';
    }
    return judge(walk, FOLDER_FILE);
}

HRESULT folder_hold(WCHAR *path, HANDLE *out)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    struct walk walk = {.path = path, .security = &security};
    HRESULT hr;

    *out = NULL;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(FOLDER_SDDL, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL))
        return last_error();
    hr = go(&walk);
    LocalFree(security.lpSecurityDescriptor);
    if (SUCCEEDED(hr)) *out = walk.held;
    else if (walk.held) CloseHandle(walk.held);
    return hr;
}

static void say(const WCHAR *path, const WCHAR *sentence, char *out)
{
    WCHAR text[FOLDER_WHY_MAX];

    swprintf(text, ARRAYSIZE(text), L"%.511ls: %ls", path + FOLDER_LONG_SIZE, sentence);
    text[ARRAYSIZE(text) - 1] = 0;
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, out, FOLDER_WHY_MAX, NULL, NULL)) *out = 0;
}

static bool explain(struct walk *walk, HRESULT hr, char *out)
{
    if (walk->held) CloseHandle(walk->held);
    if (hr == HRESULT_FROM_WIN32(ERROR_BAD_DEV_TYPE)) say(walk->path, L"The drive is no fixed disk of this machine.", out);
    else if (FAILED(hr) && walk->why[0]) say(walk->path, walk->why, out);
    return *out != 0;
}

bool folder_is_there(const WCHAR *directory)
{
    WCHAR path[FOLDER_LONG_SIZE + 1024];

    swprintf(path, ARRAYSIZE(path), FOLDER_LONG_PATH L"%.1023ls", directory);
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

bool folder_explain(const char *directory, char out[FOLDER_WHY_MAX])
{
    WCHAR path[FOLDER_LONG_SIZE + 1024] = FOLDER_LONG_PATH;
    struct walk walk = {.path = path};
    HRESULT hr;

    *out = 0;
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, directory, -1, path + FOLDER_LONG_SIZE, 1024) < 4) return false;
    hr = go(&walk);
    return explain(&walk, hr, out);
}

bool folder_explain_file(const WCHAR *file, char out[FOLDER_WHY_MAX])
{
    WCHAR path[FOLDER_LONG_SIZE + 1024] = FOLDER_LONG_PATH;
    struct walk walk = {.path = path};
    HRESULT hr;

    *out = 0;
    if (wcslen(file) < 4 || wcslen(file) >= 1024 || file[1] != ':' || file[2] != '\\') return false;
    wcscat(path, file);
    hr = go_to_file(&walk);
    return explain(&walk, hr, out);
}
