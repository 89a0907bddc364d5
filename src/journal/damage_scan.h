/* What stands behind damage: the intact lines there, and whether one of them says that what is damaged had been on disk. */
#ifndef DAMAGE_SCAN_H
#define DAMAGE_SCAN_H

#include "segment.h"

struct damage_scan {
    uint64_t next;                      /* that should have stood where the damage begins; set by the caller, the rest zero */
    uint64_t size;                      /* of the file */
    uint64_t lines;                     /* intact ones from `next` on */
    bool covered;                       /* one of them was made when `next` was on disk */
    bool unjudged;                      /* some bytes may be a line, or not: memory did not suffice to tell */
    struct chain_head highest;          /* sequence 0: none */
};

/* Whether the piece is, or ends in, an intact line from `next` on. */
bool damage_scan_has_line(const struct damage_scan *behind, const struct segment_piece *piece, struct line *line);

/* One piece behind the damage, the damaged one included. */
void damage_scan_piece(struct damage_scan *behind, const struct segment_piece *piece);

/* All that the reader still has. */
HRESULT damage_scan_rest(struct damage_scan *behind, struct segment_reader *reader) MUST_CHECK;

#endif
