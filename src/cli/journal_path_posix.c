#include "journal_path_system.h"

#include <string.h>

bool journal_path_absolute(const char *path, struct bytes *out)
{
    bytes_add(out, path, strlen(path) + 1);             /* the system knows where we are */
    return *path && !out->failed;
}

void journal_path_candidates(struct bytes *out)
{
    (void)out;
}
