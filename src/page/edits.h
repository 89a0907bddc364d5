/*
 * What has been typed into the sheet and is not written yet, beside what is in force.
 *
 * One text for each setting, as settings_check takes it. Nothing here shows anything; the sheet's
 * one thread uses it.
 */
#ifndef EDITS_H
#define EDITS_H

#include "target.h"

struct edit {
    WCHAR was[SETTINGS_LIST_MAX], text[SETTINGS_LIST_MAX]; /* a list has CR LF between its items */
    bool typed;                     /* somebody has touched it since it was read */
    WCHAR found[SETTINGS_TEXT_MAX]; /* what stands in the registry and was refused; "" */
};

struct edits {
    const struct target *target;
    struct settings in_force;                                           /* when they were read */
    bool unreadable; /* the key could not be opened: these are the defaults */
    struct edit of[SETTINGS_COUNT];
};

/* Read what is in force. What was typed is forgotten. Another machine's journal folder is given as
 * its registry spells it. */
void edits_read(struct edits *edits, const struct target *target);

void edits_type(struct edits *edits, enum setting_id id, const WCHAR *text);

/* Whether a text differs from what stands in the registry, so that it will be written. */
bool edits_changed(const struct edits *edits, enum setting_id id);
bool edits_any_changed(const struct edits *edits);

/* Whether the recorder will take the text, all its items included. Else `why` says what would be
 * right. */
bool edits_check(const struct edits *edits, enum setting_id id, WCHAR why[SETTINGS_TEXT_MAX]);

/*
 * Write all that changed, or nothing (settings_write); a default's value is removed instead. Then
 * what is in force is read again. After failure `why` says in a sentence what cannot be, and all is
 * as it was.
 */
HRESULT edits_write(struct edits *edits, WCHAR why[SETTINGS_TEXT_MAX]);

#endif
