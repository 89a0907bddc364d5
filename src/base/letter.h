/* Letters without their case: letter_windows.c, letter_posix.c. */
#ifndef LETTER_H
#define LETTER_H

#include <stdint.h>

/* The small letter of a code point, in any script; itself where it has none. Whatever the machine's language is. */
uint32_t letter_lower(uint32_t point);

#endif
