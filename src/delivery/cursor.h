/*
 * A destination's way through the journal: the lines after a position, each once it will stay
 * (events/follow.h), those that the filter takes.
 *
 * Damage does not end the way. It is noted, and a line of our own about it goes into the batch, so
 * that the far end learns of it: an event of type certwitness.delivery.fault or, where lines were
 * removed before they were delivered, certwitness.delivery.pruned. Such an event has no sequence
 * and no hash, for it is in no journal. The position says which damage was told, so that it is told
 * once although no line may follow it for a long time.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include "batch.h"
#include "report.h"

struct cursor;

/*
 * After the line at the position if it is `there`, else from the journal's oldest line. `filter`
 * and `reports` are borrowed, and so is `journal`. Failures are those of follow_open.
 */
HRESULT cursor_open(const char *journal, const struct position *from, bool there,
                    const struct filter *filter, const struct reports *reports,
                    struct cursor **out) MUST_CHECK;
void cursor_close(struct cursor *cursor);               /* takes NULL */

/*
 * An event of our own about the lines after `before` up to `last`, which were removed before they
 * were delivered. Once it is acknowledged the position is behind them, so it is told once.
 */
HRESULT cursor_tell_pruned(struct cursor *cursor, struct batch *batch,
                           const struct position *before, uint64_t last) MUST_CHECK;

/*
 * Add lines to the batch until it is full or there are no more for now. S_OK: there may be more.
 * S_FALSE: there are no more for now. E_OUTOFMEMORY: the cursor has to be opened anew.
 */
HRESULT cursor_fill(struct cursor *cursor, struct batch *batch) MUST_CHECK;

#define CURSOR_WHY 512                  /* bytes of a sentence, with its zero */

/* The disk refuses what comes next, as the last cursor_fill found. Each cursor_fill tries again. */
bool cursor_is_lost(const struct cursor *cursor);
void cursor_say_lost(const struct cursor *cursor, char why[CURSOR_WHY]);        /* what */

/* A line that was on disk is not there, or not whole, which is a fault if it lasts (follow.h). */
bool cursor_awaits_line(const struct cursor *cursor);

/* The journal's path leads to another folder by now: it has to be opened anew. */
bool cursor_is_elsewhere(const struct cursor *cursor);

/* The last line that was looked at, whether or not the filter took it. */
const struct position *cursor_position(const struct cursor *cursor);

#endif
