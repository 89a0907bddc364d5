/* A sealed segment of a journal, judged for removal: whether it is whole, and how old its lines
 * are. */
#ifndef SEALED_H
#define SEALED_H

#include "journal/segment.h"

enum sealed_state {
    SEALED_WHOLE, /* each line is intact and follows the one before, up to the next segment's first
                   */
    SEALED_ON_RECORD, /* damaged, and the next segment begins with the journal.broken that names the
                         damage */
    SEALED_DAMAGED,   /* damaged, and nothing has it on record */
};

/* The first line of a segment. */
struct sealed_first {
    bool
        intact; /* it is a line with the sequence of the segment's name; else the rest is not set */
    struct chain_head before;           /* the line before it */
    int64_t time; /* in microseconds; INT64_MAX: it has no time that can be read */
    bool broken;                        /* it is a journal.broken, */
    char file[SEGMENT_NAME_SIZE + 1];   /* which names this file, */
    uint64_t offset, sequence;          /* this byte and this line */
};

struct sealed {
    enum sealed_state state;
    uint64_t offset, sequence;          /* where the damage begins */
    uint64_t lines;
    int64_t oldest, newest; /* times of its lines that are not after `now`, in microseconds;
                               INT64_MAX and INT64_MIN: there are none */
};

HRESULT sealed_first(struct disk_folder *folder, uint64_t segment,
                     struct sealed_first *out) MUST_CHECK;

/* Read the segment whole; `next` is the segment after it and `first` its first line. Lines after
 * `now` are those of a clock that was wrong. */
HRESULT sealed_look(struct disk_folder *folder, uint64_t segment, uint64_t next,
                    const struct sealed_first *first, int64_t now, struct sealed *out) MUST_CHECK;

#endif
