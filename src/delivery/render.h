/*
 * A template filled in with values of an event.
 *
 * {name} in a template stands for a value: source, type, subject, time, sequence, hash of the line;
 * ca, kind, utc, requester, caller (where it is not the requester), certificateSubject, template,
 * serial, reason, words of the event, wherever they stand in it; or a path in the line's data with
 * dots, as request.RequestID. A value that the event does not have is empty; events of the delivery
 * itself have no sequence, hash and subject. Braces around anything
 * that is no name are text, so JSON can be written as it is.
 *
 * Failure is `out`'s, also where memory ran out while a value was looked for, so that what is there
 * has all its values.
 */
#ifndef RENDER_H
#define RENDER_H

#include "events/event.h"

/*
 * Append the filled-in template, which has no fault (below) and then is JSON whatever the values
 * are. Inside a JSON string a value is escaped (json.h). Outside it is a whole value: a member of
 * the data what it is there, a number, a string, an object; sequence is a number; anything else is
 * a string, and what the event does not have is null.
 */
void render_json(struct bytes *out, const char *template, struct event *event);

/* What is wrong with a template of JSON, as "is not JSON: ..."; NULL: nothing. */
const char *render_json_fault(const char *template);

/*
 * The same as text for people. In a value, whatever is not plain (utf8.h), line breaks among it, is
 * written \u{a}; a value is cut to `columns` with an ellipsis.
 */
void render_plain(struct bytes *out, const char *template, struct event *event, unsigned columns);

/* Append one value, as it is: it may be hostile. */
void render_raw(struct bytes *out, const char *name, struct event *event);

#endif
