/*
 * The network: HTTP requests to one far end. Its source is the only file that includes curl.
 *
 * Only http and https, no redirects, certificates and names always verified, answers kept up to
 * NET_BODY_MAX. A connection stays open between requests. One thread at a time per `struct net`.
 */
#ifndef NET_H
#define NET_H

#include "base/bytes.h"
#include "base/os.h"
#include "base/span.h"

#define NET_BODY_MAX (1u << 20)         /* bytes of an answer; a longer one counts as no answer */
#define NET_WHY      400

/* Texts are borrowed until net_close; NULL: not given. */
struct net_options {
    const char *url;
    bool allow_plain;                   /* http:// too */
    const char *ca;                     /* PEM; NULL: the system's roots */
    const char *client_certificate;     /* PEM, or in Windows' store: LocalMachine\My\<SHA-1> */
    const char *client_key;
    const char *proxy;
    bool revocation_hard, revocation_off;               /* neither: best effort (Windows; OpenSSL
                                                         * looks for no revocation) */
    const char *user, *password;        /* HTTP basic authentication */
    uint32_t timeout_ms;
    const int32_t *stop;                /* not 0: end the transfer */
};

struct net;

/* Once, before the first thread; false: there is no network to be had. */
bool net_begin(void);
void net_end(void);

HRESULT net_open(const struct net_options *options, struct net **out) MUST_CHECK;
void net_close(struct net *net);                        /* takes NULL */

struct net_answer {
    long status;                        /* of HTTP; 0: there is no answer, */
    bool needs_hands;                   /* and there will be none: a certificate, a name, a file */
    char why[NET_WHY];                  /* and this is the reason */
    uint32_t after_ms;                  /* Retry-After; 0: none */
    struct bytes body;                  /* owned; bytes_free */
};

/* POST `body`. `headers` are `count` lines "Name: value" without CR and LF. */
void net_post(struct net *net, const char *const *headers, unsigned count, struct span body,
              struct net_answer *answer);

#endif
