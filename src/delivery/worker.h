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
 * | the far end refuses some lines  | halves the batch until it is one line, parks that line      |
 * | the same, with onRefused = stop | halts                                                       |
 * | the line at the position changed, or the journal was set back | halts: somebody has to look   |
 * | the state cannot be saved       | sends nothing more until it can                             |
 */
#ifndef WORKER_H
#define WORKER_H

#include "config.h"
#include "store.h"
#include "base/outcome.h"

struct worker;

struct worker_order {
    const struct config *config;
    const struct target *target;
    struct store *store;
    const struct notes *notes;          /* may be called by this thread at any time */
    const int32_t *stop;                /* not 0: end */
    bool once;                          /* end when all lines are delivered, or after a few
                                         * attempts */
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
