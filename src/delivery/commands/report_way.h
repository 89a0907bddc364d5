/* The ways of a running delivery's reports: standard error, or in a service the event log. */
#ifndef REPORT_WAY_H
#define REPORT_WAY_H

#include "delivery/report.h"

#include <stdbool.h>

/*
 * Standard error. Where systemd's journal reads it, each line begins with its priority, "<3>" (of
 * syslog: 3 error, 4 warning, 6 information).
 */
extern const struct reports report_console;
int report_priority(enum report_kind kind);

/* --- of the system --- */

/* Where this process reports to. */
const struct reports *report_way(void);
bool report_is_prioritised(void);

#endif
