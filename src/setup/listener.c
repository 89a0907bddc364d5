#include "listener.h"

#include <stdarg.h>
#include <stdio.h>

void listener_tell(const struct listener *listener, enum tone tone, const WCHAR *format, ...)
{
    WCHAR text[LISTENER_TEXT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vswprintf(text, ARRAYSIZE(text), format, arguments);
    va_end(arguments);
    text[ARRAYSIZE(text) - 1] = 0;      /* vswprintf does not end a text that it had to cut */
    listener->tell(listener->context, tone, text);
}
