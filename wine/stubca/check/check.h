/*
 * Rules run in child processes (this program again). If a module hangs, crashes or ends its
 * process, the rule in which it did so is reported, and the others are still examined.
 */
#ifndef STUBCA_CHECK_H
#define STUBCA_CHECK_H

/*
 * The arguments after `check`: options, the ProgID, values for its key. Returns the program's exit
 * code: 0 all rules hold, 1 a rule is broken, 2 the module could not be examined.
 */
int check(int count, char **arguments);

/* The same, for --help: options and rules. */
void check_print_help(void);

#endif
