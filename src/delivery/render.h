/*
 * A template filled in with values of an event.
 *
 * {name} in a template stands for a value: source, type, subject, time, sequence, hash of the line;
 * requester, certificateSubject, template, serial of the event, wherever they stand in it; or a
 * path in the line's data with dots, as request.RequestID. A value that the event does not have is
 * empty. Braces around anything that is no name are text, so JSON can be written as it is.
 */
#ifndef RENDER_H
#define RENDER_H

#include "events/event.h"

/*
 * Append the filled-in template. Values are escaped for the inside of a JSON string (json.h), so
 * that no value can end the string or add a member. Failure is `out`'s.
 */
void render_json(struct bytes *out, const char *template, struct event *event);

#endif
