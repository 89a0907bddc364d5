/*
 * The interface of certwitness_page.dll: the property sheet that the CA's snap-in shows for
 * CertWitness.
 *
 * It is a separate DLL so that no user interface is ever loaded into the CA's process.
 * certwitness.dll loads it from its own folder when the snap-in calls Configure, and unloads it
 * when Configure returns. Both have the same version, which the first member of the request names;
 * it stays the first member in all versions.
 */
#ifndef PAGE_DOOR_H
#define PAGE_DOOR_H

#include "registration/registration.h"

#include <windows.h>
#include <stdbool.h>

#define PAGE_EXPORT  "certwitness_page_show"
#define PAGE_WHY_MAX 1024               /* characters with the zero, enough for every sentence */

struct page_request {
    const WCHAR *version;               /* CERTWITNESS_VERSION of the caller */
    const WCHAR *config, *storage;      /* arguments of Configure, not trusted; NULL is empty */
    ULONG_PTR owner;                    /* possibly the window that owns the sheet, not trusted;
                                         * 0: none */
    bool read_only;
};

/*
 * Show the sheet and return when it is closed, by any button: S_OK. Any thread that may show
 * windows; it runs a message loop meanwhile.
 *
 * After a failure no sheet was shown, and `why` (PAGE_WHY_MAX characters) says in a sentence what
 * cannot be done. If the CA cannot be found or reached, a message box has shown that sentence as
 * well, since a snap-in may not show what is returned to it. HRESULT_FROM_WIN32 of
 * ERROR_REVISION_MISMATCH: the caller has another version.
 * ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION: nobody could see a window. ERROR_INVALID_DATA,
 * ERROR_FILE_NOT_FOUND: config and storage do not name a CA, or name one that does not exist.
 * Other failures: the registry, the network.
 *
 * Opens no journal and takes no lock. The journal's folder is checked by a thread that lives as
 * long as the check takes; a thread that hangs in a disk is abandoned, and the DLL stays loaded
 * for it.
 */
typedef HRESULT WINAPI page_show(const struct page_request *request, WCHAR *why);

#endif
