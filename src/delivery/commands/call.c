#include "call.h"

#include "cli/suggestion.h"
#include "cli/terminal/console.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>

struct call_row {
    const char *name, *operands;
    unsigned least, most;               /* operands */
    const char *options;                /* letters: o once, j json, d dry-run, e event */
    const char *summary;
    enum outcome (*run)(struct call *call);
};

static const struct call_row rows[] = {
    {"check", "", 0, 0, "", "examine the configuration and what it names; send nothing",
     call_check},
    {"test", "NAME", 1, 1, "de",
     "send one event to a destination, the newest or --event N;\n"
     "                 --dry-run prints what would be sent", call_test},
    {"run", "", 0, 0, "o", "deliver until it is stopped; --once: until all is delivered", call_run},
    {"status", "", 0, 0, "j", "how far each destination is; --json. Exit code 1: look at it",
     call_status},
    {"seek", "NAME TO", 2, 2, "", "go on elsewhere: TO is oldest, now or a sequence", call_seek},
    {"parked", "NAME", 1, 1, "", "print the lines that a destination refused, with reasons",
     call_parked},
    {"retry", "NAME", 1, 1, "", "send the parked lines again", call_retry},
    {"secret", "set NAME", 2, 2, "", "keep a token or password, read from standard input",
     call_secret},
};
#define ROWS (sizeof rows / sizeof *rows)

static void call_help(void)
{
    console_print("certwitness-delivery hands the events of a journal on to other systems, each\n"
                  "at least once and in order. It reads the journal and never changes it.\n\n"
                  "  certwitness-delivery COMMAND [--config FILE] [OPTION...] [OPERAND...]\n\n");
    for (size_t i = 0; i < ROWS; i++)
        console_print("  %-7s%-8s %s\n", rows[i].name, rows[i].operands, rows[i].summary);
    console_print("\nThe configuration is %s unless --config names another\n"
                  "file. seek and retry need that no delivery runs. Exit code: 0 all is well,\n"
                  "1 something is wrong, 2 it could not be done.\n",
                  call_default_file);
}

static const struct call_row *call_find(const char *name)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;

    suggestion_begin(&suggestion, name);
    for (size_t i = 0; i < ROWS; i++) {
        if (!strcmp(rows[i].name, name)) return &rows[i];
        suggestion_offer(&suggestion, rows[i].name);
    }
    console_note("there is no command \"%s\".%s --help lists the commands", name,
                 suggestion_text(&suggestion, "", meant));
    return NULL;
}

static bool call_number(const char *text, uint64_t *out)
{
    char *end;

    *out = strtoull(text, &end, 10);
    return *text >= '1' && *text <= '9' && !*end;
}

/* An option at `argv[*at]`. */
static bool call_option(struct call *call, const struct call_row *row, char **argv, int *at)
{
    const char *word = argv[*at];

    if (!strcmp(word, "--config") && argv[*at + 1]) call->file = argv[++*at];
    else if (!strcmp(word, "--once") && strchr(row->options, 'o')) call->once = true;
    else if (!strcmp(word, "--json") && strchr(row->options, 'j')) call->json = true;
    else if (!strcmp(word, "--dry-run") && strchr(row->options, 'd')) call->dry_run = true;
    else if (!strcmp(word, "--event") && strchr(row->options, 'e') && argv[*at + 1]) {
        if (call_number(argv[++*at], &call->event)) return true;
        console_note("--event needs the sequence of a line, and \"%s\" is none", argv[*at]);
        return false;
    } else {
        console_note("%s has no option %s, or the option lacks its value. --help lists them",
                     row->name, word);
        return false;
    }
    return true;
}

static bool call_parse(struct call *call, const struct call_row *row, int argc, char **argv)
{
    call->operands = argv;              /* moved to the front */
    for (int i = 2; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1]) {
            if (!call_option(call, row, argv, &i)) return false;
        } else argv[call->count++] = argv[i];
    }
    if (call->count >= row->least && call->count <= row->most) return true;
    console_note("usage: certwitness-delivery %s %s", row->name, row->operands);
    return false;
}

const struct target *call_target(const struct call *call)
{
    return config_find(&call->config, call->operands[0], &console_notes);
}

static bool call_asks_for_help(const char *word)
{
    return !word || !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "/?") ||
           !strcmp(word, "help");
}

int call_program(int argc, char **argv)
{
    struct call call = {.file = call_default_file};
    const struct call_row *row;
    enum outcome outcome = OUTCOME_CANNOT;

    console_name = "certwitness-delivery";
    console_open();
    if (argc < 2 || call_asks_for_help(argv[1]) || (argc > 2 && call_asks_for_help(argv[2]))) {
        call_help();
        outcome = argc < 2 ? OUTCOME_CANNOT : OUTCOME_FINE;
    } else if (!strcmp(argv[1], "--version")) {
        console_print("certwitness-delivery %s\n", CERTWITNESS_VERSION);
        outcome = OUTCOME_FINE;
    } else if ((row = call_find(argv[1])) && call_parse(&call, row, argc, argv) &&
               SUCCEEDED(config_read(call.file, &call.config, &console_notes)))
        outcome = row->run(&call);
    config_free(&call.config);
    return console_flush() ? outcome : OUTCOME_CANNOT;
}
