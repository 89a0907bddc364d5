#define _GNU_SOURCE
#include "case_fold.h"

#include <locale.h>
#include <wctype.h>

/* The C library's own, which needs no language installed; where it lacks that, only ASCII has small
 * letters. */
static locale_t every_script(void)
{
    static locale_t locale;

    if (!locale) locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return locale;
}

uint32_t case_fold(uint32_t point)
{
    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point | 0x20 : point;
    return every_script() ? (uint32_t)towlower_l((wint_t)point, every_script()) : point;
}
