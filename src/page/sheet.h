/* The property sheet: its four pages, and what Apply does. */
#ifndef SHEET_H
#define SHEET_H

#include "edits.h"

#include <commctrl.h>

struct sheet {
    const struct target *target;
    bool read_only;
    struct edits edits;
};

/* Show it and return when it is closed. False: it could not be shown. `owner` may be NULL. */
bool sheet_show(const struct target *target, bool read_only, HWND owner);

/* For the pages' procedures. */
struct sheet *sheet_of(HWND page);

/*
 * Handles the messages that are the same on every page: remembers the sheet when the page is made,
 * accepts Apply, turns Esc in a field of several lines into Cancel, and shows the manual for F1 and
 * the Help button. Returns what the page's procedure has to return.
 */
INT_PTR sheet_message(HWND page, UINT message, WPARAM wparam, LPARAM lparam);

/*
 * Handles PSN_APPLY of the first page; the others have nothing to do then. Writes what was typed,
 * makes or removes the scheduled task for RetainDays, and says when the changes take effect. If a
 * text is not valid, its page and field are shown and nothing is written. Returns a PSNRET_ value.
 */
LONG_PTR sheet_apply(HWND page);

/* The pages. */
INT_PTR CALLBACK journal_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);
INT_PTR CALLBACK recording_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);
INT_PTR CALLBACK limits_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);
INT_PTR CALLBACK about_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);

#endif
