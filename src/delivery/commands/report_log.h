/* The event log as the way of a service's reports (report_way.h). */
#ifndef REPORT_LOG_H
#define REPORT_LOG_H

/*
 * From now on reports of this process are entries. `file` is the configuration, which each entry
 * names; it is borrowed. `started` is called with the first REPORT_STARTED. Before any report.
 */
void report_log_begin(const char *file, void (*started)(void));

#endif
