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

/* A place in a text, which ends before `end`. */
struct scan {
    const unsigned char *at, *end;
};

/*
 * The text has no white space around it, and its last byte is the brace that has to close it. That
 * brace ends every run of white space, digits or letters, so these need not look for the end; a
 * string does. Functions with a parameter `at` read there, before the end, and return the place
 * where reading goes on; NULL: the text is bad, or memory ran out.
 */
struct parse {
    const unsigned char *text, *end;
    struct json_check *check;
    struct json_values *values;         /* NULL: places are not noted */
    struct json_value *next, *full;     /* where the next one is noted; the end of the room */
    struct json_name *table;            /* that of `check` */
    size_t mask, names;                 /* the table's size less 1; how many are in it */
    uint32_t objects;                   /* begun so far */
    int depth;
    struct container open[JSON_CHECK_DEPTH];
    bool whole;                         /* the last byte has closed the first */
    bool no_memory;
};

static const unsigned char *skip_space(const unsigned char *at)
{
    while (*at <= ' ' && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
    return at;
}

/* Behind the character that has to follow, with or without white space before it. */
static const unsigned char *skip_mark(const unsigned char *at, char mark)
{
    if (*at == mark) return at + 1;
    at = skip_space(at);
    return *at == mark ? at + 1 : NULL;
}

static bool json_check_take(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != (unsigned char)c) return false;
    scan->at++;
    return true;
}

static bool take_word(struct scan *scan, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size)) return false;
    scan->at += size;
    return true;
}

static bool values_grow(struct parse *parse)
{
    struct json_values *values = parse->values;
    uint32_t count = values->room, room = count ? count * 2 : VALUES_LEAST;
    struct json_value *grown =
        room > count ? realloc(values->values, room * sizeof *grown) : NULL;

    parse->no_memory = !grown;
    if (!grown) return false;
    values->values = grown;
    values->room = room;
    parse->next = grown + count;
    parse->full = grown + room;
    return true;
}

/* The place of a value that begins at `start` and ends before `end`. */
static inline bool note_value(struct parse *parse, enum json_kind kind, const unsigned char *start,
                              const unsigned char *end, bool is_name)
{
    if (parse->next == parse->full) {
        if (!parse->values) return true;
        if (!values_grow(parse)) return false;
    }
    *parse->next++ = (struct json_value){(uint32_t)(start - parse->text), (uint32_t)(end - start),
                                         1, kind, is_name};
    return true;
}

static const unsigned char *skip_digits(const unsigned char *at)
{
    const unsigned char *start = at;

    while (*at >= '0' && *at <= '9') at++;
    return at > start ? at : NULL;
}

/* Behind the sign: a zero, or digits that do not begin with one. */
static const unsigned char *skip_whole(const struct parse *parse, const unsigned char *at)
{
    if (*at == '0') return at + 1;
    if (parse->end - at >= 16) {
        plain_block block = plain_load(at);
        unsigned others = plain_bits((block < '0') | (block > '9'));

        if (others) return others & 1 ? NULL : at + __builtin_ctz(others);
    }
    return skip_digits(at);
}

static const unsigned char *skip_number(const struct parse *parse, const unsigned char *at)
{
    at = skip_whole(parse, at + (*at == '-'));
    if (at && *at == '.') at = skip_digits(at + 1);
    if (!at || (*at != 'e' && *at != 'E')) return at;
    at++;
    return skip_digits(at + (*at == '+' || *at == '-'));
}

static bool take_unit(struct scan *scan, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef", *digit;

        if (scan->at == scan->end || !*scan->at) return false;
        digit =
            strchr(digits, *scan->at >= 'A' && *scan->at <= 'F' ? *scan->at + 32 : *scan->at);
        if (!digit) return false;
        *unit = *unit << 4 | (uint32_t)(digit - digits);
        scan->at++;
    }
    return true;
}

/* Behind the backslash. */
static bool take_escape(struct scan *scan, uint32_t *point)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *simple;
    uint32_t low;

    if (scan->at == scan->end || !*scan->at) return false;
    if ((simple = strchr(from, *scan->at))) {
        *point = (unsigned char)to[simple - from];
        scan->at++;
        return true;
    }
    if (!json_check_take(scan, 'u') || !take_unit(scan, point)) return false;
    if (*point < 0xd800 || *point > 0xdfff) return true;
    if (*point > 0xdbff || !take_word(scan, "\\u") || !take_unit(scan, &low) || low < 0xdc00 ||
        low > 0xdfff)
        return false;
    *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* A character of two bytes and more. */
static bool json_check_take_utf8(struct scan *scan, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = *scan->at >= 0xf0 ? 4 : *scan->at >= 0xe0 ? 3 : 2;

    if (*scan->at < 0xc2 || *scan->at > 0xf4 || scan->end - scan->at < length) return false;
    *point = *scan->at & (0x7f >> length);
    for (int i = 1; i < length; i++) {
        if ((scan->at[i] & 0xc0) != 0x80) return false;
        *point = *point << 6 | (scan->at[i] & 0x3f);
    }
    scan->at += length;
    return *point >= least[length] && *point <= 0x10ffff && (*point < 0xd800 || *point > 0xdfff);
}

/* One character of a string; false where there is none that may stand there. The closing quote is
 * not for this function. */
static bool take_character(struct scan *scan, uint32_t *point)
{
    if (scan->at == scan->end || *scan->at < 0x20) return false;
    if (json_check_take(scan, '\\')) return take_escape(scan, point);
    if (*scan->at >= 0x80) return json_check_take_utf8(scan, point);
    *point = *scan->at++;
    return true;
}

/* Behind the opening quote; returns the place of the closing one. */
static const unsigned char *find_quote(const struct parse *parse, const unsigned char *at)
{
    struct scan scan = {at, parse->end};
    uint32_t point;

    for (;;) {
        scan.at += plain_run((const char *)scan.at, (size_t)(scan.end - scan.at));
        if (scan.at == scan.end) return NULL;
        if (*scan.at == '"') return scan.at;
        if (*scan.at == '\\' && scan.at[1] == '\\') scan.at += 2;     /* DOMAIN\\name is common */
        else if (!take_character(&scan, &point)) return NULL;
    }
}

/* Behind the opening quote. */
static const unsigned char *take_string(struct parse *parse, const unsigned char *at)
{
    const unsigned char *quote = find_quote(parse, at);

    return quote && note_value(parse, JSON_TEXT, at, quote, false) ? quote + 1 : NULL;
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

static struct name_hash name_hash_begin(uint64_t basis)
{
    return (struct name_hash){.hash = basis, .secret = basis * 0x9e3779b97f4a7c15u};
}

static uint64_t name_hash_mix(uint64_t hash, uint64_t secret, const uint64_t block[2])
{
    __uint128_t product = (__uint128_t)(hash ^ block[0]) * (secret ^ block[1]);

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t name_hash_size(uint64_t hash, uint64_t size)
{
    return (uint32_t)((hash + size * 0x9e3779b97f4a7c15u) >> 32);
}

static void name_hash_byte(struct name_hash *name, unsigned char byte)
{
    name->block[name->size / 8 % 2] |= (uint64_t)byte << 8 * (name->size % 8);
    if (++name->size % 16) return;
    name->hash = name_hash_mix(name->hash, name->secret, name->block);
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

/* Of a name of any characters, from behind its opening quote; returns the place of the closing one.
 */
static const unsigned char *hash_any(const struct parse *parse, const unsigned char *at,
                                     uint32_t *hash)
{
    struct name_hash name = name_hash_begin(parse->check->basis);
    struct scan scan = {at, parse->end};
    uint32_t point;

    for (; !json_check_take(&scan, '"'); name_hash_point(&name, point))
        if (!take_character(&scan, &point)) return NULL;
    *hash = name_hash_size(name_hash_mix(name.hash, name.secret, name.block), name.size);
    return scan.at - 1;
}

/* The same, block by block as long as all characters are plain. */
static const unsigned char *hash_name(const struct parse *parse, const unsigned char *at,
                                      uint32_t *hash)
{
    static const signed char kept[32] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                         -1, -1, -1, -1, -1, -1, -1, -1};
    struct name_hash name = name_hash_begin(parse->check->basis);
    const unsigned char *start = at;

    for (; parse->end - at >= 16; at += 16) {
        plain_block block = plain_load(at);
        unsigned others = plain_bits(plain_others(block));
        int size = others ? __builtin_ctz(others) : 16;

        if (others) block &= plain_load(kept + 16 - size);
        memcpy(name.block, &block, sizeof name.block);
        name.hash = name_hash_mix(name.hash, name.secret, name.block);
        if (!others) continue;
        if (at[size] != '"') break;
        *hash = name_hash_size(name.hash, (uint64_t)(at + size - start));
        return at + size;
    }
    return hash_any(parse, start, hash);
}

/* Two names that were good, from behind their opening quotes. */
static bool json_check_same_name(const struct parse *parse, uint32_t one, uint32_t other)
{
    struct scan a = {parse->text + one, parse->end}, b = {parse->text + other, parse->end};
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

/* Where a name belongs; NULL: its object has it already. A call for each name would take longer
 * than this does. */
static inline __attribute__((always_inline)) struct json_name *
place_for(const struct parse *parse, struct json_name name)
{
    size_t at = (name.hash ^ name.object * 2654435761u) & parse->mask;

    for (;; at = (at + 1) & parse->mask) {
        struct json_name *place = &parse->table[at];

        if (!place->object) return place;
        if (place->object == name.object && place->hash == name.hash &&
            json_check_same_name(parse, place->at, name.at))
            return NULL;
    }
}

static void use_table(struct parse *parse)
{
    parse->table = table_of(parse->check);
    parse->mask = room_of(parse->check) - 1;
}

static bool json_check_grow(struct parse *parse)
{
    struct json_name *old = parse->table;
    size_t old_room = parse->mask + 1, room = 2 * old_room;
    struct json_name *names = calloc(room, sizeof *names);

    if (!names) { parse->no_memory = true; return false; }
    parse->check->names = names;
    parse->check->room = room;
    use_table(parse);
    for (size_t i = 0; i < old_room; i++)
        if (old[i].object) *place_for(parse, old[i]) = old[i];
    if (old != parse->check->few) free(old);
    return true;
}

/* Behind the quote of a name; up to and with the colon. */
static const unsigned char *json_check_take_name(struct parse *parse, const unsigned char *at)
{
    struct json_name name = {(uint32_t)(at - parse->text), parse->open[parse->depth - 1].object, 0};
    const unsigned char *quote = hash_name(parse, at, &name.hash);
    struct json_name *place;

    if (!quote || !note_value(parse, JSON_TEXT, at, quote, true)) return NULL;
    if (2 * parse->names > parse->mask && !json_check_grow(parse)) return NULL;
    if (!(place = place_for(parse, name))) return NULL;
    *place = name;
    parse->names++;
    return skip_mark(quote + 1, ':');
}

/* Behind the bracket that opens it. */
static const unsigned char *json_check_begin(struct parse *parse, const unsigned char *at,
                                             bool object)
{
    struct container *container = &parse->open[parse->depth];

    if (parse->depth >= JSON_CHECK_DEPTH - parse->check->around) return NULL;
    container->object = object ? ++parse->objects : 0;
    container->value = parse->values ? (uint32_t)(parse->next - parse->values->values) : 0;
    parse->depth++;
    return note_value(parse, object ? JSON_OBJECT : JSON_ARRAY, at - 1, at, false) ? at : NULL;
}

/* Behind the bracket that closes it. */
static void json_check_end(struct parse *parse, const unsigned char *at)
{
    const struct container *container = &parse->open[--parse->depth];
    struct json_value *value;

    if (!parse->values) return;
    value = &parse->values->values[container->value];
    value->size = (uint32_t)(at - parse->text) - value->start;
    value->values = (uint32_t)(parse->next - value);
}

/* A number, true, false or null. */
static const unsigned char *take_simple(struct parse *parse, const unsigned char *at)
{
    struct scan scan = {at, parse->end};
    enum json_kind kind = take_word(&scan, "true")    ? JSON_TRUE
                          : take_word(&scan, "false") ? JSON_FALSE
                          : take_word(&scan, "null")  ? JSON_NULL
                                                      : JSON_NUMBER;
    const unsigned char *end = kind == JSON_NUMBER ? skip_number(parse, at) : scan.at;

    return end && note_value(parse, kind, at, end, false) ? end : NULL;
}

/* A value, or the beginning of one; `*opened` where members or elements have to follow. */
static const unsigned char *take_value(struct parse *parse, const unsigned char *at, bool *opened)
{
    *opened = false;
    if (*at <= ' ') at = skip_space(at);
    if (*at == '"') return take_string(parse, at + 1);
    *opened = *at == '{' || *at == '[';
    if (*opened) return json_check_begin(parse, at + 1, *at == '{');
    return take_simple(parse, at);
}

static bool closes(const struct parse *parse, char c)
{
    return c == (parse->open[parse->depth - 1].object ? '}' : ']');
}

/* What follows a value, or the opening of an object or array, up to the next value. NULL also if
 * the whole was closed. */
static const unsigned char *take_next(struct parse *parse, const unsigned char *at, bool opened)
{
    for (at = skip_space(at); opened || *at != ','; opened = false, at = skip_space(at)) {
        if (!closes(parse, (char)*at)) break;
        json_check_end(parse, ++at);
        parse->whole = !parse->depth && at == parse->end;
        if (!parse->depth || at == parse->end) return NULL;
    }
    if (!opened && *at++ != ',') return NULL;
    if (!parse->open[parse->depth - 1].object) return at;
    at = skip_mark(at, '"');
    return at ? json_check_take_name(parse, at) : NULL;
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
    const unsigned char *at = skip_space(parse->text);
    bool opened;

    if (*at != '{') return false;
    do at = take_value(parse, at, &opened); while (at && (at = take_next(parse, at, opened)));
    return parse->whole;
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

enum json_verdict json_check(struct json_check *check, const char *text, size_t size,
                             struct json_values *values)
{
    struct parse parse;                 /* its stack is long, and empty */
    bool good;

    if (values) begin_values(values);
    while (size && is_space((unsigned char)text[size - 1])) size--;
    if (size > UINT32_MAX || !size || text[size - 1] != '}') return JSON_BAD;
    begin_names(check);
    parse.text = (const unsigned char *)text;
    parse.end = parse.text + size;
    parse.check = check;
    parse.values = values;
    parse.next = values ? values->values : NULL;
    parse.full = parse.next ? parse.next + values->room : NULL;
    use_table(&parse);
    parse.names = 0;
    parse.objects = 0;
    parse.depth = 0;
    parse.whole = parse.no_memory = false;
    good = take_all(&parse);
    check->used = parse.names;
    if (values && good) values->count = (uint32_t)(parse.next - values->values);
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
