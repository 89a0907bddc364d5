/*
 * The limit on messages, "30 an hour": when the last ones were sent.
 *
 * In any 60 minutes there are at most so many; one whose answer was lost counts. The moments are
 * kept in the file NAME.rate in the folder of the state, so the limit holds across restarts. The
 * file is text: the line "certwitness-mail-rate 1", then a moment in each line, microseconds since
 * 1970, the oldest first. Nothing else depends on it: where it is damaged or missing, no message
 * was sent.
 */
#ifndef MAIL_RATE_H
#define MAIL_RATE_H

#include "base/bytes.h"
#include "base/os.h"
#include "base/span.h"

#define MAIL_RATE_MOST   1000
#define MAIL_RATE_WINDOW 3600000000     /* microseconds */

struct mail_rate {
    unsigned most;                      /* in an hour, up to MAIL_RATE_MOST */
    unsigned count;                     /* of `sent` */
    int64_t sent[MAIL_RATE_MOST];       /* the oldest first */
};

/* Messages that may be sent now. A moment that lies in the future counts as now: the clock was set
 * back. */
unsigned mail_rate_free(struct mail_rate *rate, int64_t now);

/* Milliseconds until mail_rate_free is not 0; it is 0 now. */
uint32_t mail_rate_wait(const struct mail_rate *rate, int64_t now);

/* A message is sent; mail_rate_free is not 0. Returns the moment that stands for it, which is not
 * `now` where the clock was set back since. */
int64_t mail_rate_add(struct mail_rate *rate, int64_t now);

/* The message of that moment was not sent. One that is not there any more is no matter. */
void mail_rate_take_back(struct mail_rate *rate, int64_t moment);

/* The text of the file, appended, and read; text that is none is empty. */
void mail_rate_spell(const struct mail_rate *rate, struct bytes *out);
void mail_rate_read(struct mail_rate *rate, struct span text);

#endif
