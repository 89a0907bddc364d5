/*
 * What somebody looks for in a text: a part of it, or, where it holds * or ?, a pattern of all of it: * is anything, ? one character.
 * Case does not count.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_MAX 1024                /* bytes; the longest names that a CA's database has */

struct pattern {
    uint32_t points[PATTERN_MAX];
    unsigned count;
    bool whole;                         /* has * or ? */
};

/* False: empty, or too long. */
bool pattern_read(struct pattern *pattern, const char *text);

/* `text` is UTF-8 and may be hostile. Time: at most its length times the pattern's; no memory. */
bool pattern_matches(const struct pattern *pattern, const char *text, size_t size);

#endif
