/*
 * A journal's events as they happen, each once it will stay: when a later line's `flushed` covers
 * it, or the file `head` names it (line.c). In a folder without a head, which is a copy or was
 * written before there was one, also when a second has passed in which nothing was written. The
 * file `lock` is never asked for.
 *
 * A line that `head` names has been on disk. If five seconds after that it is not there, or not
 * whole, then it is lost, and that is told as any other fault.
 *
 * One reader goes ahead to learn what is covered; another, begun when that is known, gives the
 * lines, so that none waits in memory and none is given that the writer has taken back. Only a line
 * that was given after a second of quiet may be taken back all the same, if writing it failed on
 * the disk: then what is given next begins with a lower sequence than the last one.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "journal/reader.h"

struct follow;

/* From this place on; segment 0: from the journal's oldest line. As reader_open_at. */
HRESULT follow_open(const char *path, const struct reader_start *start,
                    struct follow **out) MUST_CHECK;
void follow_close(struct follow *follow);               /* takes NULL */

/* The path leads to another folder than it did, so it has to be opened anew. */
bool follow_is_elsewhere(const struct follow *follow);

/* The head names a line that is not there, or not whole: a few seconds later that is a fault. */
bool follow_awaits_line(const struct follow *follow);

enum follow_result {
    FOLLOW_LINE, /* `item` as of READER_LINE; an unverified one in damage on record is given without
                    waiting */
    FOLLOW_FAULT, /* `item` as of READER_FAULT: something is wrong, and reading goes on behind it */
    FOLLOW_ON_RECORD, /* the same, and the journal itself tells of it: `item` as of READER_ON_RECORD
                       */
    FOLLOW_NOTHING,   /* for now. Ask again in a while */
    FOLLOW_PRUNED, /* the oldest lines were removed before they were read; what follows begins later
                    */
    FOLLOW_LOST,   /* `item` as of READER_FAULT: the disk refuses, and it is tried again with every
                      call */
};

/* Takes as long as reading what was written since the last call. */
enum follow_result follow_next(struct follow *follow, struct reader_item *item);

#endif
