/*
 * Lines that were sent to a far end that acknowledges nothing, until they count as arrived.
 *
 * They do so once the connection has stood for UNACKNOWLEDGED_MS since they were sent. When it
 * ends, the lines that do not count yet are sent again. After a break their time begins anew. Where
 * the far end closed the connection in good order, the time that it stood counts on: a balancer
 * that always closes sooner gets a line several times, and not for ever; but a line that was not
 * sent again over the last connection never counts. Positions are noted once a second. `now` is
 * os_ticks_ms. One thread.
 */
#ifndef UNACKNOWLEDGED_H
#define UNACKNOWLEDGED_H

#include "position.h"

#define UNACKNOWLEDGED_MS    60000
#define UNACKNOWLEDGED_MARKS 64

struct unacknowledged_mark {
    struct position position;           /* of the last line */
    uint64_t first_ms, last_ms;         /* when its lines were sent, in `stood_ms` */
};

/* {0} initially. */
struct unacknowledged {
    struct unacknowledged_mark *marks;  /* owned; UNACKNOWLEDGED_MARKS, the oldest first */
    unsigned count;
    struct position noted;              /* of the last line that was noted, */
    struct position reached;            /* and of the last one sent over this connection */
    uint64_t stood_ms;                  /* how long connections have stood, without this one */
    uint64_t since_ms;                  /* when this one began, */
    bool stands;                        /* if there is one */
};

HRESULT unacknowledged_open(struct unacknowledged *lines) MUST_CHECK;
void unacknowledged_free(struct unacknowledged *lines);

/* The lines up to the position have been sent. Lines that come again after an end in good order
 * keep their first time. */
void unacknowledged_sent(struct unacknowledged *lines, const struct position *position,
                         uint64_t now);

/* The connection has ended; `in_order`: the far end closed it, and nothing broke. */
void unacknowledged_lost(struct unacknowledged *lines, bool in_order, uint64_t now);

/* How long the connection has stood; 0: there is none. */
uint64_t unacknowledged_stood(const struct unacknowledged *lines, uint64_t now);

/* True: lines up to `position` count as arrived, and did not the last time. */
bool unacknowledged_arrived(struct unacknowledged *lines, uint64_t now, struct position *position);

#endif
