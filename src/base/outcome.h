/* How something that was asked for ended, in the order of how bad it is. */
#ifndef OUTCOME_H
#define OUTCOME_H

/* The program ends with it. Scripts depend on these. */
enum outcome {
    OUTCOME_FINE = 0,                   /* done, and nothing is wrong */
    OUTCOME_WRONG = 1,                  /* done, and something is wrong: the journal, a certificate, the set-up */
    OUTCOME_CANNOT = 2,                 /* could not be done: no such file, no permission, an option that there is not */
};

#endif
