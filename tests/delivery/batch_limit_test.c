/* How many lines a request may have: halved by refusals and time limits, and grown again, without one time limit after the other. */
#include "lib/test.h"

#include "delivery/batch.h"
#include "delivery/pace/batch_limit.h"

/* Requests to a far end that takes up to `fits` lines in time. Returns how many of them hit the time limit. */
static unsigned late_of(struct batch_limit *limit, unsigned fits, unsigned requests)
{
    unsigned late = 0;

    for (unsigned i = 0; i < requests; i++) {
        if (limit->lines <= fits) {
            batch_limit_taken(limit, limit->lines, false);
            continue;
        }
        batch_limit_late(limit, limit->lines);
        late++;
    }
    return late;
}

TEST(a_time_limit_halves_the_lines_down_to_one)
{
    struct batch_limit limit;

    batch_limit_begin(&limit, BATCH_LINES);
    check_int(limit.lines, BATCH_LINES);
    batch_limit_late(&limit, 999);
    check_int(limit.lines, 499);
    for (int i = 0; i < 20; i++) batch_limit_late(&limit, limit.lines);
    check_int(limit.lines, 1);
}

TEST(what_is_too_much_is_found_and_then_seldom_tried_again)
{
    for (unsigned fits = 1; fits < BATCH_LINES; fits += 7) {
        struct batch_limit limit;
        unsigned late;

        batch_limit_begin(&limit, BATCH_LINES);
        late = late_of(&limit, fits, 1000);
        check(limit.lines <= fits && 4 * limit.lines > fits);
        check(late < 20);
        check(late_of(&limit, fits, 4000) <= 6);
    }
}

TEST(a_far_end_that_has_hung_and_hangs_no_more_gets_full_batches_again)
{
    struct batch_limit limit;
    unsigned requests = 0;

    batch_limit_begin(&limit, BATCH_LINES);
    for (int i = 0; i < 60; i++) batch_limit_late(&limit, limit.lines);
    for (; limit.lines < BATCH_LINES && requests < 1000; requests++) batch_limit_taken(&limit, limit.lines, false);
    check_int(limit.lines, BATCH_LINES);
    check(requests <= 10 * BATCH_LIMIT_WHILE);
}

TEST(few_lines_prove_nothing_about_many)
{
    struct batch_limit limit;

    batch_limit_begin(&limit, BATCH_LINES);
    batch_limit_late(&limit, BATCH_LINES);
    for (int i = 0; i < 10000; i++) batch_limit_taken(&limit, 1, false);
    check_int(limit.lines, BATCH_LINES / 2);
    for (int i = 0; i < BATCH_LIMIT_WHILE; i++) batch_limit_taken(&limit, 1, true);
    check_int(limit.lines, BATCH_LINES);
}

TEST(after_refusals_it_grows_with_each_request_but_not_beyond_what_was_too_much)
{
    struct batch_limit limit;

    batch_limit_begin(&limit, BATCH_LINES);
    while (limit.lines > 1) batch_limit_refused(&limit, limit.lines);
    for (int i = 0; i < 10; i++) batch_limit_taken(&limit, limit.lines, false);
    check_int(limit.lines, BATCH_LINES);
    batch_limit_late(&limit, 600);
    while (limit.lines > 1) batch_limit_refused(&limit, limit.lines);
    for (int i = 0; i < 10; i++) batch_limit_taken(&limit, limit.lines, false);
    check_int(limit.lines, 300);
}
