/*
 * The delivery's own events, certwitness.delivery.fault and certwitness.delivery.pruned, read for
 * templates and told in words: CloudEvents like the journal's lines, without sequence, hash and
 * subject.
 */
#ifndef OWN_EVENT_H
#define OWN_EVENT_H

#include "base/json_doc.h"
#include "events/event.h"
#include "journal/line.h"

/*
 * Set source, type, time and data of `line`; the rest is empty, and so is all of it if memory is
 * short (false). `line` views `text` and is valid as long as it is; `doc` is {0} or of an earlier
 * call, and is freed by json_doc_free.
 */
bool own_event_read(struct json_doc *doc, struct span text, struct line *line);

/* What it says, in words; appended. False: the event is none of these. */
bool own_event_words(struct event *event, struct bytes *out);

#endif
