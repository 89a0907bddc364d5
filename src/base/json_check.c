#include "json_check.h"

#include "os.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_KEPT 4096

struct parse {
    const unsigned char *text, *at, *end;
    struct json_check *check;
    size_t names;
    uint32_t objects;                   /* begun so far */
    int depth;
    uint32_t open[JSON_CHECK_DEPTH];    /* the number of the object; 0: an array */
    bool no_memory;
};

static void skip_space(struct parse *parse)
{
    while (parse->at < parse->end && memchr(" \t\r\n", *parse->at, 4)) parse->at++;
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

/* Sixteen bytes at once: nearly all of a journal is base64, and is read at the speed of its hash.
 */
typedef unsigned char block_t __attribute__((vector_size(16)));

static bool is_all_plain(const unsigned char *text)
{
    uint64_t halves[2];
    block_t block, other;

    memcpy(&block, text, sizeof block);
    other = (block_t)(block < 0x20) | (block_t)(block >= 0x80) | (block_t)(block == '"') |
            (block_t)(block == '\\');
    memcpy(halves, &other, sizeof halves);
    return !(halves[0] | halves[1]);
}

static bool json_check_is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Characters that stand for themselves, one byte each. */
static void skip_plain(struct parse *parse)
{
    const unsigned char *at = parse->at;

    while (parse->end - at >= (ptrdiff_t)sizeof(block_t) && is_all_plain(at)) at += sizeof(block_t);
    while (at < parse->end && json_check_is_plain(*at)) at++;
    parse->at = at;
}

/* Behind the opening quote, up to and with the closing one. */
static bool take_string(struct parse *parse)
{
    uint32_t point;

    for (skip_plain(parse); !json_check_take(parse, '"'); skip_plain(parse))
        if (!take_character(parse, &point)) return false;
    return true;
}

/* The same, and a number by which names are told apart. */
static bool take_name_string(struct parse *parse, uint32_t *hash)
{
    uint32_t point;

    *hash = parse->check->basis;
    for (;;) {
        while (parse->at < parse->end && json_check_is_plain(*parse->at))
            *hash = (*hash ^ *parse->at++) * 16777619u;
        if (json_check_take(parse, '"')) return true;
        if (!take_character(parse, &point)) return false;
        *hash = (*hash ^ point) * 16777619u;
    }
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
    struct json_name name = {(uint32_t)(parse->at - parse->text), parse->open[parse->depth - 1], 0};
    struct json_name *place;
    bool twice;

    if (!take_name_string(parse, &name.hash)) return false;
    if (2 * parse->names >= room_of(parse->check) && !json_check_grow(parse)) return false;
    place = place_for(parse, &name, &twice);
    if (twice) return false;
    *place = name;
    parse->names++;
    skip_space(parse);
    return json_check_take(parse, ':');
}

static bool json_check_begin(struct parse *parse, bool object)
{
    if (parse->depth >= JSON_CHECK_DEPTH - parse->check->around) return false;
    parse->open[parse->depth++] = object ? ++parse->objects : 0;
    return true;
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
    return take_word(parse, "true") || take_word(parse, "false") || take_word(parse, "null") ||
           json_check_take_number(parse);
}

/* What follows a value, or the opening of an object or array: closings, a comma, and where a name
 * is due, that name. False: nothing may follow, or what does is wrong. */
static bool take_next(struct parse *parse, bool opened)
{
    while (parse->depth) {
        bool object = parse->open[parse->depth - 1];

        skip_space(parse);
        if (json_check_take(parse, object ? '}' : ']')) {
            parse->depth--;
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

static uint32_t draw_basis(void)
{
    char guid[37] = "";
    uint32_t basis = 2166136261u;
    HRESULT hr = os_guid(guid);

    if (SUCCEEDED(hr))
        for (const char *c = guid; *c; c++) basis = (basis ^ (unsigned char)*c) * 16777619u;
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

enum json_verdict json_check(struct json_check *check, const char *text, size_t size)
{
    struct parse parse = {.text = (const unsigned char *)text, .check = check};
    bool opened, good;

    if (size > UINT32_MAX) return JSON_BAD;
    begin_names(check);
    parse.at = parse.text;
    parse.end = parse.text + size;
    skip_space(&parse);
    if (parse.at == parse.end || *parse.at != '{') return JSON_BAD;
    do good = take_value(&parse, &opened); while (good && take_next(&parse, opened));
    skip_space(&parse);
    check->used = parse.names;
    if (parse.no_memory) return JSON_NO_MEMORY;
    return good && !parse.depth && parse.at == parse.end ? JSON_GOOD : JSON_BAD;
}

void json_check_free(struct json_check *check)
{
    free(check->names);
    memset(check, 0, sizeof *check);
}
