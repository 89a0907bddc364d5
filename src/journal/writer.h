/*
 * A journal's chain on disk, being written: folder, segment, the batch of lines that goes out next. One thread; every call but
 * writer_add may block for as long as the disk does.
 *
 * Order of calls: writer_open until it succeeds; then batches, each of them writer_begin, any number of writer_add,
 * writer_write, and after success writer_tell_head; writer_close. A batch that failed is made again from writer_begin on: its lines then have the same places in the chain.
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

struct writer {
    struct writer_options options;
    char run[37];                       /* GUID; new with every writer_open */
    struct disk_folder *folder;         /* NULL: not open */
    struct chain_head head;             /* the last line that is on disk */
    uint64_t first;                     /* of the segment that holds it; 0: no segment of this run yet */
    uint64_t free_bytes;                /* what the volume had left when it was last asked */
    char refused[DISK_NAME_MAX];        /* after ERROR_SHARING_VIOLATION: the file that somebody else has open */
    bool counts;                        /* set by the caller after writer_begin: `adopted` is to tell of this batch */
    uint64_t adopted;                   /* after writer_open: so many first lines of the batch that was lost are in the chain */
    char aside[DISK_NAME_MAX];          /* a file that was not of the chain and was moved to torn/; the caller empties it once it was told */
    bool too_full;                      /* the last writer_write was refused for that */
    bool yields;                        /* set by the caller after writer_begin: an event that yields is in the batch, which needs all of min_free_bytes */
    bool low;                           /* less than min_free_bytes would be free behind the last batch that the volume was asked for */
    bool reserve;                       /* set by the caller: what is written now makes room, and may take from min_free_bytes */

    /* The writer's own from here on. */
    struct disk_file *head_file;        /* NULL: open it */
    uint64_t head_told;                 /* the sequence that it holds; 0: none of this run yet */
    struct disk_file *segment;          /* NULL: begin a new one */
    uint64_t made;                      /* the segment that this run made, or found as its own, last */
    uint64_t segment_first, segment_size;       /* size: bytes of it that are flushed */
    bool folder_dirty;                  /* the segment's name may not be on disk */
    struct bytes batch;
    size_t batch_last;                  /* where its last line begins */
    struct chain_head batch_head;       /* the last line of the batch */
    struct line_at last;                /* the last line on disk */
    bool doubt;                         /* the last write failed: look again before the next */
    struct recover_own own;             /* the run that was given up; sequence and `after` as it left them; run "": none */
    struct line_at after;
    struct bytes lost;                  /* its batch; empty where that does not count */
    uint64_t free_asked, free_spent;    /* when the volume was asked, in ticks, and bytes written since */
};

/*
 * Open the folder, lock it, find the chain's end; `found` says what stood behind it. On failure everything is closed and the call can be
 * made again; what this attempt has found stays in `found` and is not to be found again.
 * HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION): somebody has `refused` open.
 */
HRESULT writer_open(struct writer *writer, struct recovery *found) MUST_CHECK;

void writer_begin(struct writer *writer);
HRESULT writer_add(struct writer *writer, const char *type, const char *subject, int64_t time, struct span data) MUST_CHECK;
HRESULT writer_add_checked(struct writer *writer, const char *type, const char *subject, int64_t time, struct span data) MUST_CHECK;  /* `data` was */

/*
 * Write and flush the batch. S_OK: it is on disk and `head` its last line. After any failure nothing of it counts, and nothing that was
 * written since the last success ever will: the segment is cut back or left behind, and the next attempt begins another
 * (or this one anew, where none of its lines was ever on disk).
 * After a failure, and before the next attempt, the writer looks again: the folder and its lock are those that were opened, the last line on
 * disk stands in its place, and behind it no line of another run. If not, another writer has gone on, or may have: everything is closed, `folder`
 * is NULL, and writer_open begins a new run behind whatever is there.
 * HRESULT_FROM_WIN32(ERROR_DISK_FULL) with `too_full`: less than a quarter of min_free_bytes would be left, or, with `yields`, less than all of it;
 * nothing was written.
 */
HRESULT writer_write(struct writer *writer) MUST_CHECK;

/* Ask the volume how much is free, where that was not asked within a second: `low` and `free_bytes`. */
void writer_ask_space(struct writer *writer);

/* Tell in the file `head` how far the journal is on disk, where that was not told yet. One write, no flush: after callers were woken. That it
 * fails is nobody's trouble: an older head says less, and nothing wrong. */
void writer_tell_head(struct writer *writer);

void writer_close(struct writer *writer);       /* the files; takes a writer that is not open */
void writer_free(struct writer *writer);        /* its memory */

#endif
