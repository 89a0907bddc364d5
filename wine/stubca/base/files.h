/*
 * Files that come in and go out. Paths are UTF-8, relative ones start at the current directory; both slashes will do.
 */
#ifndef STUBCA_FILES_H
#define STUBCA_FILES_H

#include "reason.h"

/* A whole file of at most `limit` bytes; the caller frees `*data`, which has a NUL behind it. */
HRESULT file_read(const char *path, size_t limit, char **data, size_t *size, struct reason *reason);

/* Write DER as PEM ("-----BEGIN label-----"). It gets its name only when it is whole, and then replaces what was there:
 * whoever finds a file of that name finds all of it. */
HRESULT file_write_pem(const char *path, const char *label, const void *der, size_t size, struct reason *reason);

/* See that there is no file of that name, which might be taken for one of today. What cannot be removed stays. */
void file_remove(const char *path);

/* The folder, and those above it; S_OK where it is there already. */
HRESULT folder_make(const char *path, struct reason *reason);

#endif
