/*
 * A destination's way through the journal: the lines after a position, each once it will stay
 * (events/follow.h), those that the filter takes.
 *
 * Damage does not end the way. It is noted, and a line of our own about it goes into the batch, so
 * that the far end learns of it: an event of type certwitness.delivery.fault or, where lines were
 * removed before they were delivered, certwitness.delivery.pruned. Such an event has no sequence
 * and no hash, for it is in no journal.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include "batch.h"

struct cursor;

/* `filter` and `notes` are borrowed. Failures are those of follow_open. */
HRESULT cursor_open(const char *journal, const struct position *from, const struct filter *filter,
                    const struct notes *notes, struct cursor **out) MUST_CHECK;
void cursor_close(struct cursor *cursor);               /* takes NULL */

/* An event of our own about lines that were removed before they were delivered. */
HRESULT cursor_tell_pruned(struct cursor *cursor, struct batch *batch, uint64_t first,
                           uint64_t last) MUST_CHECK;

/*
 * Add lines to the batch until it is full or there are no more for now. S_OK: there may be more.
 * S_FALSE: there are no more for now. E_OUTOFMEMORY: the cursor has to be opened anew.
 */
HRESULT cursor_fill(struct cursor *cursor, struct batch *batch) MUST_CHECK;

/* The last line that was looked at, whether or not the filter took it. */
const struct position *cursor_position(const struct cursor *cursor);

#endif
