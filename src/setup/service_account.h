/* The virtual account of a Windows service of ours, "NT SERVICE\NAME". It has no password. */
#ifndef SERVICE_ACCOUNT_H
#define SERVICE_ACCOUNT_H

#include "base/os.h"

#include <windows.h>

/*
 * Its identifier, S-1-5-80 and five numbers: the SHA-1 of the name in capitals. It is the same on
 * every machine, whether or not the service exists there. `name` is ASCII, up to 80 characters.
 */
HRESULT service_account_sid(const WCHAR *name, BYTE out[SECURITY_MAX_SID_SIZE]) MUST_CHECK;

#endif
