#include "batch_limit.h"

void batch_limit_begin(struct batch_limit *limit, unsigned all)
{
    *limit = (struct batch_limit){
        .all = all, .lines = all, .most = all, .wanted = BATCH_LIMIT_WHILE};
}

static unsigned batch_limit_double(unsigned lines, unsigned most)
{
    return lines < most / 2 ? 2 * lines : most;
}

static unsigned batch_limit_half(unsigned lines)
{
    return lines > 1 ? lines / 2 : 1;
}

/* The raise before this one was not too much: the next one comes as early as the first. */
static void batch_limit_raise(struct batch_limit *limit)
{
    if (limit->raised) limit->wanted = BATCH_LIMIT_WHILE;
    limit->raised = true;
    limit->full = 0;
    limit->most = batch_limit_double(limit->most, limit->all);
    limit->lines = limit->most;
}

void batch_limit_taken(struct batch_limit *limit, unsigned lines, bool free)
{
    if (limit->lines < limit->most) limit->lines = batch_limit_double(limit->lines, limit->most);
    else if (limit->most < limit->all && (free || lines >= limit->most) &&
             ++limit->full >= limit->wanted)
        batch_limit_raise(limit);
}

void batch_limit_refused(struct batch_limit *limit, unsigned lines)
{
    limit->lines = batch_limit_half(lines);
}

void batch_limit_late(struct batch_limit *limit, unsigned lines)
{
    limit->lines = limit->most = batch_limit_half(lines);
    limit->full = 0;
    if (limit->raised && limit->wanted < BATCH_LIMIT_WHILE_MOST) limit->wanted *= 2;
    limit->raised = false;
}
