/*
 * Memory allocation that does not fail: if memory runs out, the stub CA, being a tool, reports it
 * and ends with exit code 2. No result is ever NULL; free() frees it.
 */
#ifndef STUBCA_HEAP_H
#define STUBCA_HEAP_H

#include <stddef.h>

void *heap_take(size_t size);                         /* zeroed */
void *heap_grow(void *memory, size_t size);           /* as realloc; the added part is not zeroed */
void *heap_copy(const void *data, size_t size);       /* with two zero bytes after it */
char *heap_text(const char *text);                    /* NULL gives NULL */

#endif
