/* A view of a text that another object owns; valid as long as that text. */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *text;
    size_t size;
};

/* True if the span equals `text`. */
static inline bool span_is(struct span span, const char *text)
{
    return span.size == strlen(text) && !memcmp(span.text, text, span.size);
}

#endif
