/* An event as the journal accepts it, and the types of events that the journal itself writes. */
#ifndef JOURNAL_EVENT_H
#define JOURNAL_EVENT_H

#include "base/os.h"
#include "base/span.h"

#include <stdint.h>

/* Types of events that the journal itself writes, or looks for when it is opened. */
#define JOURNAL_STARTED     "certwitness.module.started"
#define JOURNAL_STOPPED     "certwitness.module.stopped"
#define JOURNAL_RECOVERED   "certwitness.journal.recovered"
#define JOURNAL_BROKEN      "certwitness.journal.broken"
#define JOURNAL_GAP         "certwitness.journal.gap"
#define JOURNAL_PRUNED      "certwitness.journal.pruned"
#define JOURNAL_CA_STOPPING "certwitness.ca.stopping"

/* Why an event was not accepted. */
/* the event yields, and less than min_free_bytes is free */
#define JOURNAL_SPACE_KEPT  HRESULT_FROM_WIN32(ERROR_DISK_FULL)
/* the event yields, and half of the queue's capacity is used */
#define JOURNAL_QUEUE_KEPT  HRESULT_FROM_WIN32(ERROR_WORKING_SET_QUOTA)
/* the queue's capacity in memory is used; not a matter of the disk */
#define JOURNAL_QUEUE_FULL  HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_QUOTA)

struct journal_event {
    const char *type;                   /* at most LINE_TYPE_MAX characters */
    bool has_request;
    int32_t request_id; /* with has_request: the line's subject, and what journal.gap names if it is
                           lost */
    int64_t time;                       /* microseconds, as os_now */
    struct span data;                   /* one JSON object that line_check_data accepts */
    bool yields;                        /* enrollees can cause any number of such events: not
                                         * recorded first when space is short */
    const char *requester;              /* with `yields`: the requester's name in UTF-8; NULL:
                                         * unknown */
};

#endif
