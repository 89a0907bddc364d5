/* The manual, beside the program: one HTML page, shown by the program that shows web pages. */
#ifndef HELP_H
#define HELP_H

#include <windows.h>

/*
 * Show the manual at `anchor`, an id in manual.html. The file is beside this DLL, or, as in the
 * ZIP, one folder up if this DLL is in a folder "bin". If it is missing, or no program can show it,
 * a box of `owner` says so and where it should be.
 */
void help_show(HWND owner, const WCHAR *anchor);

#endif
