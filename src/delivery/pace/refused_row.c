#include "refused_row.h"

#include <stdio.h>
#include <string.h>

static bool refused_row_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Behind the number that the text begins with, which may be hexadecimal or a UUID; if it begins
 * with none, the text itself. */
static const char *refused_row_pass_number(const char *text)
{
    const char *at = text;
    bool digit = false;

    while (refused_row_is_digit(*at) || *at == '-' || (*at >= 'a' && *at <= 'f') ||
           (*at >= 'A' && *at <= 'F'))
        digit |= refused_row_is_digit(*at++);
    return digit ? at : text;
}

static bool refused_row_is_same(const char *a, const char *b)
{
    const char *begun = a;

    while (*a && *b && a - begun < REFUSED_ROW_LOOKED) {
        const char *behind_a = refused_row_pass_number(a), *behind_b = refused_row_pass_number(b);

        if (behind_a == a || behind_b == b) {
            if (*a++ != *b++) return false;
            continue;
        }
        a = behind_a;
        b = behind_b;
    }
    return (!*a && !*b) || a - begun >= REFUSED_ROW_LOOKED * 3 / 4;
}

bool refused_row_add(struct refused_row *row, const char *why)
{
    if (!row->count || !refused_row_is_same(row->why, why)) row->count = 0;
    if (row->count == REFUSED_ROW_MOST) return true;
    row->count++;
    snprintf(row->why, sizeof row->why, "%s", why);
    return false;
}

void refused_row_resume(struct refused_row *row, unsigned count, const char *why)
{
    row->count = count < REFUSED_ROW_MOST ? count : REFUSED_ROW_MOST;
    snprintf(row->why, sizeof row->why, "%s", why);
}

void refused_row_end(struct refused_row *row)
{
    row->count = 0;
}
