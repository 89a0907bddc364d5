/*
 * Files outside a journal, by UTF-8 paths. Implemented in file_system_windows.c and
 * file_system_posix.c.
 */
#ifndef FILE_SYSTEM_H
#define FILE_SYSTEM_H

#include "os.h"

#include <stdio.h>

/* Windows error codes that os.h does not define. */
#ifndef ERROR_DIRECTORY
#define ERROR_DIRECTORY     267
#define ERROR_INVALID_OWNER 1307
#define ERROR_INVALID_ACL   1336
#endif
#ifndef ERROR_NOT_FOUND
#define ERROR_NOT_FOUND 1168
#endif
#ifndef ERROR_REPARSE_POINT_ENCOUNTERED
#define ERROR_REPARSE_POINT_ENCOUNTERED 4395
#endif

/* As fopen; on failure errno is set. */
FILE *file_open(const char *path, const char *mode);
/* Standard input, read as bytes. */
FILE *file_standard_input(void);
/*
 * Create a file that only its owner can access; in a folder made by folder_make, everyone with
 * access to the folder can. An existing plain file with a single name is replaced: it is neither
 * opened nor written to. Anything else of that name is an error: NULL and errno, EMLINK if it is a
 * link or has several names.
 */
FILE *file_create(const char *path);
/*
 * True if the path is a link of any kind, a file with several names, or neither a file nor a
 * folder.
 */
bool file_is_odd(const char *path);
/*
 * Create a folder, below an existing one, that only its owner can access; on Windows: SYSTEM,
 * Administrators, and the creating account if it is not an administrator. S_FALSE: the folder
 * exists and no other account has access. On Windows it cannot be moved until the program ends.
 *
 * ERROR_REPARSE_POINT_ENCOUNTERED: the path is a link. ERROR_INVALID_OWNER: the folder has another
 * owner. ERROR_INVALID_ACL: another account may write to it.
 */
HRESULT folder_make(const char *path) MUST_CHECK;
/* Set `*empty` if the folder contains nothing, hidden files included. */
HRESULT folder_is_empty(const char *path, bool *empty) MUST_CHECK;
/* Let everyone read a file of file_create, and only its owner write it; on Windows it stays as its
 * folder has it. */
HRESULT file_let_read(FILE *file) MUST_CHECK;
/*
 * Hold a file that stands for another one: as long as it is held, no other process gets it, nor
 * does this one. It is made where it is not there, and stays, empty. Does not wait.
 * ERROR_SHARING_VIOLATION: it is held. On success file_let_go has to follow; the end of the process
 * lets go, too.
 */
HRESULT file_hold(const char *path, intptr_t *held) MUST_CHECK;
void file_let_go(intptr_t held);
/* Write the file's data through to disk. */
HRESULT file_flush(FILE *file) MUST_CHECK;
/*
 * Rename the file `from` to `to` in the same folder, replacing an existing file. The new name is
 * on disk when this returns.
 */
HRESULT file_replace(const char *from, const char *to) MUST_CHECK;
HRESULT file_remove(const char *path);
/* errno as an HRESULT. */
HRESULT file_error(void);

#endif
