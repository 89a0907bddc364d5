/* One value of the registry as it was before it was written, so that a change made of several can be taken back when one of them fails. */
#ifndef UNDO_H
#define UNDO_H

#include <windows.h>

struct undo {
    const WCHAR *name;                  /* the caller's; NULL is the key's default value */
    enum { UNDO_UNTOUCHED, UNDO_ABSENT, UNDO_PRESENT } before;
    BYTE *data;                         /* owned; what a value that was there held, whatever its type and size */
    DWORD type, size;
};

/* Before the value is written or deleted. `key` was opened with KEY_QUERY_VALUE. After failure there is nothing to take back. */
LSTATUS undo_note(HKEY key, const WCHAR *name, struct undo *out);

/* Put the value back as it was. A failure has no remedy: what the caller tells is the failure that made him come here. */
void undo_restore(HKEY key, const struct undo *undo);

void undo_free(struct undo *undo);

#endif
