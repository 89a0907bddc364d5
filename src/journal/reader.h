/*
 * Reading a journal: line by line from any sequence on, verified on the way, up to the first thing that is wrong.
 *
 * It may be read while it is written: the reader takes no lock, changes nothing and never makes the writer fail. One thread at a
 * time per reader. It holds some 70 KiB of memory, and 8 bytes for each segment; where lines are as long as they may be (1 MiB), up to 9 MiB.
 * Every call may block for as long as the disk does.
 */
#ifndef READER_H
#define READER_H

#include "segment.h"

struct reader;

/*
 * `path` is the journal's folder, as for disk_view_folder, whose failures it returns; also E_OUTOFMEMORY. Nothing is read yet.
 *
 * `from` is the first sequence wanted, 0 for all there is. Reading begins with the segment that holds it, whose earlier lines are
 * verified and not given. What was moved away or pruned cannot be given: then it begins at the oldest line there is. Nothing
 * vouches for the first line that is read: its previoushash is taken as it stands, unless it is line 1.
 */
HRESULT reader_open(const char *path, uint64_t from, struct reader **out) MUST_CHECK;

/* A place where a line begins, in the midst of a segment. */
struct reader_start {
    uint64_t segment;                   /* its first sequence, as in its name */
    uint64_t offset;
    uint64_t sequence;                  /* of the line that begins there */
    uint64_t number;                    /* of that line in the file; 0: not known, and then places have none either */
};

/* The same, from such a place on: nothing vouches for the line there but its own hash. (tail.h finds such places from the journal's end.) */
HRESULT reader_open_at(const char *path, const struct reader_start *start, struct reader **out) MUST_CHECK;
void reader_close(struct reader *reader);               /* takes NULL */

enum reader_result {
    READER_LINE,                        /* `line`, at `place` */
    READER_ON_RECORD,                   /* damage at `place`, `kind`, which the journal itself tells of in the journal.broken that its next file
                                         * begins with. Of what stands between, the lines that are intact come next, each `unverified` */
    READER_END,                         /* no more for now. Ask again later */
    READER_UNFINISHED,                  /* the same, but behind the last line, at `place`, stand bytes that are none yet: they are
                                         * being written, or were when the power went (READER_TORN). Who knows whether a writer lives
                                         * can tell which */
    READER_FAULT,                       /* the first thing wrong, at `place`, `kind`. The reader goes no further and says the same
                                         * again; only READER_UNREADABLE is tried again */
};

/* What is wrong at a place where the line `sequence` had to stand. */
enum reader_kind {
    READER_TORN,                        /* a tail that was being written; the writer moves it aside when it opens the journal */
    READER_CHANGED,                     /* these bytes were not written: the hash does not fit, or the link to the line before */
    READER_MISSING,                     /* it is not there, up to and with the line `last`; in no later place either */
    READER_REORDERED,                   /* another line stands there. Its place is an earlier one, or that of the right one later */
    READER_DUPLICATE,                   /* a line stands there that has been read already */
    READER_FOREIGN,                     /* a line stands there whose sequence another line has that has been read: it was put in, or
                                         * left behind though it had been on disk: two writers went on from one line */
    READER_NOT_JSON,                    /* the hash is right, but it is no JSON that every parser reads the same (json_check.h) */
    READER_NOT_A_LINE,                  /* the hash is right, but the envelope is not there, or not as the format says */
    READER_UNREADABLE,                  /* the disk refused, `hr`; or memory ran out */
};

struct reader_place {
    char file[SEGMENT_NAME_SIZE + 1];   /* "" before any segment was found */
    uint64_t number;                    /* of the line in the file, from 1; what stands between two LFs counts as one */
    uint64_t offset;                    /* of its first byte in the file; at its end where lines are missing there */
    uint64_t sequence;                  /* that it has, or had to have */
};

struct reader_item {
    struct line line;                   /* views that hold until the next call; of READER_FAULT the sequence alone, 0 where no line stands there */
    bool unverified;                    /* READER_LINE: it is intact, and nothing but its own hash vouches for it: it stands in damage on record, or
                                         * behind a fault, and the chain leads from no line before that to it */
    struct reader_place place;
    enum reader_kind kind;
    uint64_t last;                      /* READER_MISSING; 0 where nothing behind tells */
    uint64_t head;                      /* READER_FAULT: the line that the file `head` names, where that is what tells; else 0 */
    HRESULT hr;                         /* READER_UNREADABLE */
};

/*
 * The next line. After READER_END and READER_UNFINISHED the reader is where it was, and goes on there when more has come.
 *
 * A line that is not on disk yet may be taken back: when writing it failed, the writer writes its events again, and in other lines
 * if need be. Such lines are above `flushed` of all lines given. A reader that sees it gives the new ones: a line whose sequence is
 * not above that of the line before replaces it and all between. In a journal that nobody writes this does not happen. A reader
 * that is overtaken by pruning finds READER_MISSING, or READER_UNREADABLE with ERROR_FILE_NOT_FOUND: open another.
 */
enum reader_result reader_next(struct reader *reader, struct reader_item *item);

/*
 * The same for who does not wait for more: where reader_next says that there is none, the file `head` is asked whether more had been there. If it
 * names a line beyond the last one, what follows that is damaged, or missing if nothing follows: READER_FAULT, and `head` is its sequence.
 */
enum reader_result reader_next_of_all(struct reader *reader, struct reader_item *item);

/*
 * After READER_FAULT: go on behind it, with the next line that is intact, whatever its sequence. It and those that follow it are `unverified`,
 * up to a line that follows the last one that was verified: there the chain goes on, and what stood between was put in. Lines that stood before
 * the one that they follow are verified when that comes, though they were given before. S_FALSE: there is no such line by now. Takes as long as
 * reading what is passed over.
 *
 * Of each of the first READER_LOOKS_MAX faults all that follows is asked, so that each takes as long as reading it. Of later ones the place alone
 * tells: lines are READER_MISSING though they stand in a later place, one that stands twice is READER_REORDERED, a tail that was being written is
 * damage, and damage is not on record.
 */
#define READER_LOOKS_MAX 16
HRESULT reader_go_on(struct reader *reader) MUST_CHECK;

/* What was verified so far, lines before `from` included. */
struct reader_totals {
    uint64_t first;                     /* sequence of the first line; 0: none yet */
    struct chain_head head;             /* the last one */
    uint64_t lines, segments;
    uint64_t recoveries, gaps, breaks;  /* lines of type journal.recovered, journal.gap, journal.broken */
    uint64_t left_lines, left_bytes;    /* passed over: tails that were left behind when writing them failed */
    uint64_t damaged_bytes;             /* passed over: damage on record; intact lines in it are counted by `damaged_lines` */
    uint64_t damaged_lines;
};

void reader_totals(const struct reader *reader, struct reader_totals *out);

/* "changed", "not JSON", …: for people and for tests. */
const char *reader_kind_text(enum reader_kind kind);

#endif
