/* The delivery: a worker for each destination of a configuration, until it is stopped. */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "config.h"
#include "report.h"
#include "base/outcome.h"

struct delivery_order {
    const struct config *config;
    const struct reports *reports;
    bool (*is_stopped)(void);           /* asked ten times a second, by the calling thread */
    uint32_t stop_ms;                   /* what does not end so long after a stop is left; 0:
                                         * nothing is */
    bool (*is_hung_up)(void);           /* the stop is no order to: it is told then */
    bool once;
};

/*
 * Deliver until the order says that it is stopped; with `once`, until every destination has all
 * lines or has failed several times in a row. The outcome is the worst of all workers' (worker.h);
 * OUTCOME_CANNOT: delivery could not begin, for example because another one runs, which was
 * reported. Everything in the order is borrowed until the return, but what `reports` points to
 * stays until the process ends (report_queue.h).
 *
 * `*left`: a worker was left, as it waits for the system, for example to look a name up. What it
 * has not got acknowledged is sent again the next time. It uses everything in the order still, so
 * the caller ends the process, and frees nothing.
 */
enum outcome delivery_run(const struct delivery_order *order, bool *left);

#endif
