#include "command.h"

#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

static char *utf8(const WCHAR *text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *out = size > 0 ? malloc((size_t)size) : NULL;

    if (out) WideCharToMultiByte(CP_UTF8, 0, text, -1, out, size, NULL, NULL);
    return out;
}

/* First of all: what Windows loads later, by name, is looked for in System32 alone. It may be run elevated, and from wherever it was unpacked. */
int wmain(int argc, WCHAR **argv)
{
    char **given;

    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    given = calloc((size_t)argc + 1, sizeof *given);
    for (int i = 0; given && i < argc; i++) {
        if ((given[i] = utf8(argv[i]))) continue;
        given = NULL;
    }
    if (!given) {
        fputs("certwitness: there is not enough memory\n", stderr);
        return OUTCOME_CANNOT;
    }
    return program_run(argc, given);            /* the process ends: nothing is freed */
}
