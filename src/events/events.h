/*
 * The events of a journal, one after the other.
 *
 * What is wrong with the journal is told to the client on the way (journal_notes.h), and reading
 * goes on behind it with the next line that is whole. Where nothing else vouches for a line, its
 * event is `unverified`.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "event.h"
#include "filter.h"
#include "journal_notes.h"

/* Who reads them. */
struct events_client {
    const struct notes *notes;          /* borrowed: told what is wrong */
    bool (*is_cancelled)(void);         /* asked before every line; NULL: nobody cancels */
    void (*is_at)(const char *doing,
                  uint64_t sequence); /* how far it is, ten times a second; sequence 0: the end.
                                         NULL: nobody looks */
};

struct events {
    const struct events_client *client; /* borrowed */
    struct bytes path;                  /* owned; zero-terminated */
    struct reader *reader;              /* owned */
    struct read_ahead *ahead;           /* owned; NULL: there was no memory for it */
    const struct filter *filter;        /* borrowed; NULL: every event */
    struct event event;                 /* owned */
    struct journal_notes notes;         /* owned; among them what the outcome is so far */
    uint64_t looked_at;                 /* events that were read, whether they fit or not */
    const char *doing;                  /* "exporting": for is_at; NULL: it is not called */
    uint64_t shown_ms;
};

/*
 * Read the journal in the folder `path` from a place on (reader_open_at); NULL, or segment 0: from
 * its oldest line on. False: it cannot be read, and the client has been told. Either way
 * events_close has to follow.
 */
bool events_open(struct events *events, const struct events_client *client, const char *path,
                 const struct reader_start *start, const struct filter *filter);

/* The same from the line `from` on, 0 for the first. */
bool events_open_from(struct events *events, const struct events_client *client, const char *path,
                      uint64_t from, const struct filter *filter);

/* The next event that fits the filter; it holds until the next call. NULL: there are no more, or
 * the client has cancelled. */
struct event *events_next(struct events *events);

/* Whether all that was read is sound: OUTCOME_FINE, OUTCOME_WRONG, or OUTCOME_CANNOT where the disk
 * refused or the client has cancelled. */
enum outcome events_close(struct events *events);

#endif
