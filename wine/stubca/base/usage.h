/*
 * What this process uses: processor time, memory, handles.
 *
 * All are the system's own figures. Under Wine processor time comes in steps of 10 ms and does not hold what wineserver
 * spends for us.
 */
#ifndef STUBCA_USAGE_H
#define STUBCA_USAGE_H

#include <windows.h>

struct usage {
    double user_seconds, kernel_seconds;        /* since the process began */
    SIZE_T working_set, peak_working_set;       /* bytes; Wine tells no others */
    ULONG handles;
};

/* Takes some milliseconds: every handle of the machine is listed. */
struct usage usage_now(void);
ULONG usage_handles(void);                      /* these alone */

#endif
