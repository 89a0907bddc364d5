#include "utc.h"

#include "digits.h"

#include <string.h>

#define MICROS_A_DAY 86400000000LL
#define FIRST_DAY    (-134774)          /* 1601-01-01 */
#define LAST_DAY     2932896            /* 9999-12-31 */

/* The civil date of a day counted from 1970, by cycles of 400 years that begin on 1 March. */
static void civil(int64_t day, int *year, int *month, int *of_month)
{
    int64_t since = day + 719468;       /* days since 0000-03-01 */
    int era = (int)(since / 146097), in_era = (int)(since % 146097);
    int years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * years + years / 4 - years / 100);
    int march_month = (5 * in_year + 2) / 153;

    *of_month = in_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = years + era * 400 + (*month <= 2);
}

bool utc_text(int64_t micros, bool always_ms, char out[UTC_TEXT_MAX])
{
    int64_t day = micros / MICROS_A_DAY, rest = micros % MICROS_A_DAY;
    int year, month, of_month, seconds, ms;

    if (rest < 0) { rest += MICROS_A_DAY; day--; }
    out[0] = 0;
    if (day < FIRST_DAY || day > LAST_DAY) return false;
    civil(day, &year, &month, &of_month);
    seconds = (int)(rest / 1000000);
    ms = (int)(rest % 1000000 / 1000);
    memcpy(out, "YYYY-MM-DDThh:mm:ss", 20);
    digits_padded((uint64_t)year, out, 4);
    digits_padded((uint64_t)month, out + 5, 2);
    digits_padded((uint64_t)of_month, out + 8, 2);
    digits_padded((uint64_t)seconds / 3600, out + 11, 2);
    digits_padded((uint64_t)seconds / 60 % 60, out + 14, 2);
    digits_padded((uint64_t)seconds % 60, out + 17, 2);
    strcpy(out + 19, always_ms || ms ? ".mmmZ" : "Z");
    if (always_ms || ms) digits_padded((uint64_t)ms, out + 20, 3);
    return true;
}
