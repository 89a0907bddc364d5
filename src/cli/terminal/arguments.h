/* A program's arguments on Windows, in UTF-8. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <windows.h>

/* The `argc` arguments of wmain, and NULL after them. They belong to the caller, who keeps them
 * until the process ends. NULL if memory is short. */
char **arguments_to_utf8(int argc, WCHAR **argv);

#endif
