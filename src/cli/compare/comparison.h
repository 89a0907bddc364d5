/*
 * The journal beside the CA's database: entries that only one of them has, and differences.
 *
 * Requests are matched by RequestID, and certificates within by serial number; the rest then by
 * serial number alone, because a restored CA gives RequestIDs again. Requests of one RequestID that
 * have no certificate are told apart by requester and date of submission. Serial numbers,
 * requesters and templates are compared by their keys (facts/fact_key.h), a certificate's hash by
 * all of its 20 bytes. Memory is bounded as in facts/sorter.h.
 *
 * comparison_begin; comparison_event for each event; comparison_row for each row of the database;
 * comparison_end; then comparison_next for each deviation, by kind and RequestID.
 */
#ifndef COMPARISON_H
#define COMPARISON_H

#include "database_dump.h"
#include "facts/facts.h"

enum deviation_kind {
    DEVIATION_BEFORE,      /* in the database; the journal began later */
    DEVIATION_AFTER,       /* in the database; the journal, or its copy, ends before, and no gap
                            * and no start of the module since its last number explains it */
    DEVIATION_GAP,         /* in the database; a gap that is on record is at this place */
    DEVIATION_OFF,         /* in the database; the module was off there */
    DEVIATION_UNEXPLAINED, /* in the database; the journal says nothing of why it has not */
    DEVIATION_EXPIRED,     /* in the journal; the row is not there, its certificate has expired */
    DEVIATION_DELETED,     /* in the journal; the row is not there, its certificate is valid */
    DEVIATION_NO_ROW,      /* in the journal; the row of a request without a certificate */
    DEVIATION_DIFFERENT,   /* in both, and different */
    DEVIATION_MOVED,       /* a certificate is in both, with another RequestID */
    DEVIATION_UNREAD,      /* in the database; of the row only the RequestID can be read */
    DEVIATION_CA,          /* in the database; a row of the CA itself */
    DEVIATION_NEITHER,     /* a RequestID that neither has */
    DEVIATION_KINDS
};

/* The values that differ: bits. */
enum { DIFFERS_HASH = 1, DIFFERS_DISPOSITION = 2, DIFFERS_REASON = 4, DIFFERS_REQUESTER = 8,
       DIFFERS_TEMPLATE = 16, DIFFERS_SERIAL = 32 };

struct deviation {
    uint8_t kind, id[8];                /* sorted by both; use deviation_id */
    uint8_t differs;
    int64_t last;                       /* of consecutive RequestIDs of one kind, the last */
    int64_t other;                      /* DEVIATION_MOVED: the RequestID in the database */
    int64_t time;                       /* of the journal's line; FACT_NO_TIME: it has none */
    int64_t ours, theirs;               /* dispositions; -1: not known */
};

#define RESTORES_MOST 64

/* RequestIDs that began again. */
struct restore {
    uint64_t sequence;                  /* of the module's start before */
    int64_t time;                       /* of that line */
    int64_t first;                      /* the first new number that the journal has */
    int64_t kept;                       /* the highest number that the database kept for certain:
                                         * it went back to this one, or to one below `first`; 0:
                                         * it may have gone back to before the journal began */
    bool has_unsure;                    /* rows of which it is not known whether they are older */
};

struct comparison {
    int64_t now;                        /* seconds since 1970 */
    bool is_copy;                       /* of the journal, from before the database was written out:
                                         * rows after its end are no difference */
    struct issuance_reader reader;
    struct sorter requests, serials, deviations; /* owned */
    struct window *windows;             /* owned; where events may be missing */
    unsigned window_count, open_windows;
    unsigned started_windows;           /* those from before the last start of the module */
    int64_t began;                      /* time of the journal's first line; FACT_NO_TIME */
    int64_t first_id;                   /* the least RequestID of those that were submitted since;
                                         * -1: none */
    int64_t older_id;                   /* the highest that was submitted before, by its date;
                                         * -1: none */
    int64_t most_id;                    /* the highest RequestID of the journal; -1: none */
    int64_t last_id;                    /* the most since numbers began again; -1: none */
    int64_t started;                    /* time of the last start of the module, until the first
                                         * request that was submitted later; FACT_NO_TIME */
    uint64_t starts;                    /* of the module */
    uint64_t started_sequence;          /* of the line of the last start */
    struct restore restores[RESTORES_MOST];
    unsigned restore_count;
    uint64_t hidden;                    /* RequestIDs of two certificates, with no restore that is
                                         * known in between */
    int64_t hidden_low, hidden_high;    /* the least and the highest of them */
    uint64_t hidden_oldest;             /* lines: of all of them the first */
    uint64_t hidden_after, hidden_until; /* lines: numbers began again once, between them, or more
                                         * than once; the second is not higher: more than once */
    uint64_t oldest_kept;               /* the first line whose certificate has its row, but for
                                         * RequestIDs below the journal's first */
    int64_t submitted;                  /* when the last request was; INT64_MIN: none */
    int64_t restored;                   /* time since when numbers began again; FACT_NO_TIME */
    int64_t gap_id, gap_time;           /* of the gap that names the RequestID looked at; -1 */
    struct deviation held;              /* still to be given */
    uint64_t counts[DEVIATION_KINDS];
    uint64_t matched, ca_rows, not_compared;
    uint64_t open_ended;                /* rows above the journal's last number that a start or a
                                         * gap since explains */
    HRESULT hr;
};

void comparison_begin(struct comparison *comparison, int64_t now, bool is_copy);
void comparison_free(struct comparison *comparison);
void comparison_event(struct comparison *comparison, struct event *event);
void comparison_row(struct comparison *comparison, const struct database_row *row);
HRESULT comparison_end(struct comparison *comparison) MUST_CHECK;
/* False: there are no more, or `hr` is a failure. */
bool comparison_next(struct comparison *comparison, struct deviation *deviation);

int64_t deviation_id(const struct deviation *deviation);
/* The journal's last RequestID; -1: it has none. Where numbers began again, the highest of the old
 * ones says nothing of it. */
int64_t comparison_last_id(const struct comparison *comparison);
/* Whether a deviation of this kind means that the two differ: all but entries that the journal
 * cannot have, that cannot be read, or that neither has. */
bool comparison_is_difference(const struct comparison *comparison, enum deviation_kind kind);

#endif
