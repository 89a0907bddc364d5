/* The delivery: a worker for each destination of a configuration, until it is stopped. */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "config.h"
#include "base/outcome.h"

/*
 * Deliver until `is_stopped` says so, which is asked ten times a second; with `once`, until every
 * destination has all lines or has failed several times in a row. `notes` is called by one thread
 * at a time. The outcome is the worst of all workers' (worker.h); OUTCOME_CANNOT: delivery could
 * not begin, for example because another one runs, which was noted.
 */
enum outcome delivery_run(const struct config *config, bool once, bool (*is_stopped)(void),
                          const struct notes *notes);

#endif
