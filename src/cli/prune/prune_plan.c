#include "prune_plan.h"

#include "prune_clock.h"

#include <string.h>

struct planning {
    struct disk_folder *folder;
    const struct segment_list *list;
    int64_t now, before,
        begins; /* begins: the oldest time in the first file; INT64_MAX: it has none */
    bool all;
    size_t least;                               /* so many files may go in any case */
    uint64_t delivered;
    struct prune_plan *plan;
};

/* Whether the line that the file `i` begins with, or the next first line with a time that says
 * something, is old enough. */
static HRESULT next_is_old(const struct planning *planning, size_t i,
                           const struct sealed_first *first, bool *answer)
{
    struct sealed_first other = *first;
    HRESULT hr;

    while (!other.intact || other.time > planning->now) {
        *answer = false;
        if (++i == planning->list->count) return S_OK;
        if (FAILED(hr = sealed_first(planning->folder, planning->list->starts[i], &other)))
            return hr;
    }
    *answer = other.time < planning->before;
    return S_OK;
}

static bool is_within_run(const struct planning *planning, size_t i, const struct sealed *sealed)
{
    if (planning->all || i < planning->least) return true;
    return sealed->newest != INT64_MIN && planning->begins != INT64_MAX &&
           sealed->newest - planning->begins <= PRUNE_RUN_DAYS * PRUNE_DAY;
}

static HRESULT prune_plan_stop(struct planning *planning, enum prune_stop why)
{
    planning->plan->stop = why;
    return S_FALSE;
}

/* S_OK: the file goes. S_FALSE: it stays, and all after it. */
static HRESULT prune_plan_judge(struct planning *planning, size_t i)
{
    uint64_t segment = planning->list->starts[i];
    struct prune_plan *plan = planning->plan;
    struct sealed_first first;
    struct sealed sealed;
    bool old;
    HRESULT hr;

    plan->stopped_at = segment;
    if (i + 1 == planning->list->count) return prune_plan_stop(planning, PRUNE_STOP_LAST);
    if (FAILED(hr = sealed_first(planning->folder, planning->list->starts[i + 1], &first)))
        return hr;
    if (FAILED(hr = sealed_look(planning->folder, segment, planning->list->starts[i + 1], &first,
                                planning->now, &sealed)))
        return hr;
    if (!i) planning->begins = sealed.oldest;
    plan->damaged = first.intact ? segment : planning->list->starts[i + 1];
    plan->damage = first.intact ? sealed : (struct sealed){.sequence = plan->damaged};
    if (sealed.newest >= planning->before) return prune_plan_stop(planning, PRUNE_STOP_YOUNG);
    if (!first.intact || sealed.state == SEALED_DAMAGED)
        return prune_plan_stop(planning, PRUNE_STOP_DAMAGED);
    if (FAILED(hr = next_is_old(planning, i + 1, &first, &old))) return hr;
    if (!old) return prune_plan_stop(planning, PRUNE_STOP_YOUNG);
    if (first.before.sequence > planning->delivered)
        return prune_plan_stop(planning, PRUNE_STOP_DELIVERY);
    if (!is_within_run(planning, i, &sealed)) return prune_plan_stop(planning, PRUNE_STOP_LIMIT);
    plan->last = first.before;
    plan->lines += sealed.lines;
    plan->files++;
    return S_OK;
}

HRESULT prune_plan_make(struct disk_folder *folder, const struct segment_list *list, int64_t now,
                        int64_t before, bool all, uint64_t delivered, struct prune_plan *out)
{
    size_t part = list->count / PRUNE_RUN_PART;
    struct planning planning = {.folder = folder,
                                .list = list,
                                .now = now,
                                .before = before,
                                .begins = INT64_MAX,
                                .all = all,
                                .least = part ? part : 1,
                                .delivered = delivered,
                                .plan = out};
    HRESULT hr = S_OK;

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < list->count && hr == S_OK; i++) hr = prune_plan_judge(&planning, i);
    return FAILED(hr) ? hr : S_OK;
}
