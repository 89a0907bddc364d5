/* What "certwitness-delivery status --json" reports of its destinations, shown, and what is wrong
 * with them. */
#ifndef DELIVERY_REPORT_H
#define DELIVERY_REPORT_H

#include "base/span.h"
#include "cli/terminal/outline.h"

/*
 * Add the list of destinations to the group that is open. Each thing that is wrong is a sentence
 * with what to do, appended to `problems` with its zero. False: `report` is no such report, and
 * nothing was added. Its texts may be those of a far end.
 */
bool delivery_report_show(struct span report, struct outline *outline, struct bytes *problems);

#endif
