/* What the newest part of a journal tells: for a look at how it is, which must not take long.
 * Verifying all of it is another command's. */
#ifndef JOURNAL_HEALTH_H
#define JOURNAL_HEALTH_H

#include "events/date_check.h"
#include "journal/reader.h"
#include "base/timestamp.h"

/* that are read, by default up to some 256 MiB: a second or two */
#define JOURNAL_HEALTH_SEGMENTS 4
/* of older ones: only whether their first line is a journal.broken */
#define JOURNAL_HEALTH_FIRST_LINES 4096

struct journal_health {
    uint64_t first, last; /* sequences of the lines that were read; 0: there is none */
    char last_type[LINE_TYPE_MAX + 1];  /* of the last line */
    char last_time[TIMESTAMP_TEXT], gap_time[TIMESTAMP_TEXT];         /* in UTC */
    int64_t last_micros, gap_micros;
    uint64_t gap_sequence;              /* of the last journal.gap; 0: none in what was read */
    uint64_t recoveries, breaks;
    uint64_t broken_sequence; /* of the last journal.broken; 0: none in what was read, nor at the
                                 beginning of older files */
    char broken_time[TIMESTAMP_TEXT],
        broken_file[SEGMENT_NAME_SIZE +
                    1];          /* what it names, "" where it names no file of a journal */
    uint64_t unwritten_sequence; /* of the last module.started that tells of runs before it without
                                    lines; 0: none in what was read */
    int64_t unwritten_micros;
    char unwritten_time[TIMESTAMP_TEXT];
    bool unfinished;                    /* bytes behind the last line that are none */
    bool faulty; /* then the first thing that is wrong and not on record; what stands behind it was
                    read all the same: */
    enum reader_kind fault;
    HRESULT hr;                         /* READER_UNREADABLE */
    char fault_file[SEGMENT_NAME_SIZE + 1];     /* "": the folder */
    struct date_check dates;
};

/* `folder` as for reader_open, whose failures it returns. S_FALSE: there is no journal in it. It
 * may be written meanwhile. */
HRESULT journal_health_read(const char *folder, struct journal_health *out) MUST_CHECK;

#endif
