/*
 * A worker: the thread of one destination, which hands the journal on to it.
 *
 * It takes lines from its cursor, sends them, and saves the position once the far end has
 * acknowledged them. One batch is on its way at a time. Nothing that happens to it concerns other
 * workers: it has a cursor, a state and a connection of its own.
 *
 * | what happens                    | what it does                                                |
 * |---------------------------------|-------------------------------------------------------------|
 * | the far end cannot              | the same lines again, later (backoff.h), for ever           |
 * | it is late                      | the same, with half of the lines (batch_limit.h)            |
 * | the far end refuses some lines  | halves the batch until it is one line, parks that line;     |
 * |                                 | those that are refused in a row go to the park together     |
 * | it refuses all of them, with    | parks no more, and tries the next line until it is taken    |
 * | one answer (refused_row.h)      |                                                             |
 * | the same, with onRefused = stop | halts                                                       |
 * | the line at the position changed, or the journal was set back | halts: somebody has to look   |
 * | the journal is away             | tells it once, and waits until it is back                   |
 * | the state cannot be saved, or   | sends nothing more until it can                             |
 * | is not in its place any more    |                                                             |
 *
 * While it is halted the thread goes on, and tells of the age of what waits as it does otherwise.
 */
#ifndef WORKER_H
#define WORKER_H

#include "config.h"
#include "report.h"
#include "store.h"
#include "base/outcome.h"

struct worker;

struct worker_order {
    const struct config *config;
    const struct target *target;
    struct store *store;
    const struct reports *reports;      /* may be called by this thread at any time */
    const int32_t *stop;                /* not 0: end */
    bool once;                          /* end when the lines are delivered that were there when it
                                         * began, or after a few attempts, or if the far end asks
                                         * to wait for more than a minute */
};

/* The order and everything in it is borrowed until worker_join. */
HRESULT worker_start(const struct worker_order *order, struct worker **out) MUST_CHECK;

/* False after `wait_ms`: it still runs. */
bool worker_join(struct worker *worker, uint32_t wait_ms);

/*
 * After worker_join: what became of it, and frees it. OUTCOME_WRONG: it has halted, lines are
 * parked or, with `once`, not all lines were delivered.
 */
enum outcome worker_close(struct worker *worker);

#endif
