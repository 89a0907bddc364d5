/* What journal.gap says of the events that were lost (journal/losses.h): why, and of which
 * requesters. */
#ifndef GAP_H
#define GAP_H

#include "event.h"

#define GAP_CAUSES 7

/* For each cause that the recorder tells, as it is called there and in words that follow a number:
 * "lowSpace", "as less than MinFreeMiB was free". */
extern const struct gap_cause { const char *name, *words; } gap_causes[GAP_CAUSES];

/* How many events were lost for that cause; 0: none, or a line from before the recorder told. */
uint64_t gap_lost(struct event *event, const struct gap_cause *cause);

/* "10 as less than MinFreeMiB was free, 7 by exceptions of the CA's", appended; nothing where there
 * are none. */
void gap_add_causes(struct event *event, struct bytes *out);

/* Each requester with what was lost of it, until `each` returns false. `name` is UTF-8 that may be
 * hostile, and holds only during the call. */
void gap_requesters(struct event *event,
                    bool (*each)(void *context, const struct bytes *name, uint64_t lost),
                    void *context);
/* How many more were lost of requesters that are not named. */
uint64_t gap_unnamed(struct event *event);

#endif
