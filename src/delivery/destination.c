#include "destination.h"

#include <stdarg.h>
#include <stdio.h>

const struct destination_class *destination_class(int kind)
{
    return kind == CONFIG_HTTP ? &destination_http
           : kind == CONFIG_COPY ? &destination_copy
                                 : &destination_program;
}

void destination_say(char why[DESTINATION_WHY], const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why, DESTINATION_WHY, format, arguments);
    va_end(arguments);
}
