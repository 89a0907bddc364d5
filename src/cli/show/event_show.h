/* An event with everything decoded that is in it: as text for people, or as JSON for programs. */
#ifndef EVENT_SHOW_H
#define EVENT_SHOW_H

#include "cli/terminal/outline.h"
#include "events/event.h"
#include "events/template_names.h"

/* Templates have the names that are known of them, "NAME (OID)". */

/* Append lines of text. What an enrollee wrote is made plain. Up to a hundred times the event's
 * size where that was made for it, a few times as a rule; `out` may have a limit and remembers
 * failure (bytes.h). */
void event_show(struct event *event, const struct template_names *names, bool local,
                struct bytes *out);

/*
 * Append {"event":…,"decoded":…} and a LF: the event as it stands in its line, and what its
 * numbers, certificates, requests and CRLs mean; between them "verified":false where the event is
 * unverified.
 */
void event_show_json(struct event *event, const struct template_names *names, struct bytes *out);

/* Append the line as it stands in the journal, LF included: byte for byte, if the recorder wrote
 * it. In a forged one what could steer a terminal is escaped, so that its hash does not fit any
 * more. */
void event_show_line(const struct event *event, struct bytes *out);

/* Those names, for an outline that shows OIDs of templates (outline.h); as long as `names` is. */
struct outline_names event_show_names(const struct template_names *names);

#endif
