/* Values in the registry of the machine that are written together: each can be taken back. */
#ifndef CHANGES_H
#define CHANGES_H

#include <windows.h>

struct changes;

/* NULL: there is not enough memory. */
struct changes *changes_begin(void);

/*
 * Write a value of the key `root` followed by `below`, below HKLM; the key is made if it is
 * missing. What was there is noted first. At most 32 values. After a failure the caller ends the
 * changes with it.
 */
LSTATUS changes_write(struct changes *changes, const WCHAR *root, const WCHAR *below,
                      const WCHAR *name, DWORD type, const void *data, DWORD size);
LSTATUS changes_write_text(struct changes *changes, const WCHAR *root, const WCHAR *below,
                           const WCHAR *name, DWORD type, const WCHAR *text);

/* Frees them. If `error` is not 0, everything is restored as it was before changes_begin. */
void changes_end(struct changes *changes, LSTATUS error);

#endif
