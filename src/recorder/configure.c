#include "configure.h"

#include "dll.h"
#include "recorder.h"
#include "version.h"

#include "registration/page_door.h"
#include "base/refusal_windows.h"

#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

_Static_assert(PAGE_WHY_MAX == CONFIGURE_WHY_MAX, "the page's sentence fits");

/* Before anything is loaded: session 0 is the services', and where events are recorded the CA runs.
 */
static bool is_service(void)
{
    DWORD session = 0;

    return recorder_is_running() ||
           (ProcessIdToSessionId(GetCurrentProcessId(), &session) && session == 0);
}

/* In the folder of our own file. The caller frees it; NULL: it cannot be determined. */
static WCHAR *page_path(void)
{
    WCHAR *own, *path = NULL, *name;

    if (FAILED(dll_path(&own))) return NULL;
    if ((name = wcsrchr(own, '\\'))) {
        name[1] = 0;
        path = malloc((wcslen(own) + ARRAYSIZE(PAGE_FILE)) * sizeof *path);
    }
    if (path) wcscat(wcscpy(path, own), PAGE_FILE);
    free(own);
    return path;
}

/* Its imports come from System32 only: not from the current folder, not from PATH. */
static HRESULT configure_load(HMODULE *page, WCHAR *why)
{
    WCHAR *path = page_path();
    DWORD error;

    *page = NULL;
    if (!path)
        return refusal(ERROR_NOT_ENOUGH_MEMORY, why, CONFIGURE_WHY_MAX,
                       L"The folder of certwitness.dll cannot be told.");
    *page = LoadLibraryExW(path, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    error = GetLastError();
    if (!*page)
        refusal(error, why, CONFIGURE_WHY_MAX,
                L"CertWitness's page cannot be loaded from %.600ls (error %lu). It belongs beside "
                L"certwitness.dll: install both from one "
                L"package. Settings can be changed without it, by \"certutil -setreg "
                L"exit\\CertWitness.Exit\\NAME VALUE\".",
                path, error);
    free(path);
    return *page ? S_OK : HRESULT_FROM_WIN32(error);
}

HRESULT configure_show(const WCHAR *config, const WCHAR *storage, ULONG_PTR owner, bool read_only,
                       WCHAR why[CONFIGURE_WHY_MAX])
{
    const struct page_request request = {L"" CERTWITNESS_VERSION, config, storage, owner,
                                         read_only};
    page_show *show;
    HMODULE page;
    HRESULT hr;

    why[0] = 0;
    if (is_service())
        return refusal(ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION, why, CONFIGURE_WHY_MAX,
                       L"CertWitness shows no window inside the CA's service, or any other. Open "
                       L"its page in the "
                       L"CA's snap-in, certsrv.msc.");
    if (FAILED(hr = configure_load(&page, why))) return hr;
    if ((show = (page_show *)(void *)GetProcAddress(page, PAGE_EXPORT))) hr = show(&request, why);
    else
        hr = refusal(ERROR_PROC_NOT_FOUND, why, CONFIGURE_WHY_MAX,
                     L"The file certwitness_page.dll beside certwitness.dll is not CertWitness's, "
                     L"or not of version %ls. Install both "
                     L"from one package.",
                     L"" CERTWITNESS_VERSION);
    FreeLibrary(page);
    return hr;
}

/* Without a fault, whatever the pointer is: a VARIANT may be of another type than it says. */
static bool configure_peek(const void *from, void *to, size_t size)
{
    SIZE_T got = 0;

    return from && ReadProcessMemory(GetCurrentProcess(), from, to, size, &got) && got == size;
}

/* A handle of `size` bytes. They have 32 bits that count, sign-extended. */
static ULONG_PTR of_bytes(const void *from, size_t size)
{
    ULONG_PTR handle = 0;
    LONG narrow;

    if (size == sizeof handle) return configure_peek(from, &handle, size) ? handle : 0;
    return size == sizeof narrow && configure_peek(from, &narrow, size)
               ? (ULONG_PTR)(LONG_PTR)narrow
               : 0;
}

static ULONG_PTR of_bstr(const void *at)
{
    const BYTE *text;
    UINT size;                          /* in bytes, before the text */

    return configure_peek(at, &text, sizeof text) && text &&
                   configure_peek(text - sizeof size, &size, sizeof size)
               ? of_bytes(text, size)
               : 0;
}

static ULONG_PTR of_array(const void *at)
{
    const SAFEARRAY *there;
    SAFEARRAY array;

    if (!configure_peek(at, &there, sizeof there) || !configure_peek(there, &array, sizeof array) ||
        array.cDims != 1 || array.cbElements != 1)
        return 0;
    return of_bytes(array.pvData, array.rgsabound[0].cElements);
}

/* The value where `at` points, of a type without VT_BYREF. */
static ULONG_PTR of_value(VARTYPE type, const void *at)
{
    switch (type) {
    case VT_I4: case VT_UI4: case VT_INT: case VT_UINT: return of_bytes(at, sizeof(LONG));
    case VT_I8: case VT_UI8:                            return of_bytes(at, sizeof(LONGLONG));
    case VT_BSTR:                                       return of_bstr(at);
    case VT_ARRAY | VT_UI1:                             return of_array(at);
    default:                                            return 0;
    }
}

ULONG_PTR configure_owner(const VARIANT *value)
{
    VARTYPE type = V_VT(value);
    VARIANT inner;

    if (!(type & VT_BYREF)) return of_value(type, &V_I8(value));
    if (type != (VT_VARIANT | VT_BYREF)) return of_value(type & ~VT_BYREF, V_BYREF(value));
    return configure_peek(V_BYREF(value), &inner, sizeof inner)
               ? of_value(V_VT(&inner), &V_I8(&inner))
               : 0; /* once is enough */
}
