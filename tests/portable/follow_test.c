/* Events as they happen, beside a writer at full speed: each once, in its order, and none before it will stay. */
#include "../test.h"

#include "journal/journal.h"
#include "reader/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[600];

static void fresh_folder(void)
{
    static unsigned count;
    char guid[37] = "";

    check_hr(os_guid(guid), S_OK);
#ifdef _WIN32
    snprintf(directory, sizeof directory, "%s\\certwitness-follow-%s-%u", getenv("TEMP"), guid, ++count);
#else
    snprintf(directory, sizeof directory, "%s/build/tmp/reader-follow-%s-%u", getenv("PWD"), guid, ++count);
#endif
}

static struct journal *open_journal(uint64_t segment_bytes, uint32_t retain_days)
{
    struct journal_options with = {
        .directory = directory, .source = "/adcs/ca.example/CA", .wait_ms = 60000, .retry_ms = 20, .queue_bytes = 8 << 20,
        .segment_bytes = segment_bytes, .retain_days = retain_days,
    };
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

#define THREADS 8
#define EACH    400

static void append_many(void *context)
{
    char data[3000];

    for (int i = 0; i < EACH; i++) {
        struct journal_event event = {"certwitness.certificate.issued", true, i, os_now(), {data, 0}};

        event.data.size = (size_t)snprintf(data, sizeof data, "{\"n\":\"%0*d\"}", 100 + i * 7 % 2500, i);
        check_hr(journal_append(context, &event), S_OK);
    }
}

/* Give all there is until `last`; false: another order, or nothing for half a minute. */
static bool follow_to(struct follow *follow, uint64_t *next, uint64_t last)
{
    static const int32_t nothing;
    uint64_t begun = os_ticks_ms();
    struct reader_item item;

    while (*next <= last && os_ticks_ms() - begun < 30000) {
        enum follow_result result = follow_next(follow, &item);

        if (result == FOLLOW_NOTHING) os_word_wait(&nothing, 0, 5);
        else if (!check_int(result, FOLLOW_LINE)) return false;
        else if (!check_int(item.line.sequence, *next)) return false;
        else ++*next;
    }
    return check_int(*next, last + 1);
}

TEST(every_line_of_a_writer_at_full_speed_is_given_once_and_in_order)
{
    struct os_thread *threads[THREADS] = {0};
    struct reader_start start = {0};
    struct follow *follow = NULL;
    struct journal *journal;
    uint64_t next = 1;

    fresh_folder();
    for (int run = 0; run < 2; run++) {         /* rotating all the time, and opened anew in between */
        uint64_t last = (uint64_t)(run + 1) * (THREADS * EACH + 1) + (uint64_t)run;

        journal = open_journal(200000, 0);
        for (int i = 0; i < THREADS; i++) check_hr(os_thread_start(append_many, journal, &threads[i]), S_OK);
        while (!follow && FAILED(follow_open(directory, &start, &follow))) usleep(1000);
        follow_to(follow, &next, last);
        for (int i = 0; i < THREADS; i++) while (!os_thread_join(threads[i], 60000)) {}
        check_hr(journal_close(journal), S_OK);
        follow_to(follow, &next, last + 1);
    }
    follow_close(follow);
}

TEST(following_begins_where_it_is_told_to)
{
    struct reader_start start = {0};
    struct follow *follow = NULL;
    struct reader_item item;
    struct journal *journal;
    struct reader *reader;
    uint64_t next = 31;

    fresh_folder();
    journal = open_journal(1 << 20, 0);
    append_many(journal);
    check_hr(reader_open(directory, 0, &reader), S_OK);
    for (int i = 0; i < 30; i++) check_int(reader_next(reader, &item), READER_LINE);
    start = (struct reader_start){1, item.place.offset + item.line.text.size, 31, 0};
    reader_close(reader);
    check_hr(follow_open(directory, &start, &follow), S_OK);
    follow_to(follow, &next, EACH + 1);
    check_hr(journal_close(journal), S_OK);
    follow_to(follow, &next, EACH + 2);
    follow_close(follow);
    follow_close(NULL);
}

TEST(a_folder_that_is_not_there_cannot_be_followed)
{
    struct follow *follow = (struct follow *)1;
    struct reader_start start = {0};

    fresh_folder();
    check(FAILED(follow_open(directory, &start, &follow)));
    check(!follow);
}
