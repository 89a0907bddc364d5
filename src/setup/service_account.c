#include "service_account.h"

#include "base/error_windows.h"

#include <string.h>
#include <wchar.h>

HRESULT service_account_sid(const WCHAR *name, BYTE out[SECURITY_MAX_SID_SIZE])
{
    SID_IDENTIFIER_AUTHORITY authority = {SECURITY_NT_AUTHORITY};
    size_t size = wcslen(name);
    WCHAR capitals[81];
    uint8_t digest[20];
    HRESULT hr;

    if (size >= ARRAYSIZE(capitals)) return E_INVALIDARG;
    for (size_t i = 0; i <= size; i++)
        capitals[i] = name[i] >= 'a' && name[i] <= 'z' ? (WCHAR)(name[i] - 0x20) : name[i];
    if (FAILED(hr = os_sha1(capitals, size * sizeof *capitals, digest))) return hr;
    if (!InitializeSid(out, &authority, 6)) return last_error();
    *GetSidSubAuthority(out, 0) = SECURITY_SERVICE_ID_BASE_RID;
    for (DWORD i = 0; i < 5; i++) memcpy(GetSidSubAuthority(out, i + 1), digest + 4 * i, 4);
    return S_OK;
}
