/*
 * Mail messages about events: one about one event, or a digest of many.
 *
 * A message depends on nothing but the lines and the configuration, so the same lines sent again
 * are the same message, with the same Message-ID:
 *
 *   <SEQUENCE.HASH.SOURCE@DOMAIN>            of one event: its line's sequence and hash (the first
 *                                            32 digits), 16 digits of the SHA-256 of the source
 *   <FIRST-LAST.HASH.SOURCE@DOMAIN>          of a digest; the hash is that of the last line
 *   <own.HASH@DOMAIN>                        of an event of the delivery itself, which has neither;
 *                                            the hash is that of its text
 *
 * DOMAIN is that of the sender. Messages about one request refer to a message that does not exist,
 * <request.ID.SOURCE@DOMAIN>, so mail programs show them as one thread. Date is the time of the
 * event. Values of events are made plain (render.h) and encoded (mime.h).
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include "delivery/batch.h"
#include "events/event.h"

/* {0}, and what the configuration says; borrowed. */
struct mail_message {
    const char *from;
    const struct config_list *to;       /* for the field To */
    const char *subject;                /* templates; NULL: a text that fits the event */
    const struct config_list *text;     /* a line each, "" is an empty one; count 0: the same */
    struct event event;                 /* owned, as is what follows: the event that is written */
    struct line line;
    struct json_doc own;
};

void mail_message_free(struct mail_message *message);

/* Append the message about `count` lines of the batch from `first` on. Failure is `out`'s: with
 * `for_good` memory ran out, else the message is larger than `out->limit`. */
void mail_message_write(struct mail_message *message, const struct batch *batch, unsigned first,
                        unsigned count, struct bytes *out);

#endif
