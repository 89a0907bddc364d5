/*
 * Lines that were sent to a far end that acknowledges nothing, until they count as arrived.
 *
 * They do so once connections have stood for UNACKNOWLEDGED_MS in all since they were sent for the
 * first time. When a connection breaks, the lines that do not count yet are sent again. A far end
 * that always closes sooner therefore gets a line several times, and not for ever; but a line that
 * was not sent again over the last connection never counts. Positions are
 * noted once a second. `now` is os_ticks_ms. One thread.
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

/* The lines up to the position have been sent. Lines that come again keep their first time. */
void unacknowledged_sent(struct unacknowledged *lines, const struct position *position,
                         uint64_t now);

/* The connection has ended. */
void unacknowledged_lost(struct unacknowledged *lines, uint64_t now);

/* How long the connection has stood; 0: there is none. */
uint64_t unacknowledged_stood(const struct unacknowledged *lines, uint64_t now);

/* True: lines up to `position` count as arrived, and did not the last time. */
bool unacknowledged_arrived(struct unacknowledged *lines, uint64_t now, struct position *position);

#endif
