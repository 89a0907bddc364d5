/* Ranges for numbers that a scenario expects: "3", "3..", "..5", "3..5". */
#ifndef STUBCA_RANGE_H
#define STUBCA_RANGE_H

#include <stdbool.h>

#define RANGE_FORM "a number such as 3, or a range such as 3.., ..5 or 3..5"

/* Both bounds are included. */
struct range {
    unsigned long long least, most;
};

/* Returns false if the text is not a range. Numbers have up to 15 digits. */
bool range_read(const char *text, struct range *range);

/* "3", "3 or more", "5 or less", "3 to 5". The caller frees. */
char *range_spoken(const struct range *range);

#endif
