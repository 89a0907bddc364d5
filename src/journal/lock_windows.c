#include "lock_windows.h"

#include "base/error_windows.h"
#include "base/folder_guard_windows.h"

#include <sddl.h>
#include <wchar.h>

#define LOCK_SDDL   L"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)"
/* Of a folder that is a service's own. The service may not give a file to Administrators. */
#define LOCK_SDDL_OF_SERVICE L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;%ls)"
#define LOCK_BYTE   0x40000000

static HRESULT hold_byte(HANDLE lock, DWORD flags)
{
    OVERLAPPED where = {.Offset = LOCK_BYTE};
    HRESULT hr = S_OK;

    if (!LockFileEx(lock, LOCKFILE_FAIL_IMMEDIATELY | flags, 0, 1, 0, &where)) hr = last_error();
    if (hr != HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION) &&
        hr != HRESULT_FROM_WIN32(ERROR_IO_PENDING))
        return hr;
    return HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
}

static HRESULT lock_open_file(const WCHAR *path, DWORD access, DWORD share, DWORD disposition,
                         SECURITY_ATTRIBUTES *security, HANDLE *out)
{
    *out = CreateFileW(path, access, share, security, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
    if (*out != INVALID_HANDLE_VALUE) return S_OK;
    *out = NULL;
    return last_error();
}

static HRESULT lock_describe(PSECURITY_DESCRIPTOR *out)
{
    WCHAR *account = NULL, sddl[256] = LOCK_SDDL;

    if (folder_guard_trusted()) {
        if (!ConvertSidToStringSidW(folder_guard_trusted(), &account)) return last_error();
        swprintf(sddl, ARRAYSIZE(sddl), LOCK_SDDL_OF_SERVICE, account);
        LocalFree(account);
    }
    return ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, out, NULL)
               ? S_OK
               : last_error();
}

static HRESULT open_for_itself(const WCHAR *path, HANDLE *out)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    SECURITY_INFORMATION which = DACL_SECURITY_INFORMATION;
    HRESULT hr = lock_describe(&security.lpSecurityDescriptor);

    if (FAILED(hr)) return hr;
    if (!folder_guard_trusted()) which |= OWNER_SECURITY_INFORMATION;
    hr = lock_open_file(path, GENERIC_READ | GENERIC_WRITE, 0, OPEN_ALWAYS, &security, out);
    if (SUCCEEDED(hr))
        SetFileSecurityW(path, which, security.lpSecurityDescriptor);
    LocalFree(security.lpSecurityDescriptor);
    return hr;
}

/*
 * Best with nobody beside us; where somebody reads the file at that moment, and lets others read,
 * beside him: a second writer then finds the byte held. One of 0.1.0 knows no byte, has the file
 * for itself, and is refused where we have it.
 */
HRESULT lock_take(const WCHAR *path, HANDLE *out)
{
    HRESULT hr;

    *out = NULL;
    hr = open_for_itself(path, out);
    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        hr = lock_open_file(path, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, NULL, out);
    if (FAILED(hr)) return hr;
    if (SUCCEEDED(hr = hold_byte(*out, LOCKFILE_EXCLUSIVE_LOCK))) return S_OK;
    CloseHandle(*out);
    *out = NULL;
    return hr;
}

HRESULT lock_is_free(HANDLE lock)
{
    return hold_byte(lock, 0);
}
