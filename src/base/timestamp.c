#define _GNU_SOURCE
#include "timestamp.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#ifdef _WIN32
#define timegm _mkgmtime
#endif

#define SECOND 1000000LL
#define DAY    86400
#define SPAN_MOST (4000LL * 365 * DAY)  /* seconds; beyond it is no year that is taken */

/* The second that has this date and time; -1: there is none. Fields that do not exist, a 31
 * February, would be carried over. */
static time_t second_of(const struct tm *civil, bool local)
{
    struct tm copy = *civil;
    time_t second;

    copy.tm_isdst = -1;
    second = local ? mktime(&copy) : timegm(&copy);
    return copy.tm_mday == civil->tm_mday && copy.tm_mon == civil->tm_mon && second >= 0 ? second
                                                                                         : -1;
}

static bool civil_of(time_t second, bool local, struct tm *out)
{
    const struct tm *civil = local ? localtime(&second) : gmtime(&second);

    if (civil) *out = *civil;
    return civil != NULL;
}

/* The beginning of the day that is `days` after that of `civil`. */
static time_t timestamp_day_of(const struct tm *civil, int days, bool local)
{
    struct tm day = {.tm_year = civil->tm_year,
                     .tm_mon = civil->tm_mon,
                     .tm_mday = civil->tm_mday + days,
                     .tm_isdst = -1};

    return local ? mktime(&day) : timegm(&day);
}

static int64_t unit_of(const char *word, size_t size)
{
    static const struct { const char *name; int64_t seconds;
    } units[] = {
        {"s", 1},
        {"sec", 1},
        {"secs", 1},
        {"second", 1},
        {"seconds", 1},
        {"m", 60},
        {"min", 60},
        {"mins", 60},
        {"minute", 60},
        {"minutes", 60},
        {"h", 3600},
        {"hour", 3600},
        {"hours", 3600},
        {"d", DAY},
        {"day", DAY},
        {"days", DAY},
        {"w", 7 * DAY},
        {"week", 7 * DAY},
        {"weeks", 7 * DAY},
        {"y", 365 * DAY},
        {"year", 365 * DAY},
        {"years", 365 * DAY},
    };

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == size && !strncasecmp(word, units[i].name, size))
            return units[i].seconds;
    return 0;
}

/* "2h", "1h30m", "7 days ago": seconds, or -1. */
static int64_t timestamp_span_of(const char *text)
{
    int64_t sum = 0;

    text += *text == '-';
    do {
        size_t digits = strspn(text, "0123456789"), word = 0;
        int64_t number = digits && digits < 10 ? strtol(text, NULL, 10) : -1, unit;

        text += digits;
        text += strspn(text, " ");
        while (isalpha((unsigned char)text[word])) word++;
        if (number < 0 || !(unit = unit_of(text, word))) return -1;
        if ((sum += number * unit) > SPAN_MOST) return -1;
        text += word;
        text += strspn(text, " ");
    } while (*text && strcasecmp(text, "ago"));
    return sum;
}

/* Text that is being read. */
struct scan {
    const char *at;
    bool bad;
};

static int timestamp_digits(struct scan *scan, int count)
{
    int number = 0;

    for (; count && *scan->at >= '0' && *scan->at <= '9'; count--)
        number = number * 10 + *scan->at++ - '0';
    if (count) scan->bad = true;
    return number;
}

static bool timestamp_sign(struct scan *scan, const char *any)
{
    bool there = !scan->bad && *scan->at && strchr(any, *scan->at);

    scan->at += there;
    return there;
}

static void timestamp_expect(struct scan *scan, const char *any)
{
    if (!timestamp_sign(scan, any)) scan->bad = true;
}

/* "10:30", "10:30:05", "10:30:05.25" */
static void clock_of(struct scan *scan, struct tm *civil, int64_t *fraction)
{
    civil->tm_hour = timestamp_digits(scan, 2);
    timestamp_expect(scan, ":");
    civil->tm_min = timestamp_digits(scan, 2);
    if (timestamp_sign(scan, ":")) civil->tm_sec = timestamp_digits(scan, 2);
    if (timestamp_sign(scan, ".,")) {
        int64_t unit = SECOND / 10;

        if (*scan->at < '0' || *scan->at > '9') scan->bad = true;
        for (; *scan->at >= '0' && *scan->at <= '9'; scan->at++, unit /= 10)
            *fraction += unit * (*scan->at - '0');
    }
    if (civil->tm_hour > 23 || civil->tm_min > 59 || civil->tm_sec > 59) scan->bad = true;
}

/* "Z", "+01:00", "-0330": seconds to take away. False: none is said. */
static bool timestamp_offset_of(struct scan *scan, int *offset)
{
    bool minus = *scan->at == '-';

    *offset = 0;
    if (timestamp_sign(scan, "Zz")) return true;
    if (!timestamp_sign(scan, "+-")) return false;
    *offset = timestamp_digits(scan, 2) * 3600;
    timestamp_sign(scan, ":");
    *offset += timestamp_digits(scan, 2) * 60;
    if (minus) *offset = -*offset;
    if (*offset > 86340 || *offset < -86340) scan->bad = true;
    return true;
}

static bool timestamp_date_of(struct scan *scan, struct tm *civil)
{
    civil->tm_year = timestamp_digits(scan, 4) - 1900;
    timestamp_expect(scan, "-");
    civil->tm_mon = timestamp_digits(scan, 2) - 1;
    timestamp_expect(scan, "-");
    civil->tm_mday = timestamp_digits(scan, 2);
    return !scan->bad && civil->tm_mon >= 0 && civil->tm_mon < 12 && civil->tm_mday > 0 &&
           civil->tm_year < 1100;
}

static bool absolute(const char *text, bool local, bool last, int64_t now, int64_t *micros)
{
    struct scan scan = {text, false};
    struct tm civil = {0}, today;
    int64_t fraction = 0;
    int offset = 0;
    time_t second;

    if (strlen(text) > 2 && text[2] == ':') {
        if (!civil_of(now / SECOND, local, &today)) return false;
        civil =
            (struct tm){.tm_year = today.tm_year, .tm_mon = today.tm_mon, .tm_mday = today.tm_mday};
        clock_of(&scan, &civil, &fraction);
    } else {
        if (!timestamp_date_of(&scan, &civil)) return false;
        if (!*scan.at && second_of(&civil, local) < 0) return false;
        if (!*scan.at) return (*micros = timestamp_day_of(&civil, last, local) * SECOND) >= 0;
        timestamp_expect(&scan, "Tt ");
        clock_of(&scan, &civil, &fraction);
    }
    if (timestamp_offset_of(&scan, &offset)) local = false;
    if (scan.bad || *scan.at || (second = second_of(&civil, local)) < 0) return false;
    *micros = (second - offset) * SECOND + fraction;
    return *micros >= 0;
}

bool timestamp_read(const char *text, bool local, bool last, int64_t now, int64_t *micros)
{
    int back = !strcasecmp(text, "yesterday") ? 1 : !strcasecmp(text, "today") ? 0 : -1;
    struct tm today;
    int64_t span;

    if (!strcasecmp(text, "now")) *micros = now;
    else if (back >= 0)
        return civil_of(now / SECOND, local, &today) &&
               (*micros = timestamp_day_of(&today, last - back, local) * SECOND) >= 0;
    else if ((span = timestamp_span_of(text)) >= 0) *micros = now - span * SECOND;
    else return absolute(text, local, last, now, micros);
    return *micros >= 0;
}

bool timestamp_of_line(struct span time, int64_t *micros)
{
    char text[40];

    if (time.size >= sizeof text) time.size = 23;               /* more decimals than anybody has */
    memcpy(text, time.text, time.size);
    text[time.size] = 0;
    if (text[time.size - 1] != 'Z') text[time.size] = 0;
    return absolute(text, false, false, 0, micros);
}

void timestamp_show(struct span time, bool local, char out[TIMESTAMP_TEXT])
{
    int64_t micros;
    struct tm civil;

    if (local && timestamp_of_line(time, &micros) &&
        civil_of((time_t)(micros / SECOND), true, &civil)) {
        strftime(out, TIMESTAMP_TEXT, "%Y-%m-%d %H:%M:%S", &civil);
        return;
    }
    snprintf(out, TIMESTAMP_TEXT, "%.10s %.8s%s", time.text, time.text + 11, local ? "Z" : "");
}
