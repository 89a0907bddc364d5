#include "changes.h"

#include "settings/undo.h"

#include <stdbool.h>
#include <stdlib.h>
#include <wchar.h>

/* the longest key of ours has 90 characters */
enum { KEY_LENGTH = 128, VALUES_MAX = 32 };

/* One value as it was before we wrote it. */
struct change {
    WCHAR key[KEY_LENGTH];
    bool key_is_new;
    struct undo undo;                   /* owned */
};

struct changes {
    struct change made[VALUES_MAX];
    size_t count;
};

struct changes *changes_begin(void)
{
    return calloc(1, sizeof(struct changes));
}

LSTATUS changes_write(struct changes *changes, const WCHAR *root, const WCHAR *below,
                      const WCHAR *name, DWORD type, const void *data, DWORD size)
{
    struct change *change = &changes->made[changes->count];
    DWORD disposition;
    LSTATUS error;
    HKEY key;

    if (changes->count == VALUES_MAX) return ERROR_NOT_ENOUGH_MEMORY;
    swprintf(change->key, KEY_LENGTH, L"%ls%ls", root, below);
    error = RegCreateKeyExW(HKEY_LOCAL_MACHINE, change->key, 0, NULL, 0,
                            KEY_QUERY_VALUE | KEY_SET_VALUE, NULL, &key, &disposition);
    if (error) return error;
    changes->count++; /* from here on there is something to take back: the key may be new */
    change->key_is_new = disposition == REG_CREATED_NEW_KEY;
    error = undo_note(key, name, &change->undo);
    if (!error) error = RegSetValueExW(key, name, 0, type, data, size);
    RegCloseKey(key);
    return error;
}

LSTATUS changes_write_text(struct changes *changes, const WCHAR *root, const WCHAR *below,
                           const WCHAR *name, DWORD type, const WCHAR *text)
{
    return changes_write(changes, root, below, name, type, text,
                         (DWORD)((wcslen(text) + 1) * sizeof *text));
}

/* A failure here leaves nothing to be done about it: the first one is what the caller hears of. */
static void changes_take_back(const struct change *change)
{
    HKEY key;

    if (change->key_is_new) {
        RegDeleteKeyW(HKEY_LOCAL_MACHINE, change->key); /* what we put below it went before */
        return;
    }
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, change->key, 0, KEY_SET_VALUE, &key)) return;
    undo_restore(key, &change->undo);
    RegCloseKey(key);
}

void changes_end(struct changes *changes, LSTATUS error)
{
    while (changes->count) {
        struct change *change = &changes->made[--changes->count];

        if (error) changes_take_back(change);
        undo_free(&change->undo);
    }
    free(changes);
}
