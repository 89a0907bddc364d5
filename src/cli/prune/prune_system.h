/* What prune asks of the system: which account runs it, how long this machine's CAs want their
 * journals kept, and who may change a folder. prune_windows.c, prune_posix.c. */
#ifndef PRUNE_SYSTEM_H
#define PRUNE_SYSTEM_H

#include "base/bytes.h"
#include "base/os.h"

#include <stdint.h>

/* Append the account that runs this program, "DOMAIN\name": UTF-8, at most 200 bytes. False: it
 * cannot be told. */
bool prune_account(struct bytes *out);

/*
 * The journals of this machine's CAs with what RetainDays says: calls `each` for every CA. `path`
 * is UTF-8; `days` is 0 where it keeps everything. Returns how many CAs there are; on Linux none.
 */
unsigned prune_each_ca(void (*each)(void *context, const char *path, uint32_t days), void *context);

/*
 * Whether a journal's folder is fit to remove files from it: the scheduled task does so as SYSTEM.
 * On Windows it is judged as the recorder does (base/folder_windows.h), and kept where it is until
 * the program ends. False: `why` is a sentence that begins with the path of the folder that is to
 * blame. On Linux always true.
 */
bool prune_folder_is_fit(const char *path, struct bytes *why);

/* Append the path of a folder that is there, from the root on, and its zero. */
bool prune_whole_path(const char *path, struct bytes *out);

/*
 * The folders in which this machine's delivery is told to keep its state, `which` from 0 to
 * PRUNE_TOLD - 1: appends the folder to `out` and to `by` what tells it, UTF-8 with their zeros.
 * On Linux the usual configuration tells one. On Windows one is in the key of its service,
 * where "service install" wrote it, one in the service's configuration, which may have changed
 * since, and one in the usual configuration. What a configuration alone names does not count while
 * the folder was not made on a drive that is there. S_FALSE: nothing names one, and `out` is as it
 * was. A failure: `by` cannot be read.
 */
#ifdef _WIN32
#define PRUNE_TOLD 3
#else
#define PRUNE_TOLD 1
#endif
HRESULT prune_told_folder(unsigned which, struct bytes *by, struct bytes *out) MUST_CHECK;

/* Whether two paths name the same folder as far as their texts tell. */
bool prune_same_path(const char *one, const char *other);

#endif
