#include "command.h"
#include "base/utf16_windows.h"

#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

/* First of all: what Windows loads later, by name, is looked for in System32 alone. It may be run
 * elevated, and from wherever it was unpacked. */
int wmain(int argc, WCHAR **argv)
{
    char **given;

    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    given = calloc((size_t)argc + 1, sizeof *given);
    for (int i = 0; given && i < argc; i++) {
        if ((given[i] = utf16_to_utf8(argv[i]))) continue;
        given = NULL;
    }
    if (!given) {
        fputs("certwitness: there is not enough memory\n", stderr);
        return OUTCOME_CANNOT;
    }
    return program_run(argc, given);            /* the process ends: nothing is freed */
}
