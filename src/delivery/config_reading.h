/* A configuration file while it is read, and its errors. */
#ifndef CONFIG_READING_H
#define CONFIG_READING_H

#include "config_keys.h"

struct config_reading {
    struct config *config;
    const struct notes *errors;
    unsigned line;                      /* from 1 */
    char section[16];                   /* "journal", "state", "to"; "" before the first one and
                                         * after one that is unknown */
    bool unknown;                       /* in an unknown section: its keys are passed over */
    unsigned journal_line, state_line;  /* of their paths */
    unsigned wrong;                     /* errors */
    bool no_memory;
};

/* Note an error of that line. */
void config_wrong(struct config_reading *at, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool config_is_absolute(const char *path);

/* "a, b or c" */
void config_words(const char *const *words, char *out, size_t room);

#endif
