/* A size in bytes as people read it: "870 bytes", "9.9 KiB", "48.2 GiB". */
#ifndef SIZE_TEXT_H
#define SIZE_TEXT_H

#include <stdint.h>

#define SIZE_TEXT_MAX 24                /* characters with the zero */

/*
 * The largest unit of which there is at least one, up to EiB; a unit is 1024 of the one before.
 * One decimal, which is left out if it is 0, and from 100 on. Cut, not rounded: free space is never
 * shown as more than there is. `out` is ASCII.
 */
void size_text(uint64_t bytes, char out[SIZE_TEXT_MAX]);

#endif
