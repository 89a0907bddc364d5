/*
 * The status of the destinations for Prometheus, in its text format 0.0.4: for the textfile
 * collector of the node exporter and of the Windows exporter.
 */
#ifndef METRICS_H
#define METRICS_H

#include "status_look.h"

/* Append the metrics of all destinations of the configuration. Failure is `out`'s. */
void metrics_add(struct bytes *out, const struct config *config, const struct status *all,
                 bool running);

#endif
