/* Which lines count as arrived at a far end that acknowledges nothing. */
#include "lib/test.h"

#include "delivery/unacknowledged.h"

#define MINUTE UNACKNOWLEDGED_MS

static struct unacknowledged lines;

static void begin(void)
{
    check_hr(unacknowledged_open(&lines), S_OK);
}

static void sent(uint64_t sequence, uint64_t now)
{
    struct position position = {.sequence = sequence};

    unacknowledged_sent(&lines, &position, now);
}

/* The last line that counts as arrived, if it is another than the last time; else 0. */
static uint64_t arrived(uint64_t now)
{
    struct position position = {.sequence = 77};

    return unacknowledged_arrived(&lines, now, &position) ? position.sequence : 0;
}

TEST(a_line_counts_as_arrived_once_the_connection_has_stood_for_a_minute)
{
    begin();
    sent(5, 1000);
    check_int(arrived(1000 + MINUTE - 1), 0);
    check_int(arrived(1000 + MINUTE), 5);
    check_int(arrived(1000 + 2 * MINUTE), 0);
    unacknowledged_free(&lines);
}

TEST(a_connection_that_is_closed_in_good_order_stops_the_clock_and_lines_that_come_again_keep_their_first_time)
{
    begin();
    sent(5, 1000);
    unacknowledged_lost(&lines, true, 31000);
    check_int(arrived(1000 + 5 * MINUTE), 0);
    sent(5, 10 * MINUTE);
    check_int(arrived(10 * MINUTE + MINUTE / 2 - 1), 0);
    check_int(arrived(10 * MINUTE + MINUTE / 2), 5);
    unacknowledged_free(&lines);
}

TEST(after_a_break_the_time_of_lines_that_come_again_begins_anew)
{
    begin();
    sent(5, 1000);
    unacknowledged_lost(&lines, false, 53000);
    sent(5, 54000);
    unacknowledged_lost(&lines, false, 68000);
    check_int(arrived(5 * MINUTE), 0);
    sent(5, 10 * MINUTE);
    check_int(arrived(11 * MINUTE - 1), 0);
    check_int(arrived(11 * MINUTE), 5);
    check_int(arrived(12 * MINUTE), 0);
    unacknowledged_free(&lines);
}

TEST(a_break_behind_an_end_in_good_order_begins_it_anew_too)
{
    begin();
    sent(5, 1000);
    sent(9, 3000);
    unacknowledged_lost(&lines, true, 50000);
    unacknowledged_lost(&lines, false, 51000);
    sent(5, MINUTE);
    check_int(arrived(2 * MINUTE - 1), 0);
    check_int(arrived(2 * MINUTE), 5);
    sent(9, 3 * MINUTE);
    check_int(arrived(4 * MINUTE - 1), 0);
    check_int(arrived(4 * MINUTE), 9);
    unacknowledged_free(&lines);
}

TEST(a_line_that_was_not_sent_again_over_this_connection_does_not_count)
{
    begin();
    sent(5, 1000);
    sent(9, 3000);
    unacknowledged_lost(&lines, true, 50000);
    sent(5, MINUTE);
    check_int(arrived(5 * MINUTE), 5);
    sent(8, 6 * MINUTE);
    check_int(arrived(8 * MINUTE), 0);
    sent(9, 8 * MINUTE);
    check_int(arrived(8 * MINUTE), 9);
    unacknowledged_free(&lines);
}

TEST(an_event_about_damage_behind_the_last_line_counts_by_itself)
{
    struct position found = {.sequence = 9, .fault_segment = 1, .fault_offset = 700}, out;

    begin();
    sent(9, 1000);
    unacknowledged_sent(&lines, &found, 3000);
    check(unacknowledged_arrived(&lines, 1000 + MINUTE, &out) && !out.fault_segment);
    check(!unacknowledged_arrived(&lines, 2999 + MINUTE, &out));
    unacknowledged_lost(&lines, true, 2999 + MINUTE);
    sent(9, 5 * MINUTE);
    check(!unacknowledged_arrived(&lines, 7 * MINUTE, &out));
    unacknowledged_sent(&lines, &found, 7 * MINUTE);
    check(unacknowledged_arrived(&lines, 7 * MINUTE + 1, &out) && out.fault_offset == 700);
    unacknowledged_free(&lines);
}

TEST(lines_of_one_second_count_together_when_the_last_of_them_does)
{
    begin();
    for (uint64_t i = 0; i < 1000; i++) sent(1 + i, 1000 + i);
    check_int(lines.count, 1);
    check_int(arrived(1000 + MINUTE + 998), 0);
    check_int(arrived(1000 + MINUTE + 999), 1000);
    unacknowledged_free(&lines);
}

TEST(however_long_it_sends_lines_of_a_minute_wait_and_no_more)
{
    uint64_t last = 0, most = 0;

    begin();
    for (uint64_t now = 1; now < 10 * MINUTE; now += 10) {
        uint64_t each;

        sent(now, now);
        if ((each = arrived(now))) last = each;
        if (now > 2 * MINUTE && now - last > most) most = now - last;
        check(now < MINUTE || now - last >= MINUTE);
    }
    check(most <= MINUTE + 2000);
    check(lines.count <= UNACKNOWLEDGED_MARKS);
    unacknowledged_free(&lines);
}

TEST(more_seconds_than_there_is_room_for_only_wait_longer)
{
    begin();
    for (uint64_t i = 1; i <= 200; i++) sent(i, i * 2000);
    check_int(lines.count, UNACKNOWLEDGED_MARKS);
    check_int(arrived(200 * 2000 + MINUTE - 1), 63);
    check_int(arrived(200 * 2000 + MINUTE), 200);
    unacknowledged_free(&lines);
}
