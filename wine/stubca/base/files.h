/*
 * Reading and writing of files. Paths are UTF-8; relative paths start at the current directory;
 * both kinds of slash are accepted.
 */
#ifndef STUBCA_FILES_H
#define STUBCA_FILES_H

#include "reason.h"

/*
 * Read a whole file of at most `limit` bytes. The caller frees `*data`, which has a NUL after it.
 */
HRESULT file_read(const char *path, size_t limit, char **data, size_t *size, struct reason *reason);

/*
 * Write a file, or DER as PEM ("-----BEGIN label-----"). The file gets its name only when it is
 * complete, replacing an existing one, so a program that finds the name always finds the whole
 * file.
 */
HRESULT file_write(const char *path, const void *data, size_t size, struct reason *reason);
HRESULT file_write_pem(const char *path, const char *label, const void *der, size_t size,
                       struct reason *reason);

/* Remove a file, which might be mistaken for a new one. A file that cannot be removed stays. */
void file_remove(const char *path);

/* Create the folder and the missing ones above it; S_OK if it exists already. */
HRESULT folder_make(const char *path, struct reason *reason);

#endif
