/* The name that somebody meant who mistyped one: a command, an option, a setting. */
#ifndef SUGGESTION_H
#define SUGGESTION_H

#include <stddef.h>

/* characters of a name that is compared; longer ones are never suggested */
#define SUGGESTION_NAME_MAX 32

struct suggestion {
    const char *typed;                  /* borrowed; ASCII, anything else matches nothing */
    const char *best;  /* the nearest of the offered names, or NULL: none is near */
    unsigned distance; /* of the best, in edits: a letter more, less, other, or two swapped */
};

void suggestion_begin(struct suggestion *suggestion, const char *typed);

/*
 * Compare a name, in any case. A name is near up to one edit for every three characters of it,
 * rounded up, at most four, or if it begins with all that was typed, three characters or more. Of
 * two that are equally near the first one offered stays.
 */
void suggestion_offer(struct suggestion *suggestion, const char *name);

/* " Did you mean NAME?", with `before` in front of the name, or "" if none is near. `out` is for a
 * message. */
#define SUGGESTION_TEXT_MAX (SUGGESTION_NAME_MAX + 32)
const char *suggestion_text(const struct suggestion *suggestion, const char *before,
                            char out[SUGGESTION_TEXT_MAX]);

#endif
