/*
 * A line of a journal as a syslog message of RFC 5424.
 *
 *     <110>1 2026-11-21T10:00:00.123Z ca01.corp.example certwitness - certificate.issued
 *         [certwitness@32473 sequence="42" hash="..." request.RequestID="7" ...] {"specversion":...
 *
 * | part            | value                                                                       |
 * |-----------------|-----------------------------------------------------------------------------|
 * | facility        | 13, log audit                                                               |
 * | severity        | by the type: see rfc5424.c                                                  |
 * | TIMESTAMP       | of the line, UTC                                                            |
 * | HOSTNAME        | the machine in the line's source, as it stands there; of an event of our    |
 * |                 | own this machine                                                            |
 * | MSGID           | the type without "certwitness."                                             |
 * | structured data | names and paths in the line's data, as render.h has them                    |
 * | MSG             | the line, byte for byte and without its LF, so that its hash can be checked |
 *
 * What is not known is "-". The MSG has no BOM: RFC 5424 wants one before UTF-8, but receivers keep
 * it, and then the hash would not be that of the message. A PARAM-VALUE is at most
 * RFC5424_VALUE_MAX bytes of UTF-8 and ends in an ellipsis if it was cut. Characters that are not
 * to be displayed (utf8.h) are U+FFFD in it, so that no value can break a record of the receiver.
 * CertWitness has no private enterprise number: 32473 is the number that RFC 5612 reserves for
 * examples.
 */
#ifndef RFC5424_H
#define RFC5424_H

#include "delivery/batch.h"
#include "events/event.h"

#define RFC5424_VALUE_MAX 1024

/* For check. */
#define RFC5424_ADVICE                                                                             \
    "a message may be longer than 1 MiB; a receiver that takes less cuts it, and the line's hash " \
    "is then wrong. rsyslog: global(maxMessageSize=\"2m\"), and maxFrameSize of imtcp; "           \
    "syslog-ng: log-msg-size(2097152)"

/* What is used again from message to message; {0} initially. */
struct rfc5424 {
    struct event event;
    struct line line;
    struct json_doc own;
    struct bytes value;
};

void rfc5424_free(struct rfc5424 *syslog);

/* Append the message of a line of the batch. Failure is `out`'s. */
void rfc5424_add(struct rfc5424 *syslog, const struct batch *batch, unsigned index,
                 struct bytes *out);

/* Append the messages of `count` lines from `first` on, each with an LF, for `test --dry-run`. */
void rfc5424_add_shown(struct rfc5424 *syslog, const struct batch *batch, unsigned first,
                       unsigned count, struct bytes *out);

#endif
