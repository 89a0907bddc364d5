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
