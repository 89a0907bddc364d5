/* An event as the journal takes it, and the types that the journal itself writes. */
#ifndef JOURNAL_EVENT_H
#define JOURNAL_EVENT_H

#include "base/os.h"
#include "base/span.h"

#include <stdint.h>

/* The types of event that the journal itself writes, or looks for when it is opened. */
#define JOURNAL_STARTED     "certwitness.module.started"
#define JOURNAL_STOPPED     "certwitness.module.stopped"
#define JOURNAL_RECOVERED   "certwitness.journal.recovered"
#define JOURNAL_BROKEN      "certwitness.journal.broken"
#define JOURNAL_GAP         "certwitness.journal.gap"
#define JOURNAL_PRUNED      "certwitness.journal.pruned"
#define JOURNAL_CA_STOPPING "certwitness.ca.stopping"

/* Why an event that yields, or any, is not taken. */
#define JOURNAL_SPACE_KEPT  HRESULT_FROM_WIN32(ERROR_DISK_FULL)                 /* the event yields, and less than the least is free */
#define JOURNAL_QUEUE_KEPT  HRESULT_FROM_WIN32(ERROR_WORKING_SET_QUOTA)         /* the event yields, and half of what may wait does */
#define JOURNAL_QUEUE_FULL  HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_QUOTA)      /* not the disk: what may wait in memory */

struct journal_event {
    const char *type;                   /* LINE_TYPE_MAX at most */
    bool has_request;
    int32_t request_id;                 /* with has_request: the line's subject, and what journal.gap names if it is lost */
    int64_t time;                       /* as os_now */
    struct span data;                   /* one JSON object, as line_check_data wants it */
    bool yields;                        /* who enrolls can cause any number of it: it ends first where space is short */
    const char *requester;              /* with `yields`: whose request it is, in UTF-8; NULL: not known */
};

#endif
