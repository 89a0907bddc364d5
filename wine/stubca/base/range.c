/* Ranges of numbers. */
#include "range.h"

#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 15 };

#define NO_BOUND (~0ull)

/* The number at the start of `*text`, which goes on behind it; `otherwise` where there is none.
 * False: too long. */
static bool bound(const char **text, unsigned long long otherwise, unsigned long long *number)
{
    size_t digits = strspn(*text, "0123456789");

    *number = digits ? strtoull(*text, NULL, 10) : otherwise;
    *text += digits;
    return digits <= DIGITS_MAX;
}

bool range_read(const char *text, struct range *range)
{
    const char *c = text;

    if (!bound(&c, 0, &range->least)) return false;
    range->most = range->least;
    if (!*c) return c > text;
    if (strncmp(c, "..", 2) || !strcmp(text, "..")) return false;
    c += 2;
    return bound(&c, NO_BOUND, &range->most) && !*c && range->most >= range->least;
}

char *range_spoken(const struct range *range)
{
    if (range->most == range->least) return text_format("%llu", range->least);
    if (range->most == NO_BOUND) return text_format("%llu or more", range->least);
    if (!range->least) return text_format("%llu or less", range->most);
    return text_format("%llu to %llu", range->least, range->most);
}
