/* A desktop of the tests' own, so that no window of theirs meets another test's. */
#ifndef DESKTOP_H
#define DESKTOP_H

#include <windows.h>
#include <stdlib.h>

/* The calling thread's from now on: the one that CERTWITNESS_DESKTOP names. Before it makes its first window. */
static inline void desktop_enter(void)
{
    const WCHAR *name = _wgetenv(L"CERTWITNESS_DESKTOP");
    HDESK desktop = name ? CreateDesktopW(name, NULL, NULL, 0, GENERIC_ALL, NULL) : NULL;

    if (desktop) SetThreadDesktop(desktop);
}

#endif
