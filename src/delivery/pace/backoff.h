/* The time between attempts at a destination that does not take its batch. */
#ifndef BACKOFF_H
#define BACKOFF_H

#include <stdint.h>

#define BACKOFF_LEAST_MS 1000
#define BACKOFF_MOST_MS  300000         /* 5 minutes */
#define BACKOFF_ASKED_MS 3600000        /* the longest Retry-After that is honoured */

struct backoff {
    unsigned failures;                  /* in a row */
    uint64_t random;                    /* its own sequence of numbers; 0: not begun */
};

/*
 * The time to wait after one more failure: 1 s, doubled with each failure up to 5 min, and of that
 * a random part between half and all, so that destinations that failed together do not return
 * together. `asked_ms` is the time that the far end asked for (Retry-After), 0 for none; the result
 * is not below it, up to an hour.
 */
uint32_t backoff_next(struct backoff *backoff, uint32_t asked_ms);
void backoff_reset(struct backoff *backoff);            /* after a success */

#endif
