/*
 * Reports of a journal besides its lines: the position of its chain, and its problems. The
 * recorder writes them to the Windows event log.
 *
 * Reports are made by the writer's thread; JOURNAL_UNWRITTEN also by a thread in journal_close or
 * one that appends ca.stopping. None is made inside the journal's lock. The report is valid during
 * the call only. The function that receives it must not call the journal, and should not block,
 * since events wait meanwhile.
 */
#ifndef REPORT_H
#define REPORT_H

#include "base/os.h"

enum journal_report_kind {
    /* Heads: `sequence` and `hash` of the last line on disk. */
    JOURNAL_HEAD_STARTED, /* module.started is on disk */
    JOURNAL_HEAD_SEGMENT, /* a new segment was begun; the last line on disk is in it */
    JOURNAL_HEAD_DUE,     /* a thousand lines, or an hour with any, since the last one */
    JOURNAL_HEAD_STOPPED, /* module.stopped is on disk */

    /* Problems. Each is reported whenever it occurs: the receiver limits how often it is shown. */
    JOURNAL_CANNOT_OPEN,     /* `hr`; opening is tried again. With
                              * ERROR_SHARING_VIOLATION: `file`, which another program
                              * has open */
    JOURNAL_CANNOT_WRITE,    /* `hr`; it is tried again */
    JOURNAL_DISK_LOW,        /* `bytes` are free, less than a quarter of
                              * min_free_bytes; writing waits for more */
    JOURNAL_WRITES_AGAIN,    /* after one of the three above */
    JOURNAL_RECOVERED_TAIL,  /* `file`, `offset`, `bytes`: as in journal.recovered */
    JOURNAL_DAMAGED,         /* `file`, `offset`, `first`: as in journal.broken */
    JOURNAL_LOST,            /* `events` were lost, of the requests `requests`: as in
                              * journal.gap, which is on disk */
    JOURNAL_PRUNED_TO,       /* journal.pruned is on disk: `sequence` and `hash` of
                              * the last line to be removed */
    JOURNAL_REQUEST_REFUSED, /* the request to prune in the folder is not followed:
                              * `hr`, `file` */
    JOURNAL_FOREIGN,         /* `file` had a segment's name but was not part of this
                              * chain; it was moved to torn/ */
    JOURNAL_SPACE_IS_LOW,    /* `bytes` are free, less than min_free_bytes: events
                              * that yield are counted and not written */
    JOURNAL_SPACE_AGAIN,     /* after JOURNAL_SPACE_IS_LOW: enough space is free again */
    JOURNAL_UNWRITTEN,       /* the journal was closed, or the CA stops, and `events`
                              * are not on disk: `requests` */
    JOURNAL_REPORT_KINDS
};

struct journal_report {
    enum journal_report_kind kind;
    const char *directory;              /* the journal's folder: UTF-8 */
    HRESULT hr;
    uint64_t sequence;
    const char *hash;                   /* 64 hex digits */
    const char *file;                   /* a name in the directory, or NULL */
    uint64_t offset, bytes, first;
    uint64_t events;
    const char *requests;               /* RequestIDs, "101, 102, 107 and 12 more"; "" if no
                                         * request is among the events */
};

#endif
