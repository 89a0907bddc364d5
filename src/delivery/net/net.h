/*
 * The network: what every connection to a far end has in common.
 *
 * Certificates and names are always verified, redirects are not followed, proxies of the
 * environment are not taken. A connection stays open between uses. One thread at a time per
 * `struct net`. What is said over it is in net_http.h; this folder alone includes curl, by
 * net_curl.h.
 */
#ifndef NET_H
#define NET_H

#include "net_options.h"

struct net;

/* Once, before the first thread; false: there is no network to be had. */
bool net_begin(void);
void net_end(void);

HRESULT net_open(const struct net_options *options, struct net **out) MUST_CHECK;
void net_close(struct net *net);                        /* takes NULL */

#endif
