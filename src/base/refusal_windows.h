/* The sentence that explains a refusal. Any thread; nothing is allocated. */
#ifndef REFUSAL_WINDOWS_H
#define REFUSAL_WINDOWS_H

#include <windows.h>
#include <stdbool.h>

/* Write the sentence to `why`, cut to `size` characters. Returns `error` as an HRESULT. */
HRESULT refusal(DWORD error, WCHAR *why, size_t size, const WCHAR *format, ...);

/* The same for functions that return bool; returns false. */
bool refused(WCHAR *why, size_t size, const WCHAR *format, ...);

#endif
