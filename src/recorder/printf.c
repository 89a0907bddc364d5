/*
 * printf of msvcrt.dll, which Windows has anyway, in place of the one that MinGW-w64 links into each image (25 KB, with what spells doubles): the
 * two functions that MinGW-w64's headers make of snprintf, swprintf and the like. Texts are always ended; one that had to be cut is told by -1.
 * msvcrt.dll knows no %zu, %td and %jd. Lines of the journal are spelled without printf (base/digits.h).
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
