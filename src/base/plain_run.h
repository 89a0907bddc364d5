/* The beginning of a text whose characters stand for themselves in a JSON string. */
#ifndef PLAIN_RUN_H
#define PLAIN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined __SSE2__ && !defined PLAIN_RUN_PORTABLE     /* the latter for the test of the rest */
#include <emmintrin.h>
#define PLAIN_RUN_SSE2
#endif

/* ASCII but controls, quotes and backslashes. */
static inline bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Sixteen bytes at once; each is 0 or -1 where they are the answer to a question. */
typedef signed char plain_block __attribute__((vector_size(16)));

static inline plain_block plain_load(const void *text)
{
    plain_block block;

    memcpy(&block, text, sizeof block);
    return block;
}

/* A signed byte below 0x20 is a control, or not ASCII. */
static inline plain_block plain_others(plain_block block)
{
    return (block < 0x20) | (block == '"') | (block == '\\');
}

/* One bit for each byte that is set, the lowest for the first. */
static inline unsigned plain_bits(plain_block set)
{
#ifdef PLAIN_RUN_SSE2
    return (unsigned)_mm_movemask_epi8((__m128i)set);
#else
    uint64_t halves[2];

    memcpy(halves, &set, sizeof halves);
    for (int i = 0; i < 2; i++)         /* byte n's bit goes from 8 n to 56 + n */
        halves[i] = (halves[i] & 0x0101010101010101u) * 0x0102040810204080u >> 56;
    return (unsigned)(halves[0] | halves[1] << 8);
#endif
}

/*
 * Whether 64 bytes are plain, and higher than the quote: nearly all of a journal is base64, which
 * is passed over with two comparisons for each block.
 */
static inline bool plain_is_stretch(const char *text)
{
    plain_block a = plain_load(text), b = plain_load(text + 16), c = plain_load(text + 32),
                d = plain_load(text + 48);

    return !plain_bits((a <= '"') | (b <= '"') | (c <= '"') | (d <= '"') | (a == '\\') |
                       (b == '\\') | (c == '\\') | (d == '\\'));
}

/* The number of plain bytes that the text begins with. */
static inline size_t plain_run(const char *text, size_t size)
{
    size_t at = 0;
    unsigned others;

    while (size - at >= 32) {
        others = plain_bits(plain_others(plain_load(text + at))) |
                 plain_bits(plain_others(plain_load(text + at + 16))) << 16;
        if (others) return at + (size_t)__builtin_ctz(others);
        for (at += 32; size - at >= 64 && plain_is_stretch(text + at);) at += 64;
    }
    while (at < size && is_plain((unsigned char)text[at])) at++;
    return at;
}

#endif
