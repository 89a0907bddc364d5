/* Recovery of a journal's chain when it is opened: finds its end and handles the bytes after it. */
#ifndef RECOVER_H
#define RECOVER_H

#include "head.h"
#include "segment.h"

enum recover_finding {
    RECOVER_NOTHING,                    /* the chain ended as it should */
    RECOVER_TORN,                       /* a tail that was being written; it was moved to torn/ */
    RECOVER_BROKEN,                     /* lines that had been on disk are damaged; they were
                                         * left in place */
};

/* The place of a line, and its hash. */
struct line_at {
    uint64_t segment, offset;           /* segment 0: no line */
    size_t size;
    char hash[LINE_HASH_SIZE + 1];
};

/* A run of this process that was given up: its lines above `sequence` were not acknowledged. */
struct recover_own {
    char run[37];
    uint64_t sequence;
};

/*
 * Files that had the name of the last segment but were not part of the chain, and were moved aside
 * one after the other: their new names, in torn/.
 */
#define RECOVER_FOREIGN_MAX 8
struct recover_foreign {
    unsigned count;
    char kept[RECOVER_FOREIGN_MAX][DISK_NAME_MAX];
};

struct recovery {
    struct chain_head head;             /* the line that the next one follows */
    struct line_at last;                /* the last valid line */
    char source[LINE_SOURCE_MAX + 1];   /* the source of `last` if it differs from ours, as after
                                         * a rename of the machine or a cluster's move of the CA;
                                         * else "" */
    bool ended_cleanly;                 /* the last run, if any, wrote module.stopped */
    uint64_t segment;                   /* first sequence of the segment to continue; 0: begin a
                                         * new one. After a failure: the last segment */
    uint64_t segment_size;              /* size of its valid part, in bytes: writing continues
                                         * there, whatever follows */

    struct recover_foreign foreign;     /* usually empty; also set after a failure */

    enum recover_finding finding;
    char file[SEGMENT_NAME_SIZE + 1];   /* file with the finding; with RECOVER_NOTHING this and
                                         * all that follows is empty */
    uint64_t offset;                    /* of the first damaged byte */
    uint64_t sequence;                  /* of the first damaged line */
    uint64_t bytes;                     /* number of bytes from `offset` to the end of the file,
                                         * none of them part of the chain */
    struct head vouched;                /* with RECOVER_BROKEN: content of the file `head` if it
                                         * names a line beyond every existing one; else sequence
                                         * 0 */
    char kept[DISK_NAME_MAX];           /* the file in torn/ with a copy of the torn tail; with
                                         * RECOVER_BROKEN usually empty */
};

/*
 * Find the end of the chain in `folder`, whose source is `source`, and prepare it for writing. The
 * folder is listed once. Only the last segment is read, and earlier ones (at most
 * SEGMENTS_LAST_MAX) until a valid line is found.
 *
 * A torn tail is copied to torn/, the copy is flushed, and only then is the tail cut off. After a
 * crash in between there is an extra copy and nothing is lost, and the tail is found again: the
 * next call reports a tail whose cutting is not on record. If the tail cannot be cut (another
 * program has the file mapped), it is abandoned and the chain continues in a new segment.
 *
 * Everything valid is flushed, except a last segment that cannot be opened for writing and that
 * `head` covers; such a segment stays unchanged. Lines that neither `flushed` nor the file `head`
 * covers are first overwritten with themselves, since the system may regard as clean what an
 * earlier flush failed to write.
 *
 * Unacknowledged lines of `own` (NULL: none) are not part of the chain, unless another run has
 * continued after them. On failure nothing was removed and the call can be repeated.
 */
HRESULT recover_chain(struct disk_folder *folder, struct span source, const struct recover_own *own,
                      struct recovery *out) MUST_CHECK;

#endif
