/* What `status` takes for trouble among our entries in the event log. */
#include "lib/test.h"

#include "cli/status/event_trouble.h"

#define NOW 1800000000
#define DAYS(n) (NOW - (n) * 86400)

TEST(the_newest_entry_that_tells_says_whether_the_journal_is_written)
{
    static const unsigned troubles[] = {200, 201, 202, 302}, ends[] = {100, 203};

    check_int(event_trouble_written(NULL, 0), 0);
    for (int i = 0; i < 4; i++) {
        check_int(event_trouble_written((struct told_entry[]){{102, NOW}, {troubles[i], NOW}, {100, NOW}}, 3), troubles[i]);
        for (int k = 0; k < 2; k++) check_int(event_trouble_written((struct told_entry[]){{ends[k], NOW}, {troubles[i], NOW}}, 2), 0);
    }
}

TEST(requests_are_only_counted_until_an_entry_says_that_there_is_space_or_the_ca_starts)
{
    static const unsigned ends[] = {211, 100}, others[] = {101, 102, 103, 200, 201, 202, 203, 206, 209};

    check(!event_trouble_space(NULL, 0));
    for (int i = 0; i < 9; i++) {
        check(event_trouble_space((struct told_entry[]){{others[i], NOW}, {210, NOW}, {100, NOW}}, 3));
        check(!event_trouble_space((struct told_entry[]){{others[i], NOW}}, 1));
    }
    for (int i = 0; i < 2; i++) {
        check(!event_trouble_space((struct told_entry[]){{102, NOW}, {ends[i], NOW}, {210, NOW}}, 3));
        check(event_trouble_space((struct told_entry[]){{210, NOW}, {ends[i], NOW}, {210, NOW}}, 3));
    }
    check_int(event_trouble_written((struct told_entry[]){{210, NOW}, {211, NOW}, {201, NOW}}, 3), 201);
    check(!event_trouble_lost(&(struct told_entry){210, NOW}, 1, 0, NOW));
}

TEST(damage_and_losses_stay_trouble_though_the_journal_is_written_again)
{
    static const unsigned losses[] = {205, 206, 208}, others[] = {100, 101, 102, 103, 104, 203, 204, 207, 300, 301, 303};

    for (int i = 0; i < 3; i++) {
        struct told_entry entries[] = {{203, NOW}, {losses[i], DAYS(1)}, {losses[i], DAYS(2)}, {losses[i], DAYS(40)}};

        check(event_trouble_lost(entries, 4, 1, NOW) != NULL);
        check(!event_trouble_lost(entries, 4, 0, NOW));
        check(!event_trouble_lost(entries, 4, 2, NOW));         /* once for each kind */
        check(!event_trouble_lost(entries, 1, 1, NOW));
        check(!event_trouble_lost(entries + 3, 1, 0, NOW));     /* old news */
    }
    for (int i = 0; i < 11; i++) check(!event_trouble_lost(&(struct told_entry){others[i], NOW}, 1, 0, NOW));
}

TEST(of_the_delivery_a_refused_configuration_counts_until_it_starts_and_damage_and_losses_stay)
{
    check(!event_trouble_configuration(NULL, 0));
    check(!event_trouble_configuration((struct told_entry[]){{401, NOW}, {404, NOW}}, 2));
    check(event_trouble_configuration((struct told_entry[]){{401, NOW}, {402, NOW}, {400, NOW}}, 3));
    check(!event_trouble_configuration((struct told_entry[]){{404, NOW}, {400, NOW}, {402, NOW}}, 3));
    for (unsigned id = 400; id <= 409; id++) {
        check(!event_trouble_lost(&(struct told_entry){id, NOW}, 1, 0, NOW) == (id != 407 && id != 408));
        check(!event_trouble_lost(&(struct told_entry){id, DAYS(31)}, 1, 0, NOW));
    }
}
