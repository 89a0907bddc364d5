/*
 * The secrets lie one behind the other, each a `struct quote_secret` and its characters. Base64 is
 * kept as the characters that are the same whatever is encoded in front of the secret and behind
 * it: for each of the three places at which it may begin in a group of three bytes.
 */
#include "quote.h"

#include "base/digits.h"

#include <stdint.h>
#include <stdlib.h>

#define WORD_LEAST   12                 /* characters: shorter parts are words */
#define HEADER_LEAST 4
#define BASE64_LEAST 8
#define BEGIN_LEAST  12                 /* of the beginning of a secret; */
#define END_LEAST    4                  /* where the text ends with it */

struct quote_secret {
    size_t size;
    bool base64;
};

static const char quote_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* --- what is hidden --- */

static void quote_add(struct quote *quote, struct span text, bool base64)
{
    struct quote_secret secret = {text.size, base64};

    if (!text.size) return;
    bytes_add(&quote->secrets, &secret, sizeof secret);
    bytes_add(&quote->secrets, text.text, text.size);
}

/* The text's base64 behind `before` unknown bytes, without what these and those behind it change:
 * they share digits with it. */
static void quote_add_base64(struct quote *quote, struct span text, unsigned before)
{
    size_t first = (before * 8 + 5) / 6, end = (before + text.size) * 8 / 6;
    struct bytes out = {0};

    for (size_t digit = first; digit < end; digit++) {
        unsigned value = 0;

        for (size_t bit = digit * 6 - before * 8; bit < digit * 6 - before * 8 + 6; bit++)
            value = value << 1 | ((unsigned char)text.text[bit / 8] >> (7 - bit % 8) & 1u);
        bytes_add(&out, &quote_digits[value], 1);
    }
    if (out.size >= BASE64_LEAST) quote_add(quote, (struct span){out.data, out.size}, true);
    if (out.failed) bytes_fail(&quote->secrets);
    bytes_free(&out);
}

void quote_hide_base64(struct quote *quote, struct span text)
{
    quote_add_base64(quote, text, 0);
}

void quote_hide(struct quote *quote, struct span secret)
{
    quote_add(quote, secret, false);
    for (unsigned before = 0; before < 3; before++) quote_add_base64(quote, secret, before);
}

static void quote_hide_words(struct quote *quote, struct span text, const char *ends)
{
    for (size_t at = 0; at < text.size;) {
        size_t size = 0;

        while (at + size < text.size && !strchr(ends, text.text[at + size])) size++;
        if (size >= WORD_LEAST) quote_hide(quote, (struct span){text.text + at, size});
        at += size + 1;
    }
}

void quote_hide_header(struct quote *quote, const char *header)
{
    const char *value = strchr(header, ':');
    struct span text;

    if (!value) return;
    value += 1 + strspn(value + 1, " \t");
    text = (struct span){value, strlen(value)};
    while (text.size && strchr(" \t", text.text[text.size - 1])) text.size--;
    if (text.size >= HEADER_LEAST) quote_hide(quote, text);
    quote_hide_words(quote, text, " \t,;=\"");
}

/* The far end may show a part as it is spelled, and as it reads. */
void quote_hide_url(struct quote *quote, struct span rest)
{
    struct bytes read = {0};

    quote_hide_words(quote, rest, "/?&=;#");
    for (size_t i = 0; i < rest.size; i++) {
        int escaped = rest.text[i] == '%' && i + 2 < rest.size
                          ? digits_hex_byte(rest.text + i + 1) : -1;

        bytes_add(&read, escaped < 0 ? &rest.text[i] : &(char){(char)escaped}, 1);
        if (escaped >= 0) i += 2;
    }
    quote_hide_words(quote, (struct span){read.size ? read.data : "", read.size}, "/?&=;#");
    if (read.failed) bytes_fail(&quote->secrets);
    bytes_free(&read);
}

void quote_free(struct quote *quote)
{
    volatile char *data = quote->secrets.data;

    for (size_t i = 0; i < quote->secrets.size; i++) data[i] = 0;
    bytes_free(&quote->secrets);
}

/* --- what is found --- */

/* A number of `most` digits at most, which `*size` of them make. */
static uint32_t quote_number(struct span text, unsigned base, size_t most, size_t *size)
{
    uint32_t number = 0;
    int digit;

    for (*size = 0; *size < text.size && *size < most; ++*size) {
        digit = digits_hex_value(text.text[*size]);
        if (digit < 0 || (unsigned)digit >= base) break;
        number = number * base + (unsigned)digit;
    }
    return number;
}

static bool quote_begins(struct span text, const char *begin)
{
    size_t size = strlen(begin);

    return text.size >= size && !memcmp(text.text, begin, size);
}

/* &amp; &#38; &#x26; Returns its size, or 0. */
static size_t quote_read_html(struct span text, uint32_t *point)
{
    static const struct {
        const char *name;
        char letter;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    bool hex = quote_begins(text, "&#x") || quote_begins(text, "&#X");
    size_t skip = hex ? 3 : 2, size;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *point = (unsigned char)names[i].letter;
        if (quote_begins(text, names[i].name)) return strlen(names[i].name);
    }
    if (!quote_begins(text, "&#")) return 0;
    *point = quote_number((struct span){text.text + skip, text.size - skip}, hex ? 16 : 10, 6,
                          &size);
    return size && skip + size < text.size && text.text[skip + size] == ';' ? skip + size + 1 : 0;
}

/* The escape that the text begins with: a code point, or a byte, and its size; 0: there is none. */
static size_t quote_read_escape(struct span text, uint32_t *point, bool *byte)
{
    bool json = quote_begins(text, "\\u"), hex = quote_begins(text, "\\x") || *text.text == '%';
    size_t skip = *text.text == '%' ? 1 : 2, digits = json ? 4 : 2, size;

    *byte = hex;
    if (*text.text == '&') return quote_read_html(text, point);
    if ((json || hex) && text.size >= skip + digits) {
        *point = quote_number((struct span){text.text + skip, digits}, 16, digits, &size);
        if (size == digits) return skip + digits;
    }
    if (*text.text != '\\' || text.size < 2) return 0;
    *byte = true;
    *point = (unsigned char)text.text[1];
    return 2;
}

static size_t quote_spell(uint32_t point, char out[4])
{
    size_t more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};

    for (size_t i = more; i; i--, point >>= 6) out[i] = (char)(0x80 | (point & 0x3f));
    *out = (char)(first[more] | point);
    return more + 1;
}

/* A character that is spelled otherwise in base64 for URLs, or in a form. */
static bool quote_is_like(char secret, char text, bool base64)
{
    if (secret == text) return true;
    return base64 ? (secret == '+' && text == '-') || (secret == '/' && text == '_')
                  : secret == ' ' && text == '+';
}

/* One character, which a far end may have read as Latin-1. Returns how many bytes of the text
 * it takes, of `*of` bytes of the secret; 0: it is another one. */
static size_t quote_match_one(struct span secret, bool base64, struct span text, size_t *of)
{
    char spelled[4];
    uint32_t point;
    size_t size;
    bool byte;

    *of = 1;
    if ((size = quote_spell((unsigned char)*secret.text, spelled)) == 2 && text.size >= 2 &&
        !memcmp(text.text, spelled, 2))
        return 2;
    if (*text.text != '\\' && *text.text != '%' && *text.text != '&') return 0;
    if (!(size = quote_read_escape(text, &point, &byte)) || point > 0x10ffff) return 0;
    if (point < 256 && quote_is_like(*secret.text, (char)point, base64)) return size;
    if (byte) return 0;
    *of = quote_spell(point, spelled);
    return *of <= secret.size && !memcmp(secret.text, spelled, *of) ? size : 0;
}

/* Behind a secret in base64 there may be a digit that has some bits of it, and padding. */
static size_t quote_rest(struct span text, size_t used)
{
    while (used < text.size && text.text[used] &&
           (strchr(quote_digits, text.text[used]) || strchr("-_=", text.text[used])))
        used++;
    return used;
}

/* The size of what is hidden at the beginning of the text; 0: it is another text. */
static size_t quote_match(struct span secret, bool base64, bool escaped, struct span text)
{
    size_t matched = 0, used = 0, size, of;

    while (matched < secret.size && used < text.size) {
        struct span rest = {secret.text + matched, secret.size - matched};
        struct span more = {text.text + used, text.size - used};

        size = escaped ? quote_match_one(rest, base64, more, &of) : 0;
        if (!size && quote_is_like(*rest.text, *more.text, base64)) size = of = 1;
        if (!size) break;
        used += size;
        matched += of;
    }
    if (matched == secret.size) return base64 ? quote_rest(text, used) : used;
    return matched >= BEGIN_LEAST || (used == text.size && matched >= END_LEAST) ? used : 0;
}

/* The longest one. A secret may hold what reads like an escape, so it is sought both ways. */
static size_t quote_hidden(const struct quote *quote, struct span text)
{
    const char *at = quote->secrets.data, *end = at + quote->secrets.size;
    struct quote_secret secret;
    size_t longest = 0, size;

    while (at < end) {
        memcpy(&secret, at, sizeof secret);
        at += sizeof secret;
        for (int escaped = 0; escaped < 2; escaped++) {
            size = quote_match((struct span){at, secret.size}, secret.base64, escaped, text);
            if (size > longest) longest = size;
        }
        at += secret.size;
    }
    return longest;
}

void quote_said(const struct quote *quote, struct span said, char *out, size_t room)
{
    size_t size = 0;

    while (said.size && size + 1 < room) {
        size_t hidden = quote->secrets.size ? quote_hidden(quote, said) : 0;

        if (hidden && size + 4 > room) break;
        if (hidden) memcpy(out + size, "...", 3);
        else out[size] = *said.text;
        size += hidden ? 3 : 1;
        said.text += hidden ? hidden : 1;
        said.size -= hidden ? hidden : 1;
    }
    out[size] = 0;
}

void quote_text(const struct quote *quote, const char *said, char *out, size_t room)
{
    quote_said(quote, (struct span){said, strlen(said)}, out, room);
}
