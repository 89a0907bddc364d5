/* A field of a page for one setting: its text is checked at every key, and the reason is shown
 * beside it. */
#ifndef FIELD_H
#define FIELD_H

#include "sheet.h"

struct field {
    enum setting_id id;
    int edit, reason;                   /* controls of the page */
    const WCHAR
        *hint; /* shown in place of a reason while the text is valid; NULL: range and default */
};

/* When the page is made. */
void field_show(HWND page, const struct field *field);

/* On EN_CHANGE of its edit. */
void field_typed(HWND page, const struct field *field);

/* Show in `control` why the setting's text is not valid, which value of the registry is not, or
 * else the hint. */
void field_judge(HWND page, enum setting_id id, int control, const WCHAR *hint);

/* Mark the sheet as changed, or not. */
void field_mark(HWND page);

#endif
