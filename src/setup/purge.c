#include "purge.h"

#include "base/error_windows.h"
#include "journal/head.h"
#include "journal/request.h"
#include "journal/segment.h"
#include "journal/unwritten.h"
#include "settings/directory.h"
#include "base/utf16_windows.h"

#include <winternl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PATH_MAX_HERE (SETTINGS_PATH_MAX + 64)
#define LISTING_SIZE  65536
#define SHARE_ALL     (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static void purge_path_of(const WCHAR *folder, const WCHAR *name, WCHAR out[PATH_MAX_HERE])
{
    swprintf(out, PATH_MAX_HERE, FOLDER_LONG_PATH L"%ls%ls%ls", folder, *name ? L"\\" : L"", name);
    out[PATH_MAX_HERE - 1] = 0;
}

bool purge_is_in_use(const WCHAR *folder)
{
    WCHAR path[PATH_MAX_HERE];
    HANDLE lock;

    purge_path_of(folder, L"lock", path);
    lock = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (lock != INVALID_HANDLE_VALUE) {
        CloseHandle(lock);
        return false;
    }
    return GetLastError() == ERROR_SHARING_VIOLATION;
}

/* --- what is the journal's --- */

/* A file as it stands in a listing. */
struct found {
    WCHAR name[MAX_PATH];
    DWORD attributes;
    uint64_t size;
};

static bool purge_is_plain(const struct found *found)
{
    return !(found->attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT));
}

static bool is_segment(const WCHAR *name)
{
    char text[SEGMENT_NAME_SIZE + 1] = "";

    return utf16_put_utf8(name, text, sizeof text) && segment_sequence(text);
}

/* Locks are empty. The other files are short, and may have been cut off. */
static bool purge_is_ours(const struct found *found)
{
    static const struct { const WCHAR *name; uint64_t most;
    } files[] = {
        {L"lock", 0},
        {L"prune.lock", 0},
        {L"" HEAD_NAME, HEAD_SIZE},
        {L"" UNWRITTEN_NAME, UNWRITTEN_SIZE},
        {L"" REQUEST_NAME, REQUEST_SIZE_MAX},
    };

    for (size_t i = 0; i < ARRAYSIZE(files); i++)
        if (!wcscmp(found->name, files[i].name)) return found->size <= files[i].most;
    return is_segment(found->name);
}

static size_t purge_digits(const WCHAR *text)
{
    return wcsspn(text, L"0123456789");
}

/* torn\<20 digits of the segment>-<offset>-<n> */
static bool is_tail(const struct found *found)
{
    const WCHAR *at = found->name;
    size_t size = purge_digits(at);

    if (size != 20 || at[size] != '-') return false;
    at += size + 1;
    if (!(size = purge_digits(at)) || at[size] != '-') return false;
    at += size + 1;
    return (size = purge_digits(at)) && !at[size];
}

/* Up to `most` files. */
static uint64_t count(const WCHAR *folder, const WCHAR *below, uint64_t most,
                      bool (*counts)(const struct found *found))
{
    WCHAR path[PATH_MAX_HERE];
    WIN32_FIND_DATAW data;
    HANDLE find;
    uint64_t files = 0;

    purge_path_of(folder, below, path);
    if ((find = FindFirstFileW(path, &data)) == INVALID_HANDLE_VALUE) return 0;
    do {
        struct found found = {.attributes = data.dwFileAttributes,
                              .size = (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow};

        wcscpy(found.name, data.cFileName);
        files += purge_is_plain(&found) && counts(&found);
    } while (files < most && FindNextFileW(find, &data));
    FindClose(find);
    return files;
}

uint64_t purge_count(const WCHAR *folder)
{
    return count(folder, L"*", UINT64_MAX, purge_is_ours)
           + count(folder, L"torn\\*", UINT64_MAX, is_tail);
}

bool purge_finds_any(const WCHAR *folder)
{
    return count(folder, L"*", 1, purge_is_ours) || count(folder, L"torn\\*", 1, is_tail);
}

/* --- below a handle --- */

/* Asked for by name, since the library of ntdll.dll also has much of what the C library has. */
static FARPROC native(const char *name)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), name);
}

static HRESULT native_error(NTSTATUS status)
{
    ULONG (WINAPI *translate)(NTSTATUS) = (void *)native("RtlNtStatusToDosError");

    return translate ? HRESULT_FROM_WIN32(translate(status)) : E_FAIL;
}

/* Open the entry of that name in the folder. A link is opened itself, not its target. */
static HRESULT open_below(HANDLE folder, const WCHAR *name, ACCESS_MASK access, ULONG share,
                          ULONG options, HANDLE *out)
{
    UNICODE_STRING text = {(USHORT)(wcslen(name) * sizeof *name),
                           (USHORT)(wcslen(name) * sizeof *name), (WCHAR *)name};
    OBJECT_ATTRIBUTES attributes = {
        .Length = sizeof attributes, .RootDirectory = folder, .ObjectName = &text};
    __typeof__(NtOpenFile) *open = (void *)native("NtOpenFile");
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    *out = NULL;
    if (!open) return HRESULT_FROM_WIN32(ERROR_PROC_NOT_FOUND);
    status = open(out, access | FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attributes, &io, share,
                  options | FILE_OPEN_REPARSE_POINT | FILE_SYNCHRONOUS_IO_NONALERT);
    return status ? native_error(status) : S_OK;
}

/* A link is not the journal's; nor is it looked through. */
static HRESULT purge_check_plain(HANDLE handle)
{
    FILE_ATTRIBUTE_TAG_INFO info;

    if (!GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &info, sizeof info))
        return last_error();
    return info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT ? S_FALSE : S_OK;
}

static HRESULT delete_open(HANDLE handle)
{
    FILE_DISPOSITION_INFO gone = {TRUE};

    return SetFileInformationByHandle(handle, FileDispositionInfo, &gone, sizeof gone)
               ? S_OK
               : last_error();
}

static HRESULT remove_below(HANDLE folder, const WCHAR *name, ULONG kind)
{
    HANDLE handle;
    HRESULT hr = open_below(folder, name, DELETE, SHARE_ALL, kind, &handle);

    if (FAILED(hr)) return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ? S_OK : hr;
    if ((hr = purge_check_plain(handle)) == S_OK) hr = delete_open(handle);
    CloseHandle(handle);
    return hr;
}

static void purge_take(const FILE_FULL_DIR_INFO *entry, struct found *out)
{
    size_t size = entry->FileNameLength / sizeof(WCHAR);

    if (size >= ARRAYSIZE(out->name)) size = 0;
    memcpy(out->name, entry->FileName, size * sizeof(WCHAR));
    out->name[size] = 0;
    out->attributes = entry->FileAttributes;
    out->size = entry->EndOfFile.QuadPart;
}

/* Call `each` with all that stands in the folder; it may be removed there. The first failure is
 * kept, and the rest done all the same. */
static HRESULT purge_list(HANDLE folder, HRESULT (*each)(HANDLE folder, const struct found *found))
{
    FILE_INFO_BY_HANDLE_CLASS kind = FileFullDirectoryRestartInfo;
    char *listing = malloc(LISTING_SIZE);
    HRESULT hr = S_OK, one;
    struct found found;

    if (!listing) return E_OUTOFMEMORY;
    while (GetFileInformationByHandleEx(folder, kind, listing, LISTING_SIZE)) {
        const FILE_FULL_DIR_INFO *entry = (void *)listing;

        for (;; entry = (void *)((char *)entry + entry->NextEntryOffset)) {
            purge_take(entry, &found);
            one = each(folder, &found);
            if (SUCCEEDED(hr)) hr = one;
            if (!entry->NextEntryOffset) break;
        }
        kind = FileFullDirectoryInfo;
    }
    one = last_error();
    free(listing);
    return FAILED(hr) || one == HRESULT_FROM_WIN32(ERROR_NO_MORE_FILES) ? hr : one;
}

static HRESULT remove_tail(HANDLE torn, const struct found *found)
{
    return purge_is_plain(found) && is_tail(found)
               ? remove_below(torn, found->name, FILE_NON_DIRECTORY_FILE)
               : S_OK;
}

static HRESULT remove_torn(HANDLE folder)
{
    HANDLE torn;
    HRESULT hr = open_below(folder, L"torn", FILE_LIST_DIRECTORY,
                            FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_DIRECTORY_FILE, &torn);

    if (FAILED(hr)) return hr;
    if ((hr = purge_check_plain(torn)) == S_OK) hr = purge_list(torn, remove_tail);
    CloseHandle(torn);
    if (hr == S_OK) hr = remove_below(folder, L"torn", FILE_DIRECTORY_FILE);
    return hr == HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY) || hr == S_FALSE ? S_OK : hr;
}

static HRESULT remove_one(HANDLE folder, const struct found *found)
{
    if (found->attributes & FILE_ATTRIBUTE_REPARSE_POINT) return S_OK;
    if (found->attributes & FILE_ATTRIBUTE_DIRECTORY)
        return wcscmp(found->name, L"torn") ? S_OK : remove_torn(folder);
    return purge_is_ours(found) ? remove_below(folder, found->name, FILE_NON_DIRECTORY_FILE) : S_OK;
}

/* --- the folders --- */

/* The last folder in `held`, which would keep itself from being removed; the one that is removed is
 * the same. */
static HRESULT remove_held(const WCHAR *folder, struct folder_held *held)
{
    BY_HANDLE_FILE_INFORMATION was = {0}, is = {0};
    WCHAR path[PATH_MAX_HERE];
    HANDLE handle = held->handles[--held->count];
    HRESULT hr = GetFileInformationByHandle(handle, &was) ? S_OK : last_error();

    CloseHandle(handle);
    if (FAILED(hr)) return hr;
    purge_path_of(folder, L"", path);
    handle = CreateFileW(path, DELETE | FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING,
                         FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (handle == INVALID_HANDLE_VALUE) return last_error();
    if (!GetFileInformationByHandle(handle, &is)) hr = last_error();
    else if (is.dwVolumeSerialNumber != was.dwVolumeSerialNumber ||
             is.nFileIndexHigh != was.nFileIndexHigh || is.nFileIndexLow != was.nFileIndexLow)
        hr = HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY);
    if (SUCCEEDED(hr)) hr = delete_open(handle);
    CloseHandle(handle);
    return hr;
}

static void remove_folder_above(const WCHAR *folder, struct folder_held *held)
{
    WCHAR above[SETTINGS_PATH_MAX];
    size_t size = directory_place(above) ? wcslen(above) : 0;
    HRESULT hr = S_FALSE;

    if (size && !_wcsnicmp(folder, above, size) && folder[size] == '\\' &&
        !wcschr(folder + size + 1, '\\') && held->count)
        hr = remove_held(above, held);
    (void)hr;                           /* other CAs' journals stand in it */
}

HRESULT purge_journal(const WCHAR *folder, struct folder_held *held,
                      const struct listener *listener)
{
    HRESULT hr = purge_list(held->handles[held->count - 1], remove_one);

    if (FAILED(hr)) return hr;
    if (SUCCEEDED(hr = remove_held(folder, held))) remove_folder_above(folder, held);
    else if (hr == HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY))
        listener_tell(listener, TONE_NOTE, L"%ls stays: something else is in it.", folder);
    else
        listener_tell(listener, TONE_NOTE,
                      L"%ls stays, with nothing of the journal in it: another program has it open.",
                      folder);
    return S_OK;
}
