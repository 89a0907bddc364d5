#include "call.h"
#include "report_way.h"
#include "trust.h"

#include "cli/suggestion.h"
#include "cli/terminal/console.h"
#include "delivery/config_read.h"
#include "delivery/place/usual.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>

/* What a command does. */
#define OBEYS 1                         /* goes where the configuration says */
#define ACTS  (2 | OBEYS)               /* and writes to the state, or runs programs */

struct call_row {
    const char *name, *operands;
    unsigned least, most;               /* operands */
    const char *options;                /* letters: o once, j json, p prometheus, d dry-run,
                                         * e event, P purge */
    unsigned does;
    const char *summary;
    enum outcome (*run)(struct call *call);
};

static const struct call_row rows[] = {
    {"check", "", 0, 0, "", 0, "examine the configuration and what it names; send nothing",
     call_check},
    {"test", "NAME", 1, 1, "de", ACTS,
     "send one event to a destination, the newest or --event N;\n"
     "                   --dry-run prints what would be sent", call_test},
    {"run", "", 0, 0, "o", ACTS, "deliver until it is stopped; --once: until all is delivered",
     call_run},
    {"status", "", 0, 0, "jp", 0,
     "how far each destination is; --json; --prometheus FILE\n"
     "                   writes metrics to a file. Exit code 1: look at it", call_status},
    {"seek", "NAME TO", 2, 2, "", ACTS, "go on elsewhere: TO is oldest, now or a sequence",
     call_seek},
    {"parked", "NAME", 1, 1, "", 0, "print the lines that a destination refused, with reasons",
     call_parked},
    {"retry", "NAME", 1, 1, "D", ACTS,
     "send the parked lines again; --discard: forget them, their file is\n"
     "                   kept beside the state", call_retry},
    {"secret", "set NAME", 2, 2, "", ACTS, "keep a token or password, read from standard input",
     call_secret},
    {"mail", "NAME FOLDER", 2, 2, "", OBEYS,
     "send the drafts of \"certwitness expiry --eml FOLDER\"; those that were\n"
     "                   taken are removed", call_mail},
    {"service", "DO", 1, 1, "P", 0,
     "DO is install or remove: the Windows service, with its rights;\n"
     "                   remove --purge: the state and the secrets, too", call_service},
};
#define ROWS (sizeof rows / sizeof *rows)

static void call_help(void)
{
    console_print("certwitness-delivery hands the events of a journal on to other systems, each\n"
                  "at least once and in order. It reads the journal and never changes it.\n\n"
                  "  certwitness-delivery COMMAND [--config FILE] [OPTION...] [OPERAND...]\n\n");
    for (size_t i = 0; i < ROWS; i++)
        console_print("  %-8s%-8s %s\n", rows[i].name, rows[i].operands, rows[i].summary);
    console_print("\nThe configuration is %s unless --config names another\n"
                  "file. seek and retry need that no delivery runs. Exit code: 0 all is well,\n"
                  "1 something is wrong, 2 it could not be done.\n",
                  usual_configuration);
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
    else if (!strcmp(word, "--prometheus") && strchr(row->options, 'p') && argv[*at + 1])
        call->metrics = argv[++*at];
    else if (!strcmp(word, "--dry-run") && strchr(row->options, 'd')) call->dry_run = true;
    else if (!strcmp(word, "--purge") && strchr(row->options, 'P')) call->purge = true;
    else if (!strcmp(word, "--discard") && strchr(row->options, 'D')) call->discard = true;
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

const struct target *call_targets(const struct call *call, unsigned *count)
{
    return config_find(&call->config, call->operands[0], count, &console_notes);
}

/* What is wrong with the configuration. What runs reports it, since nobody sees its window. */
static void call_take_error(void *context, const char *sentence)
{
    const struct call_row *row = context;
    const struct reports *reports = row->run == call_run ? report_way() : &report_console;

    reports->take(reports->context, REPORT_CONFIGURATION, sentence);
}

static bool call_is_trusted(struct call *call, const struct call_row *row)
{
    return trust_look(&call->config, &(struct notes){call_take_error, (void *)row});
}

static bool call_asks_for_help(const char *word)
{
    return !word || !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "/?") ||
           !strcmp(word, "help");
}

int call_program(int argc, char **argv)
{
    struct call call = {.file = usual_configuration};
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
               (row->run == call_service ||
                SUCCEEDED(config_read(call.file, &call.config,
                                     &(struct notes){call_take_error, (void *)row}))) &&
               (!(row->does & OBEYS) || call_is_trusted(&call, row)) &&
               (row->does != ACTS || call_become_owner(call.config.state)))
        outcome = row->run(&call);
    if (call.config.state) call_hand_over(call.config.state);
    config_free(&call.config);
    return console_flush() ? outcome : OUTCOME_CANNOT;
}
