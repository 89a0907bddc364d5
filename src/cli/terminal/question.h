/* A question to the person at the terminal, before something is done that cannot be undone. */
#ifndef QUESTION_H
#define QUESTION_H

#include <stdbool.h>

/* Whether a person sits at standard input. */
bool question_can_be_asked(void);

/* Ask, and wait for a line. True if it is "yes". */
bool question_agreed(const char *question);

#endif
