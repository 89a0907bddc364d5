/* The error of the last Windows call as an HRESULT. Call it before any other Windows function. */
#ifndef ERROR_WINDOWS_H
#define ERROR_WINDOWS_H

#include <windows.h>

static inline HRESULT last_error(void)
{
    DWORD code = GetLastError();

    return code ? HRESULT_FROM_WIN32(code) : E_FAIL;
}

#endif
