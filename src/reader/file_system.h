/* Files outside a journal, by UTF-8 paths: file_system_windows.c, file_system_posix.c. */
#ifndef FILE_SYSTEM_H
#define FILE_SYSTEM_H

#include "journal/os.h"

#include <stdio.h>

/* As fopen; errno tells why not. */
FILE *file_open(const char *path, const char *mode);
/* Standard input, read as bytes. */
FILE *file_standard_input(void);
/* A folder below one that is there. S_FALSE: it was there already. */
HRESULT folder_make(const char *path) MUST_CHECK;
bool folder_is(const char *path);
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
