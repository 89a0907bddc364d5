/* Files outside a journal, by UTF-8 paths: file_system_windows.c, file_system_posix.c. */
#ifndef FILE_SYSTEM_H
#define FILE_SYSTEM_H

#include "os.h"

#include <stdio.h>

/* Windows' codes that os.h has no need of. */
#ifndef ERROR_DIRECTORY
#define ERROR_DIRECTORY     267
#define ERROR_INVALID_OWNER 1307
#define ERROR_INVALID_ACL   1336
#endif
#ifndef ERROR_REPARSE_POINT_ENCOUNTERED
#define ERROR_REPARSE_POINT_ENCOUNTERED 4395
#endif

/* As fopen; errno tells why not. */
FILE *file_open(const char *path, const char *mode);
/* Standard input, read as bytes. */
FILE *file_standard_input(void);
/*
 * A new file for its owner alone, or in a folder of folder_make's for those that the folder is for. What has the name already is neither opened nor
 * written to, but a plain file with no other name makes way: NULL and errno otherwise, EMLINK where it is a link, or one of several names.
 */
FILE *file_create(const char *path);
/* What has that name is a link of any kind, a file with several names, or neither file nor folder. */
bool file_is_odd(const char *path);
/*
 * A folder for its owner alone, below one that is there; on Windows for SYSTEM and Administrators, and whoever makes it without being one. S_FALSE: it
 * was there already, and is nobody else's. Windows keeps it where it is until the program ends.
 *
 * ERROR_REPARSE_POINT_ENCOUNTERED: what is there is a link. ERROR_INVALID_OWNER, ERROR_INVALID_ACL: a folder that somebody else owns, or may write to.
 */
HRESULT folder_make(const char *path) MUST_CHECK;
/* Whether nothing lies in a folder, hidden files included. */
HRESULT folder_is_empty(const char *path, bool *empty) MUST_CHECK;
/* What was written to the file is on disk. */
HRESULT file_flush(FILE *file) MUST_CHECK;
/* Give the file `from` the name `to`, in the same folder, in place of what has that name; on disk when this returns. */
HRESULT file_replace(const char *from, const char *to) MUST_CHECK;
HRESULT file_remove(const char *path);
/* errno as an HRESULT. */
HRESULT file_error(void);

#endif
