/*
 * What this process uses: processor time, memory, handles.
 *
 * All are the system's own figures. Under Wine processor time comes in steps of 10 ms and does not hold what wineserver
 * spends for us.
 */
#ifndef STUBCA_PROCESS_USAGE_H
#define STUBCA_PROCESS_USAGE_H

#include <windows.h>

struct process_usage {
    double user_seconds, kernel_seconds;        /* since the process began */
    SIZE_T working_set, peak_working_set;       /* bytes; Wine tells no others */
    ULONG handles;
};

/* Takes some milliseconds: every handle of the machine is listed. */
struct process_usage process_usage_now(void);
ULONG process_usage_handles(void);                      /* these alone */

#endif
