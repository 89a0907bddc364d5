/* Memory that is there. */
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *given(void *memory)
{
    if (memory) return memory;
    fputs("stubca: out of memory\n", stderr);
    _exit(2);
}

void *heap_take(size_t size)
{
    return given(calloc(1, size ? size : 1));
}

void *heap_grow(void *memory, size_t size)
{
    return given(realloc(memory, size ? size : 1));
}

void *heap_copy(const void *data, size_t size)
{
    char *copy = heap_take(size + sizeof(wchar_t));

    if (size) memcpy(copy, data, size);
    return copy;
}

char *heap_text(const char *text)
{
    return text ? heap_copy(text, strlen(text)) : NULL;
}
