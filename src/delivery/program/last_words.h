/* The last words of a program: the end of what it writes to standard error, in bounded memory. */
#ifndef LAST_WORDS_H
#define LAST_WORDS_H

#include <stddef.h>

#define LAST_WORDS_MAX   4096           /* bytes that are kept: the last ones */
#define LAST_WORDS_PIECE 65536          /* bytes that are read at once */

struct last_words {                     /* {0}: nothing was written */
    char text[LAST_WORDS_MAX + 1];
    size_t size;
};

void last_words_add(struct last_words *words, const char *piece, size_t size);

/* The last line that is not blank, without blanks around it; "" if there is none. A NUL in it is a
 * blank. Valid until the next call. */
const char *last_words_line(struct last_words *words);

#endif
