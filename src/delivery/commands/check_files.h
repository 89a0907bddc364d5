/* The files that a destination names: whether they can be used by the account that asks. */
#ifndef CHECK_FILES_H
#define CHECK_FILES_H

#include "call.h"

/* False: one cannot be used, which was noted with the line that names it. */
bool check_files(const struct call *call, const struct target *target);

/* --- check_client_posix.c, check_client_windows.c --- */

#define CHECK_WHY 400                   /* bytes of a reason, with its zero */

/*
 * What is wrong with the client certificate of a target, and its key: `why` says it, beginning with
 * a verb, of the key that is returned, "clientCertificate" or "clientKey". NULL: nothing.
 */
const char *check_client(const struct target *target, char why[CHECK_WHY]);

#endif
