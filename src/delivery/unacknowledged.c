#include "unacknowledged.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER_MS 1000

HRESULT unacknowledged_open(struct unacknowledged *lines)
{
    memset(lines, 0, sizeof *lines);
    lines->marks = calloc(UNACKNOWLEDGED_MARKS, sizeof *lines->marks);
    return lines->marks ? S_OK : E_OUTOFMEMORY;
}

void unacknowledged_free(struct unacknowledged *lines)
{
    free(lines->marks);
    memset(lines, 0, sizeof *lines);
}

uint64_t unacknowledged_stood(const struct unacknowledged *lines, uint64_t now)
{
    return lines->stands ? now - lines->since_ms : 0;
}

static uint64_t unacknowledged_clock(const struct unacknowledged *lines, uint64_t now)
{
    return lines->stood_ms + unacknowledged_stood(lines, now);
}

/* Events of our own about damage have the sequence of the line before it. */
static bool unacknowledged_is_behind(const struct position *a, const struct position *b)
{
    return a->sequence > b->sequence ||
           (a->sequence == b->sequence && position_compare_faults(a, b) > 0);
}

void unacknowledged_sent(struct unacknowledged *lines, const struct position *position,
                         uint64_t now)
{
    struct unacknowledged_mark *last = lines->count ? &lines->marks[lines->count - 1] : NULL;
    uint64_t at;

    if (!lines->stands) lines->since_ms = now;
    lines->stands = true;
    lines->reached = *position;
    if (!unacknowledged_is_behind(position, &lines->noted)) return;
    lines->noted = *position;
    at = unacknowledged_clock(lines, now);
    if (!last || (at - last->first_ms >= TOGETHER_MS && lines->count < UNACKNOWLEDGED_MARKS)) {
        last = &lines->marks[lines->count++];
        last->first_ms = at;
    }
    last->last_ms = at;
    last->position = *position;
}

void unacknowledged_lost(struct unacknowledged *lines, bool in_order, uint64_t now)
{
    lines->stood_ms = unacknowledged_clock(lines, now);
    lines->stands = false;
    memset(&lines->reached, 0, sizeof lines->reached);
    if (in_order) return;
    lines->count = 0;                   /* each is noted when it is sent again */
    memset(&lines->noted, 0, sizeof lines->noted);
}

bool unacknowledged_arrived(struct unacknowledged *lines, uint64_t now, struct position *position)
{
    uint64_t at = unacknowledged_clock(lines, now);
    unsigned arrived = 0;

    while (arrived < lines->count && at - lines->marks[arrived].last_ms >= UNACKNOWLEDGED_MS &&
           !unacknowledged_is_behind(&lines->marks[arrived].position, &lines->reached))
        arrived++;
    if (!arrived) return false;
    *position = lines->marks[arrived - 1].position;
    lines->count -= arrived;
    memmove(lines->marks, lines->marks + arrived, lines->count * sizeof *lines->marks);
    return true;
}
