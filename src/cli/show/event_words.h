/* What an event says, in a few words that a table has room for. */
#ifndef EVENT_WORDS_H
#define EVENT_WORDS_H

#include "events/event.h"

/* "CRL 12, delta CRL 13", "17 events were lost: requests 101, 102": appended, UTF-8 that may be
 * hostile. False: the event is about a request, and its subject says more. Where memory ran out,
 * `out` has failed or the event's `no_memory` says so. */
bool event_words(struct event *event, struct bytes *out);

/* Why a request was denied or a certificate revoked. False: nothing to say. */
bool event_reason(struct event *event, struct bytes *out);

/* How much it asks for attention. */
enum event_rank { EVENT_QUIET, EVENT_DONE, EVENT_NOTABLE, EVENT_REFUSED, EVENT_TROUBLE };
enum event_rank event_rank(struct event *event);

#endif
