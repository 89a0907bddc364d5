/* The beginning of a text whose characters stand for themselves in a JSON string. */
#ifndef PLAIN_RUN_H
#define PLAIN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ASCII but controls, quotes and backslashes. */
static inline bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Sixteen bytes at once. A signed byte below 0x20 is a control, or not ASCII. */
typedef signed char plain_block __attribute__((vector_size(16)));

static inline plain_block plain_others(const char *text)
{
    plain_block block;

    memcpy(&block, text, sizeof block);
    return (block < 0x20) | (block == '"') | (block == '\\');
}

/* The number of bytes before the first that is set; 16: none is. */
static inline size_t plain_first(plain_block set)
{
    uint64_t halves[2];

    memcpy(halves, &set, sizeof halves);
    if (!(halves[0] | halves[1])) return sizeof set;
    for (int i = 0; i < 2; i++)
        if (halves[i]) return 8 * (size_t)i + (size_t)__builtin_ctzll(halves[i]) / 8;
    return sizeof set;
}

static inline bool is_any_set(plain_block set)
{
    uint64_t halves[2];

    memcpy(halves, &set, sizeof halves);
    return halves[0] | halves[1];
}

/*
 * The number of plain bytes that the text begins with. Nearly all of a journal is base64: it has to
 * be passed over faster than it is hashed.
 */
static inline size_t plain_run(const char *text, size_t size)
{
    size_t at = 0, run;

    for (; size - at >= 16; at += 16) {
        if ((run = plain_first(plain_others(text + at))) < 16) return at + run;
        while (size - at >= 80 &&
               !is_any_set(plain_others(text + at + 16) | plain_others(text + at + 32) |
                           plain_others(text + at + 48) | plain_others(text + at + 64)))
            at += 64;
    }
    while (at < size && is_plain((unsigned char)text[at])) at++;
    return at;
}

#endif
