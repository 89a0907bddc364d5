/* The CA's folder for what it publishes. */
#include "cert_enroll.h"

#include <windows.h>

enum { ROOM = MAX_PATH + 32 };

/* False: this system has no such folder. */
static bool paths(WCHAR certsrv[ROOM], WCHAR certenroll[ROOM])
{
    UINT length = GetSystemDirectoryW(certsrv, MAX_PATH);

    if (!length || length >= MAX_PATH) return false;
    wcscat(certsrv, L"\\CertSrv");
    wcscat(wcscpy(certenroll, certsrv), L"\\CertEnroll");
    return true;
}

void cert_enroll_make(struct cert_enroll *made)
{
    WCHAR certsrv[ROOM], certenroll[ROOM];

    *made = (struct cert_enroll){false, false};
    if (!paths(certsrv, certenroll)) return;
    made->made_certsrv = CreateDirectoryW(certsrv, NULL);
    made->made_certenroll = CreateDirectoryW(certenroll, NULL);
}

void cert_enroll_remove(const struct cert_enroll *made)
{
    WCHAR certsrv[ROOM], certenroll[ROOM];

    if (!paths(certsrv, certenroll)) return;
    if (made->made_certenroll) RemoveDirectoryW(certenroll); /* takes none that holds something */
    if (made->made_certsrv) RemoveDirectoryW(certsrv);
}
