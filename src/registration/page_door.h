/*
 * The door of certwitness_page.dll: the property sheet that the CA's snap-in shows for CertWitness.
 *
 * It is a DLL of its own so that nothing of user interface is ever loaded into the CA's process. certwitness.dll loads it when the snap-in
 * calls Configure, from the folder that it lies in itself, and lets it go when Configure returns. Both are of one version: the first
 * member of the request says which, and stays the first for ever.
 */
#ifndef PAGE_DOOR_H
#define PAGE_DOOR_H

#include "registration/registration.h"

#include <windows.h>
#include <stdbool.h>

#define PAGE_EXPORT  "certwitness_page_show"
#define PAGE_WHY_MAX 1024               /* characters with the zero, ample for every sentence */

struct page_request {
    const WCHAR *version;               /* CERTWITNESS_VERSION of whoever asks */
    const WCHAR *config, *storage;      /* what Configure was given, not trusted; NULL is empty */
    ULONG_PTR owner;                    /* what may be the window that the sheet belongs to, not trusted; 0: none */
    bool read_only;
};

/*
 * Show the sheet and return when it is closed, by whichever button: S_OK. Any thread that may show windows; it runs a message loop meanwhile.
 *
 * After failure no sheet was shown, and `why` (PAGE_WHY_MAX characters) says in a sentence what cannot be. Where the CA cannot be found or
 * reached, a box has shown that sentence as well: nobody knows whether a snap-in shows what is returned to it.
 * HRESULT_FROM_WIN32 of ERROR_REVISION_MISMATCH: another version asks. ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION: nobody could see a window.
 * ERROR_INVALID_DATA, ERROR_FILE_NOT_FOUND: config and storage name no CA, or none that is there. All else: the registry, the network.
 *
 * Opens no journal and takes no lock. The journal's folder is looked at by a thread that lives as long as one look takes; one that hangs
 * in a disk is left behind, and the DLL stays loaded for it.
 */
typedef HRESULT WINAPI page_show(const struct page_request *request, WCHAR *why);

#endif
