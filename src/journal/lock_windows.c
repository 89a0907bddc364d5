#include "lock_windows.h"

#include "base/error_windows.h"

#include <sddl.h>

#define LOCK_SDDL   L"O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)"
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

static HRESULT open_for_itself(const WCHAR *path, HANDLE *out)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security};
    HRESULT hr;

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(LOCK_SDDL, SDDL_REVISION_1,
                                                              &security.lpSecurityDescriptor, NULL))
        return last_error();
    hr = lock_open_file(path, GENERIC_READ | GENERIC_WRITE, 0, OPEN_ALWAYS, &security, out);
    if (SUCCEEDED(hr))
        SetFileSecurityW(path, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                         security.lpSecurityDescriptor);
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
