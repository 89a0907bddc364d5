/*
 * The parts of a mail message: header fields (RFC 5322, RFC 2047) and quoted-printable text (RFC
 * 2045), in UTF-8. Every line is at most 78 characters long and ends in CRLF.
 *
 * A text cannot end its header field or begin another one: CR, LF, NUL and whatever else is not
 * printable ASCII are encoded, and so is text that looks encoded.
 */
#ifndef MIME_H
#define MIME_H

#include "base/bytes.h"
#include "base/span.h"

#include <stdint.h>

#define MIME_LINE 78

/* "Name: text" as an unstructured field. */
void mime_header(struct bytes *out, const char *name, struct span text);

/* "Name: a@b.example, c@d.example", folded between addresses; these are printable ASCII. */
void mime_addresses(struct bytes *out, const char *name, char *const *addresses, unsigned count);

/* The field Date. `micros` since 1970; outside the years 1970 to 9999 it is left out. */
void mime_date(struct bytes *out, int64_t micros);

/* MIME-Version, Content-Type and Content-Transfer-Encoding of what mime_text writes. */
void mime_text_headers(struct bytes *out);

/* Text in quoted-printable. LF ends a line of it. */
void mime_text(struct bytes *out, struct span text);

#endif
