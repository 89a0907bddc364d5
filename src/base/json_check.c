#include "json_check.h"

#include "os.h"
#include "plain_run.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_KEPT   4096                /* names, and values */
#define VALUES_LEAST 128

struct container {
    uint32_t object;                    /* its number; 0: an array */
    uint32_t value;                     /* where it is noted */
};

struct parse {
    const unsigned char *text, *at, *end;
    struct json_check *check;
    struct json_values *values;         /* NULL: places are not noted */
    size_t names;
    uint32_t objects;                   /* begun so far */
    int depth;
    struct container open[JSON_CHECK_DEPTH];
    bool no_memory;
};

static void skip_space(struct parse *parse)
{
    while (parse->at < parse->end && *parse->at <= ' ' && memchr(" \t\r\n", *parse->at, 4))
        parse->at++;
}

static bool json_check_take(struct parse *parse, char c)
{
    if (parse->at == parse->end || *parse->at != (unsigned char)c) return false;
    parse->at++;
    return true;
}

static bool take_word(struct parse *parse, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(parse->end - parse->at) < size || memcmp(parse->at, word, size)) return false;
    parse->at += size;
    return true;
}

static bool values_grow(struct parse *parse)
{
    struct json_values *values = parse->values;
    uint32_t room = values->room ? values->room * 2 : VALUES_LEAST;
    struct json_value *grown =
        room > values->room ? realloc(values->values, room * sizeof *grown) : NULL;

    parse->no_memory = !grown;
    if (!grown) return false;
    values->values = grown;
    values->room = room;
    return true;
}

/* The place of a value that begins at `start` and ends before `end`. */
static bool note_value(struct parse *parse, enum json_kind kind, const unsigned char *start,
                       const unsigned char *end)
{
    struct json_values *values = parse->values;

    if (!values) return true;
    if (values->count == values->room && !values_grow(parse)) return false;
    values->values[values->count++] =
        (struct json_value){(uint32_t)(start - parse->text), (uint32_t)(end - start), 1, kind,
                            false};
    return true;
}

static bool take_digits(struct parse *parse)
{
    const unsigned char *start = parse->at;

    while (parse->at < parse->end && *parse->at >= '0' && *parse->at <= '9') parse->at++;
    return parse->at > start;
}

static bool json_check_take_number(struct parse *parse)
{
    json_check_take(parse, '-');
    if (!json_check_take(parse, '0') && !take_digits(parse)) return false;
    if (json_check_take(parse, '.') && !take_digits(parse)) return false;
    if (!json_check_take(parse, 'e') && !json_check_take(parse, 'E')) return true;
    if (!json_check_take(parse, '+')) json_check_take(parse, '-');
    return take_digits(parse);
}

static bool take_unit(struct parse *parse, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef", *digit;

        if (parse->at == parse->end || !*parse->at) return false;
        digit =
            strchr(digits, *parse->at >= 'A' && *parse->at <= 'F' ? *parse->at + 32 : *parse->at);
        if (!digit) return false;
        *unit = *unit << 4 | (uint32_t)(digit - digits);
        parse->at++;
    }
    return true;
}

/* Behind the backslash. */
static bool take_escape(struct parse *parse, uint32_t *point)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *simple;
    uint32_t low;

    if (parse->at == parse->end || !*parse->at) return false;
    if ((simple = strchr(from, *parse->at))) {
        *point = (unsigned char)to[simple - from];
        parse->at++;
        return true;
    }
    if (!json_check_take(parse, 'u') || !take_unit(parse, point)) return false;
    if (*point < 0xd800 || *point > 0xdfff) return true;
    if (*point > 0xdbff || !take_word(parse, "\\u") || !take_unit(parse, &low) || low < 0xdc00 ||
        low > 0xdfff)
        return false;
    *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* A character of two bytes and more. */
static bool json_check_take_utf8(struct parse *parse, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = *parse->at >= 0xf0 ? 4 : *parse->at >= 0xe0 ? 3 : 2;

    if (*parse->at < 0xc2 || *parse->at > 0xf4 || parse->end - parse->at < length) return false;
    *point = *parse->at & (0x7f >> length);
    for (int i = 1; i < length; i++) {
        if ((parse->at[i] & 0xc0) != 0x80) return false;
        *point = *point << 6 | (parse->at[i] & 0x3f);
    }
    parse->at += length;
    return *point >= least[length] && *point <= 0x10ffff && (*point < 0xd800 || *point > 0xdfff);
}

/* One character of a string; false where there is none that may stand there. The closing quote is
 * not for this function. */
static bool take_character(struct parse *parse, uint32_t *point)
{
    if (parse->at == parse->end || *parse->at < 0x20) return false;
    if (json_check_take(parse, '\\')) return take_escape(parse, point);
    if (*parse->at >= 0x80) return json_check_take_utf8(parse, point);
    *point = *parse->at++;
    return true;
}

/* Characters that stand for themselves, one byte each. */
static void skip_plain(struct parse *parse)
{
    parse->at += plain_run((const char *)parse->at, (size_t)(parse->end - parse->at));
}

/* Behind the opening quote, up to and with the closing one. */
static bool take_string(struct parse *parse)
{
    const unsigned char *start = parse->at;
    uint32_t point;

    for (skip_plain(parse); !json_check_take(parse, '"'); skip_plain(parse))
        if (!take_character(parse, &point)) return false;
    return note_value(parse, JSON_TEXT, start, parse->at - 1);
}

/*
 * A number by which names are told apart: of the UTF-8 that a name stands for, in blocks of sixteen
 * bytes, the last filled up with zeros, and of its size. The halves of a block are multiplied after
 * secrets were mixed in, and the halves of the product are folded: the secrets decide which names
 * fall together.
 */
struct name_hash {
    uint64_t hash, secret, block[2], size;
};

static struct name_hash name_hash_begin(const struct json_check *check)
{
    return (struct name_hash){.hash = check->basis, .secret = check->basis * 0x9e3779b97f4a7c15u};
}

static void name_hash_mix(struct name_hash *name, uint64_t low, uint64_t high)
{
    __uint128_t product = (__uint128_t)(name->hash ^ low) * (name->secret ^ high);

    name->hash = (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void name_hash_byte(struct name_hash *name, unsigned char byte)
{
    name->block[name->size / 8 % 2] |= (uint64_t)byte << 8 * (name->size % 8);
    if (++name->size % 16) return;
    name_hash_mix(name, name->block[0], name->block[1]);
    name->block[0] = name->block[1] = 0;
}

static void name_hash_point(struct name_hash *name, uint32_t point)
{
    if (point < 0x80) { name_hash_byte(name, (unsigned char)point); return; }
    if (point < 0x800) name_hash_byte(name, (unsigned char)(0xc0 | point >> 6));
    else if (point < 0x10000) name_hash_byte(name, (unsigned char)(0xe0 | point >> 12));
    else {
        name_hash_byte(name, (unsigned char)(0xf0 | point >> 18));
        name_hash_byte(name, (unsigned char)(0x80 | (point >> 12 & 0x3f)));
    }
    if (point >= 0x800) name_hash_byte(name, (unsigned char)(0x80 | (point >> 6 & 0x3f)));
    name_hash_byte(name, (unsigned char)(0x80 | (point & 0x3f)));
}

static uint32_t name_hash_end(struct name_hash *name)
{
    if (name->size % 16) name_hash_mix(name, name->block[0], name->block[1]);
    return (uint32_t)((name->hash + name->size * 0x9e3779b97f4a7c15u) >> 32);
}

/* Eight bytes, of which those from `size` on count as zeros. */
static uint64_t eight_bytes(const unsigned char *text, size_t size)
{
    uint64_t block;

    memcpy(&block, text, 8);
    return size < 8 ? block & ~(~(uint64_t)0 << 8 * size) : block;
}

/* The same of a name that stands for itself; `end` is that of the text around it. */
static uint32_t hash_plain(struct name_hash *name, const unsigned char *text, size_t size,
                           const unsigned char *end)
{
    for (; size - name->size >= 16; text += 16, name->size += 16)
        name_hash_mix(name, eight_bytes(text, 8), eight_bytes(text + 8, 8));
    if (end - text >= 16 && size > name->size) {
        size_t left = size - name->size;

        name->block[0] = eight_bytes(text, left);
        name->block[1] = left > 8 ? eight_bytes(text + 8, left - 8) : 0;
        name->size = size;
    }
    while (name->size < size) name_hash_byte(name, *text++);
    return name_hash_end(name);
}

/* Behind the opening quote of a name, up to and with the closing one. */
static bool take_name_string(struct parse *parse, uint32_t *hash)
{
    struct name_hash name = name_hash_begin(parse->check);
    const unsigned char *start = parse->at;
    uint32_t point;

    skip_plain(parse);
    if (json_check_take(parse, '"')) {
        *hash = hash_plain(&name, start, (size_t)(parse->at - 1 - start), parse->end);
        return true;
    }
    for (parse->at = start; !json_check_take(parse, '"'); name_hash_point(&name, point))
        if (!take_character(parse, &point)) return false;
    *hash = name_hash_end(&name);
    return true;
}

/* Two names that were good, from behind their opening quotes. */
static bool json_check_same_name(const struct parse *parse, uint32_t one, uint32_t other)
{
    struct parse a = {.at = parse->text + one, .end = parse->end},
                 b = {.at = parse->text + other, .end = parse->end};
    uint32_t of_a = 0, of_b = 0;

    for (;;) {
        bool a_ends = json_check_take(&a, '"'), b_ends = json_check_take(&b, '"');

        if (a_ends || b_ends) return a_ends && b_ends;
        if (!take_character(&a, &of_a) || !take_character(&b, &of_b) || of_a != of_b) return false;
    }
}

static struct json_name *table_of(struct json_check *check)
{
    return check->names ? check->names : check->few;
}

static size_t room_of(const struct json_check *check)
{
    return check->names ? check->room : JSON_CHECK_FEW;
}

static struct json_name *place_for(const struct parse *parse, const struct json_name *name,
                                   bool *twice)
{
    size_t mask = room_of(parse->check) - 1;
    size_t at = (name->hash ^ name->object * 2654435761u) & mask;

    for (*twice = false;; at = (at + 1) & mask) {
        struct json_name *place = &table_of(parse->check)[at];

        if (!place->object) return place;
        if (place->object != name->object || place->hash != name->hash ||
            !json_check_same_name(parse, place->at, name->at))
            continue;
        *twice = true;
        return place;
    }
}

static bool json_check_grow(struct parse *parse)
{
    struct json_name *old = table_of(parse->check);
    size_t old_room = room_of(parse->check), room = 2 * old_room;
    struct json_name *names = calloc(room, sizeof *names);
    bool twice;

    if (!names) { parse->no_memory = true; return false; }
    parse->check->names = names;
    parse->check->room = room;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].object) *place_for(parse, &old[i], &twice) = old[i];
    if (old != parse->check->few) free(old);
    return true;
}

/* Behind the quote of a name; up to and with the colon. */
static bool json_check_take_name(struct parse *parse)
{
    struct json_name name = {(uint32_t)(parse->at - parse->text),
                             parse->open[parse->depth - 1].object, 0};
    const unsigned char *start = parse->at;
    struct json_name *place;
    bool twice;

    if (!take_name_string(parse, &name.hash)) return false;
    if (!note_value(parse, JSON_TEXT, start, parse->at - 1)) return false;
    if (parse->values) parse->values->values[parse->values->count - 1].is_name = true;
    if (2 * parse->names >= room_of(parse->check) && !json_check_grow(parse)) return false;
    place = place_for(parse, &name, &twice);
    if (twice) return false;
    *place = name;
    parse->names++;
    skip_space(parse);
    return json_check_take(parse, ':');
}

/* Behind the bracket that opens it. */
static bool json_check_begin(struct parse *parse, bool object)
{
    struct container *container = &parse->open[parse->depth];

    if (parse->depth >= JSON_CHECK_DEPTH - parse->check->around) return false;
    container->object = object ? ++parse->objects : 0;
    container->value = parse->values ? parse->values->count : 0;
    parse->depth++;
    return note_value(parse, object ? JSON_OBJECT : JSON_ARRAY, parse->at - 1, parse->at);
}

/* Behind the bracket that closes it. */
static void json_check_end(struct parse *parse)
{
    const struct container *container = &parse->open[--parse->depth];
    struct json_value *value;

    if (!parse->values) return;
    value = &parse->values->values[container->value];
    value->size = (uint32_t)(parse->at - parse->text) - value->start;
    value->values = parse->values->count - container->value;
}

/* A number, true, false or null. */
static bool take_simple(struct parse *parse)
{
    const unsigned char *start = parse->at;
    enum json_kind kind = take_word(parse, "true")    ? JSON_TRUE
                          : take_word(parse, "false") ? JSON_FALSE
                          : take_word(parse, "null")  ? JSON_NULL
                                                      : JSON_NUMBER;

    return (kind != JSON_NUMBER || json_check_take_number(parse)) &&
           note_value(parse, kind, start, parse->at);
}

/* A value, or the beginning of one; `*opened` where members or elements have to follow. */
static bool take_value(struct parse *parse, bool *opened)
{
    *opened = false;
    skip_space(parse);
    if (json_check_take(parse, '"')) return take_string(parse);
    if (json_check_take(parse, '{')) {
        *opened = true;
        return json_check_begin(parse, true);
    }
    if (json_check_take(parse, '[')) {
        *opened = true;
        return json_check_begin(parse, false);
    }
    return take_simple(parse);
}

/* What follows a value, or the opening of an object or array: closings, a comma, and where a name
 * is due, that name. False: nothing may follow, or what does is wrong. */
static bool take_next(struct parse *parse, bool opened)
{
    while (parse->depth) {
        bool object = parse->open[parse->depth - 1].object;

        skip_space(parse);
        if (json_check_take(parse, object ? '}' : ']')) {
            json_check_end(parse);
            opened = false;
            continue;
        }
        if (!opened && !json_check_take(parse, ',')) return false;
        if (!object) return true;
        skip_space(parse);
        return json_check_take(parse, '"') && json_check_take_name(parse);
    }
    return false;
}

static uint64_t draw_basis(void)
{
    char guid[37] = "";
    uint64_t basis = 14695981039346656037u;
    HRESULT hr = os_guid(guid);

    if (SUCCEEDED(hr))
        for (const char *c = guid; *c; c++) basis = (basis ^ (unsigned char)*c) * 1099511628211u;
    return basis ? basis : 1;
}

/* A table that one text has made large is not wiped for each small one that follows. */
static void begin_names(struct json_check *check)
{
    if (!check->basis) check->basis = draw_basis();
    if (check->room > ROOM_KEPT && check->used < check->room / 16) {
        free(check->names);
        check->names = NULL;
        check->room = 0;
    }
    memset(table_of(check), 0, room_of(check) * sizeof *check->names);
    check->used = 0;
}

static void begin_values(struct json_values *values)
{
    if (values->room > ROOM_KEPT && values->count < values->room / 16) json_values_free(values);
    values->count = 0;
}

static bool take_all(struct parse *parse)
{
    bool opened, good;

    skip_space(parse);
    if (parse->at == parse->end || *parse->at != '{') return false;
    do good = take_value(parse, &opened); while (good && take_next(parse, opened));
    skip_space(parse);
    return good && !parse->depth && parse->at == parse->end;
}

enum json_verdict json_check(struct json_check *check, const char *text, size_t size,
                             struct json_values *values)
{
    struct parse parse;                 /* its stack is long, and empty */
    bool good;

    if (values) begin_values(values);
    if (size > UINT32_MAX) return JSON_BAD;
    begin_names(check);
    parse.text = parse.at = (const unsigned char *)text;
    parse.end = parse.text + size;
    parse.check = check;
    parse.values = values;
    parse.names = 0;
    parse.objects = 0;
    parse.depth = 0;
    parse.no_memory = false;
    good = take_all(&parse);
    check->used = parse.names;
    if (values && !good) values->count = 0;
    return good ? JSON_GOOD : parse.no_memory ? JSON_NO_MEMORY : JSON_BAD;
}

void json_check_free(struct json_check *check)
{
    free(check->names);
    memset(check, 0, sizeof *check);
}

void json_values_free(struct json_values *values)
{
    free(values->values);
    *values = (struct json_values){0};
}
