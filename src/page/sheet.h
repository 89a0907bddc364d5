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
 * What every page does with messages that are not its own: remembers its sheet when it is made, says that Apply is done, turns Esc in a
 * field of several lines into Cancel. The answer of the page's procedure.
 */
INT_PTR sheet_message(HWND page, UINT message, WPARAM wparam, LPARAM lparam);

/* Write what was typed, have the schedule follow RetainDays, and say when it takes effect, for PSN_APPLY of the first page: the others have nothing to do then. Where a text is
 * wrong its page and field are brought up and nothing is written. The answer is a PSNRET_ value. */
LONG_PTR sheet_apply(HWND page);

/* The pages. */
INT_PTR CALLBACK journal_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);
INT_PTR CALLBACK recording_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);
INT_PTR CALLBACK limits_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);
INT_PTR CALLBACK about_page(HWND page, UINT message, WPARAM wparam, LPARAM lparam);

#endif
