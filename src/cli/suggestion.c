#include "suggestion.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, with two neighbours that were swapped as one edit. Three rows of the
 * table are kept. */
static unsigned distance_of(const char *one, const char *other)
{
    unsigned rows[3][SUGGESTION_NAME_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2];
    size_t width = strlen(other);

    for (size_t j = 0; j <= width; j++) above[j] = (unsigned)j, before[j] = 0;
    for (size_t i = 1; one[i - 1]; i++) {
        unsigned *spare = before;

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= width; j++) {
            bool same = lower(one[i - 1]) == lower(other[j - 1]);

            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(one[i - 1]) == lower(other[j - 2]) &&
                lower(one[i - 2]) == lower(other[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        before = above, above = row, row = spare;
    }
    return above[width];
}

static bool suggestion_begins(const char *name, const char *typed)
{
    size_t size = 0;

    while (typed[size] && lower(typed[size]) == lower(name[size])) size++;
    return !typed[size] && name[size] && size >= 3;
}

void suggestion_begin(struct suggestion *suggestion, const char *typed)
{
    *suggestion = (struct suggestion){.typed = typed};
}

void suggestion_offer(struct suggestion *suggestion, const char *name)
{
    size_t size = strlen(name), typed = strlen(suggestion->typed);
    unsigned distance, near;

    if (size > SUGGESTION_NAME_MAX || typed > SUGGESTION_NAME_MAX || !typed) return;
    near = least((unsigned)(size + 2) / 3, 4);
    distance =
        suggestion_begins(name, suggestion->typed) ? 1 : distance_of(suggestion->typed, name);
    if (distance > near || distance >= size ||
        (suggestion->best && distance >= suggestion->distance))
        return;
    suggestion->best = name;
    suggestion->distance = distance;
}

const char *suggestion_text(const struct suggestion *suggestion, const char *before,
                            char out[SUGGESTION_TEXT_MAX])
{
    *out = 0;
    if (suggestion->best)
        snprintf(out, SUGGESTION_TEXT_MAX, " Did you mean \"%s%s\"?", before, suggestion->best);
    return out;
}
