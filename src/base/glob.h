/*
 * What somebody looks for in a text: a part of it, or, where it holds * or ?, a pattern of all of it: * is anything, ? one character.
 * Case does not count.
 */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GLOB_MAX 1024                /* bytes; the longest names that a CA's database has */

struct glob {
    uint32_t points[GLOB_MAX];
    unsigned count;
    bool whole;                         /* has * or ? */
};

/* False: empty, or too long. */
bool glob_read(struct glob *pattern, const char *text);

/* `text` is UTF-8 and may be hostile. Time: at most its length times the pattern's; no memory. */
bool glob_matches(const struct glob *pattern, const char *text, size_t size);

#endif
