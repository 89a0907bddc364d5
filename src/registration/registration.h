/*
 * The module's registration: its two classes and their ProgIDs below HKLM\Software\Classes, its
 * event log and source, the source that earlier versions had in the Application log, and nothing
 * else.
 *
 * No TypeLib and no Interface key: the interfaces are the CA's, and RegisterTypeLib would point
 * their keys, which on a CA are Microsoft's, to this DLL. HKCR is never used, since it mixes the
 * current user's classes with the machine's.
 */
#ifndef REGISTRATION_H
#define REGISTRATION_H

#include <windows.h>

/* loaded by Configure, from the folder of the registered file */
#define PAGE_FILE L"certwitness_page.dll"

/*
 * On a machine with only the CA's snap-in, the snap-in's class is all that is registered: no exit
 * module that a CA could load, no event log.
 */
enum registration_scope { REGISTRATION_ALL, REGISTRATION_CONSOLE };

/*
 * Register the DLL at `path`, a full path without a closing backslash. Repeating it changes
 * nothing, and a smaller scope removes nothing.
 *
 * After a failure the registry is as it was before the call, including an older registration.
 * HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED): the caller is not an administrator.
 */
HRESULT registration_add(const WCHAR *path, enum registration_scope scope);

/*
 * Remove what registration_add writes, including everything added later below the keys of our
 * classes. The key of an event source is kept if other values or keys were added to it; ours are
 * removed. The log is kept if it has another source; its file is always kept. S_OK also if nothing
 * was registered. A key that cannot be removed does not prevent the removal of the others; the
 * first failure is returned.
 */
HRESULT registration_remove(void);

#endif
