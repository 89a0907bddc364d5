#include "commands.h"
#include "command_line.h"
#include "cli/terminal/console.h"
#include "cli/terminal/paragraph.h"
#include "suggestion.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

static const struct command *const readers[] = {
    &command_show, &command_list, &command_expiry, &command_verify,
    &command_stats, &command_cert, &command_export, &command_compare,
    &command_deliver, NULL,
};

/* Those of a Windows machine; then those of any. */
static const struct command *const administers[] = {
    &command_status,
    &command_settings,
    &command_install,
    &command_uninstall,
    &command_enable,
    &command_disable,
    NULL,
};
static const struct command *const changers[] = {&command_prune, NULL};

static const struct command *const *const lists[] = {readers, administers, changers};

#define HELP_WIDTH   79                 /* that of the paragraphs in the commands' files */
#define OPTION_WIDTH 23
#define LISTS        (sizeof lists / sizeof *lists)

static void print_list(const struct command *const *list)
{
    for (; *list; list++) console_print("  %-10s %s\n", (*list)->name, (*list)->summary);
}

static void print_help(void)
{
    console_print("certwitness shows and checks what a certification authority did. It reads the\n"
                  "journal that the CertWitness exit module keeps.\n\n"
                  "  certwitness COMMAND [OPTION...] [OPERAND...]\n\n"
                  "Read a journal, and never change it:\n");
    print_list(readers);
    if (machine_commands_work) {
        console_print(
            "\nAdminister the recording on this machine (prune and uninstall --purge change a\n"
            "journal):\n");
        print_list(administers);
    } else console_print("\nChange a journal:\n");
    print_list(changers);
    console_print(
        "\n\"certwitness COMMAND --help\" describes one command, with examples; -h, -? and\n"
        "/? do too. --version says which version this is. Exit code: 0 all is well,\n"
        "1 something is wrong, 2 it could not be done.\n");
    if (machine_commands_work)
        console_print(
            "\nThrough a pipe and into a file everything is UTF-8. PowerShell reads it so after\n"
            "this line in its window:\n"
            "  [Console]::OutputEncoding = [Text.UTF8Encoding]::new()\n");
}

static void main_print_usage(const struct command *command)
{
    char usage[HELP_WIDTH + 1];
    int size = snprintf(usage, sizeof usage, "certwitness %s%s%s%s:", command->name,
                        command->options->name ? " [OPTION...]" : "", *command->operands ? " " : "",
                        command->operands);

    console_print("%s%s%s.\n", usage,
                  (size_t)size + strlen(command->summary) + 2 > HELP_WIDTH ? "\n  " : " ",
                  command->summary);
}

static void print_option(const struct option_row *row)
{
    struct bytes help = {0};
    char name[OPTION_WIDTH];

    snprintf(name, sizeof name, "  --%s%s%s", row->name, row->value ? " " : "",
             row->value ? row->value : "");
    paragraph_add(&help, row->help, strlen(row->help), OPTION_WIDTH, HELP_WIDTH);
    if (!help.failed) memcpy(help.data, name, strlen(name)); /* in front of it stand blanks */
    console_write(help.data, help.size);
    bytes_free(&help);
}

static void print_command_help(const struct command *command)
{
    main_print_usage(command);
    if (command->options->name) console_print("\n");
    for (const struct option_row *row = command->options; row->name; row++) print_option(row);
    console_print("\n%s", command->more);
}

static const struct command *main_find(const char *name)
{
    for (size_t i = 0; i < LISTS; i++)
        for (const struct command *const *each = lists[i]; *each; each++)
            if (!strcmp((*each)->name, name)) return *each;
    return NULL;
}

static enum outcome refuse_command(const char *name)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;

    suggestion_begin(&suggestion, name);
    for (size_t i = 0; i < LISTS; i++)
        for (const struct command *const *each = lists[i]; *each; each++)
            suggestion_offer(&suggestion, (*each)->name);
    console_note("there is no command \"%s\".%s \"certwitness --help\" lists the commands", name,
                 suggestion_text(&suggestion, "", meant));
    return OUTCOME_CANNOT;
}

/* Operands, and the values of options for files and folders, are paths, or end in one (NAME=VALUE).
 */
static bool mend_paths(struct options *options)
{
    for (unsigned i = 0; i < options->operand_count; i++)
        if (!command_line_mend(options->operands[i])) return false;
    for (unsigned i = 0; i < options->given_count; i++) {
        const char *kind = options->given[i].row->value;

        if (kind && (!strcmp(kind, "DIR") || !strcmp(kind, "FILE")) &&
            !command_line_mend(options->given[i].value))
            return false;
    }
    return true;
}

static enum outcome main_run(const struct command *command, int argc, char **argv)
{
    struct options options;

    if (!options_parse(&options, command->options, argc, argv)) return OUTCOME_CANNOT;
    if (options.help) {
        print_command_help(command);
        return OUTCOME_FINE;
    }
    if (!mend_paths(&options)) return OUTCOME_CANNOT;
    if (options.operand_count < command->operands_least ||
        options.operand_count > command->operands_most) {
        if (options.operand_count > command->operands_most)
            console_note("\"%s\" is one word too many. Usage: certwitness %s %s",
                         options.operands[command->operands_most], command->name,
                         command->operands);
        else
            console_note("a word is missing. Usage: certwitness %s %s", command->name,
                         command->operands);
        return OUTCOME_CANNOT;
    }
    return command->run(&options);
}

static bool asks_for_help(const char *word)
{
    static const char *const words[] = {"--help", "-h", "-?", "/?", "/help", "help"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], word)) return true;
    return false;
}

static enum outcome help_about(const char *name)
{
    const struct command *command = main_find(name);

    if (!command) return refuse_command(name);
    print_command_help(command);
    return OUTCOME_FINE;
}

static int run_line(int argc, char **argv)
{
    const struct command *command;

    if (argc > 2 && !strcmp(argv[1], "help")) return help_about(argv[2]);
    if (argc < 2 || asks_for_help(argv[1])) {
        print_help();
        return argc < 2 ? OUTCOME_CANNOT : OUTCOME_FINE;
    }
    if (!strcmp(argv[1], "--version")) {
        console_print("certwitness " CERTWITNESS_VERSION "\n");
        return OUTCOME_FINE;
    }
    if (!(command = main_find(argv[1]))) return refuse_command(argv[1]);
    if (!command->pass) return (int)main_run(command, argc - 1, argv + 1);
    return argc == 3 && asks_for_help(argv[2]) ? (int)help_about(argv[1])
                                               : command->pass(argv + 1);
}

int program_run(int argc, char **argv)
{
    int outcome;

    console_open();
    outcome = run_line(argc, argv);
    console_progress(NULL);
    if (!console_flush()) {
        console_note("not all of the output could be written");
        return OUTCOME_CANNOT;
    }
    return outcome;
}
