/* What stands behind damage: the intact lines there, and whether one of them says that what is damaged had been on disk. */
#ifndef BEHIND_H
#define BEHIND_H

#include "segment.h"

struct behind {
    uint64_t next;                      /* that should have stood where the damage begins; set by the caller, the rest zero */
    uint64_t size;                      /* of the file */
    uint64_t lines;                     /* intact ones from `next` on */
    bool covered;                       /* one of them was made when `next` was on disk */
    bool unjudged;                      /* some bytes may be a line, or not: memory did not suffice to tell */
    struct chain_head highest;          /* sequence 0: none */
};

/* Whether the piece is, or ends in, an intact line from `next` on. */
bool behind_has_line(const struct behind *behind, const struct segment_piece *piece, struct line *line);

/* One piece behind the damage, the damaged one included. */
void behind_look(struct behind *behind, const struct segment_piece *piece);

/* All that the reader still has. */
HRESULT behind_look_on(struct behind *behind, struct segment_reader *reader) MUST_CHECK;

#endif
