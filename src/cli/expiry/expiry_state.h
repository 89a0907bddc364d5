/*
 * The memory of earlier runs, so that each certificate is told once a threshold (expiry.h).
 *
 * A certificate is told if the file does not have it, or has it with a higher threshold: a run that
 * was missed catches up with one message, not with one for each threshold that passed. It is
 * forgotten once it has been expired for longer than expiry shows it.
 *
 * The file is text: the line `certwitness-expiry 1`, then a line for each certificate with its key
 * (32 hexadecimal digits), the threshold in days and the time at which it ends, seconds since 1970.
 * It is replaced as a whole, after all was written that it tells of. It holds no names.
 */
#ifndef EXPIRY_STATE_H
#define EXPIRY_STATE_H

#include "base/file_write.h"
#include "expiry.h"

struct expiry_state {
    const struct expiry *expiry;        /* borrowed */
    const char *path;
    struct sorter entries;              /* owned */
    struct file_write file;
    bool has_file, failed;
};

/* Read the file; one that is not there is empty. False: it cannot be read, or is none, and standard
 * error has been told. expiry_state_end has to follow either way. */
bool expiry_state_begin(struct expiry_state *state, const struct expiry *expiry, const char *path);
void expiry_state_add(struct expiry_state *state, const struct expiry_item *item);
/* All items were added: each of those that are to be told goes to `told`. False: as above. */
bool expiry_state_choose(struct expiry_state *state, struct sorter *told);
/* `keep`: all that were chosen have been told, and the file is replaced. False: it could not be. */
bool expiry_state_end(struct expiry_state *state, bool keep);

#endif
