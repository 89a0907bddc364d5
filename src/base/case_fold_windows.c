#include "case_fold.h"

#include <windows.h>

uint32_t case_fold(uint32_t point)
{
    WCHAR letter = (WCHAR)point, small;

    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point | 0x20 : point;
    if (point > 0xffff) return point; /* Windows knows no case beyond its first plane either */
    return LCMapStringEx(LOCALE_NAME_INVARIANT, LCMAP_LOWERCASE, &letter, 1, &small, 1, NULL, NULL,
                         0) == 1
               ? small
               : point;
}
