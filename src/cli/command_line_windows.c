#include "command_line.h"

#include "cli/terminal/console.h"

#include <string.h>

const bool command_line_has_slashes = true;

bool command_line_mend(char *path)
{
    char *quote = strchr(path, '"');

    if (!quote) return true;
    if (!quote[1] && quote > path) {
        *quote = '\\';
        return true;
    }
    console_note("\"%s\" was read as one argument, because a backslash in front of a quotation "
                 "mark keeps Windows from ending it there. "
                 "Type the path without a backslash at its end: \"%.*s\"",
                 path, (int)(quote - path), path);
    return false;
}
