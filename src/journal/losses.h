/*
 * A count of events that never reached the disk: how many, from when to when, of which requests,
 * and why. Content of journal.gap:
 *
 *   "events"             how many
 *   "first", "last"      when the CA reported the first and the last of them; for events that an
 *                        exception took, when that was noticed
 *   "requestIDs"         their RequestIDs, as far as they are known and fit
 *   "requestIDsLeftOut"  how many more requests were among them; only if there are any
 *   "requesters"         denied, pending and retrieved requests by requester: "name" (cut after 128
 *                        bytes of UTF-8) and "events"
 *   "requestersLeftOut"  how many more of these events there were, of further or unknown requesters
 *   "why"                number by cause, named as in loss_names; only causes that occurred. Lines
 *                        of earlier versions have none
 */
#ifndef LOSSES_H
#define LOSSES_H

#include "base/bytes.h"

#include <stdint.h>

#define LOSSES_REQUESTS_MAX 65536       /* RequestIDs that are kept, and fit into one line;
                                         * further ones are only counted */

enum loss_cause {
    LOSS_QUEUE,                         /* "queueFull": the queue's capacity was used (QueueMiB) */
    LOSS_MEMORY,                        /* "noMemory" */
    LOSS_NO_LINE,                       /* "noLine": the event cannot become a line, however
                                         * often it is tried */
    LOSS_EXCEPTION,                     /* "exception": the CA's callback threw while the event
                                         * was being read */
    LOSS_UNWRITTEN,                     /* "unwritten": the journal was closed while the event
                                         * was queued */
    LOSS_LOW_SPACE,                     /* "lowSpace": the event yields, and less than MinFreeMiB
                                         * was free on the volume */
    LOSS_QUEUE_HALF,                    /* "queueHalf": the event yields, and half of the queue's
                                         * capacity was used */
    LOSS_CAUSES
};

struct loss {
    int64_t time;                       /* as os_now */
    bool has_request;
    int32_t request_id;                 /* with has_request */
    enum loss_cause cause;
    bool yields;                        /* counted under its requester */
    const char *requester;              /* UTF-8; NULL or "": unknown */
};

#define LOSSES_REQUESTERS_MAX 256       /* requesters that are counted by name */
#define LOSSES_NAME_MAX       128       /* bytes of a name */

struct loss_requester {
    uint64_t events;
    char name[LOSSES_NAME_MAX + 1];
};

/* {0} is empty. A fixed 300 KiB, so that counting a loss needs no memory. */
struct losses {
    uint64_t events;
    int64_t first, last;                /* when the CA reported them, as os_now */
    uint64_t left_out;                  /* events whose requests are not in `requests` */
    uint64_t why[LOSS_CAUSES];
    uint64_t unnamed;                   /* events that yield, of requesters not in `requesters` */
    uint32_t requester_count;
    struct loss_requester requesters[LOSSES_REQUESTERS_MAX];
    uint32_t count;
    int32_t requests[LOSSES_REQUESTS_MAX];
};

void losses_add(struct losses *losses, const struct loss *loss);
void losses_merge(struct losses *into, const struct losses *from);      /* `from` happened later */
void losses_clear(struct losses *losses);

/* Append the object described above. If `requests` is false, all RequestIDs are omitted. */
void losses_json(const struct losses *losses, bool requests, struct bytes *out);

/*
 * Readable text: "101, 102, 107 and 12 more", at most `size` characters with the zero; `size`
 * should be at least 64.
 */
void losses_text(const struct losses *losses, char *out, size_t size);

#endif
