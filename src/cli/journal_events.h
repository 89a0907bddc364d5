/* The events of the journal that a command is about: what is wrong goes to standard error, and
 * Ctrl-C ends it. */
#ifndef JOURNAL_EVENTS_H
#define JOURNAL_EVENTS_H

#include "options.h"
#include "events/events.h"

/* For events_open: progress is shown where standard error is a terminal. */
extern const struct events_client journal_events_client;

/*
 * Find the journal that the first operand or --ca names (journal_path.h) and begin at the line
 * `from`, 0 for the first. False: it cannot be read, and standard error has been told. Either way
 * events_close has to follow.
 */
bool journal_events_open(struct events *events, const struct options *options, uint64_t from,
                         const struct filter *filter);

#endif
