#include "options.h"

#include "cli/terminal/console.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 40

/* getopt_long's own table, with --help behind ours. */
static unsigned rows_for_getopt(const struct option_row *rows, struct option out[ROWS_MAX + 2])
{
    unsigned count = 0;

    for (; rows[count].name && count < ROWS_MAX; count++)
        out[count] = (struct option){rows[count].name, rows[count].value ? required_argument : no_argument, NULL, 256 + (int)count};
    out[count] = (struct option){"help", no_argument, NULL, 'h'};
    out[count + 1] = (struct option){0};
    return count;
}

static bool take(struct options *options, const struct option_row *row, const char *value)
{
    if (options->given_count == OPTIONS_MAX) {
        console_note("more than %d options", OPTIONS_MAX);
        return false;
    }
    options->given[options->given_count].row = row;
    options->given[options->given_count++].value = value;
    return true;
}

bool options_parse(struct options *options, const struct option_row *rows, int argc, char **argv)
{
    struct option table[ROWS_MAX + 2];
    unsigned count = rows_for_getopt(rows, table);
    int found;

    memset(options, 0, sizeof *options);
    options->rows = rows;
    opterr = 0;
    optind = 0;                         /* from the beginning, whatever was parsed before */
    while ((found = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        const char *word = argv[optind - 1];

        if (found == 'h') {
            options->help = true;
        } else if (found >= 256 && found < 256 + (int)count) {
            if (!take(options, &rows[found - 256], optarg)) return false;
        } else {
            console_note(found == ':' ? "%s wants a value; \"certwitness %s --help\" tells which"
                                      : "there is no option %s; \"certwitness %s --help\" lists them", word, argv[0]);
            return false;
        }
    }
    options->operands = argv + optind;
    options->operand_count = (unsigned)(argc - optind);
    return true;
}

const char *option_next(const struct options *options, const char *name, unsigned *at)
{
    while (*at < options->given_count) {
        unsigned i = (*at)++;

        if (!strcmp(options->given[i].row->name, name)) return options->given[i].value ? options->given[i].value : "";
    }
    return NULL;
}

const char *option_value(const struct options *options, const char *name)
{
    const char *value = NULL, *next;
    unsigned at = 0;

    while ((next = option_next(options, name, &at))) value = next;
    return value;
}

bool option_given(const struct options *options, const char *name)
{
    return option_value(options, name) != NULL;
}

bool option_number(const struct options *options, const char *name, unsigned long long least, unsigned long long most,
                   unsigned long long *out)
{
    const char *value = option_value(options, name);
    unsigned long long number;
    char *end;

    if (!value) return true;
    errno = 0;
    number = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || number < least || number > most) {
        console_note("--%s wants a number from %llu to %llu, and \"%s\" is none", name, least, most, value);
        return false;
    }
    *out = number;
    return true;
}

const char *operand_at(const struct options *options, unsigned index)
{
    return index < options->operand_count ? options->operands[index] : NULL;
}
