/*
 * The writer of a journal's chain on disk: folder, segment, and the batch of lines that is written
 * next. One thread. writer_begin, writer_add, writer_add_checked and writer_free do not access the
 * disk; every other call may block for as long as the disk does.
 *
 * Order of calls: writer_open until it succeeds; then batches, each of them writer_begin, any
 * number of writer_add, writer_write, and after success writer_tell_head; finally writer_close and
 * writer_free. A batch that failed is made again from writer_begin on. Its lines then have the same
 * places in the chain, unless the writer closed the folder (writer_write).
 */
#ifndef WRITER_H
#define WRITER_H

#include "base/bytes.h"
#include "disk.h"
#include "line.h"
#include "recover.h"

struct writer_options {
    const char *directory, *source;     /* borrowed */
    uint64_t segment_bytes, min_free_bytes;
};

/* {.options = …} is a writer that is not open. */
struct writer {
    struct writer_options options;
    char run[37];                       /* GUID; new with every writer_open */
    struct disk_folder *folder;         /* NULL: not open */
    struct chain_head head;             /* the last line that is on disk */
    uint64_t first;                     /* first sequence of the segment that holds it; 0: no
                                         * segment of this run yet */
    uint64_t free_bytes;                /* free space of the volume when it was last asked */
    char refused[DISK_NAME_MAX];        /* after ERROR_SHARING_VIOLATION: the file that another
                                         * program has open */
    bool counts;                        /* set by the caller after writer_begin, which clears it:
                                         * if this batch is given up, `adopted` tells how much of
                                         * it is in the chain */
    uint64_t adopted;                   /* after writer_open: so many lines, from the first, of
                                         * the batch that was given up were taken over into the
                                         * chain by another writer */
    char aside[DISK_NAME_MAX];          /* a file that was not part of the chain and was moved to
                                         * torn/; the caller reports and clears it */
    bool too_full;                      /* the last writer_write that checked the space was
                                         * refused; one with `reserve` does not check, and leaves
                                         * this as it is */
    bool yields;                        /* set by the caller after writer_begin, which clears it:
                                         * the batch contains an event that yields, so all of
                                         * min_free_bytes must stay free */
    bool low;                           /* less than min_free_bytes would be free after the last
                                         * batch for which the volume was asked */
    bool reserve;                       /* set and cleared by the caller: batches lead to more
                                         * free space, and may use min_free_bytes */

    /* Private to the writer from here on. */
    struct disk_file *head_file;        /* NULL: to be opened */
    uint64_t head_told;                 /* the sequence in the file; 0: not written in this run
                                         * yet */
    struct disk_file *segment;          /* NULL: a new one is to be begun */
    uint64_t made;                      /* the segment that this run last created or found to be
                                         * its own */
    uint64_t segment_first, segment_size;       /* size: number of flushed bytes */
    bool folder_dirty;                  /* the segment's name may not be on disk */
    struct bytes batch;
    size_t batch_last;                  /* offset of the batch's last line */
    struct chain_head batch_head;       /* the last line of the batch */
    struct line_at last;                /* the last line on disk */
    bool doubt;                         /* the last write failed: check the chain before the next */
    struct recover_own own;             /* the run that was given up, with its last sequence; run
                                         * "": none. `after` is its last line */
    struct line_at after;
    struct bytes lost;                  /* the batch of that run; empty if it is not counted */
    uint64_t free_asked, free_spent;    /* when the volume was last asked, in ticks, and bytes
                                         * written since */
};

/*
 * Open and lock the folder and find the chain's end; `found` describes what was after it. It is
 * the caller's, and {0} before the first attempt. On failure everything is closed and the call can
 * be repeated; findings of this attempt stay in `found`, since the next attempt does not find them
 * again.
 * HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION): another program has `refused` open.
 */
HRESULT writer_open(struct writer *writer, struct recovery *found) MUST_CHECK;

/* Begin an empty batch after the last line on disk. What an earlier one contained is dropped. */
void writer_begin(struct writer *writer);

/*
 * Append one line to the batch. `time` is in microseconds, as os_now; `subject` may be NULL; all
 * texts are copied. E_INVALIDARG: no line can be made of it; the batch is as before and can be
 * continued. Any other failure (E_OUTOFMEMORY, or no hash): begin the batch again.
 */
HRESULT writer_add(struct writer *writer, const char *type, const char *subject, int64_t time,
                   struct span data) MUST_CHECK;
/* As writer_add, for `data` that line_check_data has accepted. */
HRESULT writer_add_checked(struct writer *writer, const char *type, const char *subject,
                           int64_t time, struct span data) MUST_CHECK;

/*
 * Write and flush the batch. S_OK: it is on disk and `head` is its last line. An empty batch is
 * S_OK, and nothing is written.
 *
 * After any failure nothing of the batch counts, nor anything written since the last success: the
 * segment is cut back or abandoned, and the next attempt begins another one (or begins this one
 * again, if none of its lines was ever on disk).
 *
 * Before the next attempt the writer checks that folder and lock are those that were opened, that
 * the last line on disk is in its place, and that no line of another run follows it. If this is
 * not so, another writer has continued, or may have: everything is closed, `folder` is NULL, and
 * writer_open begins a new run after all existing lines. Until then writer_write
 * returns HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION).
 *
 * HRESULT_FROM_WIN32(ERROR_DISK_FULL) with `too_full`: too little would stay free, and nothing was
 * written. What must stay free is a quarter of min_free_bytes, or all of it with `yields`.
 */
HRESULT writer_write(struct writer *writer) MUST_CHECK;

/*
 * Ask the volume for its free space, and set `low` and `free_bytes`. Nothing happens if it was
 * asked within the last second, the writer is not open, or min_free_bytes is 0. Between batches
 * only: it empties the batch.
 */
void writer_ask_space(struct writer *writer);

/*
 * Write the file `head` if the journal is on disk beyond its sequence. One write, no flush, after
 * the callers were woken. A failure is ignored: an older head covers fewer lines, and is still
 * correct.
 */
void writer_tell_head(struct writer *writer);

/* Close the files. The writer may be one that is not open, and can be opened again. */
void writer_close(struct writer *writer);
void writer_free(struct writer *writer);        /* frees the batches, not `writer`; close first */

#endif
