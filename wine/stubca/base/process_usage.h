/*
 * The resource usage of this process: processor time, memory, handles.
 *
 * All are the system's own figures. Under Wine, processor time has steps of 10 ms and does not
 * include the time that wineserver spends for this process.
 */
#ifndef STUBCA_PROCESS_USAGE_H
#define STUBCA_PROCESS_USAGE_H

#include <windows.h>

struct process_usage {
    double user_seconds, kernel_seconds;        /* since the process began */
    SIZE_T working_set, peak_working_set;       /* bytes; Wine provides no others */
    ULONG handles;
};

/* Takes some milliseconds, since all handles of the machine are listed. */
struct process_usage process_usage_now(void);
ULONG process_usage_handles(void);                      /* only the handles */

#endif
