/* The keys of a destination in the configuration file: a table. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config.h"

enum config_type {
    TYPE_TEXT,
    TYPE_PATH,                          /* absolute */
    TYPE_LIST,                          /* may be repeated */
    TYPE_HEADER,                        /* of HTTP; a list as well */
    TYPE_NUMBER,
    TYPE_YES,                           /* yes, no */
    TYPE_WORD,                          /* one of `words` */
    TYPE_START,
    TYPE_FILTER,                        /* may be repeated */
    TYPE_ADDRESSES,                     /* of mail; a list as well */
    TYPE_RATE                           /* "30 an hour" */
};

/* A key: where its value goes, and of which kinds of destination it is. */
struct config_key {
    const char *name;
    enum config_type type;
    unsigned kinds;
    size_t offset;                      /* in struct target */
    unsigned least, most;               /* TYPE_NUMBER, TYPE_RATE; TYPE_FILTER: `least` is an enum
                                         * filter_criterion */
    const char *const *words;
};

extern const struct config_key config_keys[];
extern const unsigned config_key_count;                 /* up to CONFIG_KEYS_MAX */

#endif
