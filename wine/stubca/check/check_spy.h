/*
 * COM's allocator, watched: BSTRs and what else is from it.
 *
 * From check_spy_begin on, which is to come before the first BSTR of all: what was allocated before would seem to be freed
 * wrongly. In the whole process, on any thread.
 */
#ifndef STUBCA_CHECK_SPY_H
#define STUBCA_CHECK_SPY_H

#include <stdbool.h>
#include <windows.h>

void check_spy_begin(void);
bool check_spy_watches(void);           /* false: this system lets nobody watch, and the numbers are 0 */

LONG check_spy_blocks(void);            /* in use */
LONG check_spy_wrong_frees(void);       /* blocks that were freed twice, or that are none; the heap has not seen these calls */

#endif
