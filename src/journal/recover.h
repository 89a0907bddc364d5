/* Opening a journal's chain: where it ends, and what to do about what stands behind that end. */
#ifndef RECOVER_H
#define RECOVER_H

#include "head.h"
#include "segment.h"

enum recover_finding {
    RECOVER_NOTHING,                    /* the chain ended as it should */
    RECOVER_TORN,                       /* a tail that was being written: moved to torn/ */
    RECOVER_BROKEN,                     /* lines that had been on disk are damaged: left where they are */
};

/* Where a line stands, and its hash. */
struct line_at {
    uint64_t segment, offset;           /* segment 0: there is none */
    size_t size;
    char hash[LINE_HASH_SIZE + 1];
};

/* A run of this process that was given up: its lines beyond `sequence` were not acknowledged. */
struct recover_own {
    char run[37];
    uint64_t sequence;
};

/* Last segments that were not of the chain, and were moved aside one after the other: where they are now, in torn/. */
#define RECOVER_FOREIGN_MAX 8
struct recover_foreign {
    unsigned count;
    char kept[RECOVER_FOREIGN_MAX][DISK_NAME_MAX];
};

struct recovery {
    struct chain_head head;             /* the next line follows this one */
    struct line_at last;                /* the last valid line */
    char source[LINE_SOURCE_MAX + 1];   /* of that line, where it is another than ours: the machine was renamed, or a cluster moved the CA; else "" */
    bool ended_cleanly;                 /* the last run, if there was one, said goodbye */
    uint64_t segment;                   /* first sequence of the segment to go on in; 0: begin a new one. After a failure: the last one */
    uint64_t segment_size;              /* bytes in it that stand: to be written on from there, whatever follows */

    struct recover_foreign foreign;     /* mostly none; after a failure as well */

    enum recover_finding finding;
    char file[SEGMENT_NAME_SIZE + 1];   /* where; with RECOVER_NOTHING empty, like all that follows */
    uint64_t offset;                    /* of the first damaged byte */
    uint64_t sequence;                  /* of the first damaged line */
    uint64_t bytes;                     /* how many from there to the end of the file are not part of the chain */
    struct head vouched;                /* with RECOVER_BROKEN: what the file `head` names beyond all that is there; sequence 0: nothing */
    char kept[DISK_NAME_MAX];           /* the file in torn/ that holds a copy of a torn tail; with RECOVER_BROKEN mostly empty */
};

/*
 * Find the end of the chain in `folder`, which is that of `source`, and make it fit to be written on. The folder is listed once. Only the
 * last segment is read, and those before it while no valid line was found, SEGMENTS_LAST_MAX at most. A torn tail is copied to torn/,
 * flushed there, and only then cut off; a crash in between leaves a copy
 * too many and nothing missing, and is found again: a tail whose cutting nobody has recorded is reported by the next call. Where
 * the tail cannot be cut (somebody else has the file mapped) it is left behind, and the chain goes on in a new segment. All that
 * stands is flushed, but for a last segment that somebody lets nobody write to and `head` covers: it stays as it is, too. Lines of `own` (NULL:
 * none) that nobody acknowledged are no part of it, unless another run has gone on behind them. What neither `flushed` nor the file `head`
 * covers is written over itself before, since the system may count as
 * clean what an earlier flush failed to bring to the disk. On failure nothing was taken away and the call can be made again.
 */
HRESULT recover_chain(struct disk_folder *folder, struct span source, const struct recover_own *own, struct recovery *out) MUST_CHECK;

#endif
