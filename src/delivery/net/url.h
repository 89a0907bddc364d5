/*
 * The URLs of far ends and proxies. What follows the host may be a secret, as that of a chat's
 * hook is, so only `place` is ever shown (quote.h).
 */
#ifndef DELIVERY_URL_H
#define DELIVERY_URL_H

#include "base/span.h"

#include <stdbool.h>

struct url {
    struct span place;                  /* "https://host:8088" */
    struct span server;                 /* "host:8088" */
    struct span rest;                   /* from the path on: "/in?a=b", or nothing */
    bool has_user;                      /* "user:password@" stands before the host */
    bool has_port;
};

/* The parts of `text`, which has to outlive them. False: it is no URL of ASCII with a host. */
bool url_read(const char *text, struct url *out);

#endif
