#include "arguments.h"

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

static bool take(struct arguments *arguments, const struct option_row *row, const char *value)
{
    if (arguments->given_count == ARGUMENTS_MAX) {
        console_note("more than %d options", ARGUMENTS_MAX);
        return false;
    }
    arguments->given[arguments->given_count].row = row;
    arguments->given[arguments->given_count++].value = value;
    return true;
}

bool arguments_parse(struct arguments *arguments, const struct option_row *rows, int argc, char **argv)
{
    struct option table[ROWS_MAX + 2];
    unsigned count = rows_for_getopt(rows, table);
    int found;

    memset(arguments, 0, sizeof *arguments);
    arguments->rows = rows;
    opterr = 0;
    optind = 0;                         /* from the beginning, whatever was parsed before */
    while ((found = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        const char *word = argv[optind - 1];

        if (found == 'h') {
            arguments->help = true;
        } else if (found >= 256 && found < 256 + (int)count) {
            if (!take(arguments, &rows[found - 256], optarg)) return false;
        } else {
            console_note(found == ':' ? "%s wants a value; \"certwitness %s --help\" tells which"
                                      : "there is no option %s; \"certwitness %s --help\" lists them", word, argv[0]);
            return false;
        }
    }
    arguments->operands = argv + optind;
    arguments->operand_count = (unsigned)(argc - optind);
    return true;
}

const char *option_next(const struct arguments *arguments, const char *name, unsigned *at)
{
    while (*at < arguments->given_count) {
        unsigned i = (*at)++;

        if (!strcmp(arguments->given[i].row->name, name)) return arguments->given[i].value ? arguments->given[i].value : "";
    }
    return NULL;
}

const char *option_value(const struct arguments *arguments, const char *name)
{
    const char *value = NULL, *next;
    unsigned at = 0;

    while ((next = option_next(arguments, name, &at))) value = next;
    return value;
}

bool option_given(const struct arguments *arguments, const char *name)
{
    return option_value(arguments, name) != NULL;
}

bool option_number(const struct arguments *arguments, const char *name, unsigned long long least, unsigned long long most,
                   unsigned long long *out)
{
    const char *value = option_value(arguments, name);
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

const char *operand_at(const struct arguments *arguments, unsigned index)
{
    return index < arguments->operand_count ? arguments->operands[index] : NULL;
}
