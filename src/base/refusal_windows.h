/* Writes the sentence that says why something is refused. Any thread; nothing is allocated. */
#ifndef REFUSAL_WINDOWS_H
#define REFUSAL_WINDOWS_H

#include <windows.h>
#include <stdbool.h>

/* Put the sentence into the `size` characters at `why`, cut to what they hold; returns `error` as an HRESULT. */
HRESULT refusal(DWORD error, WCHAR *why, size_t size, const WCHAR *format, ...);

/* The same, where the answer is a bool; returns false. */
bool refused(WCHAR *why, size_t size, const WCHAR *format, ...);

#endif
