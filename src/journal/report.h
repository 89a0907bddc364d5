/*
 * What a journal tells besides its lines: where its chain stands, and what troubles it. The recorder puts it into the Windows event log.
 *
 * A report is made by the writer's thread, and by whoever is in journal_close, or appends ca.stopping, for JOURNAL_UNWRITTEN; never inside the journal's lock.
 * Nothing in it outlives the call. The function it is given to must not call the journal, and should not block: events wait meanwhile.
 */
#ifndef REPORT_H
#define REPORT_H

#include "base/os.h"

enum journal_report_kind {
    /* Heads: `sequence` and `hash` of the last line on disk. */
    JOURNAL_HEAD_STARTED,               /* module.started is on disk */
    JOURNAL_HEAD_SEGMENT,               /* a new segment was begun; the last line on disk is in it */
    JOURNAL_HEAD_DUE,                   /* a thousand lines, or an hour with any, since the last one */
    JOURNAL_HEAD_STOPPED,               /* module.stopped is on disk */

    /* Troubles. Each is reported whenever it happens: the receiver limits how often somebody hears of it. */
    JOURNAL_CANNOT_OPEN,                /* `hr`; it is tried again. With ERROR_SHARING_VIOLATION `file`, that somebody else has open */
    JOURNAL_CANNOT_WRITE,               /* `hr`; it is tried again */
    JOURNAL_DISK_LOW,                   /* `bytes` free, less than a quarter of the least; writing waits until there are more */
    JOURNAL_WRITES_AGAIN,               /* after one of the three above */
    JOURNAL_RECOVERED_TAIL,             /* `file`, `offset`, `bytes`: as in journal.recovered */
    JOURNAL_DAMAGED,                    /* `file`, `offset`, `first`: as in journal.broken */
    JOURNAL_LOST,                       /* `events` were lost, `requests` among them: as in journal.gap, which is on disk */
    JOURNAL_PRUNED_TO,                  /* journal.pruned is on disk: `sequence` and `hash` of the last line that goes */
    JOURNAL_REQUEST_REFUSED,            /* what lies in the folder as a request to prune is not one that is followed: `hr`, `file` */
    JOURNAL_FOREIGN,                    /* `file` had a segment's name and was not of this chain; it was moved to torn/ */
    JOURNAL_SPACE_IS_LOW,               /* `bytes` free, less than the least: events that yield are counted and not written */
    JOURNAL_SPACE_AGAIN,                /* after that: there is more again */
    JOURNAL_UNWRITTEN,                  /* the journal was closed, or the CA stops, and `events` have not reached the disk: `requests` */
    JOURNAL_REPORT_KINDS
};

struct journal_report {
    enum journal_report_kind kind;
    const char *directory;              /* of the journal: UTF-8 */
    HRESULT hr;
    uint64_t sequence;
    const char *hash;                   /* 64 hex digits */
    const char *file;                   /* a name in the directory, or NULL */
    uint64_t offset, bytes, first;
    uint64_t events;
    const char *requests;               /* RequestIDs, "101, 102, 107 and 12 more"; "" where no request is among them */
};

#endif
