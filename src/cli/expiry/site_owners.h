/*
 * Who owns whose certificates, from the site file.
 *
 * A line is one fact. `owner requester="CORP\webadmin" mail=web-team@corp.example` is read here;
 * a requester with * or ? is a pattern of the whole name. `owner ca mail=pki@corp.example` is who
 * is told of the CA's own certificates and CRLs. The first line that fits counts. Lines with one
 * address, in any case of its letters, are one owner: the first of them.
 * Lines that begin with allow, expect, watch or bait are for other commands. Empty lines and those
 * that begin with # are passed over. Any other line is an error with file, line and reason.
 */
#ifndef SITE_OWNERS_H
#define SITE_OWNERS_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define SITE_OWNERS_MOST 10000

struct site_owner {
    char *requester, *mail;             /* owned; no requester: of the CA itself */
    uint8_t key[16];                    /* of the requester's name (facts/fact_key.h) */
    unsigned line, first;               /* of the list, the first one with this address */
};

struct site_owners {
    struct site_owner *list;            /* owned */
    unsigned count;
};

/* False: standard error has been told. Free the owners either way. */
bool site_owners_read(struct site_owners *owners, const char *path);
void site_owners_free(struct site_owners *owners);
/* The index of the owner of this requester's certificates; `count`: there is none. */
unsigned site_owners_find(const struct site_owners *owners, struct span requester);
/* That of the CA itself; `count`: there is none. */
unsigned site_owners_of_ca(const struct site_owners *owners);

#endif
