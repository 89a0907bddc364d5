/*
 * JSON that was read: the data of an event, which may be forged. Parsed by jsmn; depth, size and count of values are
 * bounded. Nothing here recurses.
 */
#ifndef JSON_DOC_H
#define JSON_DOC_H

#include "bytes.h"
#include "span.h"

#include <stdint.h>

#define JSON_DOC_MAX (1 << 20)          /* bytes: as long as a line may be */

struct json_doc {
    struct span text;                   /* borrowed; has to hold as long as the document is asked */
    struct json_value *values;            /* owned; used again from text to text */
    unsigned count, room;
};

typedef unsigned json_at;               /* a value in the document */
#define JSON_NONE ((json_at)-1)         /* there is none: may be handed on to any of these calls, which then find nothing */
#define JSON_ROOT ((json_at)0)

/*
 * Parse a text of at most JSON_DOC_MAX bytes. False: it is no JSON that jsmn takes, nested deeper than JSON_CHECK_DEPTH, or memory ran out; the
 * document is then empty. Lines from reader_next have been checked more strictly already. {0} is an empty document.
 */
bool json_doc_parse(struct json_doc *doc, struct span text);
void json_doc_free(struct json_doc *doc);

/* The member at `path` below the value: names with '/' between, "certificate/SerialNumber". No name of a journal has one in it. */
json_at json_find(const struct json_doc *doc, json_at value, const char *path);

enum json_kind { JSON_NOTHING, JSON_OBJECT, JSON_ARRAY, JSON_TEXT, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL };
enum json_kind json_kind(const struct json_doc *doc, json_at value);

/* The elements of an array, or the members' names of an object, one after the other: JSON_NONE is before the first and behind the last. The
 * value of a member is json_member(name). */
json_at json_next(const struct json_doc *doc, json_at within, json_at before);
json_at json_member(const struct json_doc *doc, json_at name);

/* Append a text's characters as UTF-8, escapes resolved. False, and nothing appended, where it is no text. */
bool json_doc_text(const struct json_doc *doc, json_at value, struct bytes *out);
/* A whole number from INT64_MIN to INT64_MAX. */
bool json_doc_number(const struct json_doc *doc, json_at value, int64_t *out);
/* Append what the base64 of a text stands for. False, and nothing appended, where it is none (RFC 4648, padded, no line breaks). */
bool json_doc_base64(const struct json_doc *doc, json_at value, struct bytes *out);
/* A value as it stands in the text, a text's quotes left out. */
struct span json_doc_span(const struct json_doc *doc, json_at value);
/* Whether a text is, once escapes are resolved, just this. */
bool json_doc_is(const struct json_doc *doc, json_at value, const char *text);

#endif
