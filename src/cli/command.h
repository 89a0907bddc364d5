/* What a command of certwitness.exe is: a row in the table of program.c, and a file of its own that
 * has everything else. */
#ifndef COMMAND_H
#define COMMAND_H

#include "options.h"
#include "base/outcome.h"

struct command {
    const char *name;
    const char *operands;               /* as help shows them: "[JOURNAL]"; "" for none */
    unsigned operands_least, operands_most;
    const char *summary; /* one line in the list of commands, begins small, no full stop */
    const struct option_row *options;   /* ended by {0}; --help is everybody's and not among them */
    const char
        *more; /* paragraphs for --help: what it does, and examples. Lines of at most 79 columns */
    enum outcome (*run)(const struct options *options);
    /* Instead of `run`: takes all words as they are, from the command's name on, ended by NULL,
     * but a request for help alone; returns the exit code. NULL: there is `run`. */
    int (*pass)(char **argv);
};

/* Run what the command line says. `argv` is UTF-8, with the program's name first; it is put into
 * another order. */
int program_run(int argc, char **argv);

#endif
