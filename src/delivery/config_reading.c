#include "config_reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAID_MAX  1000                  /* bytes of an error; a longer one lacks its middle, */
#define SAID_HEAD 300                   /* of which the value is: what to do stands at the end */

static bool config_is_inside(const char *at)
{
    return ((unsigned char)*at & 0xc0) == 0x80;
}

static void config_tell(struct config_reading *at, unsigned line, const char *text, size_t size)
{
    const char *head = text + SAID_HEAD, *tail = text + size - (SAID_MAX - SAID_HEAD);

    if (size <= SAID_MAX) {
        notes_add(at->errors, "%s:%u: %s", at->config->file, line, text);
        return;
    }
    while (config_is_inside(head)) head--;
    while (config_is_inside(tail)) tail++;
    notes_add(at->errors, "%s:%u: %.*s ... %s", at->config->file, line, (int)(head - text), text,
              tail);
}

void config_wrong(struct config_reading *at, unsigned line, const char *format, ...)
{
    va_list arguments;
    char *text;
    int size;

    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = size < 0 ? NULL : malloc((size_t)size + 1);
    at->wrong++;
    if (!text) {
        at->no_memory = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    config_tell(at, line, text, (size_t)size);
    free(text);
}

void config_words(const char *const *words, char *out, size_t room)
{
    size_t size = 0;

    for (unsigned i = 0; words[i]; i++)
        size += (size_t)snprintf(out + size, room - size, "%s%s",
                                 !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
}
