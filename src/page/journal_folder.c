#include "journal_folder.h"

#include <shellapi.h>
#include <shobjidl.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define SAID_MAX (JOURNAL_FOLDER_MAX + 512)

static void journal_folder_say(HWND owner, const WCHAR *format, const WCHAR *path)
{
    WCHAR text[SAID_MAX];

    swprintf(text, SAID_MAX, format, path);
    text[SAID_MAX - 1] = 0;
    MessageBoxW(owner, text, L"CertWitness", MB_OK | MB_ICONWARNING);
}

static bool journal_folder_is_folder(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

/* The dialog begins at the folder, or at the nearest one above it that exists. */
static void begin_at(IFileOpenDialog *dialog, const WCHAR *path)
{
    WCHAR folder[JOURNAL_FOLDER_MAX], *end;
    IShellItem *item = NULL;

    wcsncpy(folder, path, JOURNAL_FOLDER_MAX - 1);
    folder[JOURNAL_FOLDER_MAX - 1] = 0;
    while (!journal_folder_is_folder(folder) && (end = wcsrchr(folder, '\\'))) *end = 0;
    if (!journal_folder_is_folder(folder)) return;
    if (folder[1] == ':' && !folder[2]) wcscat(folder, L"\\");
    if (FAILED(SHCreateItemFromParsingName(folder, NULL, &IID_IShellItem, (void **)&item))) return;
    IFileOpenDialog_SetFolder(dialog, item);
    IShellItem_Release(item);
}

static HRESULT take_result(IFileOpenDialog *dialog, WCHAR path[JOURNAL_FOLDER_MAX])
{
    IShellItem *item = NULL;
    WCHAR *chosen = NULL;
    HRESULT hr = IFileOpenDialog_GetResult(dialog, &item);

    if (SUCCEEDED(hr)) hr = IShellItem_GetDisplayName(item, SIGDN_FILESYSPATH, &chosen);
    if (SUCCEEDED(hr) && wcslen(chosen) >= JOURNAL_FOLDER_MAX)
        hr = HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    if (SUCCEEDED(hr)) wcscpy(path, chosen);
    CoTaskMemFree(chosen);
    if (item) IShellItem_Release(item);
    return hr;
}

static HRESULT choose(HWND owner, WCHAR path[JOURNAL_FOLDER_MAX])
{
    IFileOpenDialog *dialog = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_FileOpenDialog, NULL, CLSCTX_INPROC_SERVER,
                                  &IID_IFileOpenDialog, (void **)&dialog);

    if (FAILED(hr)) return hr;
    hr = IFileOpenDialog_SetOptions(dialog, FOS_PICKFOLDERS | FOS_FORCEFILESYSTEM
                                            | FOS_PATHMUSTEXIST | FOS_NOCHANGEDIR
                                            | FOS_DONTADDTORECENT);
    if (SUCCEEDED(hr)) hr = IFileOpenDialog_SetTitle(dialog, L"Folder of the journal");
    if (SUCCEEDED(hr)) begin_at(dialog, path);
    if (SUCCEEDED(hr)) hr = IFileOpenDialog_Show(dialog, owner);
    if (SUCCEEDED(hr)) hr = take_result(dialog, path);
    IFileOpenDialog_Release(dialog);
    return hr;
}

/* The snap-in's thread usually has COM already, and then keeps it. */
bool journal_folder_choose(HWND owner, WCHAR path[JOURNAL_FOLDER_MAX])
{
    HRESULT com = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
    HRESULT hr = choose(owner, path);

    if (SUCCEEDED(com)) CoUninitialize();
    if (FAILED(hr) && hr != HRESULT_FROM_WIN32(ERROR_CANCELLED))
        journal_folder_say(owner, L"No folder could be chosen. Type its path instead of %ls.",
                           path);
    return SUCCEEDED(hr);
}

/* A token of the desktop's Explorer, for AccessCheck. NULL: there is none, or it may not be had. */
static HANDLE explorer_token(void)
{
    HWND shell = GetShellWindow();
    DWORD id = 0;
    HANDLE process, token = NULL, checked = NULL;

    if (!shell || !GetWindowThreadProcessId(shell, &id)) return NULL;
    if (!(process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id))) return NULL;
    if (!OpenProcessToken(process, TOKEN_DUPLICATE | TOKEN_QUERY, &token)) token = NULL;
    if (token && !DuplicateToken(token, SecurityIdentification, &checked)) checked = NULL;
    if (token) CloseHandle(token);
    CloseHandle(process);
    return checked;
}

static bool may_list(HANDLE token, const WCHAR *path)
{
    SECURITY_INFORMATION parts = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION
                                 | DACL_SECURITY_INFORMATION;
    GENERIC_MAPPING mapping = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE,
                               FILE_ALL_ACCESS};
    PRIVILEGE_SET privileges;
    DWORD size = 0, privileges_size = sizeof privileges, granted;
    SECURITY_DESCRIPTOR *descriptor;
    BOOL may = FALSE;

    GetFileSecurityW(path, parts, NULL, 0, &size);
    if (!size || !(descriptor = malloc(size))) return false;
    if (!GetFileSecurityW(path, parts, descriptor, size, &size)
        || !AccessCheck(descriptor, token, FILE_LIST_DIRECTORY, &mapping, &privileges,
                        &privileges_size, &granted, &may))
        may = FALSE;
    free(descriptor);
    return may;
}

/* Without an Explorer on the desktop, the one that is started has the rights of this process. */
static bool explorer_may_list(const WCHAR *path)
{
    HANDLE token;
    bool may;

    if (!GetShellWindow()) return true;
    if (!(token = explorer_token())) return false;
    may = may_list(token, path);
    CloseHandle(token);
    return may;
}

/* The backslash at the end keeps a program FOLDER.exe beside the folder from being started instead.
 */
static bool open_in_explorer(HWND owner, const WCHAR *path)
{
    WCHAR folder[JOURNAL_FOLDER_MAX + 1];

    swprintf(folder, ARRAYSIZE(folder), L"%ls\\", path);
    folder[ARRAYSIZE(folder) - 1] = 0;
    return (INT_PTR)ShellExecuteW(owner, L"open", folder, NULL, NULL, SW_SHOWNORMAL) > 32;
}

void journal_folder_open(HWND owner, const WCHAR *path)
{
    if (!journal_folder_is_folder(path))
        journal_folder_say(owner, L"The folder %ls no longer exists, or it cannot be read.", path);
    else if (!explorer_may_list(path))
        journal_folder_say(
            owner,
            L"Explorer runs without administrator rights and cannot list %ls.\n\nIt was not "
            L"started, because it would offer to give your account full control of the folder. "
            L"CertWitness does not write into a folder that such an account can change. List the "
            L"folder in a PowerShell that was opened with \"Run as administrator\".",
            path);
    else if (!open_in_explorer(owner, path))
        journal_folder_say(owner, L"Explorer could not be started to show %ls.", path);
}
