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
/* errno as an HRESULT. */
HRESULT file_error(void);

#endif
