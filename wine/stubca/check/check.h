/*
 * `stubca check`: examines a registered exit module rule by rule and prints TAP.
 *
 * Rules run in child processes (this program again), so that a module that hangs, crashes or ends its process is named
 * by the rule in which it did so, and the others are examined all the same.
 */
#ifndef STUBCA_CHECK_H
#define STUBCA_CHECK_H

/* The arguments behind `check`: options, the ProgID, values for its key. Returns the program's exit code: 0 all rules
 * hold, 1 one is broken, 2 it could not be examined. */
int check(int count, char **arguments);

/* The same, for --help: options and rules. */
void check_print_help(void);

#endif
