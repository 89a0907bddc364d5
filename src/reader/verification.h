/*
 * A journal read from its first line to its end, or to the first thing that is wrong, and what is to be said of it on the way.
 *
 * Memory: that of the reader (reader.h), of one event (event.h) and of the noted heads, whatever the journal's size.
 */
#ifndef VERIFICATION_H
#define VERIFICATION_H

#include "date_check.h"
#include "journal/reader.h"
#include "noted_heads.h"
#include "progress.h"
#include "verify_report.h"

enum verdict {
    VERDICT_HOLDS,
    VERDICT_WRONG,
    VERDICT_NO_JOURNAL,                 /* the folder's files are somebody else's */
    VERDICT_UNREADABLE,
};

enum writer {
    WRITER_NOT_ASKED,                   /* the journal was closed */
    WRITER_LIVES,
    WRITER_NONE,
    WRITER_UNKNOWN,
};

struct verification {
    struct noted_heads *heads;          /* borrowed, as is the report */
    struct report *report;
    const char *path;                   /* borrowed */
    struct disk_folder *folder;         /* owned, as are reader, event, source, text */
    struct reader *reader;

    /* What was found. */
    struct reader_totals totals;
    struct chain_head before;           /* the line before the first one, as that names it */
    uint64_t bytes, segments;           /* all that is there */
    struct bytes source;                /* of the last line */
    char run[36];                       /* of the last line: a GUID */
    char first_time[40], last_time[40];
    uint64_t runs, unclean;             /* module.started; those that say the run before had not ended cleanly */
    bool closed;                        /* the last line is module.stopped */
    enum writer writer;
    struct date_check dates;
    uint64_t head_counts[HEAD_GONE + 1];
    uint64_t head_proven, head_contradicted;        /* the highest proven, the lowest contradicted; 0: none */
    uint64_t pruned_by;                 /* the event that says all before the first line was removed */
    enum reader_result result;          /* how reading ended */

    /* Where it stands. */
    struct progress progress;
    const struct reader_item *now;
    uint64_t file_start;                /* bytes in the files before the one that is read */
    char file[SEGMENT_NAME_SIZE + 1];
    struct reader_item damage;          /* on record; its journal.broken comes next */
    bool damaged;
    uint64_t left_lines, left_bytes;    /* of totals, as they were when the file was begun */
    uint64_t certificates;
    struct event event;
    struct bytes text;                  /* of the next finding */
};

/*
 * `path` as for reader_open, whose failures it returns; it lives as long as the verification. `heads` are sorted; `report` has begun. Close it in
 * any case.
 */
HRESULT verification_open(struct verification *verification, const char *path, struct noted_heads *heads, struct report *report) MUST_CHECK;
void verification_close(struct verification *verification);

/*
 * Read it all and tell the report every finding. Once. Blocks for as long as that takes. Where the writer removes files faster than they are read,
 * it begins anew with the oldest that is there, and the report says so.
 */
enum verdict verification_run(struct verification *verification);

/* What was found in sum, and the verdict, to the report (verification_sum.c). */
void verification_sum_up(struct verification *verification, enum verdict verdict);

#endif
