/* A folder of its own for a journal, below build/tmp: natively and under Wine. */
#ifndef FRESH_FOLDER_H
#define FRESH_FOLDER_H

#include "lib/test.h"
#include "base/os.h"

#include <stdio.h>
#include <unistd.h>

#define FRESH_FOLDER_SIZE 600

/* An absolute path that nobody else has, where nothing is yet; `label` is a part of its name. */
static inline const char *fresh_folder(char path[FRESH_FOLDER_SIZE], const char *label)
{
    static unsigned count;
    char here[400] = "", guid[37] = "";

    check(getcwd(here, sizeof here) != NULL);
    check_hr(os_guid(guid), S_OK);
    snprintf(path, FRESH_FOLDER_SIZE, "%s/build/tmp/%s-%s-%u", here, label, guid, ++count);
#ifdef _WIN32
    for (char *c = path; *c; c++) if (*c == '/') *c = '\\';
#endif
    return path;
}

#endif
