/* A position in a journal, found again and compared with what stands there now. */
#ifndef POSITION_H
#define POSITION_H

#include "config.h"
#include "events/state_record.h"
#include "journal/reader.h"

enum position_verdict {
    POSITION_FINE,
    POSITION_PRUNED,                    /* the lines after it up to `oldest` - 1 were removed; `ca`
                                         * is that of the oldest line */
    POSITION_CHANGED,                   /* another line, or damage, is in its place */
    POSITION_SET_BACK,                  /* the journal ends before it */
    POSITION_OTHER_CA,                  /* another CA's line is in its place: `ca` */
    POSITION_NOWHERE,                   /* lines came before it, and the folder holds no file of a
                                         * journal */
    POSITION_UNREADABLE                 /* `hr` */
};

struct position_check {
    enum position_verdict verdict;
    bool there;                         /* FINE: the line itself is in the journal; else delivery
                                         * goes on with the oldest line */
    uint64_t oldest;                    /* first sequence of the oldest file; 0: none */
    char ca[LINE_SOURCE_MAX + 1];
    HRESULT hr;
};

/* Look for the line of the position in the journal. */
void position_check(const char *journal, const struct position *position,
                    struct position_check *check);

/* Seconds since the line after the position was written, or if that was removed, the oldest one.
 * 0: there is none, or a failure. */
HRESULT position_age(const char *journal, const struct position *position,
                     int64_t *age) MUST_CHECK;

/*
 * The position from which delivery begins with the oldest line, the line after the last one that is
 * known to be on disk, or the line `sequence`: the position of the line before it. If that line is
 * not in the journal any more, the position has its sequence and no hash: what is removed after it
 * is known to be missing. If it is not whole, the position is that of the last whole line before
 * it, so that the damage is told. ERROR_INVALID_DATA: the journal ends before the line
 * `sequence` - 1.
 * Takes as long as reading one segment.
 */
HRESULT position_find(const char *journal, enum config_start start, uint64_t sequence,
                      struct position *out) MUST_CHECK;

/* The CA of the last whole line. S_FALSE, and empty: there is none. */
HRESULT position_find_ca(const char *journal, char out[LINE_SOURCE_MAX + 1]) MUST_CHECK;

/* Whether it is that of a line; else of the beginning, or behind removed lines. */
bool position_has_line(const struct position *position);

void position_of_item(struct position *position, const struct reader_item *item);

#endif
