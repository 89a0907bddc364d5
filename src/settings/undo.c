#include "undo.h"

#include <stdlib.h>

LSTATUS undo_note(HKEY key, const WCHAR *name, struct undo *out)
{
    LSTATUS error = RegQueryValueExW(key, name, NULL, NULL, NULL, &out->size);

    out->name = name;
    if (error == ERROR_FILE_NOT_FOUND) {
        out->before = UNDO_ABSENT;
        return ERROR_SUCCESS;
    }
    if (error) return error;
    out->data = malloc(out->size + 1);                                  /* a value may be empty */
    if (!out->data) return ERROR_NOT_ENOUGH_MEMORY;
    error = RegQueryValueExW(key, name, NULL, &out->type, out->data, &out->size);
    if (!error) out->before = UNDO_PRESENT;
    return error;
}

void undo_restore(HKEY key, const struct undo *undo)
{
    if (undo->before == UNDO_ABSENT) RegDeleteValueW(key, undo->name);
    if (undo->before == UNDO_PRESENT)
        RegSetValueExW(key, undo->name, 0, undo->type, undo->data, undo->size);
}

void undo_free(struct undo *undo)
{
    free(undo->data);
    undo->data = NULL;
}
