/*
 * A scan of the bytes after damage: the intact lines there, and whether one of them shows that the
 * damaged lines had been on disk.
 */
#ifndef DAMAGE_SCAN_H
#define DAMAGE_SCAN_H

#include "segment.h"

struct damage_scan {
    uint64_t next;                      /* sequence of the line expected where the damage begins;
                                         * set by the caller, all else zero */
    uint64_t size;                      /* size of the file, in bytes */
    uint64_t lines;                     /* number of intact lines with a sequence of `next` or
                                         * above */
    bool covered;                       /* one of these shows by its `flushed` that line `next`
                                         * was on disk */
    bool unjudged;                      /* memory did not suffice to judge some of the bytes */
    struct chain_head highest;          /* the intact line with the highest sequence; sequence 0:
                                         * none */
};

/* True if the piece is, or ends in, an intact line with a sequence of `next` or above. */
bool damage_scan_has_line(const struct damage_scan *scan, const struct segment_piece *piece,
                          struct line *line);

/* Scan one piece, beginning with the damaged one. */
void damage_scan_piece(struct damage_scan *scan, const struct segment_piece *piece);

/* Scan the rest of the segment. */
HRESULT damage_scan_rest(struct damage_scan *scan, struct segment_reader *reader) MUST_CHECK;

#endif
