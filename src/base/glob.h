/*
 * A search text: a part of the text searched or, if it contains * or ?, a pattern of the whole
 * text: * matches anything, ? one character. Case is ignored.
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
    bool whole;                         /* contains * or ?: must match the whole text */
};

/* Returns false if the text is empty or too long. */
bool glob_read(struct glob *pattern, const char *text);

/*
 * `text` is UTF-8 and may be hostile. Takes at most the product of both lengths in time, and no
 * memory.
 */
bool glob_matches(const struct glob *pattern, const char *text, size_t size);

#endif
