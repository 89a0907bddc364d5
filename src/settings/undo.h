/*
 * The former state of one registry value, so that a change of several values can be undone when
 * one of them fails.
 */
#ifndef UNDO_H
#define UNDO_H

#include <windows.h>

struct undo {
    const WCHAR *name;                  /* borrowed; NULL is the key's default value */
    enum { UNDO_UNTOUCHED, UNDO_ABSENT, UNDO_PRESENT } before;
    BYTE *data;                         /* owned; the former data, of any type and size */
    DWORD type, size;
};

/*
 * Save a value before it is written or deleted. `key` was opened with KEY_QUERY_VALUE. After a
 * failure there is nothing to undo.
 */
LSTATUS undo_note(HKEY key, const WCHAR *name, struct undo *out);

/*
 * Restore the value. A failure cannot be handled: the caller reports the failure that led to the
 * undo.
 */
void undo_restore(HKEY key, const struct undo *undo);

void undo_free(struct undo *undo);

#endif
