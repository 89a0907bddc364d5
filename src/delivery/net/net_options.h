/* What a connection is opened with, and why one fails. */
#ifndef NET_OPTIONS_H
#define NET_OPTIONS_H

#include "base/os.h"

#define NET_WHY 400                     /* bytes of a reason, with its zero */
#define NET_HEAD_MAX (1u << 16)         /* bytes of HTTP headers that are taken */
#define NET_PROXY_LOGIN                                                                       \
    "; the proxy wants a password, which is not supported: let this machine pass it without one"

/* Texts are borrowed until net_close; NULL: not given. */
struct net_options {
    const char *url;
    const char *protocols;              /* those that the URL may have: "http,https" */
    const char *ca;                     /* PEM; NULL: the system's roots */
    const char *client_certificate;     /* PEM, or in Windows' store: LocalMachine\My\<SHA-1> */
    const char *client_key;
    const char *proxy;
    bool revocation_hard, revocation_off;               /* neither: best effort (Windows; OpenSSL
                                                         * looks for no revocation) */
    bool starttls;                      /* SMTP: TLS, or nothing is sent */
    const char *user, *password;        /* with HTTP: basic authentication */
    uint32_t timeout_ms;
    const int32_t *stop;                /* not 0: end the transfer */
};

/* Why nothing came back from the far end. */
struct net_failure {
    bool needs_hands;                   /* nothing will: a certificate, a name, a file */
    bool late;                          /* it was connected, and did not answer in time */
    char why[NET_WHY];
};

#endif
