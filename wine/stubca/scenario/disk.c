/* The disk under the modules' files. */
#include "disk.h"

#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *word, *file;
} states[] = {{"stall", "stall"}, {"full", "enospc"}, {"failing", "eio"}};

static bool changed;

/* The folder of the shim's switches. The caller frees; NULL: there is no shim. */
static char *control(void)
{
    WCHAR folder[MAX_PATH] = L"", shim[MAX_PATH] = L"";
    DWORD size = GetEnvironmentVariableW(L"SHIM_CONTROL", folder, MAX_PATH);
    DWORD loaded = GetEnvironmentVariableW(L"LD_PRELOAD", shim, MAX_PATH);

    return size && size < MAX_PATH && loaded ? text_utf8(folder) : NULL;
}

static DWORD switch_file(const char *folder, const char *name, bool on)
{
    char *path = text_format("%s/%s", folder, name);
    WCHAR *wide = text_wide(path);
    DWORD error = ERROR_SUCCESS;
    HANDLE file;

    if (on) {
        file = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                           CREATE_ALWAYS, 0, NULL);
        if (file == INVALID_HANDLE_VALUE) error = GetLastError();
        else CloseHandle(file);
    } else if (!DeleteFileW(wide) && GetLastError() != ERROR_FILE_NOT_FOUND) {
        error = GetLastError();
    }
    free(wide);
    free(path);
    return error;
}

/* What is to hold is there before the rest goes: between two kinds of trouble nothing slips
 * through. */
static DWORD make(const char *folder, const char *word)
{
    DWORD error = ERROR_SUCCESS;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < ARRAYSIZE(states) && !error; i++) {
            bool on = !strcmp(states[i].word, word);

            if (on == !pass) error = switch_file(folder, states[i].file, on);
        }
    }
    return error;
}

HRESULT disk_make(const char *word, struct reason *reason)
{
    char *folder = control();
    HRESULT hr;

    if (!folder) {
        return text_reason(reason, HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED),
                           "the disk is out of reach: expected the shim of "
                           "tests/shim/disk.c in LD_PRELOAD, and SHIM_CONTROL to name its folder");
    }
    changed = true;
    hr = HRESULT_FROM_WIN32(make(folder, word));
    if (FAILED(hr))
        text_reason(reason, hr, "the shim cannot be told: %s cannot be written (0x%08lx)", folder,
                    (unsigned long)hr);
    free(folder);
    return hr;
}

void disk_back_to_normal(void)
{
    struct reason ignored;

    if (changed) disk_make("normal", &ignored);
    changed = false;
}
