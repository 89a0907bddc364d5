/*
 * The lines of a delivery's configuration, before anybody judges them: comments and blanks are
 * taken away, and a key is parted from its value (delivery/config.h tells the format).
 */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include "base/bytes.h"

#define CONFIG_SIZE_MAX (1 << 20)       /* bytes of the file */

struct config_text {
    char *next;                         /* NULL: no more */
    unsigned line;                      /* of the line that was returned, from 1; at the end that
                                         * of the place behind the text */
    const char *wrong;                  /* a sentence about a character that this line may not
                                         * have, its comment included; NULL: there is none */
};

/* Begin. `text` ends with a zero, is borrowed, and is cut into pieces by the calls that follow. */
void config_text_begin(struct config_text *at, struct bytes *text);

/*
 * The next line that is not empty, without its comment and the blanks around it, or one with
 * something `wrong`, as it is; NULL: the end.
 */
char *config_text_next(struct config_text *at);

/*
 * Cut "key = value" in two: `line` is the key then. "": there is no value; NULL: the line is no
 * such pair, and as it was.
 */
char *config_text_value(char *line);

#endif
