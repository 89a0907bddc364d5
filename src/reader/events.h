/*
 * The events of a journal that a command is about, one after the other.
 *
 * What is wrong with the journal is told on standard error on the way, with its place, and reading goes on with the next file: what follows
 * damage is read, but nothing vouches for it. `certwitness verify` is the command that judges a journal.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "command.h"
#include "event.h"
#include "filter.h"
#include "journal/reader.h"

struct events {
    struct bytes path;                  /* owned; zero-terminated */
    struct reader *reader;              /* owned */
    const struct filter *filter;        /* borrowed; NULL: every event */
    struct event event;                 /* owned */
    uint64_t last;                      /* sequence of the last line read */
    enum outcome outcome;
    const char *progress;               /* "exporting": shown with how far it is, where standard error is a terminal; NULL: nothing */
    uint64_t shown_ms;
};

/* Find the journal that `operand` names (journal_path.h) and begin at the line `from`, 0 for the first. False: it cannot be read, and
 * standard error has been told. Either way events_close has to follow. */
bool events_open(struct events *events, const char *operand, uint64_t from, const struct filter *filter);

/* The next event that fits the filter; it holds until the next call. NULL: there are no more. */
struct event *events_next(struct events *events);

/* Whether all that was read is sound: OUTCOME_FINE, OUTCOME_WRONG, or OUTCOME_CANNOT where the disk refused. */
enum outcome events_close(struct events *events);

#endif
