/*
 * Any bytes through json_check: its verdict is that of a plain checker, which goes byte by byte and
 * compares all names with all names, and the places that it notes are jsmn's.
 */
#define JSMN_PARENT_LINKS
#define JSMN_STRICT
#define JSMN_STATIC
#include "base/json_doc.h"

#include <jsmn.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MOST 4096

static void must(bool ok)
{
    if (!ok) abort();
}

/* The plain checker. */
struct plain {
    const unsigned char *at, *end;
};

static bool take(struct plain *plain, const char *word)
{
    size_t size = strlen(word);

    if ((size_t)(plain->end - plain->at) < size || memcmp(plain->at, word, size)) return false;
    plain->at += size;
    return true;
}

static void space(struct plain *plain)
{
    while (take(plain, " ") || take(plain, "\t") || take(plain, "\r") || take(plain, "\n")) continue;
}

static int hex(struct plain *plain)
{
    int number = 0;

    for (int i = 0; i < 4; i++) {
        int c = plain->at < plain->end ? *plain->at++ : 0;

        if (c >= '0' && c <= '9') number = number * 16 + c - '0';
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) number = number * 16 + (c | 0x20) - 'a' + 10;
        else return -1;
    }
    return number;
}

/* A character that is no quote; -1: there is none. */
static long point(struct plain *plain)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = plain->at < plain->end ? *plain->at++ : 0, more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    long high, low, all;

    if (c < 0x20) return -1;
    if (c < 0x80 && c != '\\') return c;
    if (c == '\\') {
        c = plain->at < plain->end ? *plain->at++ : 0;
        for (int i = 0; from[i]; i++) if (c == from[i]) return to[i];
        if (c != 'u' || (high = hex(plain)) < 0) return -1;
        if (high < 0xd800 || high > 0xdfff) return high;
        if (high > 0xdbff || !take(plain, "\\u") || (low = hex(plain)) < 0xdc00 || low > 0xdfff) return -1;
        return 0x10000 + (high - 0xd800) * 0x400 + low - 0xdc00;
    }
    if (c < 0xc2 || c > 0xf4) return -1;
    for (all = c & (0x3f >> more); more--; all = all * 64 + (*plain->at++ & 0x3f))
        if (plain->at == plain->end || (*plain->at & 0xc0) != 0x80) return -1;
    if (all < (c >= 0xf0 ? 0x10000 : c >= 0xe0 ? 0x800 : 0x80) || all > 0x10ffff) return -1;
    return all >= 0xd800 && all <= 0xdfff ? -1 : all;
}

/* Behind the opening quote. */
static bool string(struct plain *plain)
{
    while (!take(plain, "\"")) if (point(plain) < 0) return false;
    return true;
}

static bool is_same(struct plain a, struct plain b)
{
    for (;;) {
        bool a_ends = take(&a, "\""), b_ends = take(&b, "\"");

        if (a_ends || b_ends) return a_ends && b_ends;
        if (point(&a) != point(&b)) return false;
    }
}

static bool digits(struct plain *plain)
{
    const unsigned char *start = plain->at;

    while (plain->at < plain->end && *plain->at >= '0' && *plain->at <= '9') plain->at++;
    return plain->at > start;
}

static bool number(struct plain *plain)
{
    take(plain, "-");
    if (!take(plain, "0") && !digits(plain)) return false;
    if (take(plain, ".") && !digits(plain)) return false;
    if (!take(plain, "e") && !take(plain, "E")) return true;
    if (!take(plain, "+")) take(plain, "-");
    return digits(plain);
}

static bool value(struct plain *plain, int depth);

static bool object(struct plain *plain, int depth)
{
    struct plain names[TEXT_MOST / 4];
    size_t count = 0;

    if (space(plain), take(plain, "}")) return true;
    do {
        if (space(plain), !take(plain, "\"")) return false;
        names[count] = *plain;
        if (!string(plain)) return false;
        for (size_t i = 0; i < count; i++) if (is_same(names[i], names[count])) return false;
        count++;
        if (space(plain), !take(plain, ":")) return false;
        if (!value(plain, depth)) return false;
    } while (space(plain), take(plain, ","));
    return take(plain, "}");
}

static bool array(struct plain *plain, int depth)
{
    if (space(plain), take(plain, "]")) return true;
    do if (!value(plain, depth)) return false;
    while (space(plain), take(plain, ","));
    return take(plain, "]");
}

static bool value(struct plain *plain, int depth)
{
    space(plain);
    if (take(plain, "\"")) return string(plain);
    if (take(plain, "{")) return depth < JSON_CHECK_DEPTH && object(plain, depth + 1);
    if (take(plain, "[")) return depth < JSON_CHECK_DEPTH && array(plain, depth + 1);
    return take(plain, "true") || take(plain, "false") || take(plain, "null") || number(plain);
}

static bool is_good(const char *text, size_t size, int around)
{
    struct plain plain = {(const unsigned char *)text, (const unsigned char *)text + size};

    if (space(&plain), plain.at == plain.end || *plain.at != '{') return false;
    if (!value(&plain, around)) return false;
    space(&plain);
    return plain.at == plain.end;
}

/* The places of a text that is good. */
static enum json_kind kind_of(const jsmntok_t *token, const char *text)
{
    if (token->type == JSMN_OBJECT) return JSON_OBJECT;
    if (token->type == JSMN_ARRAY) return JSON_ARRAY;
    if (token->type == JSMN_STRING) return JSON_TEXT;
    return text[token->start] == 't' ? JSON_TRUE : text[token->start] == 'f' ? JSON_FALSE : text[token->start] == 'n' ? JSON_NULL : JSON_NUMBER;
}

static void compare(const struct json_values *values, const char *text, size_t size)
{
    static jsmntok_t tokens[TEXT_MOST];
    jsmn_parser parser;
    int count;

    jsmn_init(&parser);
    must((count = jsmn_parse(&parser, text, size, tokens, TEXT_MOST)) > 0 && (uint32_t)count == values->count);
    for (int i = 0, last; i < count; i++) {
        const struct json_value *found = &values->values[i];
        bool is_name = tokens[i].parent >= 0 && tokens[tokens[i].parent].type == JSMN_OBJECT;

        must(found->start == (uint32_t)tokens[i].start && found->size == (uint32_t)(tokens[i].end - tokens[i].start));
        must(found->kind == kind_of(&tokens[i], text) && found->is_name == is_name);
        for (last = i + 1; last < count && tokens[last].start < tokens[i].end; last++) continue;
        must(found->values == (uint32_t)(last - i));
    }
}

/* Every text of the document is reached by walking it, and no step leads out of it. */
static unsigned walk(const struct json_doc *doc, json_at whole)
{
    struct bytes text = {0};
    unsigned count = 1;

    for (json_at each = JSON_NONE; (each = json_next(doc, whole, each)) != JSON_NONE;) {
        json_at member = json_member(doc, each);

        must(json_kind(doc, whole) == JSON_OBJECT ? member == each + 1 : member == JSON_NONE);
        count += member == JSON_NONE ? walk(doc, each) : 1 + walk(doc, member);
    }
    must(json_doc_text(doc, whole, &text) == (json_kind(doc, whole) == JSON_TEXT));
    bytes_free(&text);
    return count;
}

static void check_text(const char *text, size_t size, int around)
{
    static struct json_check check;
    static struct json_values values;
    struct json_doc doc = {0};
    bool good;

    check.around = around;
    good = json_check(&check, text, size, &values) == JSON_GOOD;
    must(good == is_good(text, size, around) && good == (values.count > 0));
    must(good == (json_check(&check, text, size, NULL) == JSON_GOOD));
    if (!good) return;
    compare(&values, text, size);
    json_doc_view(&doc, (struct span){text, size}, &values, JSON_ROOT);
    must(walk(&doc, JSON_ROOT) == values.count);
}

/* Bytes that choose pieces of JSON: most such texts are nearly good. */
static size_t make_text(const uint8_t *data, size_t size, char *out)
{
    static const char *const pieces[] = {
        "{", "}", "[", "]", ",", ":", "\"", "\"a\":", "\"\\u0061\":", "\"b\":", "\"abcdefgh\":", "\"abcdefgi\":", "\"abcdefghijklmnop\":", "\"\xc3\xa9\":", "\"\\u00e9\":",
        "\"\":", "1", "-0.5e+3", "01", "true", "false", "null", "\"text\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\xf0\x9f\x98\x80\"", "\"\xed\xa0\x80\"",
        "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123\"", "\"0123456789012345678901234567890\\n\"", " ", "\n", "\\",
    };
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        const char *piece = pieces[data[i] % (sizeof pieces / sizeof *pieces)];

        if (used + strlen(piece) > TEXT_MOST) break;
        memcpy(out + used, piece, strlen(piece));
        used += strlen(piece);
    }
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(TEXT_MOST);
    size_t used = size > 1 ? size - 1 : 0;

    if (!size || used > TEXT_MOST) { free(exact); return 0; }
    if (*data & 1) used = make_text(data + 1, size - 1, exact);
    else memcpy(exact, data + 1, used);
    exact = realloc(exact, used + !used);       /* so that a sanitizer sees a byte read too far */
    check_text(exact, used, *data & 2 ? 1 : 0);
    free(exact);
    return 0;
}
