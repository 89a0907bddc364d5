/*
 * How many lines the next request may have: fewer after a refusal, to find the lines that are
 * refused, and fewer after a time limit was hit, as the far end may need longer for so many.
 *
 * After a refusal the number grows with each request that is taken. After a time limit it grows
 * again to half of what was too much, and beyond that is tried after a while only: a try that hits
 * the time limit costs that time, and the far end gets those lines twice. Each try that fails
 * doubles the while.
 */
#ifndef BATCH_LIMIT_H
#define BATCH_LIMIT_H

#include <stdbool.h>

#define BATCH_LIMIT_WHILE      16       /* requests of the full number */
#define BATCH_LIMIT_WHILE_MOST 1024

struct batch_limit {
    unsigned all;                       /* of a whole batch */
    unsigned lines;                     /* of the next request, at least 1 */
    unsigned most;                      /* up to which it grows now */
    unsigned full;                      /* requests of `most` lines that were taken, */
    unsigned wanted;                    /* until `most` is raised */
    bool raised;                        /* it was, and nothing has hit the time limit since */
};

/* `all` lines are a whole batch. */
void batch_limit_begin(struct batch_limit *limit, unsigned all);

/* A request of so many lines was taken; `free`: it would not have had more without a limit. */
void batch_limit_taken(struct batch_limit *limit, unsigned lines, bool free);

/* One of these lines is refused, or several are. */
void batch_limit_refused(struct batch_limit *limit, unsigned lines);

/* A request of so many lines has hit a time limit. */
void batch_limit_late(struct batch_limit *limit, unsigned lines);

#endif
