/* Runs of bytes, and the memory that several of them share. */
#include "lib/test.h"

#include "base/bytes.h"
#include "base/os.h"

#include <string.h>

static const char text[4096];

static void add(struct bytes *bytes, size_t size)
{
    for (size_t part; size; size -= part) {
        part = size < sizeof text ? size : sizeof text;
        bytes_add(bytes, text, part);
    }
}

TEST(what_runs_take_of_their_budget_is_their_rooms_and_comes_back_when_they_are_freed)
{
    struct bytes_budget budget = {.most = 1 << 20};
    struct bytes one = {.budget = &budget}, two = {.budget = &budget};

    check_int(budget.used, 0);
    add(&one, 5000);
    add(&two, 100);
    check_int(budget.used, one.room + two.room);
    check(one.room >= 5000 && two.room >= 100);
    bytes_free(&one);
    check_int(budget.used, two.room);
    bytes_free(&two);
    check_int(budget.used, 0);
    check(!two.budget);
}

TEST(beyond_it_memory_has_run_out_for_good_and_others_have_theirs)
{
    struct bytes_budget budget = {.most = 20000};
    struct bytes first = {.budget = &budget}, second = {.budget = &budget}, third = {.budget = &budget};

    add(&first, 8000);
    add(&second, 10000);
    check(!first.failed && second.failed && second.for_good);
    bytes_take_back(&second, 0);
    check(second.failed);
    check_int(budget.used, first.room + second.room);
    bytes_free(&first);
    bytes_free(&second);
    add(&third, 8000);
    check(!third.failed);
    bytes_free(&third);
    check_int(budget.used, 0);
}

TEST(a_run_that_grows_takes_the_new_room_before_it_gives_the_old_one_back)
{
    struct bytes_budget budget = {.most = 2048 + 4096 - 1};
    struct bytes bytes = {.budget = &budget};

    add(&bytes, 2048);
    check_int(budget.used, 2048);
    add(&bytes, 1);
    check(bytes.failed);
    check_int(budget.used, 2048);
    bytes_reset(&bytes, 4096);
    check_int(budget.used, 2048);
    bytes_reset(&bytes, 0);
    check_int(budget.used, 0);
    check(!bytes.failed && bytes.budget == &budget);
}

TEST(a_part_takes_from_its_whole_and_ends_before_it)
{
    struct bytes_budget all = {.most = 10000}, part = {.most = 5000, .whole = &all};
    struct bytes one = {.budget = &part}, two = {.budget = &part}, whole = {.budget = &all};

    add(&one, 4096);
    check_int(all.used, 4096);
    check_int(part.used, 4096);
    add(&two, 2048);
    check(two.failed && !two.room);
    check_int(part.used, 4096);
    check_int(all.used, 4096);
    add(&whole, 4096);
    check(!whole.failed);
    bytes_free(&one);
    check_int(part.used, 0);
    check_int(all.used, 4096);
    part.most = 100000;
    two = (struct bytes){.budget = &part};
    add(&two, 8192);                    /* the whole is what ends */
    check(two.failed);
    bytes_free(&two);
    bytes_free(&whole);
    check_int(part.used, 0);
    check_int(all.used, 0);
}

/* The largest runs do not fit even alone. */
static struct bytes_budget shared = {.most = 1 << 20};
static size_t held;                     /* what all runs together have */

static void let_go(struct bytes *bytes)
{
    __atomic_sub_fetch(&held, bytes->room, __ATOMIC_SEQ_CST);
    bytes_free(bytes);
}

/* Each thread keeps its run until the next but one, so that several have some at any time. */
static void run(void *context)
{
    int *counts = context;              /* whole runs, failed runs, times that too much was held */
    struct bytes runs[2] = {0};

    for (int i = 0; i < 2000; i++) {
        struct bytes *bytes = &runs[i % 2];

        let_go(bytes);
        bytes->budget = &shared;
        add(bytes, 1 + (size_t)i * 997 % 600000);
        counts[bytes->failed]++;
        if (__atomic_add_fetch(&held, bytes->room, __ATOMIC_SEQ_CST) > shared.most) counts[2]++;
    }
    let_go(&runs[0]);
    let_go(&runs[1]);
}

TEST(threads_share_it_and_nothing_of_it_is_left_taken)
{
    struct os_thread *threads[8];
    int counts[8][3] = {0};

    for (int i = 0; i < 8; i++) check_hr(os_thread_start(run, counts[i], &threads[i]), S_OK);
    for (int i = 0; i < 8; i++) {
        check(os_thread_join(threads[i], 60000));
        check(counts[i][1] > 0);
        check_int(counts[i][0] + counts[i][1], 2000);
        check_int(counts[i][2], 0);
    }
    check_int(shared.used, 0);
    check_int(held, 0);
    {
        struct bytes alone = {.budget = &shared};

        add(&alone, 300000);
        check(!alone.failed);
        bytes_free(&alone);
    }
}
