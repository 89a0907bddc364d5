/*
 * Paths of folders as the system sees them. Implemented in real_folder_posix.c and
 * real_folder_windows.c.
 *
 * A plain path has one separator before each name, none at its end, no "." and no "..": "/srv/a",
 * "" (the root), "\\?\C:\a", "\\?\C:", "\\?\UNC\server\share\a".
 */
#ifndef REAL_FOLDER_SYSTEM_H
#define REAL_FOLDER_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

struct real_folder_identity {
    uint64_t volume;
    uint8_t file[16];
};

extern const char real_folder_separator;
extern const bool real_folder_any_case; /* names that differ in case alone are one */

/* The plain form of an absolute path, from its text alone; NULL: no memory. The caller frees it. */
char *real_folder_plain(const char *path);

/*
 * The plain path without links to which an absolute path leads; names that are not there, or may
 * not be looked at, are kept. May block for as long as a file system does. NULL: no memory. The
 * caller frees it.
 */
char *real_folder_resolve(const char *path);

/* False: there is no such folder, or the file system does not say which it is. Blocks likewise. */
bool real_folder_identify(const char *plain, struct real_folder_identity *out);

#endif
