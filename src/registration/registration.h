/*
 * The module's place in the registry: its two classes and their ProgIDs below HKLM\Software\Classes, the log of its entries with
 * their source, the source that earlier versions had in the Application log, and nothing else.
 *
 * No TypeLib and no Interface key: the interfaces are the CA's, and RegisterTypeLib would turn their keys, which on a
 * CA are Microsoft's, towards us. HKCR is never named, since it shows the current user's classes mixed with the
 * machine's.
 */
#ifndef REGISTRATION_H
#define REGISTRATION_H

#include <windows.h>

#define PAGE_FILE L"certwitness_page.dll"       /* what Configure loads: beside the file that is registered */

/* Of a machine where only the CA's snap-in runs, the class for it is all: no exit module that a CA could load, no event log. */
enum registration_scope { REGISTRATION_ALL, REGISTRATION_CONSOLE };

/*
 * Register the DLL that lies at `path`, full and without a closing backslash. Doing it again changes nothing, and a smaller scope takes
 * nothing back.
 *
 * After failure the registry is as it was before the call, an older registration of ours included.
 * HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED): the caller is no administrator.
 */
HRESULT registration_add(const WCHAR *path, enum registration_scope scope);

/*
 * Remove what registration_add writes, with everything that was put below the keys of our classes since. The key of an event source stays
 * where somebody has put a value or a key of theirs into it; ours go. The log stays where another source is in it; its file stays in any case. S_OK also where there was nothing. A key that cannot be removed does
 * not save the others; the first failure is returned.
 */
HRESULT registration_remove(void);

#endif
