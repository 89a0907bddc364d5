#include "notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void notes_add(const struct notes *notes, const char *format, ...)
{
    va_list arguments;
    char *text;
    int size;

    if (!notes->take) return;
    va_start(arguments, format);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (text) {
        va_start(arguments, format);
        vsnprintf(text, (size_t)size + 1, format, arguments);
        va_end(arguments);
    }
    notes->take(notes->context, text ? text : "there is not enough memory to say what is wrong");
    free(text);
}
