/*
 * A reader of a journal: line by line from any sequence on, verified on the way, up to the first
 * fault.
 *
 * A journal may be read while it is written: the reader takes no lock, changes nothing and never
 * makes the writer fail. One thread at a time per reader. It uses some 70 KiB of memory and 8
 * bytes for each segment; if lines have the maximum length (1 MiB), up to 17 MiB. Every call may
 * block for as long as the disk does.
 */
#ifndef READER_H
#define READER_H

#include "read_ahead.h"

struct reader;

/*
 * Open a journal. `path` is its folder, as for disk_view_folder, whose failures are returned; also
 * E_OUTOFMEMORY. Nothing is read yet. S_OK: the caller frees `*out` with reader_close. On failure
 * `*out` is NULL.
 *
 * `from` is the first sequence wanted; 0: all lines. Reading begins with the segment that contains
 * it; earlier lines of the segment are verified and not given. If that line was moved away or
 * pruned, reading begins at the oldest existing line. The first line that is read is verified by
 * its own hash only: its previoushash is accepted without a check, unless it is line 1.
 */
HRESULT reader_open(const char *path, uint64_t from, struct reader **out) MUST_CHECK;

/* The place of a line inside a segment, where reading can begin. */
struct reader_start {
    uint64_t segment;                   /* first sequence of the segment, as in its name */
    uint64_t offset;                    /* bytes from the file's beginning */
    uint64_t sequence;                  /* sequence of the line at this place */
    uint64_t number;                    /* number of that line in the file; 0: unknown, and all
                                         * places then have number 0 */
};

/*
 * Open a journal for reading from such a place on, otherwise as reader_open; `start` is copied. The
 * line there is verified by its own hash only; its link to the lines before it is not.
 * (reverse_reader.h finds such places from the journal's end.)
 */
HRESULT reader_open_at(const char *path, const struct reader_start *start,
                       struct reader **out) MUST_CHECK;
void reader_close(struct reader *reader);               /* takes NULL */

/*
 * From the first line on, read lines ahead and judge them with several threads (read_ahead.h).
 * Every result is the same. `ahead` is borrowed, until reader_close. Call it before reader_next.
 */
void reader_read_ahead(struct reader *reader, struct read_ahead *ahead);

enum reader_result {
    READER_LINE,                        /* `line`, at `place` */
    READER_ON_RECORD,                   /* damage at `place`, of kind `kind`, that is on record:
                                         * the next file begins with a journal.broken that
                                         * reports it. The intact lines in the damaged part come
                                         * next, each `unverified` */
    READER_END,                         /* no more lines for now; more may be written later */
    READER_UNFINISHED,                  /* as READER_END, but after the last line, at `place`,
                                         * there are bytes that are not a line yet: they are
                                         * being written, or were when the power failed
                                         * (READER_TORN). A caller that knows whether a writer is
                                         * alive can tell which */
    READER_FAULT,                       /* the first fault, at `place`, of kind `kind`. The
                                         * reader stops and returns the same again; only
                                         * READER_UNREADABLE is tried again */
};

/* The kind of fault at a place where the line `sequence` was expected. */
enum reader_kind {
    READER_TORN,                        /* a tail that was being written; the next writer moves
                                         * it aside */
    READER_CHANGED,                     /* the bytes were changed: the hash, or the link to the
                                         * line before, does not match */
    READER_MISSING,                     /* the lines from it up to and including `last` are
                                         * missing, and are not at a later place either */
    READER_REORDERED,                   /* another line is there, whose place is earlier, or the
                                         * expected line comes later */
    READER_DUPLICATE,                   /* a line that has already been read */
    READER_FOREIGN,                     /* another line with the sequence of a line that has been
                                         * read: it was inserted, or was abandoned although it
                                         * had been on disk, since two writers continued from the
                                         * same line */
    READER_NOT_JSON,                    /* the hash is correct, but not every parser would read
                                         * the JSON the same way (json_check.h) */
    READER_NOT_A_LINE,                  /* the hash is correct, but the envelope is missing or
                                         * not in the format */
    READER_UNREADABLE,                  /* the disk refused, `hr`; or memory ran out */
};

struct reader_place {
    char file[SEGMENT_NAME_SIZE + 1];   /* "" if no segment was found */
    uint64_t number;                    /* line number in the file, from 1; any bytes between two
                                         * LFs count as one line */
    uint64_t offset;                    /* offset of its first byte in the file; the file's end
                                         * if lines are missing there */
    uint64_t sequence;                  /* its sequence, or the expected one */
};

struct reader_item {
    struct line line;                   /* views, valid until the next call. READER_FAULT: only
                                         * `sequence` is set, 0 if there is no line */
    struct json_doc data;               /* READER_LINE: the line's data, parsed: views, valid as
                                         * long as the line */
    bool unverified;                    /* READER_LINE: the line is intact, but verified by its
                                         * own hash only: it is in damage on record or after a
                                         * fault, and the chain does not lead to it from an
                                         * earlier line */
    struct reader_place place;
    enum reader_kind kind;
    uint64_t last;                      /* READER_MISSING: the last missing line; 0 if no later
                                         * line shows it */
    uint64_t head;                      /* READER_FAULT: the line that the file `head` names, if
                                         * that revealed the fault; else 0 */
    HRESULT hr;                         /* READER_UNREADABLE */
};

/*
 * Read the next line. Each call writes `item` anew. After READER_END and READER_UNFINISHED the
 * reader stays at its place and continues there when more was written.
 *
 * A line may be given that is not on disk yet: its sequence is above `flushed` of every line given
 * so far. If writing it then fails, the writer writes its events again, possibly in other lines,
 * and the reader gives these, too. The caller sees it by the sequence: a line whose sequence is not
 * above that of the line before replaces the line given with that sequence, and all given after it.
 * This does not happen in a journal without a writer.
 *
 * If segments are pruned before the reader gets to them, the result is READER_FAULT, with
 * READER_MISSING, or READER_UNREADABLE and ERROR_FILE_NOT_FOUND: open another reader.
 */
enum reader_result reader_next(struct reader *reader, struct reader_item *item);

/*
 * As reader_next, for a caller that does not wait for more lines: at the end, the file `head` is
 * consulted. If it names a line beyond the last one, the result is READER_FAULT, and `item->head`
 * is the sequence that it names: the bytes after the last line are damaged or, if there are no such
 * bytes, lines are missing.
 */
enum reader_result reader_next_of_all(struct reader *reader, struct reader_item *item);

/*
 * After READER_FAULT: continue after it, with the next intact line, whatever its sequence. Takes as
 * long as reading the bytes that are passed over. S_OK: reader_next gives that line. S_FALSE: there
 * is no such line now. S_FALSE and failures leave the reader at its fault, and the call can be
 * repeated.
 *
 * This line and those that follow it are `unverified`, up to a line that follows the last verified
 * one: there the chain continues, and the lines between were inserted. If lines were moved to an
 * earlier place, they are given there as `unverified`. Once the line that they follow is given,
 * they count as verified, and the chain continues after the last of them.
 *
 * For each of the first READER_LOOKS_MAX faults everything after it is read to determine its kind,
 * so each takes as long as that reading. The kind of later faults is determined from their place
 * alone: lines are READER_MISSING though they exist at a later place, a repeated line is
 * READER_REORDERED, an unfinished tail is damage, and damage is never on record.
 */
#define READER_LOOKS_MAX 16
HRESULT reader_go_on(struct reader *reader) MUST_CHECK;

/* What has been verified so far, including lines before `from`. */
struct reader_totals {
    uint64_t first;                     /* sequence of the first line; 0: none yet */
    struct chain_head head;             /* the last line */
    uint64_t lines, segments;
    uint64_t recoveries, gaps, breaks;  /* number of lines of type journal.recovered, journal.gap
                                         * and journal.broken */
    uint64_t left_lines, left_bytes;    /* passed over: tails that were abandoned when writing
                                         * them failed */
    uint64_t damaged_bytes;             /* passed over: damage on record; `damaged_lines` counts
                                         * the intact lines in it */
    uint64_t damaged_lines;
};

void reader_totals(const struct reader *reader, struct reader_totals *out);

/* "changed", "not JSON", …: for display and tests. */
const char *reader_kind_text(enum reader_kind kind);

#endif
