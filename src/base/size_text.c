#include "size_text.h"

#include <stdio.h>

void size_text(uint64_t bytes, char out[SIZE_TEXT_MAX])
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    unsigned unit = 0, tenths = 0;

    for (; bytes >= 1024; bytes >>= 10, unit++) tenths = (unsigned)(bytes & 1023) * 10 >> 10;
    if (tenths && bytes < 100)
        snprintf(out, SIZE_TEXT_MAX, "%u.%u %s", (unsigned)bytes, tenths, units[unit]);
    else if (!unit && bytes == 1) snprintf(out, SIZE_TEXT_MAX, "1 byte");
    else snprintf(out, SIZE_TEXT_MAX, "%u %s", (unsigned)bytes, units[unit]);
}
