/* The outcome of an operation, in order of severity. */
#ifndef OUTCOME_H
#define OUTCOME_H

/* Also the program's exit code. Scripts depend on the values. */
enum outcome {
    OUTCOME_FINE = 0,   /* done, and nothing is wrong */
    OUTCOME_WRONG = 1,  /* done, and something is wrong: the journal, a certificate, the set-up */
    OUTCOME_CANNOT = 2, /* could not be done: file not found, access denied,
                         * unknown option */
};

#endif
