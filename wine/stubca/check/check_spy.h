/*
 * An observer of COM's allocator: BSTRs and other blocks from it.
 *
 * In effect from check_spy_begin on, in the whole process, on any thread. It must be called before
 * the first BSTR is allocated: freeing an older block would be counted as wrong.
 */
#ifndef STUBCA_CHECK_SPY_H
#define STUBCA_CHECK_SPY_H

#include <stdbool.h>
#include <windows.h>

void check_spy_begin(void);
bool check_spy_watches(void);           /* false: the system does not permit it, and the numbers
                                         * are 0 */

LONG check_spy_blocks(void);            /* in use */
LONG check_spy_wrong_frees(void);       /* frees of a block already freed, or of no block; they
                                         * are not passed on to the heap */

#endif
