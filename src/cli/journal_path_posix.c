#include "journal_path.h"
#include "journal_path_system.h"

#include "cli/terminal/console.h"

#include <stdlib.h>
#include <string.h>

bool journal_path_absolute(const char *path, struct bytes *out)
{
    bytes_add(out, path, strlen(path) + 1); /* the system knows where we are */
    return *path && !out->failed;
}

void journal_path_whole(const char *path, struct bytes *out)
{
    char *whole = realpath(path, NULL);

    if (whole) bytes_add_text(out, whole);
    else out->failed = true;
    free(whole);
}

bool journal_path_of_machine(const char *ca, struct bytes *path)
{
    (void)path;
    if (ca)
        console_note("--ca names a CA of the Windows machine that the program runs on; here, name "
                     "the journal's folder instead");
    else console_note("name the folder that the journal is in");
    return false;
}

bool journal_path_note_empty(const char *path)
{
    (void)path;
    return false;
}
