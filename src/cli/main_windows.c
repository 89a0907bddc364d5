#include "command.h"
#include "cli/terminal/arguments.h"

#include <windows.h>
#include <stdio.h>

/* First of all: what Windows loads later, by name, is looked for in System32 alone. It may be run
 * elevated, and from wherever it was unpacked. */
int wmain(int argc, WCHAR **argv)
{
    char **given;

    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    given = arguments_to_utf8(argc, argv);
    if (!given) {
        fputs("certwitness: there is not enough memory\n", stderr);
        return OUTCOME_CANNOT;
    }
    return program_run(argc, given);            /* the process ends: nothing is freed */
}
