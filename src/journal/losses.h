/*
 * Events that never reached the disk: how many, from when to when, of which requests, and why. What journal.gap says of them:
 *
 *   "events"             how many
 *   "first", "last"      when the CA told us of the first and of the last; of those that an exception took, when that was noticed
 *   "requestIDs"         their requests, as far as they are known and there is room
 *   "requestIDsLeftOut"  how many more requests were among them; only where there are any
 *   "requesters"         those of denied, pending and retrieved requests by requester: "name" (what is beyond 128 bytes of UTF-8 is cut off) and "events"
 *   "requestersLeftOut"  how many more of these there were: of further requesters, or of requesters that are not known
 *   "why"                how many by cause, by the names in loss_names; only those that there are. Lines of before have none
 */
#ifndef LOSSES_H
#define LOSSES_H

#include "base/bytes.h"

#include <stdint.h>

#define LOSSES_REQUESTS_MAX 65536       /* RequestIDs that are kept, and fit into one line; beyond it they are only counted */

enum loss_cause {
    LOSS_QUEUE,                         /* "queueFull": more waited than may (QueueMiB) */
    LOSS_MEMORY,                        /* "noMemory" */
    LOSS_NO_LINE,                       /* "noLine": no line can be made of it, however often that is tried */
    LOSS_EXCEPTION,                     /* "exception": the CA's callback threw while it was asked for the event */
    LOSS_UNWRITTEN,                     /* "unwritten": the journal was closed while it waited */
    LOSS_LOW_SPACE,                     /* "lowSpace": it yields, and less than the least was free on the volume */
    LOSS_QUEUE_HALF,                    /* "queueHalf": it yields, and half of what may wait did */
    LOSS_CAUSES
};

struct loss {
    int64_t time;                       /* as os_now */
    bool has_request;
    int32_t request_id;                 /* with has_request */
    enum loss_cause cause;
    bool yields;                        /* it is counted by its requester */
    const char *requester;              /* UTF-8; NULL or "": not known */
};

#define LOSSES_REQUESTERS_MAX 256       /* that are counted by name */
#define LOSSES_NAME_MAX       128       /* bytes of a name */

struct loss_requester {
    uint64_t events;
    char name[LOSSES_NAME_MAX + 1];
};

/* {0} is none. 300 KiB, fixed, so that counting what memory did not suffice for needs none. */
struct losses {
    uint64_t events;
    int64_t first, last;                /* when the CA told us, as os_now */
    uint64_t left_out;                  /* events of requests beyond those in `requests` */
    uint64_t why[LOSS_CAUSES];
    uint64_t unnamed;                   /* events that yield, of requesters beyond those in `requesters` */
    uint32_t requester_count;
    struct loss_requester requesters[LOSSES_REQUESTERS_MAX];
    uint32_t count;
    int32_t requests[LOSSES_REQUESTS_MAX];
};

void losses_add(struct losses *losses, const struct loss *loss);
void losses_merge(struct losses *into, const struct losses *from);      /* `from` happened later */
void losses_clear(struct losses *losses);

/* The object, as above. Without `requests` all of them are left out. */
void losses_json(const struct losses *losses, bool requests, struct bytes *out);

/* For people: "101, 102, 107 and 12 more", of at most `size` characters with its zero; 64 are the least that makes sense. */
void losses_text(const struct losses *losses, char *out, size_t size);

#endif
