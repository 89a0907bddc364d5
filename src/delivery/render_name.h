/* What stands in the braces of a template, as the two that fill it in see it. */
#ifndef RENDER_NAME_H
#define RENDER_NAME_H

#include "events/event.h"

#define RENDER_NAME_MAX 128             /* bytes, with the zero */

/* The name in {name} at the beginning of the text; returns the size of both, 0: it is none. */
size_t render_name(const char *text, char out[RENDER_NAME_MAX]);

/* Append the value, if the name is a word, as requester is; false: it is a path in the data. */
bool render_word(struct bytes *out, const char *name, struct event *event);

/* A member of event_doc(event); JSON_NONE: there is none of that path. */
json_at render_member(const char *name, struct event *event);

#endif
