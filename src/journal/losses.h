/* Events that never reached the disk: how many, from when to when, of which requests. What journal.gap says of them. */
#ifndef LOSSES_H
#define LOSSES_H

#include "bytes.h"

#include <stdint.h>

#define LOSSES_REQUESTS_MAX 65536       /* RequestIDs that are kept, and fit into one line; beyond it they are only counted */

/* {0} is none. 256 KiB, fixed, so that counting what memory did not suffice for needs none. */
struct losses {
    uint64_t events;
    int64_t first, last;                /* when the CA told us, as os_now */
    uint64_t left_out;                  /* events of requests beyond those in `requests` */
    uint32_t count;
    int32_t requests[LOSSES_REQUESTS_MAX];
};

void losses_add(struct losses *losses, int64_t time, bool has_request, int32_t request_id);
void losses_merge(struct losses *into, const struct losses *from);      /* `from` happened later */
void losses_clear(struct losses *losses);

/* {"events":17,"first":"…","last":"…","requestIDs":[101,102],"requestIDsLeftOut":3}, the last one only where there are any; without
 * `requests` all are left out. */
void losses_json(const struct losses *losses, bool requests, struct bytes *out);

/* For people: "101, 102, 107 and 12 more", of at most `size` characters with its zero; 64 are the least that makes sense. */
void losses_text(const struct losses *losses, char *out, size_t size);

#endif
