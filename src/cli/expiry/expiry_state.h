/*
 * The memory of earlier runs, so that each certificate is told once a threshold (expiry.h).
 *
 * A certificate is told if the file does not have it, or has it with a higher threshold: a run that
 * was missed catches up with one message, not with one for each threshold that passed. What
 * messages tell of the CA itself is kept alike; a late CRL, which stays late, is told again after
 * seven days.
 *
 * The days that are left only become fewer. Where the file has a certificate with a lower threshold
 * than it has now, or a run that is to come, the clock was set back since: the certificate is told
 * again, and kept with the threshold of now. It would never be told again otherwise.
 *
 * Each run looks back to seven days before the last one with the same selection, however long ago
 * that was. A selection is what the run is asked about: another one may have left out what this one
 * is to tell. A selection that did not run for STATE_RUN_KEPT is forgotten, as is the one that ran
 * longest ago where there are more than STATE_RUNS. A certificate is forgotten once it ended before
 * all that any of them would look back to.
 *
 * The file is text: the line `certwitness-expiry 2`; a line for each selection, `run`, its key (32
 * hexadecimal digits) and the time of its last run; then a line for each certificate with its key,
 * the threshold in days (more than 90: EXPIRY_BEYOND) and the time at which it ends. Times are
 * seconds since 1970. A file with the head `certwitness-expiry 1`, which has no runs, is read, too.
 * It is replaced as a whole, after all was written that it tells of. It holds no names.
 *
 * One run has it at a time, from its reading to its replacing: two would each put in its place what
 * they know, and what the other one told would be lost, or its unfinished file be taken for the
 * whole. The empty file with ".lock" behind its name is held meanwhile, and stays.
 */
#ifndef EXPIRY_STATE_H
#define EXPIRY_STATE_H

#include "base/file_write.h"
#include "expiry_own.h"

#define STATE_RUNS     500
#define STATE_RUN_KEPT (366 * 86400)    /* seconds */

struct expiry_state_run {
    uint8_t selection[FACT_KEY];
    int64_t time;
};

struct expiry_state {
    struct expiry *expiry;              /* borrowed */
    struct expiry_state_run runs[STATE_RUNS];
    unsigned run_count;
    int64_t least;                      /* the earliest that any of them looks back to */
    const char *path;
    struct sorter entries;              /* owned */
    struct file_write file;
    bool has_file, failed, is_held;
    intptr_t held;                      /* with is_held: of file_hold */
};

/* Hold the file and read it; one that is not there is empty. `expiry` gets the last run of this
 * selection and how far to look back. False: it cannot be read, or is none, or another run has it,
 * and standard error has been told. expiry_state_end has to follow either way. */
bool expiry_state_begin(struct expiry_state *state, struct expiry *expiry, const char *path,
                        const uint8_t selection[FACT_KEY]);
void expiry_state_add(struct expiry_state *state, const struct expiry_item *item);
/* It needs nobody any more (expiry_is_settled): if that changes, it is told anew. */
void expiry_state_settle(struct expiry_state *state, const uint8_t key[FACT_KEY]);
/* What a message is to tell of the CA itself: is_told of those told before becomes false. */
void expiry_state_add_own(struct expiry_state *state, struct expiry_own *own);
/* All items were added: each of those that are to be told goes to `told`, and `expiry` is told of a
 * clock that was set back. False: as above. */
bool expiry_state_choose(struct expiry_state *state, struct sorter *told);
/* `keep`: all that were chosen have been told, and the file is replaced. False: it could not be. */
bool expiry_state_end(struct expiry_state *state, bool keep);

#endif
