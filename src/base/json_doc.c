#define JSMN_PARENT_LINKS /* else closing a bracket takes a walk back over all that is in it */
#define JSMN_STRICT
#define JSMN_STATIC
#include "json_doc.h"

#include "base64.h"
#include "json_check.h"

#include <jsmn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct json_value {
    jsmntok_t token;
};

static bool json_doc_grow(struct json_doc *doc)
{
    unsigned room = doc->room ? doc->room * 2 : 256;
    struct json_value *values =
        room > JSON_DOC_MAX ? NULL : realloc(doc->values, room * sizeof *values);

    if (!values) return false;
    doc->values = values;
    doc->room = room;
    return true;
}

static bool is_shallow(const struct json_doc *doc)
{
    unsigned depth = 0;
    int at = -1;

    for (unsigned i = 0; i < doc->count; i++) {
        const jsmntok_t *value = &doc->values[i].token;

        for (; at >= 0 && value->start >= doc->values[at].token.end;
             at = doc->values[at].token.parent)
            if (doc->values[at].token.type == JSMN_OBJECT ||
                doc->values[at].token.type == JSMN_ARRAY)
                depth--;
        if (value->type != JSMN_OBJECT && value->type != JSMN_ARRAY) continue;
        if (++depth > JSON_CHECK_DEPTH) return false;
        at = (int)i;
    }
    return true;
}

bool json_doc_parse(struct json_doc *doc, struct span text)
{
    jsmn_parser parser;
    int count = JSMN_ERROR_NOMEM;

    doc->count = 0;
    doc->text = text;
    if (text.size > JSON_DOC_MAX) return false;
    jsmn_init(&parser);
    while ((!doc->values || (count = jsmn_parse(&parser, text.text, text.size, &doc->values->token,
                                                doc->room)) == JSMN_ERROR_NOMEM) &&
           json_doc_grow(doc))
        continue;
    if (count <= 0) return false;
    doc->count = (unsigned)count;
    if (is_shallow(doc)) return true;
    doc->count = 0;
    return false;
}

void json_doc_free(struct json_doc *doc)
{
    free(doc->values);
    *doc = (struct json_doc){0};
}

static const jsmntok_t *value_at(const struct json_doc *doc, json_at value)
{
    return value < doc->count ? &doc->values[value].token : NULL;
}

enum json_kind json_kind(const struct json_doc *doc, json_at value)
{
    const jsmntok_t *found = value_at(doc, value);

    if (!found) return JSON_NOTHING;
    switch (found->type) {
    case JSMN_OBJECT: return JSON_OBJECT;
    case JSMN_ARRAY:  return JSON_ARRAY;
    case JSMN_STRING: return JSON_TEXT;
    default: break;
    }
    switch (doc->text.text[found->start]) {
    case 't': return JSON_TRUE;
    case 'f': return JSON_FALSE;
    case 'n': return JSON_NULL;
    default:  return JSON_NUMBER;
    }
}

/* The first value behind this one and all that is in it. */
static json_at json_doc_behind(const struct json_doc *doc, json_at value)
{
    int end;

    if (value >= doc->count) return doc->count;
    end = doc->values[value].token.end;
    for (value++; value < doc->count && doc->values[value].token.start < end; value++) continue;
    return value;
}

json_at json_next(const struct json_doc *doc, json_at within, json_at before)
{
    const jsmntok_t *whole = value_at(doc, within);
    json_at next;

    if (!whole || (whole->type != JSMN_OBJECT && whole->type != JSMN_ARRAY)) return JSON_NONE;
    next =
        before == JSON_NONE
            ? within + 1
            : json_doc_behind(doc, whole->type == JSMN_OBJECT ? json_member(doc, before) : before);
    return next < doc->count && doc->values[next].token.start < whole->end ? next : JSON_NONE;
}

json_at json_member(const struct json_doc *doc, json_at name)
{
    const jsmntok_t *value = name < doc->count ? value_at(doc, name + 1) : NULL;

    return value && value->parent == (int)name
               ? name + 1
               : JSON_NONE; /* jsmn also takes a name without a value */
}

static bool name_is(const struct json_doc *doc, json_at name, const char *text, size_t size)
{
    struct span span = json_doc_span(doc, name);

    return span.size == size && !memcmp(span.text, text, size);
}

json_at json_find(const struct json_doc *doc, json_at value, const char *path)
{
    while (*path && value != JSON_NONE) {
        size_t size = strcspn(path, "/");
        json_at name = JSON_NONE;

        if (json_kind(doc, value) != JSON_OBJECT) return JSON_NONE;
        do name = json_next(doc, value, name);
        while (name != JSON_NONE && !name_is(doc, name, path, size));
        value = name == JSON_NONE ? JSON_NONE : json_member(doc, name);
        path += size + (path[size] == '/');
    }
    return value;
}

struct span json_doc_span(const struct json_doc *doc, json_at value)
{
    const jsmntok_t *found = value_at(doc, value);

    return found ? (struct span){doc->text.text + found->start, (size_t)(found->end - found->start)}
                 : (struct span){"", 0};
}

static unsigned hex4(const char *text)
{
    unsigned number = 0;

    for (int i = 0; i < 4; i++) {
        int c = text[i];

        number = number * 16 + (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return number;
}

static void json_doc_add_utf8(struct bytes *out, unsigned point)
{
    char text[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = size - 1; i > 0; i--, point >>= 6) text[i] = (char)(0x80 | (point & 0x3f));
    text[0] = (char)(size == 1 ? point : (0xf00 >> size & 0xff) | point);
    bytes_add(out, text, size);
}

/* The escape behind a backslash; returns how many bytes it takes. jsmn has seen to it that four
 * digits follow a u. */
static size_t add_escape(struct bytes *out, const char *text, size_t left)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *letter = strchr(letters, *text);
    unsigned point;

    if (letter && *letter) {
        bytes_add(out, &meant[letter - letters], 1);
        return 1;
    }
    point = hex4(text + 1);
    if (point >= 0xd800 && point < 0xdc00 && left >= 11 && text[5] == '\\' && text[6] == 'u') {
        unsigned low = hex4(text + 7);

        if (low >= 0xdc00 && low < 0xe000) {
            json_doc_add_utf8(out, 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00));
            return 11;
        }
    }
    json_doc_add_utf8(out, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
    return 5;
}

bool json_doc_text(const struct json_doc *doc, json_at value, struct bytes *out)
{
    struct span span = json_doc_span(doc, value);

    if (json_kind(doc, value) != JSON_TEXT) return false;
    for (size_t at = 0; at < span.size;) {
        const char *escape = memchr(span.text + at, '\\', span.size - at);
        size_t plain = escape ? (size_t)(escape - span.text) - at : span.size - at;

        bytes_add(out, span.text + at, plain);
        at += plain;
        if (escape) at += 1 + add_escape(out, escape + 1, span.size - at - 1);
    }
    return true;
}

bool json_doc_is(const struct json_doc *doc, json_at value, const char *text)
{
    struct bytes own = {0};
    bool same = json_doc_text(doc, value, &own) && !own.failed && own.size == strlen(text) &&
                !memcmp(own.data ? own.data : "", text, own.size);

    bytes_free(&own);
    return same;
}

bool json_doc_number(const struct json_doc *doc, json_at value, int64_t *out)
{
    struct span span = json_doc_span(doc, value);
    bool negative = span.size && *span.text == '-';
    uint64_t number = 0, most = (uint64_t)INT64_MAX + negative;

    if (json_kind(doc, value) != JSON_NUMBER || span.size == negative) return false;
    for (size_t i = negative; i < span.size; i++) {
        unsigned digit = (unsigned)(span.text[i] - '0');

        if (digit > 9 || number > (most - digit) / 10) return false;
        number = number * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

bool json_doc_base64(const struct json_doc *doc, json_at value, struct bytes *out)
{
    struct span span = json_doc_span(doc, value);
    unsigned char *room;
    size_t size;

    if (json_kind(doc, value) != JSON_TEXT) return false;
    if (!span.size || !(room = (unsigned char *)bytes_reserve(out, BASE64_ROOM(span.size))))
        return true;
    if (base64_decode(span.text, span.size, false, room, &size) < span.size) return false;
    out->size += size;
    return true;
}
