/*
 * printf of msvcrt.dll, which every Windows has, instead of the one that MinGW-w64 links into each
 * image (25 KB, with the formatting of doubles): the two functions to which MinGW-w64's headers
 * map snprintf, swprintf and the like. Results are always zero-terminated; a result that was cut
 * returns -1. msvcrt.dll does not support %zu, %td and %jd. Lines of the journal are formatted
 * without printf (base/digits.h).
 */
#include <stdio.h>
#include <wchar.h>

static int ended(int size, size_t room)
{
    return size >= 0 && (size_t)size < room ? size : -1;
}

int __mingw_vsnprintf(char *out, size_t room, const char *format, va_list arguments)
{
    int size = ended(_vsnprintf(out, room, format, arguments), room);

    if (size < 0 && room) out[room - 1] = 0;
    return size;
}

int __mingw_vsnwprintf(wchar_t *out, size_t room, const wchar_t *format, va_list arguments)
{
    int size = ended(_vsnwprintf(out, room, format, arguments), room);

    if (size < 0 && room) out[room - 1] = 0;
    return size;
}
