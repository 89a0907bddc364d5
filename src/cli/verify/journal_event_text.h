/* What the journal's own events tell of: recoveries, gaps, breaks, files removed. */
#ifndef JOURNAL_EVENT_TEXT_H
#define JOURNAL_EVENT_TEXT_H

#include "events/event.h"
#include "journal/disk.h"

/* Sentences; whatever the event holds may be forged, and what is not as the module writes it is
 * left out. */
void record_gap(struct event *event, struct bytes *out);
/* `folder` is where the bytes that were moved aside may be. */
void record_recovered(struct event *event, struct disk_folder *folder, struct bytes *out);
void record_broken(struct event *event, struct bytes *out);

/* What a journal.broken says of lines that the file `head` named and that were not there; nothing
 * where it says nothing of it. */
void record_head_beyond(struct event *event, struct bytes *out);

/* What module.started tells of runs before it that left no lines, or ended before all was written.
 * Nothing, and false, where it tells of none. */
bool record_unwritten(struct event *event, struct bytes *out);

/* The last line that journal.pruned says was removed. False: it does not say. */
bool record_pruned(struct event *event, struct chain_head *last);

/* "Old files with the events up to 40 were removed", by which rule, and who asked, as far as
 * journal.pruned says it; plain (utf8.h). */
void record_pruned_how(struct event *event, uint64_t last, struct bytes *out);

#endif
