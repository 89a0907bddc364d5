/*
 * Lines that are read and judged ahead of the reader, by several threads.
 *
 * A reader that has one takes its lines from it (reader_read_ahead). The reader's thread reads the
 * file; form, hash and JSON of each piece are judged by that thread and by others; the reader links
 * the lines in their order. The bytes that are linked are the bytes that were judged: they are read
 * once, into a window that nothing changes until the reader is past it.
 *
 * Threads begin when there is enough to read, and end with read_ahead_close. If none can be begun,
 * the reader's thread judges all pieces. Memory: two windows of 256 KiB with what is known of their
 * lines, some 2 MiB; if lines have the maximum length, up to 24 MiB, and 6 MiB for each thread.
 */
#ifndef READ_AHEAD_H
#define READ_AHEAD_H

#include "segment.h"

#define READ_AHEAD_THREADS_MAX 16       /* reading and linking do not keep up with more */

/* A piece, and what is wrong with it. */
struct judged_piece {
    struct segment_piece piece;
    enum line_fault fault;              /* line_read's */
    struct line line;                   /* if that is LINE_OK */
    enum json_verdict json;             /* line_check_json's, if that is LINE_OK */
    struct json_doc data;               /* if that is JSON_GOOD */
};

/* For the reader; its functions are called by one thread. */
struct read_ahead {
    /* The segment's next piece, valid until the next call. As segment_next. */
    HRESULT (*next)(struct read_ahead *ahead, struct segment_reader *segment,
                    const struct judged_piece **out);
    /* The segment will be read elsewhere, or closed: what was read ahead is dropped. The last piece
     * stays valid. */
    void (*forget)(struct read_ahead *ahead);
};

/*
 * `threads` is the number of threads that judge, the caller's included, from 1 to
 * READ_AHEAD_THREADS_MAX; what is more counts as that many. E_OUTOFMEMORY. One reader at a time
 * uses it, and is closed before it.
 */
HRESULT read_ahead_open(unsigned threads, struct read_ahead **out) MUST_CHECK;
void read_ahead_close(struct read_ahead *ahead);        /* takes NULL */

#endif
