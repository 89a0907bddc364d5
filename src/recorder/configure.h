/*
 * Access of Configure to the property sheet, which is in a DLL of its own: this DLL contains no
 * user interface.
 */
#ifndef CONFIGURE_H
#define CONFIGURE_H

#include <windows.h>
#include <stdbool.h>

#define CONFIGURE_WHY_MAX 1024          /* characters with the zero, as PAGE_WHY_MAX */

/*
 * Load certwitness_page.dll from this DLL's folder, show the sheet, and unload it. Blocks until
 * the sheet is closed. `config`, `storage` and `owner` are as received from the snap-in
 * (page_door.h).
 *
 * HRESULT_FROM_WIN32(ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION): a recorder of this process is
 * running, or the process is a service. ERROR_MOD_NOT_FOUND, ERROR_PROC_NOT_FOUND and the like:
 * the DLL is missing, or not ours. Other failures are those of the sheet. After a failure `why`
 * says what cannot be done, where, and what to do.
 */
HRESULT configure_show(const WCHAR *config, const WCHAR *storage, ULONG_PTR owner, bool read_only,
                       WCHAR why[CONFIGURE_WHY_MAX]);

/*
 * The window handle in the value that SetProperty received under the name HWND. Its type is not
 * documented: an integer, the bytes of a handle in a BSTR or in an array of bytes, or either by
 * reference. 0 if it is none of these. The value is only converted; the sheet checks whether it is
 * a window.
 */
ULONG_PTR configure_owner(const VARIANT *value);

#endif
