/*
 * A JSON document whose values are found by the places that json_check noted: the data of an event,
 * which may be forged. Depth, size and number of values are bounded. Nothing here is recursive.
 */
#ifndef JSON_DOC_H
#define JSON_DOC_H

#include "bytes.h"
#include "json_check.h"
#include "span.h"

#define JSON_DOC_MAX (1 << 20)          /* bytes: as long as a line may be */

struct json_doc {
    struct span text;                   /* borrowed; must stay valid while the document is used,
                                         * as must the values */
    const struct json_value *values;    /* borrowed, or those in `own` */
    unsigned count;
    struct json_values own;             /* owned; used again from text to text */
    bool no_memory;                     /* the last json_doc_parse failed because memory ran out */
};

typedef unsigned json_at;               /* a value in the document */
#define JSON_NONE ((json_at)-1)         /* no value; may be passed to all of these calls, which
                                         * then find nothing */
#define JSON_ROOT ((json_at)0)

/*
 * Parse a text of at most JSON_DOC_MAX bytes. Returns false if json_check does not accept it or
 * memory ran out; the document is then empty. {0} is an empty document.
 */
bool json_doc_parse(struct json_doc *doc, struct span text);

/*
 * Make `doc` the value `root` of a text that json_check accepted, with all that is in it. Nothing
 * is parsed or copied. No effect but an empty document if there is no such value.
 */
static inline void json_doc_view(struct json_doc *doc, struct span text,
                                 const struct json_values *values, json_at root)
{
    bool there = root < values->count;

    doc->text = text;
    doc->values = there ? values->values + root : NULL;
    doc->count = there ? values->values[root].values : 0;
}

void json_doc_free(struct json_doc *doc);

/*
 * The member at `path` below the value, names separated by '/': "certificate/SerialNumber". Names
 * in a journal contain no '/'.
 */
json_at json_find(const struct json_doc *doc, json_at value, const char *path);

enum json_kind json_kind(const struct json_doc *doc, json_at value);

/*
 * Iterate over the elements of an array or the member names of an object. JSON_NONE as `before`
 * starts the iteration; JSON_NONE as the result ends it. The value of a member is
 * json_member(name).
 */
json_at json_next(const struct json_doc *doc, json_at within, json_at before);
json_at json_member(const struct json_doc *doc, json_at name);

/*
 * Append the string's characters as UTF-8, escapes resolved. Returns false and appends nothing if
 * the value is not a string.
 */
bool json_doc_text(const struct json_doc *doc, json_at value, struct bytes *out);
/* A whole number from INT64_MIN to INT64_MAX. */
bool json_doc_number(const struct json_doc *doc, json_at value, int64_t *out);
/*
 * Append the decoded base64 of a string. Returns false and appends nothing if it is not valid (RFC
 * 4648, padded, no line breaks).
 */
bool json_doc_base64(const struct json_doc *doc, json_at value, struct bytes *out);
/* The source text of a value, without the quotes of a string. */
struct span json_doc_span(const struct json_doc *doc, json_at value);
/* True if the value is a string equal to `text` after its escapes are resolved. */
bool json_doc_is(const struct json_doc *doc, json_at value, const char *text);

#endif
