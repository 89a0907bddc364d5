#include "real_folder_system.h"

#include "base/utf16_windows.h"

#include <stdlib.h>
#include <string.h>

#define LONG_PATH     L"\\\\?\\"
#define LONG_UNC      L"\\\\?\\UNC"
#define LONG_SIZE     4
#define LONG_UNC_SIZE 7

const char real_folder_separator = '\\';
const bool real_folder_any_case = true;

static WCHAR *real_folder_wide(const char *path)
{
    size_t units = utf16_units(path, strlen(path) + 1);
    WCHAR *wide = units ? calloc(units + 1, sizeof *wide) : NULL;       /* and a backslash */

    if (wide && !utf16_from_utf8(path, wide, units)) *wide = 0;
    return wide;
}

static void real_folder_cut_end(WCHAR *path)
{
    for (size_t size = wcslen(path); size && path[size - 1] == '\\';) path[--size] = 0;
}

/* What Windows makes of an absolute path, with the prefix of long ones. It takes ".." for the
 * folder above by the text alone. */
static WCHAR *real_folder_full(const char *path)
{
    WCHAR *wide = real_folder_wide(path), *out = NULL;
    DWORD room = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;

    if (room && (out = calloc(room + LONG_UNC_SIZE, sizeof *out))) {
        WCHAR *full = out + LONG_UNC_SIZE;
        DWORD size = GetFullPathNameW(wide, room, full, NULL);

        if (!size || size >= room) *full = 0;
        if (full[0] != '\\' || full[1] != '\\') {
            wcscpy(out, LONG_PATH);
            memmove(out + LONG_SIZE, full, (wcslen(full) + 1) * sizeof *full);
        } else if ((full[2] == '?' || full[2] == '.') && full[3] == '\\') {
            memmove(out, full, (wcslen(full) + 1) * sizeof *full);
        } else {                        /* "\\server\share": one backslash follows the prefix */
            memcpy(out, LONG_UNC, LONG_UNC_SIZE * sizeof *out);
            memmove(out + LONG_UNC_SIZE, full + 1, wcslen(full) * sizeof *full);
        }
        real_folder_cut_end(out);
    }
    free(wide);
    return out;
}

/* The folder, to ask what it is; a drive's name alone is none. */
static HANDLE real_folder_open(const WCHAR *path)
{
    const DWORD shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    size_t size = wcslen(path);
    WCHAR root[LONG_SIZE + 4];

    if (size < LONG_SIZE + 2) return INVALID_HANDLE_VALUE;
    if (size == LONG_SIZE + 2 && path[size - 1] == ':') {
        wcscpy(root, path);
        wcscat(root, L"\\");
        path = root;
    }
    return CreateFileW(path, FILE_READ_ATTRIBUTES, shared, NULL, OPEN_EXISTING,
                       FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

/* Open the path, or the folder above that is there; `*rest` is what follows that, with its
 * backslash. */
static HANDLE real_folder_open_deepest(WCHAR *path, const WCHAR **rest)
{
    HANDLE handle;

    for (size_t size = wcslen(path); size > LONG_SIZE; size--) {
        WCHAR cut = path[size];

        if (cut && cut != '\\') continue;
        path[size] = 0;
        handle = real_folder_open(path);
        path[size] = cut;
        *rest = path + size;
        if (handle != INVALID_HANDLE_VALUE) return handle;
    }
    return INVALID_HANDLE_VALUE;
}

/* The path of the folder as its file system has it, with `rest` behind; NULL: it does not say. */
static WCHAR *real_folder_final(HANDLE handle, const WCHAR *rest)
{
    DWORD room = GetFinalPathNameByHandleW(handle, NULL, 0, FILE_NAME_NORMALIZED), size;
    WCHAR *out = room ? calloc(room + 1 + wcslen(rest), sizeof *out) : NULL;

    if (!out) return NULL;
    size = GetFinalPathNameByHandleW(handle, out, room + 1, FILE_NAME_NORMALIZED);
    if (!size || size > room) {
        free(out);
        return NULL;
    }
    real_folder_cut_end(out);
    return wcscat(out, rest);
}

char *real_folder_plain(const char *path)
{
    WCHAR *full = real_folder_full(path);
    char *plain = full ? utf16_to_utf8(full) : NULL;

    free(full);
    return plain;
}

char *real_folder_resolve(const char *path)
{
    WCHAR *full = real_folder_full(path), *final = NULL;
    const WCHAR *rest = L"";
    char *result;
    HANDLE handle;

    if (!full) return NULL;
    handle = real_folder_open_deepest(full, &rest);
    if (handle != INVALID_HANDLE_VALUE) {
        final = real_folder_final(handle, rest);
        CloseHandle(handle);
    }
    result = utf16_to_utf8(final ? final : full);
    free(final);
    free(full);
    return result;
}

bool real_folder_identify(const char *plain, struct real_folder_identity *out)
{
    static const FILE_ID_128 none;
    WCHAR *wide = real_folder_wide(plain);
    HANDLE handle = wide ? real_folder_open(wide) : INVALID_HANDLE_VALUE;
    FILE_ID_INFO info;
    bool known = false;

    if (handle != INVALID_HANDLE_VALUE) {
        known = GetFileInformationByHandleEx(handle, FileIdInfo, &info, sizeof info) &&
                memcmp(&info.FileId, &none, sizeof none);
        CloseHandle(handle);
    }
    free(wide);
    if (!known) return false;
    out->volume = info.VolumeSerialNumber;
    memcpy(out->file, &info.FileId, sizeof out->file);
    return true;
}
