/* Type information out of the program's own type library. */
#include "type_info.h"

#include <oleauto.h>

static SRWLOCK lock = SRWLOCK_INIT;
static ITypeLib *library;               /* for as long as the program runs */

static HRESULT open_library(void)
{
    WCHAR path[MAX_PATH + 1];
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);
    HRESULT hr = S_OK;

    if (!length || length == MAX_PATH) return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    AcquireSRWLockExclusive(&lock);
    if (!library) hr = LoadTypeLibEx(path, REGKIND_NONE, &library);
    ReleaseSRWLockExclusive(&lock);
    return hr;
}

HRESULT type_info(const IID *iid, ITypeInfo **info)
{
    HRESULT hr;

    *info = NULL;
    if (FAILED(hr = open_library())) return hr;
    return ITypeLib_GetTypeInfoOfGuid(library, iid, info);
}

void type_library_unregister(void)
{
    static const GUID ours = {
        0x91686ca5, 0x803d, 0x48ce, {0xbe, 0x62, 0x20, 0x0d, 0x98, 0xb8, 0x86, 0xc4}};
    static const WCHAR name[] = L"stubca.exe",
                       key[] = L"TypeLib\\{91686CA5-803D-48CE-BE62-200D98B886C4}\\1.0\\0\\win64";
    WCHAR path[MAX_PATH];
    DWORD size = sizeof path;
    size_t length;

    if (RegGetValueW(HKEY_CLASSES_ROOT, key, NULL, RRF_RT_REG_SZ, NULL, path, &size)) return;
    length = wcslen(path);
    if (length < wcslen(name) || _wcsicmp(path + length - wcslen(name), name)) return;
    UnRegisterTypeLib(&ours, 1, 0, LOCALE_NEUTRAL, SYS_WIN64);
}
