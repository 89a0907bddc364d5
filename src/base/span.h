/* A piece of somebody else's text: a view, valid as long as that text is. */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *text;
    size_t size;
};

/* Whether it is exactly this text. */
static inline bool span_is(struct span span, const char *text)
{
    return span.size == strlen(text) && !memcmp(span.text, text, span.size);
}

#endif
