/* Case folding of single characters. Implemented in case_fold_windows.c and case_fold_posix.c. */
#ifndef CASE_FOLD_H
#define CASE_FOLD_H

#include <stdint.h>

/*
 * The lower-case form of a code point in any script, or the code point itself if it has none. Does
 * not depend on the locale.
 */
uint32_t case_fold(uint32_t point);

#endif
