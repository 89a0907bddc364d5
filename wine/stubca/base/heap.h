/*
 * Memory that is there: the stub CA is a tool, so where none is left it says so and ends with exit code 2. Nothing that
 * comes from here is ever NULL; free() takes it back.
 */
#ifndef STUBCA_HEAP_H
#define STUBCA_HEAP_H

#include <stddef.h>

void *heap_take(size_t size);                         /* zeroed */
void *heap_grow(void *memory, size_t size);           /* as realloc; what is new is not zeroed */
void *heap_copy(const void *data, size_t size);       /* with a NUL (two bytes of it) behind */
char *heap_text(const char *text);                    /* NULL gives NULL */

#endif
