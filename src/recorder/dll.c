/* The DLL: its path, and whether it may be unloaded. */
#include "dll.h"

#include <stdlib.h>

static HMODULE instance;
static LONG holds;

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) instance = dll;
    return TRUE;
}

HMODULE dll_instance(void)
{
    return instance;
}

/* GetModuleFileName does not tell how long the path is; it only says when it had to cut it. */
HRESULT dll_path(WCHAR **path)
{
    enum { LONGEST = 0x8000 };          /* in characters, the longest path there is */

    *path = NULL;
    for (DWORD size = MAX_PATH + 1; size <= 2 * LONGEST; size *= 2) {
        WCHAR *text = malloc(size * sizeof *text);
        DWORD length, error;

        if (!text) return E_OUTOFMEMORY;
        length = GetModuleFileNameW(instance, text, size);
        error = GetLastError();
        if (length && length < size) {
            *path = text;
            return S_OK;
        }
        free(text);
        if (!length) return HRESULT_FROM_WIN32(error);
    }
    return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
}

void dll_hold(void)
{
    InterlockedIncrement(&holds);
}

void dll_let_go(void)
{
    InterlockedDecrement(&holds);
}

HRESULT WINAPI DllCanUnloadNow(void)
{
    return InterlockedCompareExchange(&holds, 0, 0) ? S_FALSE : S_OK;
}
