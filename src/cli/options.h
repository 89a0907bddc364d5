/* The command line after the command's name: options and operands. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_MAX 64 /* options given at once; the longest sensible command has a dozen */

struct option_row {
    const char *name;                   /* without its dashes */
    const char *value;                  /* what help calls its value; NULL: it has none */
    const char *help;
};

/* Views into argv, valid as long as that is. */
struct options {
    const struct option_row *rows;      /* ended by {0} */
    struct { const struct option_row *row; char *value; } given[OPTIONS_MAX];
    unsigned given_count;
    char **operands;
    unsigned operand_count;
    bool help;
};

/* `argv` begins with the command's name and ends with NULL. Help is asked for by --help, -h, -?, /?
 * or /help. False: an option is not one of `rows`, or lacks its value; standard error has been
 * told, with the option that was probably meant. One thread. */
bool options_parse(struct options *options, const struct option_row *rows, int argc, char **argv);

bool option_given(const struct options *options, const char *name);
/* The value of the last one of that name; NULL: not given. */
const char *option_value(const struct options *options, const char *name);
/* The next value of an option that may be given several times; `*at` begins at 0. NULL: no more. */
const char *option_next(const struct options *options, const char *name, unsigned *at);
/* A number in decimal digits from `least` to `most`; left as it is where the option was not given.
 * False: it cannot be, standard error has been told. */
bool option_number(const struct options *options, const char *name, unsigned long long least,
                   unsigned long long most, unsigned long long *out);
/* The operand at `index`, or NULL. */
const char *operand_at(const struct options *options, unsigned index);

#endif
