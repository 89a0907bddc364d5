#include "refusal_windows.h"

#include <stdarg.h>
#include <wchar.h>

static void refusal_put(WCHAR *why, size_t size, const WCHAR *format, va_list arguments)
{
    vswprintf(why, size, format, arguments);
    why[size - 1] = 0;                  /* vswprintf does not end a text that it had to cut */
}

HRESULT refusal(DWORD error, WCHAR *why, size_t size, const WCHAR *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    refusal_put(why, size, format, arguments);
    va_end(arguments);
    return HRESULT_FROM_WIN32(error);
}

bool refused(WCHAR *why, size_t size, const WCHAR *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    refusal_put(why, size, format, arguments);
    va_end(arguments);
    return false;
}
