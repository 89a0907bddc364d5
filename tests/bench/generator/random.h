/*
 * Numbers that look random and are functions of a seed, a place and a purpose. There is no state:
 * whoever asks for the same draw later has the same number.
 */
#ifndef GENERATOR_RANDOM_H
#define GENERATOR_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What a draw is for. */
enum draw {
    DRAW_SERIAL, DRAW_KEY, DRAW_NONCE, DRAW_SIGNATURE, DRAW_TEMPLATE, DRAW_BEGIN, DRAW_NEXT, DRAW_WAY,
    DRAW_CASE, DRAW_REVOKED, DRAW_REASON, DRAW_REVOKED_WHEN, DRAW_HOLD, DRAW_DENIED, DRAW_NAME,
    DRAW_ADMINISTRATOR, DRAW_MOMENT, DRAW_RUN, DRAW_PRIME, DRAW_ATTRIBUTES, DRAW_PENDING, DRAW_ABSENT,
};

static inline uint64_t random_mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static inline uint64_t random_at(uint64_t seed, uint64_t place, enum draw purpose)
{
    return random_mix(random_mix(random_mix(seed + 0x9e3779b97f4a7c15) + place) + purpose * 0x9e3779b97f4a7c15);
}

/* From 0 to `count` - 1. */
static inline uint64_t random_below(uint64_t seed, uint64_t place, enum draw purpose, uint64_t count)
{
    return random_at(seed, place, purpose) % count;
}

static inline void random_bytes(uint64_t seed, uint64_t place, enum draw purpose, void *out, size_t size)
{
    unsigned char *bytes = out;

    for (uint64_t state = random_at(seed, place, purpose); size; state = random_mix(state + 0x9e3779b97f4a7c15)) {
        size_t part = size < sizeof state ? size : sizeof state;

        memcpy(bytes, &state, part);
        bytes += part;
        size -= part;
    }
}

#endif
