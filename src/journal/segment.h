/* A segment file, read piece by piece: each piece is a line, or what stands where a line should. */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "disk.h"
#include "line.h"

#define SEGMENT_NAME_SIZE 26            /* "00000000000000000001.jsonl" without its zero */

void segment_name(uint64_t sequence, char out[SEGMENT_NAME_SIZE + 1]);
/* The sequence that the name tells; 0 where it is no segment's name. */
uint64_t segment_sequence(const char *name);

/* The highest first sequence of any segment in the folder that is below `limit`; 0 where there is none. */
HRESULT segment_find_below(struct disk_folder *folder, uint64_t limit, uint64_t *sequence) MUST_CHECK;

/* The last segments of a folder, from one listing of it, however many there are: their first sequences, the highest first. */
#define SEGMENTS_LAST_MAX 64
struct segments_last {
    unsigned count;
    uint64_t first[SEGMENTS_LAST_MAX];
};
HRESULT segment_find_last(struct disk_folder *folder, struct segments_last *out) MUST_CHECK;

/* The lowest one above `limit`; 0 where there is none. */
HRESULT segment_find_above(struct disk_folder *folder, uint64_t limit, uint64_t *sequence) MUST_CHECK;

/* Opens with disk_view: a writer may append to the file and cut it meanwhile. Holds 64 KiB of memory, up to 1 MiB where lines are
 * long. */
struct segment_reader;
HRESULT segment_reader_open(struct disk_folder *folder, uint64_t sequence, struct segment_reader **out) MUST_CHECK;
void segment_reader_close(struct segment_reader *reader);       /* takes NULL */

struct segment_piece {
    uint64_t offset;                    /* of its first byte in the file */
    struct span text;                   /* up to and including the LF; valid until the next call */
};

/* The next piece. S_FALSE at the end of the file. A piece is at most LINE_MAX_SIZE long: what has no LF for longer than that comes in
 * several, cut where a line may begin if there is such a place; the last piece of a file may lack its LF. */
HRESULT segment_next(struct segment_reader *reader, struct segment_piece *piece) MUST_CHECK;

/* Open a segment and read its first line: views that hold until the reader is used again or closed. S_FALSE: it does not begin with an intact
 * line, and there is nothing to close; nor is there after a failure. */
HRESULT segment_open_first(struct disk_folder *folder, uint64_t sequence, struct segment_reader **out, struct line *line) MUST_CHECK;

/* The next piece will begin at `offset`, and is read from the disk again: more may stand there by now, or something else. */
void segment_seek(struct segment_reader *reader, uint64_t offset);

/* Whether the file, as it is now, is shorter than `size`. */
HRESULT segment_is_shorter(struct segment_reader *reader, uint64_t size, bool *answer) MUST_CHECK;

#endif
