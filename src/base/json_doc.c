#include "json_doc.h"

#include "base64.h"

#include <stdlib.h>
#include <string.h>

/* The checker's seed: drawn once for all documents, since drawing takes longer than parsing one. */
static uint64_t basis;

bool json_doc_parse(struct json_doc *doc, struct span text)
{
    struct json_check check = {.basis = __atomic_load_n(&basis, __ATOMIC_RELAXED)};
    enum json_verdict verdict =
        text.size <= JSON_DOC_MAX ? json_check(&check, text.text, text.size, &doc->own) : JSON_BAD;
    bool good = verdict == JSON_GOOD;

    __atomic_store_n(&basis, check.basis, __ATOMIC_RELAXED);
    json_check_free(&check);
    doc->text = text;
    doc->values = doc->own.values;
    doc->count = good ? doc->own.count : 0;
    doc->no_memory = verdict == JSON_NO_MEMORY;
    return good;
}

void json_doc_free(struct json_doc *doc)
{
    json_values_free(&doc->own);
    *doc = (struct json_doc){0};
}

static const struct json_value *value_at(const struct json_doc *doc, json_at value)
{
    return value < doc->count ? &doc->values[value] : NULL;
}

enum json_kind json_kind(const struct json_doc *doc, json_at value)
{
    const struct json_value *found = value_at(doc, value);

    return found ? (enum json_kind)found->kind : JSON_NOTHING;
}

json_at json_next(const struct json_doc *doc, json_at within, json_at before)
{
    const struct json_value *whole = value_at(doc, within), *last = value_at(doc, before);
    json_at next = within + 1;

    if (!whole || (whole->kind != JSON_OBJECT && whole->kind != JSON_ARRAY)) return JSON_NONE;
    if (before != JSON_NONE && !last) return JSON_NONE;
    if (last && last->is_name) next = before + 1 + doc->values[before + 1].values;
    else if (last) next = before + last->values;
    return next < within + whole->values ? next : JSON_NONE;
}

json_at json_member(const struct json_doc *doc, json_at name)
{
    const struct json_value *found = value_at(doc, name);

    return found && found->is_name ? name + 1 : JSON_NONE;
}

static json_at find_member(const struct json_doc *doc, json_at object, const char *name,
                           size_t size)
{
    const struct json_value *whole = value_at(doc, object), *at, *value;

    if (!whole || whole->kind != JSON_OBJECT) return JSON_NONE;
    for (at = whole + 1; at < whole + whole->values; at = value + value->values) {
        value = at + 1;
        if (at->size == size && !memcmp(doc->text.text + at->start, name, size))
            return (json_at)(value - doc->values);
    }
    return JSON_NONE;
}

json_at json_find(const struct json_doc *doc, json_at value, const char *path)
{
    while (*path && value != JSON_NONE) {
        const char *end = strchr(path, '/');
        size_t size = end ? (size_t)(end - path) : strlen(path);

        value = find_member(doc, value, path, size);
        path += size + (end != NULL);
    }
    return value;
}

struct span json_doc_span(const struct json_doc *doc, json_at value)
{
    const struct json_value *found = value_at(doc, value);

    return found ? (struct span){doc->text.text + found->start, found->size}
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

/* The escape behind a backslash; returns how many bytes it takes. json_check has seen to it that
 * surrogates are pairs. */
static size_t add_escape(struct bytes *out, const char *text)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *letter = strchr(letters, *text);
    unsigned point;

    if (letter && *letter) {
        bytes_add(out, &meant[letter - letters], 1);
        return 1;
    }
    point = hex4(text + 1);
    if (point < 0xd800 || point > 0xdfff) {
        json_doc_add_utf8(out, point);
        return 5;
    }
    json_doc_add_utf8(out, 0x10000 + ((point - 0xd800) << 10) + (hex4(text + 7) - 0xdc00));
    return 11;
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
        if (escape) at += 1 + add_escape(out, escape + 1);
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
