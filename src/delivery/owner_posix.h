/* The owner of what a delivery keeps: an account of its own, which root becomes when it gives a
 * command. */
#ifndef OWNER_POSIX_H
#define OWNER_POSIX_H

#include "base/os.h"

#include <stdbool.h>
#include <sys/stat.h>

/*
 * Give the files of a state (by their names) that this account, root, made in `folder` to the
 * folder's owner and group. Without effect for another account, and where the folder is root's own
 * or missing. A file with several names, and what is no plain file, stays root's. A failure: a file
 * of root's is left, whose new owner the file system refuses.
 */
HRESULT owner_hand_over(const char *folder) MUST_CHECK;

/*
 * As root: hand over, then become the owner of `folder` for good, with its groups and the right to
 * read what root can read, which programs that are started do not get. What another account put
 * there then does no more than that account could, and neither does a program.
 *
 * S_FALSE: this account is not root, or the folder is root's own or missing. A failure: root cannot
 * become that account here. Before any thread is started.
 */
HRESULT owner_become(const char *folder) MUST_CHECK;

/* The account that ran this process at first. */
uid_t owner_before(void);

/* Whether `file` is to be given away; `us` is the account that runs. */
bool owner_is_to_change(uid_t us, const struct stat *folder, const char *name,
                        const struct stat *file);

#endif
