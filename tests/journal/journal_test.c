/* The journal through its door, on a real folder: what is acknowledged is there, chained, after every way of ending. */
#include "lib/test.h"
#include "lib/fresh_folder.h"

#include "base/json.h"
#include "journal/journal.h"
#include "journal/request.h"
#include "journal/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


static char directory[FRESH_FOLDER_SIZE];             /* of the test that runs */

static char *file_path(const char *name)
{
    static char path[700];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static char *segment_path(uint64_t sequence)
{
    char name[SEGMENT_NAME_SIZE + 1];

    segment_name(sequence, name);
    return file_path(name);
}

/* A whole file, zero-terminated, freed by the caller. */
static char *slurp(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    long end;

    *size = 0;
    if (!check(file != NULL)) return calloc(1, 1);
    fseek(file, 0, SEEK_END);
    end = ftell(file);
    rewind(file);
    data = calloc(1, end + 1);
    *size = fread(data, 1, end, file);
    fclose(file);
    return data;
}

static void spit(const char *path, const char *mode, const void *data, size_t size)
{
    FILE *file = fopen(path, mode);

    if (!check(file != NULL)) return;
    check_int(fwrite(data, 1, size, file), size);
    check(!fclose(file));
}

static struct journal_options options(void)
{
    return (struct journal_options){
        .directory = directory, .source = "/adcs/ca.example/Test%20CA", .wait_ms = 5000, .retry_ms = 50, .queue_bytes = 1 << 20,
        .segment_bytes = 64 << 20, .start_module = {"\"version\":\"0\"", 13}, .start_more = {"\"ca\":{}", 7},
    };
}

static struct journal *open_with(struct journal_options with)
{
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

static HRESULT append_text(struct journal *journal, const char *type, int32_t request_id, const char *data)
{
    struct journal_event event = {.type = type, .has_request = request_id != 0, .request_id = request_id, .time = os_now(), .data = {data, strlen(data)}};

    return journal_append(journal, &event);
}

static void append_number(struct journal *journal, int number)
{
    char data[64];

    snprintf(data, sizeof data, "{\"event\":1,\"number\":%d}", number);
    check_hr(append_text(journal, "certwitness.certificate.issued", 1, data), S_OK);
}

/* What a reader finds: the lines of all segments, one chain. */
struct chain {
    int lines, segments;
    char types[2000];                   /* without "certwitness.", each followed by a blank */
    char runs[200][37];
    uint64_t last;
    char data[2000];                    /* of the last line */
    bool ended_cleanly[200];            /* as module.started says, by line */
};

static void read_lines(const char *text, size_t size, struct chain *chain, char previous[65])
{
    while (size) {
        const char *lf = memchr(text, '\n', size);
        size_t length = lf ? (size_t)(lf + 1 - text) : size;
        struct line line = {0};

        if (!check_int(line_read(text, length, &line), LINE_OK)) return;
        check_int(line.sequence, chain->last + 1);
        check_bytes(line.previous.text, line.previous.size, previous, 64);
        check(line.flushed < line.sequence);
        check(span_is(line.source, "/adcs/ca.example/Test%20CA"));
        memcpy(previous, line.hash.text, 64);
        chain->last = line.sequence;
        snprintf(chain->types + strlen(chain->types), sizeof chain->types - strlen(chain->types), "%.*s ",
                 (int)line.type.size - 12, line.type.text + 12);
        snprintf(chain->data, sizeof chain->data, "%.*s", (int)line.data.size, line.data.text);
        if (chain->lines < 200) {
            snprintf(chain->runs[chain->lines], 37, "%.36s", line.run.text);
            chain->ended_cleanly[chain->lines] = strstr(chain->data, "\"endedCleanly\":true") != NULL;
        }
        chain->lines++;
        text += length;
        size -= length;
    }
}

static struct chain read_chain(void)
{
    static struct chain chain;
    char previous[65];
    uint64_t segment = 1;

    memset(&chain, 0, sizeof chain);
    memset(previous, '0', sizeof previous);
    for (;;) {
        struct stat status;
        size_t size;
        char *text;

        if (stat(segment_path(segment), &status)) return chain;
        text = slurp(segment_path(segment), &size);
        read_lines(text, size, &chain, previous);
        free(text);
        chain.segments++;
        if (segment == chain.last + 1) return chain;
        segment = chain.last + 1;
    }
}

TEST(the_first_line_starts_the_chain_and_tells_of_the_run)
{
    struct journal *journal;
    struct chain chain;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    chain = read_chain();
    check_text(chain.types, "module.started ");
    check(strstr(chain.data, "{\"module\":{\"run\":\"") == chain.data);
    check(strstr(chain.data, chain.runs[0]) != NULL);
    check(strstr(chain.data, "\",\"endedCleanly\":true,\"version\":\"0\"},\"ca\":{}}") != NULL);
    check_hr(journal_close(journal), S_OK);
    check_text(read_chain().types, "module.started module.stopped ");
}

TEST(an_event_is_on_disk_when_append_returns)
{
    struct journal *journal;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    append_number(journal, 42);
    check_text(read_chain().types, "module.started certificate.issued ");
    check_text(read_chain().data, "{\"event\":1,\"number\":42}");
    check_hr(journal_close(journal), S_OK);
}

TEST(the_envelope_has_every_member_in_its_order)
{
    struct journal *journal;
    size_t size;
    char *text, *line;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    append_number(journal, 7);
    check_hr(journal_close(journal), S_OK);
    text = slurp(segment_path(1), &size);
    line = strchr(text, '\n') + 1;
    check(!strncmp(line, "{\"specversion\":\"1.0\",\"id\":\"", 27));
    check(strstr(line, "-00000000000000000002\",\"source\":\"/adcs/ca.example/Test%20CA\",\"type\":\"certwitness.certificate.issued\","
                       "\"subject\":\"request/1\",\"time\":\"20") != NULL);
    check(strstr(line, "Z\",\"sequence\":\"00000000000000000002\",\"previoushash\":\"") != NULL);
    check(strstr(line, "\",\"flushed\":\"00000000000000000001\",\"datacontenttype\":\"application/json\",\"data\":{\"event\":1,"
                       "\"number\":7},\"hash\":\"") != NULL);
    free(text);
}

TEST(a_second_run_goes_on_with_the_chain_under_a_new_guid)
{
    struct chain chain;

    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    check_hr(journal_close(open_with(options())), S_OK);
    chain = read_chain();
    check_text(chain.types, "module.started module.stopped module.started module.stopped ");
    check_text(chain.runs[1], chain.runs[0]);
    check(strcmp(chain.runs[2], chain.runs[0]) != 0);
    check(chain.ended_cleanly[2]);
}

/* As a power cut leaves it: no head, which was never flushed. */
static void cut_head(void)
{
    check(!remove(file_path("head")));
}

/* As a kill leaves it: what was flushed, and no goodbye. */
static void cut_goodbye(void)
{
    size_t size;
    char *text = slurp(segment_path(1), &size), *last = text + size - 1;

    cut_head();
    while (last > text && last[-1] != '\n') last--;
    spit(segment_path(1), "wb", text, last - text);
    free(text);
}

TEST(a_run_that_was_killed_is_said_to_have_been)
{
    struct chain chain;

    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    cut_goodbye();
    check_hr(journal_close(open_with(options())), S_OK);
    chain = read_chain();
    check_text(chain.types, "module.started module.started module.stopped ");
    check(!chain.ended_cleanly[1]);
}

TEST(a_clean_end_long_ago_does_not_excuse_a_later_kill)
{
    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    check_hr(journal_close(open_with(options())), S_OK);
    cut_goodbye();
    check_hr(journal_close(open_with(options())), S_OK);
    check(read_chain().ended_cleanly[2]);
    check(!read_chain().ended_cleanly[3]);
}

TEST(a_ca_that_said_it_was_stopping_ended_cleanly)
{
    struct journal *journal;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    check_hr(append_text(journal, JOURNAL_CA_STOPPING, 0, "{\"event\":64}"), S_OK);
    check_hr(journal_close(journal), S_OK);
    cut_goodbye();
    check_hr(journal_close(open_with(options())), S_OK);
    check(read_chain().ended_cleanly[2]);
}

TEST(what_came_after_the_stop_and_no_goodbye_is_no_clean_end)
{
    struct journal *journal;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    check_hr(append_text(journal, JOURNAL_CA_STOPPING, 0, "{\"event\":64}"), S_OK);
    append_number(journal, 1);
    check_hr(journal_close(journal), S_OK);
    cut_goodbye();
    check_hr(journal_close(open_with(options())), S_OK);
    check(!read_chain().ended_cleanly[3]);
}

static void check_torn(const void *tail, size_t size)
{
    struct chain chain;
    size_t kept_size;
    char *kept, *name;

    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    spit(segment_path(1), "ab", tail, size);
    check_hr(journal_close(open_with(options())), S_OK);
    chain = read_chain();
    check_text(chain.types, "module.started module.stopped journal.recovered module.started module.stopped ");
    check(chain.ended_cleanly[3]);

    kept = slurp(segment_path(1), &kept_size);
    name = strstr(kept, "\"kept\":\"");
    if (check(name != NULL)) {
        char kept_as[100];
        size_t tail_size;
        char *data;

        check_int(sscanf(name, "\"kept\":\"%99[^\"]", kept_as), 1);
        data = slurp(file_path(kept_as), &tail_size);
        check_bytes(data, tail_size, tail, size);
        free(data);
    }
    free(kept);
}

TEST(a_torn_tail_is_moved_aside_and_recorded)
{
    static const char zeros[5000];
    char *large = malloc(3 << 20);

    check_torn("{", 1);
    check_torn("{\"specversion\":\"1.0\",\"id\":\"", 27);
    check_torn("\n", 1);
    check_torn(zeros, sizeof zeros);
    check_torn("garbage\nmore garbage\n", 21);
    memset(large, 'x', 3 << 20);
    check_torn(large, 3 << 20);
    free(large);
}

TEST(a_last_line_without_its_end_is_torn)
{
    size_t size;
    char *text;

    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    text = slurp(segment_path(1), &size);
    spit(segment_path(1), "wb", text, size - 1);
    free(text);
    cut_head();
    check_hr(journal_close(open_with(options())), S_OK);
    check_text(read_chain().types, "module.started journal.recovered module.started module.stopped ");
    check(!read_chain().ended_cleanly[2]);
}

/* Change one byte inside line `number` (from 0) of segment 1. */
static void damage_line(int number, char byte)
{
    size_t size;
    char *text = slurp(segment_path(1), &size), *line = text;

    while (number--) line = strchr(line, '\n') + 1;
    *strstr(line, "certwitness.") = byte;
    spit(segment_path(1), "wb", text, size);
    free(text);
}

TEST(damage_to_what_was_on_disk_is_broken_and_left_where_it_is)
{
    struct journal *journal;
    size_t before_size, after_size;
    char *before, *after;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    for (int i = 0; i < 5; i++) append_number(journal, i);
    check_hr(journal_close(journal), S_OK);             /* lines 1 to 7 */
    damage_line(2, 'C');
    before = slurp(segment_path(1), &before_size);
    check_hr(journal_close(open_with(options())), S_OK);
    after = slurp(segment_path(1), &after_size);
    check_bytes(after, after_size, before, before_size);
    free(before);
    free(after);

    after = slurp(segment_path(8), &after_size);        /* goes on behind the highest intact line */
    check(strstr(after, "\"type\":\"certwitness.journal.broken\"") != NULL);
    check(strstr(after, "\"data\":{\"file\":\"00000000000000000001.jsonl\",\"offset\":") != NULL);
    check(strstr(after, ",\"sequence\":3,") != NULL);
    free(after);
}

TEST(damage_to_the_newline_between_the_last_two_lines_is_broken_too)
{
    struct journal *journal;
    size_t size;
    char *text, *last;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    append_number(journal, 1);
    check_hr(journal_close(journal), S_OK);
    text = slurp(segment_path(1), &size);
    for (last = text + size - 1; last[-1] != '\n'; last--) {}
    last[-1] = ' ';                                     /* line 2's LF; line 3 says that 2 was flushed */
    spit(segment_path(1), "wb", text, size);
    free(text);
    check_hr(journal_close(open_with(options())), S_OK);
    text = slurp(segment_path(4), &size);
    check(strstr(text, "\"type\":\"certwitness.journal.broken\"") != NULL);
    free(text);
}

TEST(segments_are_rotated_and_the_chain_runs_on)
{
    struct journal_options with;
    struct journal *journal;

    fresh_folder(directory, "journal");
    with = options();
    with.segment_bytes = 1500;
    journal = open_with(with);
    for (int i = 0; i < 20; i++) append_number(journal, i);
    check_hr(journal_close(journal), S_OK);
    check_hr(journal_close(open_with(with)), S_OK);
    check_int(read_chain().lines, 24);
    check(read_chain().segments >= 6);
}

TEST(an_empty_last_segment_is_written_on)
{
    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    spit(segment_path(3), "wb", "", 0);
    check_hr(journal_close(open_with(options())), S_OK);
    check_text(read_chain().types, "module.started module.stopped module.started module.stopped ");
    check(read_chain().ended_cleanly[2]);
    check_int(read_chain().segments, 2);
}

TEST(a_last_segment_of_garbage_is_recovered_behind_the_one_before)
{
    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    spit(segment_path(3), "wb", "rubbish", 7);
    check_hr(journal_close(open_with(options())), S_OK);
    check_text(read_chain().types, "module.started module.stopped journal.recovered module.started module.stopped ");
}

TEST(files_of_others_in_the_folder_are_left_alone)
{
    size_t size;
    char *text;

    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    spit(file_path("99999999999999999999.jsonl"), "wb", "too large a number", 18);
    spit(file_path("0000000000000000003.jsonl"), "wb", "too few digits", 14);
    spit(file_path("notes.txt"), "wb", "mine", 4);
    check_hr(journal_close(open_with(options())), S_OK);
    check_int(read_chain().lines, 4);
    text = slurp(file_path("notes.txt"), &size);
    check_text(text, "mine");
    free(text);
}

TEST(hostile_text_in_data_stays_one_line)
{
    struct bytes data = {0};
    struct json json = {.out = &data};
    struct journal *journal;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    json_object(&json, NULL);
    json_text(&json, "name", "\"},\"hash\":\"0\"}\n{\"specversion\":\"1.0\",\"id\":\"\x1b");
    json_end(&json);
    bytes_add(&data, "", 1);
    check_hr(append_text(journal, "certwitness.certificate.denied", 2, data.data), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_text(read_chain().types, "module.started certificate.denied module.stopped ");
    bytes_free(&data);
}

TEST(an_event_of_the_largest_size_fits_and_one_byte_more_is_refused)
{
    struct journal_event event = {.type = "certwitness.crl.issued", .data = {NULL, LINE_DATA_MAX}};
    char *data = malloc(LINE_DATA_MAX + 1);
    struct journal_options with;
    struct journal *journal;

    memset(data, ' ', LINE_DATA_MAX + 1);
    data[0] = '{';
    data[LINE_DATA_MAX - 1] = '}';
    event.data.text = data;
    fresh_folder(directory, "journal");
    with = options();
    with.queue_bytes = 4 << 20;
    journal = open_with(with);
    check_hr(journal_append(journal, &event), S_OK);
    event.data.size++;
    check_hr(journal_append(journal, &event), E_INVALIDARG);
    append_number(journal, 3);
    check_hr(journal_close(journal), S_OK);
    check_int(read_chain().lines, 5);                               /* with the journal.gap that tells of it */
    free(data);
}

TEST(an_event_that_cannot_be_spelled_is_refused_and_harms_no_other)
{
    struct journal_event event = {.type = "certwitness.certificate.issued", .time = INT64_MAX, .data = {"{}", 2}};
    struct journal *journal;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    check_hr(journal_append(journal, &event), E_INVALIDARG);        /* a time beyond 9999 */
    append_number(journal, 1);
    check_hr(journal_close(journal), S_OK);
    check_int(read_chain().lines, 4);                               /* with the journal.gap that tells of it */
}

TEST(data_that_is_not_one_json_object_is_refused_and_counted)
{
    static const char *const bad[] = {
        "", " ", "x", "1", "[1]", "\"x\"", "{", "}", "{}{}", "{} ", " {}", "{\"a\":}", "{\"a\":1", "{\"a\":1}}", "{\"a\":1,}", "{\"a\":1,\"a\":2}",
        "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\n1}", "{\"a\":1}\n", "{\"a\":[}", "{\"request\":{,\"missing\":]}",
    };
    int count = sizeof bad / sizeof *bad, gaps = 0;
    char want[40];
    struct journal *journal;
    struct chain chain;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    for (int i = 0; i < count; i++) {
        if (!check_hr(append_text(journal, "certwitness.certificate.issued", 100 + i, bad[i]), E_INVALIDARG)) test_note("    %s", bad[i]);
        append_number(journal, i);
    }
    check_hr(journal_close(journal), S_OK);
    chain = read_chain();
    for (const char *at = chain.types; (at = strstr(at, "journal.gap ")); at++) gaps++;
    check_int(gaps, count);
    check_int(chain.lines, 2 * count + 2);
    for (int i = 0; i < count; i++) {
        size_t size;
        char *text = slurp(segment_path(1), &size);

        snprintf(want, sizeof want, "\"requestIDs\":[%d],\"why\":{\"noLine\":1}}", 100 + i);
        check(strstr(text, want) != NULL);
        free(text);
    }
}

TEST(data_is_taken_as_deep_as_its_line_is_still_read)
{
    char data[200], *at;
    struct journal *journal;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    for (int depth = 63; depth <= 64; depth++) {                    /* the line's own object is the 64th */
        at = data + sprintf(data, "{\"a\":");
        memset(at, '[', depth - 1);
        memset(at + depth - 1, ']', depth - 1);
        strcpy(at + 2 * (depth - 1), "}");
        check_hr(append_text(journal, "certwitness.certificate.issued", 1, data), depth == 63 ? S_OK : E_INVALIDARG);
    }
    check_hr(journal_close(journal), S_OK);
}

TEST(a_module_started_that_cannot_be_made_is_told_in_its_shortest_form)
{
    char *large = malloc(LINE_DATA_MAX + 1);
    struct span bad[] = {
        {"\"version\":", 10}, {"\"version\":\"0\"}", 14}, {"\"module\":1,\"run\":1", 18}, {"\"a\":\"\xff\"", 7}, {large, LINE_DATA_MAX},
    };

    memset(large, 'x', LINE_DATA_MAX + 1);
    for (size_t i = 0; i < 2 * sizeof bad / sizeof *bad; i++) {
        struct journal_options with;
        struct journal *journal;

        fresh_folder(directory, "journal");
        with = options();
        *(i % 2 ? &with.start_more : &with.start_module) = bad[i / 2];
        journal = open_with(with);
        if (!check(strstr(read_chain().data, "\",\"endedCleanly\":true,\"shortened\":true}}") != NULL)) test_note("    %d", (int)i);
        append_number(journal, 7);
        check_hr(journal_close(journal), S_OK);
        check_text(read_chain().types, "module.started certificate.issued module.stopped ");
    }
    free(large);
}

TEST(a_source_that_no_line_may_have_is_refused)
{
    static const char *const bad[] = {"/adcs/a\"b", "/adcs/a\\b", "/adcs/a\nb", "/adcs/a b", "/adcs/\xc3\xa4"};
    char source[LINE_SOURCE_MAX + 2];
    struct journal_options with;
    struct journal *journal = (struct journal *)1;

    fresh_folder(directory, "journal");
    for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
        memset(source, 'a', sizeof source - 1);
        source[sizeof source - 1] = 0;
        with = options();
        with.source = i ? bad[i - 1] : source;
        check_hr(journal_open(&with, &journal), E_INVALIDARG);
        check(!journal);
    }
}

TEST(a_second_writer_is_refused_and_gets_its_turn_later)
{
    struct journal_options with;
    struct journal *first, *second = NULL;

    fresh_folder(directory, "journal");
    first = open_with(options());
    with = options();
    with.wait_ms = 300;
    check_hr(journal_open(&with, &second), S_FALSE);
    check_hr(append_text(second, "certwitness.ca.started", 0, "{\"event\":128}"), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_hr(journal_close(first), S_OK);
    for (int i = 0; i < 100 && read_chain().lines < 4; i++) {       /* it tries now and then */
        struct os_monitor *nap = NULL;

        check_hr(os_monitor_create(&nap), S_OK);
        os_monitor_enter(nap);
        os_monitor_wait(nap, 50);
        os_monitor_leave(nap);
        os_monitor_free(nap);
    }
    check_hr(journal_close(second), S_OK);
    check_text(read_chain().types, "module.started module.stopped module.started ca.started module.stopped ");
}

TEST(a_journal_that_never_opens_costs_one_wait_and_ends)
{
    struct journal_options with;
    struct journal *journal = NULL;
    uint64_t start = os_ticks_ms();
    size_t size;
    char *text;

    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
    spit(file_path("file"), "wb", "", 0);               /* a file where a folder should be */
    strcat(directory, "/file");
#ifdef _WIN32
    directory[strlen(directory) - 5] = '\\';
#endif
    with = options();
    with.wait_ms = 400;
    start = os_ticks_ms();
    check_hr(journal_open(&with, &journal), S_FALSE);
    for (int i = 0; i < 50; i++)
        check_hr(append_text(journal, "certwitness.ca.started", 0, "{}"), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check(os_ticks_ms() - start < 10000);               /* a wait for each would be 20 s */
    check(FAILED(journal_close(journal)));
    text = slurp(directory, &size);
    check_int(size, 0);
    free(text);
}

TEST(a_full_queue_is_told_and_bounded)
{
    struct journal_options with;
    struct journal *first, *second = NULL;
    int refused = 0;

    fresh_folder(directory, "journal");
    first = open_with(options());
    with = options();
    with.wait_ms = 100;
    with.queue_bytes = 4000;
    check_hr(journal_open(&with, &second), S_FALSE);
    for (int i = 0; i < 100; i++) {
        HRESULT hr = append_text(second, "certwitness.ca.started", 0, "{\"event\":128}");

        if (hr == JOURNAL_QUEUE_FULL) refused++;
        else check_hr(hr, HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    }
    check(refused >= 80 && refused < 100);
    check(FAILED(journal_close(second)));
    check_hr(journal_close(first), S_OK);
}

TEST(what_was_written_makes_room_in_the_queue)
{
    struct journal_options with;
    struct journal *journal;

    fresh_folder(directory, "journal");
    with = options();
    with.queue_bytes = 2000;
    journal = open_with(with);
    for (int i = 0; i < 50; i++) append_number(journal, i);
    check_hr(journal_close(journal), S_OK);
}

/* The request that a program which prunes would write, for the line before the segment `next`. */
static void ask_to_prune(uint64_t next)
{
    struct request request = {.segments = 2, .before = "2026-01-01T00:00:00.000Z", .rule = "--older-than 1d", .account = "CORP\\alice"};
    struct bytes text = {0};
    size_t size;
    char *segment = slurp(segment_path(next), &size), *hash = strstr(segment, "\"previoushash\":\"");

    request.last.sequence = next - 1;
    if (check(hash != NULL)) memcpy(request.last.hash, hash + 16, LINE_HASH_SIZE);
    check(request_make(&request, &text));
    spit(file_path(REQUEST_NAME), "wb", text.data, text.size);
    bytes_free(&text);
    free(segment);
}

/* limits_test.c has the rules; here a real folder is left behind, whose lines the tests of the format read. */
TEST(a_request_to_prune_is_put_on_record_and_goes)
{
    struct journal_options with;
    struct journal *journal;
    struct stat there;

    fresh_folder(directory, "journal");
    with = options();
    with.segment_bytes = 1;
    journal = open_with(with);
    for (int i = 0; i < 4; i++) append_number(journal, i);
    check_hr(journal_close(journal), S_OK);
    ask_to_prune(3);
    check(!stat(file_path(REQUEST_NAME), &there));
    check_hr(journal_close(open_with(with)), S_OK);
    check(stat(file_path(REQUEST_NAME), &there) != 0);
    check(!stat(segment_path(1), &there));
    check_int(read_chain().lines, 9);                               /* module.started twice, journal.pruned, module.stopped twice */
}

TEST(what_stands_in_the_place_of_a_request_is_not_followed)
{
    struct journal *journal;
    struct stat there;

    fresh_folder(directory, "journal");
    check_hr(journal_close(open_with(options())), S_OK);
#ifdef _WIN32
    check(!mkdir(file_path(REQUEST_NAME)));
#else
    check(!mkfifo(file_path(REQUEST_NAME), 0600));                  /* whoever opens one to read it waits for ever */
#endif
    journal = open_with(options());
    append_number(journal, 1);
    check_hr(journal_close(journal), S_OK);
    check(!stat(file_path(REQUEST_NAME), &there));
    read_chain();
#ifndef _WIN32
    check(!remove(file_path(REQUEST_NAME)) && !symlink(segment_path(1), file_path(REQUEST_NAME)));
    check_hr(journal_close(open_with(options())), S_OK);
    check(!lstat(file_path(REQUEST_NAME), &there));
    read_chain();
#endif
}

#define THREADS 16
#define EVENTS  25

static void append_many(void *context)
{
    for (int i = 0; i < EVENTS; i++) append_number(context, i);
}

TEST(many_threads_share_one_chain)
{
    struct os_thread *threads[THREADS] = {0};
    struct journal *journal;

    fresh_folder(directory, "journal");
    journal = open_with(options());
    for (int i = 0; i < THREADS; i++) check_hr(os_thread_start(append_many, journal, &threads[i]), S_OK);
    for (int i = 0; i < THREADS; i++) while (!os_thread_join(threads[i], 60000)) {}
    check_int(read_chain().lines, 1 + THREADS * EVENTS);
    check_hr(journal_close(journal), S_OK);
}

TEST(closing_no_journal_is_fine)
{
    check_hr(journal_close(NULL), S_OK);
}
