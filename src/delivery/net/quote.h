/*
 * What a far end said, as it may be shown: "..." stands in it for each secret that was sent.
 *
 * A secret is found as it is, in the escapes of JSON, HTML and URLs, and in base64, in the middle
 * of a longer text, too. Where a far end shows the beginning of one alone, that is hidden as well,
 * from 12 characters on, or from 4 on at the end of the text.
 */
#ifndef QUOTE_H
#define QUOTE_H

#include "base/bytes.h"
#include "base/span.h"

/* {0} hides nothing. */
struct quote {
    struct bytes secrets;               /* owned; `failed`: there was not enough memory */
};

/* Copied; nothing if it is empty. */
void quote_hide(struct quote *quote, struct span secret);

/* The base64 of a text that has a secret in it, such as "user:password". */
void quote_hide_base64(struct quote *quote, struct span text);

/* Of "Name: value" the value, unless it is shorter than 4 characters, and its longer words. */
void quote_hide_header(struct quote *quote, const char *header);

/* Of what follows a URL's host each part that is long enough for a secret. */
void quote_hide_url(struct quote *quote, struct span rest);

/* What was said, cut to `room` bytes with the zero. */
void quote_said(const struct quote *quote, struct span said, char *out, size_t room);
void quote_text(const struct quote *quote, const char *said, char *out, size_t room);

/* The secrets are overwritten first. */
void quote_free(struct quote *quote);

#endif
