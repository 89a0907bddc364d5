/* Reading, walking and writing of names. */
#include "name.h"
#include "text.h"
#include "value.h"

#include <string.h>

static bool read_part(struct der *der, const char *what, struct name_part *part)
{
    struct der inside;

    return der_enter(der, what, DER_SEQUENCE, &inside) && der_oid(&inside, what, &part->type)
        && der_checked(&inside, what, &part->value) && der_end(&inside, what);
}

bool name_set_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *set)
{
    const unsigned char *first = der->at;
    struct der parts, walk;
    struct name_part part;

    *set = (struct der_bytes){0};
    if (!der_enter_set(der, what, tag, &parts)) return false;
    if (!der_more(&parts) && !der_odd(der, DER_E_EMPTY, what, first)) return false;
    for (walk = parts; der_more(&walk);) {
        if (!read_part(&walk, what, &part)) return false;
    }
    *set = der_rest(&parts);
    return !der->fault->error;
}

bool name_read(struct der *der, const char *what, struct der_bytes *name)
{
    const unsigned char *first = der->at;
    struct der_bytes set;
    struct der sets;

    *name = (struct der_bytes){0};
    if (!der_enter(der, what, DER_SEQUENCE, &sets)) return false;
    while (der_more(&sets)) {
        if (!name_set_read(&sets, what, DER_SET, &set)) return false;
    }
    *name = (struct der_bytes){first, (size_t)(der->at - first)};
    return true;
}

void name_begin(struct name_cursor *cursor, struct der_bytes name)
{
    struct der whole;

    der_begin_with(&whole, &cursor->fault, DER_BORNE, name.data, name.size);
    der_enter(&whole, "name", DER_SEQUENCE, &cursor->sets);
    cursor->parts = cursor->sets;
    cursor->parts.end = cursor->parts.at; /* the first set is entered by the first name_next */
    cursor->set = (size_t)-1;
}

void name_begin_set(struct name_cursor *cursor, struct der_bytes set)
{
    der_begin_with(&cursor->parts, &cursor->fault, DER_BORNE, set.data, set.size);
    cursor->sets = cursor->parts;
    cursor->sets.at = cursor->sets.end;         /* no set after this one */
    cursor->set = 0;
}

bool name_next(struct name_cursor *cursor, struct name_part *part)
{
    *part = (struct name_part){0};
    while (!der_more(&cursor->parts)) {
        if (!der_more(&cursor->sets) || !der_enter(&cursor->sets, "name", DER_SET, &cursor->parts))
            return false;
        cursor->set++;
    }
    part->set = cursor->set;
    return read_part(&cursor->parts, "name", part);
}

/* Text that grows in the caller's buffer up to the first piece that does not fit, and is counted
 * beyond. */
struct sink {
    char *out;
    size_t capacity, size;
    bool full;
};

static void name_put(struct sink *sink, const char *text, size_t size)
{
    sink->full = sink->full || size > sink->capacity - sink->size;
    if (!sink->full) memcpy(sink->out + sink->size, text, size);
    sink->size += size;
}

static void put_type(struct sink *sink, struct der_bytes type)
{
    static const struct { const char *oid, *name;
    } known[] = {
        {"2.5.4.3", "CN"},
        {"2.5.4.11", "OU"},
        {"2.5.4.10", "O"},
        {"2.5.4.7", "L"},
        {"2.5.4.8", "S"},
        {"2.5.4.9", "STREET"},
        {"2.5.4.6", "C"},
        {"0.9.2342.19200300.100.1.25", "DC"},
        {"1.2.840.113549.1.9.1", "E"},
        {"2.5.4.12", "T"},
        {"2.5.4.42", "G"},
        {"2.5.4.43", "I"},
        {"2.5.4.4", "SN"},
        {"2.5.4.5", "SERIALNUMBER"},
        {"2.5.4.13", "Description"},
        {"2.5.4.17", "PostalCode"},
        {"2.5.4.18", "POBox"},
        {"2.5.4.20", "Phone"},
        {"2.5.4.24", "X21Address"},
        {"2.5.4.46", "dnQualifier"},
    };
    char oid[DER_OID_TEXT];

    if (!der_oid_text(type, oid, sizeof oid)) strcpy(oid, "?");         /* longer than any in use */
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].oid, oid)) continue;
        name_put(sink, known[i].name, strlen(known[i].name));
        return;
    }
    name_put(sink, "OID.", 4);
    name_put(sink, oid, strlen(oid));
}

static bool name_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Must this text be quoted, so that the name can be taken apart again? */
static bool needs_quotes(const struct der_value *value)
{
    uint32_t tag = der_text_tag(value->tag, value->content);
    struct der_bytes rest = value->content;
    char utf8[4], last = ' ';
    bool first = true;
    size_t size;

    while ((size = der_text_next(tag, &rest, utf8, NULL))) {
        if ((first && name_is_blank(utf8[0])) ||
            (size == 1 && utf8[0] && strchr(",+=\"<>#;\r\n", utf8[0])))
            return true;
        last = utf8[0];
        first = false;
    }
    return name_is_blank(last);                      /* the empty text as well */
}

static void name_put_text(struct sink *sink, const struct der_value *value)
{
    uint32_t tag = der_text_tag(value->tag, value->content);
    bool quotes = needs_quotes(value);
    struct der_bytes rest = value->content;
    char utf8[4];
    size_t size;

    if (quotes) name_put(sink, "\"", 1);
    while ((size = der_text_next(tag, &rest, utf8, NULL))) {
        if (utf8[0] == '"') name_put(sink, "\"", 1);
        name_put(sink, utf8, size);
    }
    if (quotes) name_put(sink, "\"", 1);
}

static void name_put_hex(struct sink *sink, struct der_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";

    name_put(sink, "#", 1);
    for (size_t i = 0; i < bytes.size; i++)
        name_put(sink, (const char[]){digits[bytes.data[i] >> 4], digits[bytes.data[i] & 15]}, 2);
}

static void name_put_part(struct sink *sink, const struct name_part *part)
{
    put_type(sink, part->type);
    name_put(sink, "=", 1);
    if (der_is_text(part->value.tag)) name_put_text(sink, &part->value);
    else name_put_hex(sink, part->value.whole);
}

static void put_set(struct sink *sink, struct der set)
{
    struct name_part part;

    for (bool first = true; der_more(&set) && read_part(&set, "name", &part); first = false) {
        if (!first) name_put(sink, " + ", 3);
        name_put_part(sink, &part);
    }
}

/* Where every so many sets begin: a name is only read forwards, and is written from its end. */
#define MARKS 128
struct marks {
    const unsigned char *at[MARKS];
    size_t stride, count; /* how many sets lie between two marks; how many sets there are */
};

/* The next set that is not empty. (Empty ones may have been borne: there is nothing to write of
 * them.) */
static bool next_set(struct der *sets, struct der *set, const unsigned char **at)
{
    do {
        *at = sets->at;
        if (!der_more(sets) || !der_enter(sets, "name", DER_SET, set)) return false;
    } while (!der_more(set));
    return true;
}

static void mark_sets(struct der_bytes name, struct marks *marks)
{
    struct name_cursor cursor;
    const unsigned char *at;
    struct der set;

    marks->stride = 1;
    name_begin(&cursor, name);
    for (marks->count = 0; next_set(&cursor.sets, &set, &at); marks->count++) {
        if (marks->count == marks->stride * MARKS) { /* full: every second one will do */
            for (size_t i = 0; i < MARKS / 2; i++) marks->at[i] = marks->at[2 * i];
            marks->stride *= 2;
        }
        if (marks->count % marks->stride == 0) marks->at[marks->count / marks->stride] = at;
    }
}

/* The sets from number `from` up to `to`, at most WINDOW of them. */
#define WINDOW 64
static void collect_sets(struct der_bytes name, const struct marks *marks, size_t from, size_t to,
                         struct der sets[WINDOW], struct der_fault *fault)
{
    size_t count = from / marks->stride * marks->stride;
    struct name_cursor cursor;
    const unsigned char *at;
    struct der set;

    name_begin(&cursor, name);
    cursor.sets.at = marks->at[from / marks->stride];
    for (; count < to && next_set(&cursor.sets, &set, &at); count++) {
        if (count < from) continue;
        sets[count - from] = set;
        sets[count - from].fault = fault;
    }
}

size_t name_text(struct der_bytes name, char *out, size_t capacity)
{
    struct sink sink = {.out = out, .capacity = capacity};
    struct der_fault fault = {0};
    struct der sets[WINDOW];
    struct marks marks;
    size_t left;

    mark_sets(name, &marks);
    for (left = marks.count; left;) {
        size_t from = left > WINDOW ? left - WINDOW : 0;

        collect_sets(name, &marks, from, left, sets, &fault);
        while (left > from) {
            if (left < marks.count) name_put(&sink, ", ", 2);
            put_set(&sink, sets[--left - from]);
        }
    }
    return sink.size;
}

size_t name_set_text(struct der_bytes set, char *out, size_t capacity)
{
    struct sink sink = {.out = out, .capacity = capacity};
    struct der_fault fault;
    struct der parts;

    der_begin_with(&parts, &fault, DER_BORNE, set.data, set.size);
    put_set(&sink, parts);
    return sink.size;
}
