#include "arguments.h"

#include "base/utf16_windows.h"

#include <stdlib.h>

char **arguments_to_utf8(int argc, WCHAR **argv)
{
    char **given = calloc((size_t)argc + 1, sizeof *given);

    for (int i = 0; given && i < argc; i++) {
        if ((given[i] = utf16_to_utf8(argv[i]))) continue;
        while (i--) free(given[i]);
        free(given);
        return NULL;
    }
    return given;
}
