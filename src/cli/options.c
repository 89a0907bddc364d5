#include "options.h"

#include "cli/terminal/console.h"
#include "command_line.h"
#include "suggestion.h"

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
        out[count] =
            (struct option){rows[count].name, rows[count].value ? required_argument : no_argument,
                            NULL, 256 + (int)count};
    out[count] = (struct option){"help", no_argument, NULL, 'h'};
    out[count + 1] = (struct option){0};
    return count;
}

static bool options_take(struct options *options, const struct option_row *row, char *value)
{
    if (options->given_count == OPTIONS_MAX) {
        console_note("more than %d options", OPTIONS_MAX);
        return false;
    }
    options->given[options->given_count].row = row;
    options->given[options->given_count++].value = value;
    return true;
}

/* The word that getopt_long stopped at. In the middle of one, as in -json, it has not counted it
 * yet. */
static const char *refused_word(char **argv)
{
    const char *before = argv[optind - 1], *at = argv[optind];
    bool counted = !optopt || (before[0] == '-' && before[1] && before[1] != '-');

    return counted || !at ? before : at;
}

static void options_refuse(const struct option_row *rows, const char *word, const char *command)
{
    char name[SUGGESTION_NAME_MAX + 2] = "", meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;
    size_t dashes = strspn(word, "-/"), size = strcspn(word + dashes, "=:");

    if (size < sizeof name) memcpy(name, word + dashes, size);
    suggestion_begin(&suggestion, name);
    for (; rows->name; rows++) suggestion_offer(&suggestion, rows->name);
    suggestion_offer(&suggestion, "help");
    console_note("there is no option %s.%s \"certwitness %s --help\" lists the options", word,
                 suggestion_text(&suggestion, "--", meant), command);
}

/* /? and /help are what Windows' own programs take; /json is what somebody types who is used to
 * them. */
static bool take_operands(struct options *options, const char *command)
{
    for (unsigned i = 0; i < options->operand_count; i++) {
        const char *operand = options->operands[i];

        if (!strcmp(operand, "/?") || !strcmp(operand, "/help")) options->help = true;
        for (const struct option_row *row = options->rows;
             command_line_has_slashes && operand[0] == '/' && row->name; row++) {
            if (strcmp(operand + 1, row->name)) continue;
            options_refuse(options->rows, operand, command);
            return false;
        }
    }
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

        if (found == 'h' || (found == '?' && optopt == '?')) {
            options->help = true;
        } else if (found >= 256 && found < 256 + (int)count) {
            if (!options_take(options, &rows[found - 256], optarg)) return false;
        } else {
            if (found == ':')
                console_note("the option %s needs a value; \"certwitness %s --help\" describes it",
                             word, argv[0]);
            else options_refuse(rows, refused_word(argv), argv[0]);
            return false;
        }
    }
    options->operands = argv + optind;
    options->operand_count = (unsigned)(argc - optind);
    return take_operands(options, argv[0]);
}

const char *option_next(const struct options *options, const char *name, unsigned *at)
{
    while (*at < options->given_count) {
        unsigned i = (*at)++;

        if (!strcmp(options->given[i].row->name, name))
            return options->given[i].value ? options->given[i].value : "";
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

bool option_number(const struct options *options, const char *name, unsigned long long least,
                   unsigned long long most, unsigned long long *out)
{
    const char *value = option_value(options, name);
    unsigned long long number;
    char *end;

    if (!value) return true;
    errno = 0;
    number = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || number < least || number > most) {
        console_note("--%s needs a number from %llu to %llu; \"%s\" is not one", name, least, most,
                     value);
        return false;
    }
    *out = number;
    return true;
}

const char *operand_at(const struct options *options, unsigned index)
{
    return index < options->operand_count ? options->operands[index] : NULL;
}
