/* Configure's way to the property sheet, which lies in a DLL of its own: nothing of user interface is in this one. */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include <windows.h>
#include <stdbool.h>

#define CONFIGURE_WHY_MAX 1024          /* characters with the zero, as PAGE_WHY_MAX */

/*
 * Load certwitness_page.dll from the folder that this DLL lies in, have it show the sheet, and let it go. Blocks until the sheet is closed.
 * `config`, `storage` and `owner` are as the snap-in gave them (page_door.h).
 *
 * Refused where a recorder of this process is at work or the process is a service's: HRESULT_FROM_WIN32(
 * ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION). ERROR_MOD_NOT_FOUND, ERROR_PROC_NOT_FOUND and the like: the DLL is not there, or not ours.
 * All else is the sheet's. After failure `why` says what cannot be, where, and what to do.
 */
HRESULT configure_show(const WCHAR *config, const WCHAR *storage, ULONG_PTR owner, bool read_only, WCHAR why[CONFIGURE_WHY_MAX]);

/*
 * The window handle in what SetProperty was given under the name HWND, a type that nobody documents: an integer, the bytes of a handle in a
 * BSTR or in an array of bytes, or either by reference. 0 where it is none of these. Only a handle is made of it; the sheet asks what it leads to.
 */
ULONG_PTR configure_owner(const VARIANT *value);

#endif
