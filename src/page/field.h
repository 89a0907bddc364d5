/* A field of a page in which a setting is typed: its text is checked at every key, and the reason stands beside it. */
#ifndef FIELD_H
#define FIELD_H

#include "sheet.h"

struct field {
    enum setting_id id;
    int edit, reason;                   /* controls of the page */
    const WCHAR *hint;                  /* what stands in the reason's place while the text is right; NULL: range and default */
};

/* When the page is made. */
void field_show(HWND page, const struct field *field);

/* On EN_CHANGE of its edit. */
void field_typed(HWND page, const struct field *field);

/* Say in `control` what is wrong with the setting's text as it is typed, what stands wrong in the registry, or else the hint. */
void field_judge(HWND page, enum setting_id id, int control, const WCHAR *hint);

/* Mark the sheet as changed, or not. */
void field_mark(HWND page);

#endif
