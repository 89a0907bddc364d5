/*
 * The events of a journal that a command is about, one after the other.
 *
 * What is wrong with the journal is told on standard error on the way (journal_notes.h), and reading goes on behind it with the next line that
 * is whole. Where nothing else vouches for a line, its event is `unverified`.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "event.h"
#include "filter.h"
#include "journal_notes.h"

struct events {
    struct bytes path;                  /* owned; zero-terminated */
    struct reader *reader;              /* owned */
    const struct filter *filter;        /* borrowed; NULL: every event */
    struct event event;                 /* owned */
    struct journal_notes notes;         /* owned; among them what the outcome is so far */
    const char *progress;               /* "exporting": shown with how far it is, where standard error is a terminal; NULL: nothing */
    uint64_t shown_ms;
};

/*
 * Find the journal that `operand` names (journal_path.h) and begin at the line `from`, 0 for the first. False: it cannot be read, and
 * standard error has been told. Either way events_close has to follow.
 */
bool events_open(struct events *events, const char *operand, uint64_t from, const struct filter *filter);

/* The same for the folder `path`, from a place on (reader_open_at); segment 0: from its oldest line on. */
bool events_open_at(struct events *events, const char *path, const struct reader_start *start, const struct filter *filter);

/* The next event that fits the filter; it holds until the next call. NULL: there are no more, or Ctrl-C was pressed. */
struct event *events_next(struct events *events);

/* Whether all that was read is sound: OUTCOME_FINE, OUTCOME_WRONG, or OUTCOME_CANNOT where the disk refused or Ctrl-C was pressed. */
enum outcome events_close(struct events *events);

#endif
