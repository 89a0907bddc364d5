/*
 * A destination's secret (a token, a password): the file NAME.secret in the folder of the state.
 *
 * Linux: plain text that only its owner can read. Windows: encrypted by DPAPI for this machine, in
 * a folder that only administrators and the delivery can read; a copy elsewhere is of no use.
 */
#ifndef DELIVERY_SECRET_H
#define DELIVERY_SECRET_H

#include "base/bytes.h"
#include "base/os.h"

#define SECRET_MAX 8192                 /* bytes */

/*
 * Append the secret. S_FALSE: there is none. ERROR_INVALID_ACL (file_system.h): others can read the
 * file. ERROR_BAD_FILE_TYPE: it is no file of the folder's owner (disk_guard).
 */
HRESULT secret_load(const char *folder, const char *name, struct bytes *out) MUST_CHECK;
HRESULT secret_save(const char *folder, const char *name, const struct bytes *secret) MUST_CHECK;

/* --- of the system: secret_posix.c, secret_windows.c --- */

HRESULT secret_protect(const struct bytes *plain, struct bytes *out) MUST_CHECK;
HRESULT secret_unprotect(const struct bytes *stored, struct bytes *out) MUST_CHECK;
/* Whether accounts other than the owner and administrators can read the file. */
bool secret_is_open(const char *path);

#endif
