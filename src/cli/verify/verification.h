/*
 * A journal read from its first line to its end, behind every fault with the next line that is
 * whole, and what is to be said of it on the way.
 *
 * Memory: that of the reader (reader.h), of one event (event.h) and of the noted heads, whatever
 * the journal's size.
 */
#ifndef VERIFICATION_H
#define VERIFICATION_H

#include "events/date_check.h"
#include "journal/head.h"
#include "journal/reader.h"
#include "noted_heads.h"
#include "cli/terminal/progress.h"
#include "events/unfinished.h"
#include "verify_report.h"

/* In the order of what is worse. src/manual/verifying.md tells what each of them means. */
enum verdict {
    VERDICT_HOLDS,
    VERDICT_HOLDS_FROM, /* from a later line than 1, and it is known why */
    VERDICT_TORN,       /* whole up to its end, behind which stands the beginning of a line */
    VERDICT_UNPROVEN, /* nothing speaks against it, but something is not vouched for that should be
                       */
    VERDICT_DAMAGED,
    VERDICT_CONTRADICTED, /* by a head */
    VERDICT_UNREADABLE,   /* in part, or all of it */
    VERDICT_NO_JOURNAL,   /* there are bytes in the folder's files, and not one line */
};

/* What vouches for the first line, that none was taken before it, and for the last, that none was
 * cut off behind it. */
enum voucher {
    VOUCHED_BY_NOTHING,
    VOUCHED_BY_FIRST,
    VOUCHED_BY_PRUNED,
    VOUCHED_BY_HEAD,
    VOUCHED_BY_OPTION,
    VOUCHED_BY_FILE
};

struct verification {
    struct noted_heads *heads;          /* borrowed, as is the report */
    struct report *report;
    const char *path;                   /* borrowed */
    struct disk_folder *folder;         /* owned, as are reader, event, source, text */
    struct reader *reader;
    struct read_ahead *ahead;           /* NULL: there was no memory for it */

    /* What was found. */
    struct reader_totals totals;
    struct chain_head before;           /* the line before the first one, as that names it */
    uint64_t bytes, segments;           /* all that is there */
    struct bytes source;                /* of the last line */
    char run[36];                       /* of the last line: a GUID */
    char first_time[40], last_time[40];
    uint64_t runs,
        unclean; /* module.started; those that say the run before had not ended cleanly */
    bool closed;                        /* the last line is module.stopped */
    enum writer writer;                 /* not asked for where the journal was closed */
    struct date_check dates;
    uint64_t head_counts[HEAD_STATES];
    uint64_t head_proven, head_exact,
        head_contradicted; /* the highest proven, and of a line that is there; the lowest
                              contradicted; 0: none */
    uint64_t pruned_by;    /* the event that says all before the first line was removed */
    unsigned prunes;                    /* for which the folder was asked what is there */
    uint64_t begins_at; /* set by the caller: the first line that has to be there; 0: not known */
    enum voucher beginning, end;
    uint64_t
        vouched_to; /* the highest line for which a head vouches, given or in the file; 0: none */
    uint64_t heads_missing,
        heads_unchecked; /* of behind the end; of lines that are not there to be compared */
    bool unproven, contradicted, unreadable, torn, foreign;

    /* The faults that are not on record, and what stands behind them. */
    uint64_t lines;                     /* given so far, but for those in damage on record */
    uint64_t faults;
    struct reader_totals held;          /* as they were at the first one */
    uint64_t stray_lines, stretches;    /* unverified lines, and the pieces that they form */
    uint64_t highest;                   /* sequence of any whole line */
    struct {
        uint64_t first, last, lines;    /* lines 0: none yet */
        uint64_t vouched;               /* the last line of them that is a head's; 0: none */
    } stray;
    bool astray;
    bool mixed_told;

    /* The file `head`, as it was when reading began. */
    struct head file_head;
    enum head_state file_state;         /* HEAD_GONE: there is none */

    /* Where it stands. */
    struct progress progress;
    const struct reader_item *now;
    uint64_t file_start;                /* bytes in the files before the one that is read */
    char file[SEGMENT_NAME_SIZE + 1];
    struct reader_item
        damage; /* on record; its journal.broken comes next, and before that what is whole of it */
    bool damaged;
    uint64_t damaged_lines, damaged_bytes;              /* of the totals, as they were before it */
    uint64_t left_lines, left_bytes;    /* of totals, as they were when the file was begun */
    uint64_t certificates;
    struct event event;
    struct bytes text;                  /* of the next finding */
};

/*
 * `path` as for reader_open, whose failures it returns; it lives as long as the verification.
 * `heads` are sorted; `report` has begun. `threads` judge the lines (read_ahead.h). Close it in any
 * case.
 */
HRESULT verification_open(struct verification *verification, const char *path,
                          struct noted_heads *heads, struct report *report,
                          unsigned threads) MUST_CHECK;
void verification_close(struct verification *verification);

/*
 * Read it all and tell the report every finding; of more than 100 faults their number. Once. Blocks
 * for as long as that takes. Where the writer removes files faster than they are read, it begins
 * anew with the oldest that is there, and the report says so.
 */
enum verdict verification_run(struct verification *verification);

/* What was found in sum, and the verdict, to the report (verification_sum.c). */
void verification_sum_up(struct verification *verification, enum verdict verdict);

#endif
