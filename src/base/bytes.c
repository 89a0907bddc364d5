#include "bytes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both take NULL: without a bound. */
static bool bytes_budget_take(struct bytes_budget *budget, size_t size)
{
    if (!budget) return true;
    if (__atomic_add_fetch(&budget->used, size, __ATOMIC_RELAXED) <= budget->most &&
        bytes_budget_take(budget->whole, size))
        return true;
    __atomic_sub_fetch(&budget->used, size, __ATOMIC_RELAXED);
    return false;
}

static void bytes_budget_give(struct bytes_budget *budget, size_t size)
{
    for (; budget; budget = budget->whole)
        __atomic_sub_fetch(&budget->used, size, __ATOMIC_RELAXED);
}

/* While the old room is moved both are there. */
static char *bytes_grow(struct bytes *bytes, size_t room)
{
    char *data = NULL;

    if (!bytes_budget_take(bytes->budget, room)) return NULL;
    data = realloc(bytes->data, room);
    bytes_budget_give(bytes->budget, data ? bytes->room : room);
    return data;
}

char *bytes_reserve(struct bytes *bytes, size_t size)
{
    size_t limit = bytes->limit ? bytes->limit : SIZE_MAX / 4, room = bytes->room;
    char *data;

    if (bytes->failed) return NULL;
    if (size > limit || bytes->size > limit - size) {
        bytes->failed = true;
        return NULL;
    }
    if (bytes->size + size <= room) return bytes->data + bytes->size;
    while (room < bytes->size + size) room = room ? room * 2 : 256;
    if (!(data = bytes_grow(bytes, room))) {
        bytes_fail(bytes);
        return NULL;
    }
    bytes->data = data;
    bytes->room = room;
    return data + bytes->size;
}

void bytes_fail(struct bytes *bytes)
{
    bytes->failed = bytes->for_good = true;
}

void bytes_take_back(struct bytes *bytes, size_t size)
{
    if (size < bytes->size) bytes->size = size;
    bytes->failed = bytes->for_good;
}

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    char *end = size ? bytes_reserve(bytes, size) : NULL;

    if (!end) return;
    memcpy(end, data, size);
    bytes->size += size;
}

void bytes_add_text(struct bytes *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

void bytes_printf(struct bytes *bytes, const char *format, ...)
{
    char text[256];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof text) bytes_fail(bytes);
    else bytes_add(bytes, text, size);
}

void bytes_reset(struct bytes *bytes, size_t keep)
{
    bytes->size = 0;
    bytes->failed = bytes->for_good = false;
    if (bytes->room <= keep) return;
    bytes_budget_give(bytes->budget, bytes->room);
    free(bytes->data);
    bytes->data = NULL;
    bytes->room = 0;
}

void bytes_free(struct bytes *bytes)
{
    bytes_budget_give(bytes->budget, bytes->room);
    free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}
