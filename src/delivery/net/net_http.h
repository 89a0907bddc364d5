/* HTTP requests over a connection. The answer is read up to NET_HTTP_BODY_MAX, and its headers up
 * to NET_HEAD_MAX, within the connection's time limit; the connection ends with one that is longer.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "net.h"

#include "base/bytes.h"
#include "base/span.h"

#define NET_HTTP_BODY_MAX (1u << 20)    /* bytes of an answer that are read */

struct net_answer {
    long status;                        /* of HTTP; 0: there is no answer, */
    struct net_failure failure;         /* and this is the reason, the same words each time */
    uint32_t after_ms;                  /* Retry-After; 0: none */
    struct bytes body;                  /* owned; bytes_free */
    bool cut;                           /* there was more of it */
    bool page;                          /* its type is that of a page of HTML */
    bool broken;                        /* its end has not come; `failure` is the reason */
};

/* POST `body`. `headers` are `count` lines "Name: value" without CR and LF. */
void net_post(struct net *net, const char *const *headers, unsigned count, struct span body,
              struct net_answer *answer);

#endif
