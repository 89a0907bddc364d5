/* Records sorted, in memory and in runs on disk: all come out, in order, equal ones in the order in which they were added. */
#include "lib/test.h"
#include "facts/sorter.h"

#include <stdlib.h>
#include <string.h>

struct record { uint8_t key[8]; uint64_t added; char more[24]; };

static uint64_t state = 88172645463325252u;

static uint64_t any(void)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

/* `count` records with keys below `keys`, sorted within `memory`. */
static void sort_and_check(unsigned count, uint64_t keys, size_t memory, bool has_file)
{
    struct sorter sorter;
    const struct record *record;
    struct record last = {0};
    uint64_t sum = 0, found = 0, seen = 0;

    sorter_begin(&sorter, sizeof(struct record), 8, memory);
    for (unsigned i = 0; i < count; i++) {
        struct record each = {.added = i};

        sorter_put(each.key, any() % keys);
        sum += sorter_get(each.key) + i;
        sorter_add(&sorter, &each);
    }
    sorter_sort(&sorter);
    check(!has_file == !sorter.file);
    while ((record = sorter_next(&sorter))) {
        int order = seen++ ? memcmp(&last, record, 8) : -1;

        if (!check(order < 0 || (!order && last.added < record->added))) break;
        found += sorter_get(record->key) + record->added;
        last = *record;
    }
    check_int(seen, count);
    check(found == sum && !sorter.hr && sorter.added == count);
    check(!sorter_next(&sorter));
    sorter_free(&sorter);
}

TEST(records_come_out_in_order_from_memory)
{
    static const unsigned counts[] = {0, 1, 2, 3, 255, 256, 257, 5000};

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) sort_and_check(counts[i], 1000, 1 << 20, false);
}

TEST(records_that_do_not_fit_come_out_in_order_from_runs_on_disk)
{
    sort_and_check(30000, UINT64_MAX, 64 << 10, true);
    sort_and_check(30000, 50, 64 << 10, true);
    sort_and_check((64 << 10) / 2 / sizeof(struct record) + 1, 9, 64 << 10, true);
    sort_and_check((64 << 10) / 2 / sizeof(struct record), 9, 64 << 10, false);
}

TEST(more_runs_than_can_be_merged_are_a_failure_and_nothing_comes_out)
{
    struct sorter sorter;
    struct record record = {0};

    sorter_begin(&sorter, sizeof record, 8, 4 * sizeof record);
    for (unsigned i = 0; i < 2 * (SORTER_RUNS_MOST + 2); i++) sorter_add(&sorter, &record);
    check_hr(sorter.hr, E_OUTOFMEMORY);
    sorter_sort(&sorter);
    check(!sorter_next(&sorter));
    sorter_free(&sorter);
}

#ifndef _WIN32
TEST(a_folder_that_is_not_there_is_a_failure_and_nothing_comes_out)
{
    struct sorter sorter;
    struct record record = {0};

    setenv("TMPDIR", "/nowhere/at/all", 1);
    sorter_begin(&sorter, sizeof record, 8, 64 << 10);
    for (unsigned i = 0; i < 5000; i++) sorter_add(&sorter, &record);
    check(FAILED(sorter.hr));
    sorter_sort(&sorter);
    check(!sorter_next(&sorter));
    sorter_free(&sorter);
    unsetenv("TMPDIR");
}
#endif
