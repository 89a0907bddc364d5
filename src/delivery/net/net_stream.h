/*
 * A stream of bytes to and from a far end: TLS where the URL is https://, TCP where it is http://,
 * through the proxy if there is one.
 *
 * Deadlines are in milliseconds of os_ticks_ms. Every call ends at its deadline, and within a tenth
 * of a second once `stop` is set.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "net.h"

#include "base/span.h"

enum net_stream_result {
    NET_STREAM_GOOD,
    NET_STREAM_NOTHING,                 /* the deadline has come, or `stop` */
    NET_STREAM_ENDED,                   /* the far end has closed the connection */
    NET_STREAM_FAILED                   /* `failure` */
};

/* One connection for each `struct net`: after it has ended, the next one needs another net_open. */
bool net_stream_connect(struct net *net, struct net_failure *failure);

/* `*sent` of the bytes have been given to the system; all of them if NET_STREAM_GOOD. */
enum net_stream_result net_stream_send(struct net *net, struct span data, uint64_t deadline,
                                       size_t *sent, struct net_failure *failure);

/* Some bytes, at least one if NET_STREAM_GOOD. A deadline of 0: only those that are there. */
enum net_stream_result net_stream_receive(struct net *net, char *out, size_t room,
                                          uint64_t deadline, size_t *size,
                                          struct net_failure *failure);

#endif
