/* Letters without their case: letter_windows.c, letter_posix.c. */
#ifndef CASE_FOLD_H
#define CASE_FOLD_H

#include <stdint.h>

/* The small letter of a code point, in any script; itself where it has none. Whatever the machine's language is. */
uint32_t case_fold(uint32_t point);

#endif
