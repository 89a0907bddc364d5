#include "commands.h"
#include "cli/terminal/console.h"
#include "cli/terminal/paragraph.h"
#include "version.h"

#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_show,
    &command_verify,
    &command_stats,
    &command_cert,
    &command_export,
    &command_prune,
    &command_install, &command_uninstall, &command_enable, &command_disable,
    &command_status, &command_settings,
};

#define HELP_WIDTH   79                 /* that of the paragraphs in the commands' files */
#define OPTION_WIDTH 23

#define COUNT (sizeof commands / sizeof *commands)

static void print_help(void)
{
    console_print("certwitness reads what a certification authority did, from the journal that the\n"
                  "CertWitness exit module keeps. No command but prune changes a journal.\n\n"
                  "  certwitness COMMAND [OPTION...] [OPERAND...]\n\n");
    for (size_t i = 0; i < COUNT; i++) console_print("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    console_print("\n\"certwitness COMMAND --help\" tells more about one, with examples; --version\n"
                  "says which version this is. Exit code: 0 all is well, 1 something is wrong,\n"
                  "2 it could not be done.\n");
}

static void print_usage(const struct command *command)
{
    char usage[HELP_WIDTH + 1];
    int size = snprintf(usage, sizeof usage, "certwitness %s%s%s%s:", command->name, command->options->name ? " [OPTION...]" : "",
                        *command->operands ? " " : "", command->operands);

    console_print("%s%s%s.\n", usage, (size_t)size + strlen(command->summary) + 2 > HELP_WIDTH ? "\n  " : " ", command->summary);
}

static void print_option(const struct option_row *row)
{
    struct bytes help = {0};
    char name[OPTION_WIDTH];

    snprintf(name, sizeof name, "  --%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
    paragraph_add(&help, row->help, strlen(row->help), OPTION_WIDTH, HELP_WIDTH);
    if (!help.failed) memcpy(help.data, name, strlen(name));            /* in front of it stand blanks */
    console_write(help.data, help.size);
    bytes_free(&help);
}

static void print_command_help(const struct command *command)
{
    print_usage(command);
    if (command->options->name) console_print("\n");
    for (const struct option_row *row = command->options; row->name; row++) print_option(row);
    console_print("\n%s", command->more);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) if (!strcmp(commands[i]->name, name)) return commands[i];
    return NULL;
}

static enum outcome run(const struct command *command, int argc, char **argv)
{
    struct options options;

    if (!options_parse(&options, command->options, argc, argv)) return OUTCOME_CANNOT;
    if (options.help) {
        print_command_help(command);
        return OUTCOME_FINE;
    }
    if (options.operand_count < command->operands_least || options.operand_count > command->operands_most) {
        if (options.operand_count > command->operands_most)
            console_note("\"%s\" is one too many; it is used as: certwitness %s %s", options.operands[command->operands_most], command->name,
                         command->operands);
        else console_note("it is used as: certwitness %s %s", command->name, command->operands);
        return OUTCOME_CANNOT;
    }
    return command->run(&options);
}

static enum outcome run_line(int argc, char **argv)
{
    const struct command *command;

    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || (!strcmp(argv[1], "help") && argc == 2)) {
        print_help();
        return argc < 2 ? OUTCOME_CANNOT : OUTCOME_FINE;
    }
    if (!strcmp(argv[1], "--version")) {
        console_print("certwitness " CERTWITNESS_VERSION "\n");
        return OUTCOME_FINE;
    }
    if (!strcmp(argv[1], "help") && (command = find(argv[2]))) {
        print_command_help(command);
        return OUTCOME_FINE;
    }
    if ((command = find(argv[1]))) return run(command, argc - 1, argv + 1);
    console_note("there is no command \"%s\"; \"certwitness --help\" lists them", argv[!strcmp(argv[1], "help") ? 2 : 1]);
    return OUTCOME_CANNOT;
}

int program_run(int argc, char **argv)
{
    enum outcome outcome;

    console_open();
    outcome = run_line(argc, argv);
    console_progress(NULL);
    if (!console_flush()) {
        console_note("not all of the output could be written");
        return OUTCOME_CANNOT;
    }
    return (int)outcome;
}
