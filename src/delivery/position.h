/*
 * A position in a journal: the last line that a destination has taken, with all that is needed to
 * find it again and to see whether it is still the same line.
 */
#ifndef POSITION_H
#define POSITION_H

#include "config.h"
#include "journal/reader.h"

struct position {
    uint64_t segment, offset, number;   /* where the line begins, as in struct reader_start */
    uint64_t sequence;                  /* 0: no line; delivery begins with the oldest one */
    char hash[LINE_HASH_SIZE + 1];
    char ca[LINE_SOURCE_MAX + 1];       /* the CA's name in the line's source */
};

enum position_verdict {
    POSITION_FINE,
    POSITION_PRUNED,                    /* the lines after it up to `oldest` - 1 were removed */
    POSITION_CHANGED,                   /* another line, or damage, is in its place */
    POSITION_SET_BACK,                  /* the journal ends before it */
    POSITION_OTHER_CA,                  /* another CA's line is in its place: `ca` */
    POSITION_UNREADABLE                 /* `hr` */
};

struct position_check {
    enum position_verdict verdict;
    uint64_t oldest;                    /* first sequence of the oldest file; 0: none */
    char ca[LINE_SOURCE_MAX + 1];
    HRESULT hr;
};

/* Look for the line of the position in the journal. Position 0 is always fine. */
void position_check(const char *journal, const struct position *position,
                    struct position_check *check);

/*
 * The position from which delivery begins with the oldest line, the next line to be written, or
 * the line `sequence`: the position of the line before it. A sequence that is not in the journal
 * any more gives the oldest line; ERROR_INVALID_DATA: the journal ends before the line `sequence`
 * - 1. Takes as long as reading one segment.
 */
HRESULT position_find(const char *journal, enum config_start start, uint64_t sequence,
                      struct position *out) MUST_CHECK;

void position_of_item(struct position *position, const struct reader_item *item);

#endif
