/*
 * A segment file, read piece by piece: each piece is a line, or the bytes where a line should be.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "disk.h"
#include "line.h"

#define SEGMENT_NAME_SIZE 26            /* "00000000000000000001.jsonl" without its zero */

void segment_name(uint64_t sequence, char out[SEGMENT_NAME_SIZE + 1]);
/* The sequence in the name; 0 if it is not the name of a segment. */
uint64_t segment_sequence(const char *name);

/* The highest first sequence below `limit` of the segments in the folder; 0: none. */
HRESULT segment_find_below(struct disk_folder *folder, uint64_t limit,
                           uint64_t *sequence) MUST_CHECK;

/*
 * The last segments of a folder, from one listing of it: their first sequences, the highest first.
 */
#define SEGMENTS_LAST_MAX 64
struct segments_last {
    unsigned count;
    uint64_t first[SEGMENTS_LAST_MAX];
};
HRESULT segment_find_last(struct disk_folder *folder, struct segments_last *out) MUST_CHECK;

/* The lowest first sequence above `limit`; 0: none. */
HRESULT segment_find_above(struct disk_folder *folder, uint64_t limit,
                           uint64_t *sequence) MUST_CHECK;

/*
 * Opens with disk_view: a writer may append to the file and cut it meanwhile. Uses 64 KiB of
 * memory, up to 1 MiB if lines are long.
 */
struct segment_reader;
HRESULT segment_reader_open(struct disk_folder *folder, uint64_t sequence,
                            struct segment_reader **out) MUST_CHECK;
void segment_reader_close(struct segment_reader *reader);       /* takes NULL */

struct segment_piece {
    uint64_t offset;                    /* offset of its first byte in the file */
    struct span text;                   /* up to and including the LF; valid until the next call */
};

/*
 * Read the next piece. S_FALSE: end of the file. A piece is at most LINE_MAX_SIZE long: longer
 * data without an LF comes in several pieces, cut where a line may begin if there is such a place.
 * The last piece of a file may lack its LF.
 */
HRESULT segment_next(struct segment_reader *reader, struct segment_piece *piece) MUST_CHECK;

/*
 * The next pieces, with the memory that they lie in, to be used by several threads; {0} initially.
 */
#define SEGMENT_BATCH_MAX 256           /* pieces: their lines have some KiB each */
struct segment_batch {
    char *window;                       /* owned, by malloc; valid until the next segment_take */
    size_t room;
    unsigned count;
    struct segment_piece pieces[SEGMENT_BATCH_MAX];
};

/*
 * As segment_next, but take all pieces that are in memory, at least one; they are the same as
 * segment_next would give one by one. The reader gives its window away and goes on with that of
 * the batch, which is made 256 KiB large.
 */
HRESULT segment_take(struct segment_reader *reader, struct segment_batch *batch) MUST_CHECK;

/*
 * Open a segment and read its first line: views that are valid until the reader is used again or
 * closed. S_FALSE: the segment does not begin with an intact line. After S_FALSE or a failure
 * there is nothing to close.
 */
HRESULT segment_open_first(struct disk_folder *folder, uint64_t sequence,
                           struct segment_reader **out, struct line *line) MUST_CHECK;

/*
 * Continue at `offset`. The next piece is read from the disk again, where the content may have
 * changed.
 */
void segment_seek(struct segment_reader *reader, uint64_t offset);

/* Set `*answer` if the file is now shorter than `size`. */
HRESULT segment_is_shorter(struct segment_reader *reader, uint64_t size, bool *answer) MUST_CHECK;

#endif
