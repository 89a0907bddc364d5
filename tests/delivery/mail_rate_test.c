/* The limit on messages in an hour. */
#include "lib/test.h"

#include "delivery/mail/mail_rate.h"

#include <stdlib.h>

#define SECOND 1000000ll
#define HOUR   MAIL_RATE_WINDOW
#define NOW    (1000000 * HOUR)

TEST(in_any_hour_there_are_at_most_so_many)
{
    struct mail_rate *rate = calloc(1, sizeof *rate);
    int64_t sent[400];
    unsigned count = 0;

    rate->most = 7;
    for (int64_t now = NOW; now < NOW + 10 * HOUR; now += 97 * SECOND)
        if (mail_rate_free(rate, now)) mail_rate_add(rate, sent[count++] = now);
    for (unsigned i = 7; i < count; i++) check(sent[i] - sent[i - 7] >= HOUR);
    check(count >= 70);
    free(rate);
}

TEST(the_wait_ends_when_one_is_free_and_not_before)
{
    struct mail_rate *rate = calloc(1, sizeof *rate);
    uint32_t wait_ms;

    rate->most = 2;
    mail_rate_add(rate, NOW);
    mail_rate_add(rate, NOW + 10 * SECOND);
    check(mail_rate_free(rate, NOW + 20 * SECOND) == 0);
    wait_ms = mail_rate_wait(rate, NOW + 20 * SECOND);
    check(mail_rate_free(rate, NOW + 20 * SECOND + wait_ms * 1000ll - 2000) == 0);
    check(mail_rate_free(rate, NOW + 20 * SECOND + wait_ms * 1000ll) == 1);
    free(rate);
}

TEST(a_limit_that_is_lower_than_what_was_sent_holds)
{
    struct mail_rate *rate = calloc(1, sizeof *rate);

    rate->most = 5;
    for (int i = 0; i < 5; i++) mail_rate_add(rate, NOW + i * SECOND);
    rate->most = 2;
    check(mail_rate_free(rate, NOW + 10 * SECOND) == 0);
    check(mail_rate_wait(rate, NOW + 10 * SECOND) / 1000 == 3600 - 10 + 3);
    check(mail_rate_free(rate, NOW + HOUR + 3 * SECOND) == 1);
    free(rate);
}

TEST(a_clock_that_was_set_back_holds_for_an_hour_at_most)
{
    struct mail_rate *rate = calloc(1, sizeof *rate);

    rate->most = 1;
    mail_rate_add(rate, NOW + 1000 * HOUR);
    check(mail_rate_free(rate, NOW) == 0);
    check(mail_rate_wait(rate, NOW) <= 3600001);
    check(mail_rate_free(rate, NOW + HOUR) == 1);
    free(rate);
}

TEST(a_message_that_was_not_sent_does_not_count)
{
    struct mail_rate *rate = calloc(1, sizeof *rate);
    int64_t moment = 0;

    rate->most = 3;
    mail_rate_add(rate, NOW);
    check(mail_rate_add(rate, NOW + SECOND) == NOW + SECOND);
    moment = mail_rate_add(rate, NOW);                      /* the clock was set back */
    check(moment == NOW + SECOND && mail_rate_free(rate, NOW + 2 * SECOND) == 0);
    mail_rate_take_back(rate, moment);
    mail_rate_take_back(rate, NOW + 5 * SECOND);            /* none of these */
    check(rate->count == 2 && rate->sent[0] == NOW && rate->sent[1] == NOW + SECOND);
    mail_rate_take_back(rate, NOW);
    check(rate->count == 1 && *rate->sent == NOW + SECOND);
    free(rate);
}

TEST(the_file_is_read_as_it_was_written_and_what_is_none_is_empty)
{
    static const char *const wrong[] = {"", "x", "certwitness-mail-rate 2\n1\n",
                                        "certwitness-mail-rate 1\nx\n",
                                        "certwitness-mail-rate 1\n99999999999999999999999\n"};
    struct mail_rate *rate = calloc(1, sizeof *rate), *read = calloc(1, sizeof *read);
    struct bytes text = {0};

    rate->most = read->most = MAIL_RATE_MOST;
    for (int i = 0; i < MAIL_RATE_MOST; i++) mail_rate_add(rate, NOW + i);
    mail_rate_spell(rate, &text);
    mail_rate_read(read, (struct span){text.data, text.size});
    check(read->count == MAIL_RATE_MOST);
    check(!memcmp(read->sent, rate->sent, sizeof rate->sent));
    mail_rate_read(read, (struct span){text.data, text.size - 1});
    check(read->count == MAIL_RATE_MOST - 1);               /* torn: what is whole counts */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mail_rate_read(read, (struct span){wrong[i], strlen(wrong[i])});
        check(!read->count);
    }
    bytes_free(&text);
    free(rate);
    free(read);
}
