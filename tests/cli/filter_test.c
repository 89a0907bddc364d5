/* Which events fit the options that show, export and stats have in common. */
#include "journal/line.h"
#include "cli/filter_options.h"
#include "base/timestamp.h"
#include "lib/test.h"
#include "lib/forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_row options[] = {FILTER_OPTIONS, {0}};

/* The options as a command gets them, ended by NULL. */
static bool read_options(struct filter *filter, const char **words)
{
    char *argv[48] = {(char *)"show"};
    struct options given;
    int argc = 1;

    for (; words[argc - 1]; argc++) argv[argc] = (char *)words[argc - 1];
    return options_parse(&given, options, argc, argv) && filter_options_read(filter, &given);
}

static const char *type = "certwitness.certificate.issued", *subject = "request/42",
    *data = "{\"event\":1,\"request\":{\"RequestID\":42,\"RequesterName\":\"CORP\\\\Zo\\u00cb\",\"RequestAttributes\":\"rmd:pc17\\nCertificateTemplate: WebServer\\r\\n\"},"
            "\"certificate\":{\"SerialNumber\":\"006d00002A\",\"DistinguishedName\":\"CN=*.Demo.Example, O=M\xc3\xbcller\",\"UPN\":\"zoe@demo.example\","
            "\"CertificateTemplate\":\"1.3.6.1.4.1.311.21.8.7\"}}";
static int64_t when = 1763719200123456;         /* 2025-11-21T10:00:00.123Z */

static bool takes_line(const struct filter *filter)
{
    struct line_place place = {"0f0ef3ce-0000-4000-8000-000000000000", "/adcs/ca/ca", 7, line_no_hash, 6};
    char hash[LINE_HASH_SIZE + 1];
    struct event event = {0};
    struct bytes text = {0};
    struct line line;
    bool takes = false;

    check_hr(forge_line(&text, &place, type, subject, when, data, hash), S_OK);
    if (check_int(line_read(text.data, text.size, &line), LINE_OK)) {
        event_set(&event, &line);
        takes = filter_takes(filter, &event);
    }
    event_free(&event);
    bytes_free(&text);
    return takes;
}

/* 1: fits; 0: does not; -1: the options cannot be. */
static int fits(const char **words)
{
    struct filter *filter = malloc(sizeof *filter);
    int result = !filter || !read_options(filter, words) ? -1 : takes_line(filter);

    free(filter);
    return result;
}

#define FITS(...) fits((const char *[]){__VA_ARGS__, NULL})

TEST(no_option_takes_everything)
{
    struct filter *filter = calloc(1, sizeof *filter);

    check(read_options(filter, (const char *[]){NULL}) && filter_is_open(filter) && takes_line(filter));
    check(read_options(filter, (const char *[]){"--local", NULL}) && filter_is_open(filter));
    check(read_options(filter, (const char *[]){"--serial", "1", NULL}) && !filter_is_open(filter));
    free(filter);
}

/* An event whose certificate is what needs decoding; whether it was. */
static bool decodes(const char **words)
{
    struct line_place place = {"0f0ef3ce-0000-4000-8000-000000000000", "/adcs/ca/ca", 7, line_no_hash, 6};
    struct filter *filter = malloc(sizeof *filter);
    char hash[LINE_HASH_SIZE + 1];
    struct event event = {0};
    struct bytes text = {0};
    struct line line;
    bool tried;

    check(filter && read_options(filter, words));
    check_hr(forge_line(&text, &place, type, subject, when, "{\"request\":{\"RequesterName\":\"CORP\\\\a\",\"RequestAttributes\":\"CertificateTemplate:Web\"},\"certificate\":"
                        "{\"SerialNumber\":\"2a\",\"DistinguishedName\":\"CN=a\",\"CertificateTemplate\":\"User\",\"RawCertificate\":\"MAA=\"}}", hash), S_OK);
    check_int(line_read(text.data, text.size, &line), LINE_OK);
    event_set(&event, &line);
    filter_takes(filter, &event);
    tried = event.tried;
    event_free(&event);
    bytes_free(&text);
    free(filter);
    return tried;
}

#define DECODES(...) decodes((const char *[]){__VA_ARGS__, NULL})

TEST(a_certificate_is_decoded_only_if_all_else_fits_and_leaves_it_open)
{
    check(!DECODES("--serial", "2a", "--template", "User", "--subject", "CN=a"));
    check(!DECODES("--template", "Web"));
    check(!DECODES("--serial", "2b", "--template", "VPN", "--subject", "b"));
    check(!DECODES("--requester", "b", "--template", "VPN", "--subject", "b"));
    check(!DECODES("--type", "denied", "--subject", "b"));
    check(!DECODES("--request", "7", "--subject", "b"));
    check(!DECODES("--until", "2020-01-01", "--subject", "b"));
    check(DECODES("--template", "VPN"));
    check(DECODES("--requester", "CORP\\a", "--serial", "2a", "--subject", "b"));
}

TEST(a_time_is_from_since_on_and_before_until)
{
    check_int(FITS("--since", "2025-11-21"), 1);
    check_int(FITS("--since", "2025-11-21T10:00:00.123Z"), 1);
    check_int(FITS("--since", "2025-11-21T10:00:00.124Z"), 0);
    check_int(FITS("--since", "2025-11-21T12:00:00+02:00"), 1);
    check_int(FITS("--since", "2025-11-21T12:00:01+0200"), 0);
    check_int(FITS("--since", "2025-11-21 10:00"), 1);
    check_int(FITS("--since", "2025-11-21 10:01"), 0);
    check_int(FITS("--until", "2025-11-21T10:00:00.123Z"), 0);
    check_int(FITS("--until", "2025-11-21t10:00:00.124z"), 1);
    check_int(FITS("--until", "2025-11-21"), 1);
    check_int(FITS("--until", "2025-11-20"), 0);
    check_int(FITS("--since", "2025-11-22"), 0);
    check_int(FITS("--since", "2025-11-21", "--until", "2025-11-21"), 1);
}

TEST(a_time_that_is_none_is_refused)
{
    const char *bad[] = {"", "2025", "2025-02-30", "2025-13-01", "2025-11-21T", "2025-11-21T25:00", "2025-11-21T10:00:60Z", "2025-11-21T10:00Zx",
                         "2025-11-21T10:00+99:00", "tomorrow", "2x", "h", "2", "99999999999h", "-", "1601-01-01", "2025-11-21T10:00:00.Z",
                         "9999-01-01", "1969-12-31", "3000-01-01", "3000y", "999999999y", "999999999y999999999y", "\xff", "12:", "24:00", "2h2", "ago"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!check_int(FITS("--since", bad[i]), -1)) test_note("\"%s\"", bad[i]);
}

static int64_t moment(const char *text, bool last)
{
    const int64_t now = 1763719200000000;       /* 2025-11-21T10:00:00Z, a Friday */
    int64_t micros = -1;

    return timestamp_read(text, false, last, now, &micros) ? (micros - now) / 1000000 : 1;
}

TEST(a_relative_time_counts_from_now)
{
    check_int(moment("now", false), 0);
    check_int(moment("2h", false), -7200);
    check_int(moment("-2h", false), -7200);
    check_int(moment("2 hours ago", false), -7200);
    check_int(moment("1h30m", false), -5400);
    check_int(moment("1 hour 30 min ago", false), -5400);
    check_int(moment("90s", false), -90);
    check_int(moment("7d", false), -7 * 86400);
    check_int(moment("1W", false), -7 * 86400);
    check_int(moment("today", false), -36000);
    check_int(moment("today", true), 86400 - 36000);
    check_int(moment("yesterday", false), -86400 - 36000);
    check_int(moment("yesterday", true), -36000);
    check_int(moment("09:30", false), -1800);
    check_int(moment("10:00:01", false), 1);
}

TEST(a_line_with_a_day_that_is_none_has_no_moment)
{
    int64_t micros;
    char text[TIMESTAMP_TEXT];

    check(!timestamp_of_line((struct span){"0000-99-99T99:99:99.999Z", 24}, &micros));
    timestamp_show((struct span){"0000-99-99T99:99:99.999Z", 24}, true, text);
    check_text(text, "0000-99-99 99:99:99Z");
    check(timestamp_of_line((struct span){"2025-11-21T10:00:00.123456Z", 27}, &micros));
    check_int(micros, 1763719200123456);
    check(timestamp_of_line((struct span){"2025-11-21T10:00:00.1234567890123456789012345678901234567890123456789Z", 70}, &micros));
}

TEST(a_type_is_told_in_full_in_short_or_by_a_pattern)
{
    check_int(FITS("--type", "issued"), 1);
    check_int(FITS("--type", "CERTIFICATE.Issued"), 1);
    check_int(FITS("--type", "certwitness.certificate.issued"), 1);
    check_int(FITS("--type", "certificate"), 1);
    check_int(FITS("--type", "certificate.*"), 1);
    check_int(FITS("--type", "*ed"), 1);
    check_int(FITS("--type", "denied"), 0);
    check_int(FITS("--type", "denied,issued"), 1);
    check_int(FITS("--type", "denied", "--type", "issued"), 1);
    check_int(FITS("--type", "crl"), 0);
    check_int(FITS("--type", "isued"), -1);
    check_int(FITS("--type", ""), -1);
    check_int(FITS("--type", "issued,,"), -1);
    check_int(FITS("--type", "issued,"), 1);
    check_int(FITS("--type", ","), -1);
    check_int(FITS("--type", " denied ,\tissued "), 1);
    check_int(FITS("--type", "denied issued"), -1);
    check_int(FITS("--type", "crl.issued"), 0);
    type = "certwitness.crl.issued";
    check_int(FITS("--type", "issued"), 0);
    check_int(FITS("--type", "*issued"), 1);
    check_int(FITS("--type", "crl"), 1);
    type = "certwitness.ca.started";
    check_int(FITS("--type", "started"), 1);
    type = "certwitness.later.thing";
    check_int(FITS("--type", "certwitness.later.*"), 1);
    check_int(FITS("--type", "certwitness.later.thin"), 0);
    type = "certwitness.certificate.issued";
}

TEST(a_request_is_a_number_or_a_range)
{
    check_int(FITS("--request", "42"), 1);
    check_int(FITS("--request", "0042"), 1);
    check_int(FITS("--request", "40-42"), 1);
    check_int(FITS("--request", "1", "--request", "42-42"), 1);
    check_int(FITS("--request", "4"), 0);
    check_int(FITS("--request", "43-2147483647"), 0);
    check_int(FITS("--request", "42-"), -1);
    check_int(FITS("--request", "43-42"), -1);
    check_int(FITS("--request", "2147483648"), -1);
    check_int(FITS("--request", "-1"), -1);
    check_int(FITS("--request", "0x2a"), -1);
    check_int(FITS("--request", ""), -1);
    subject = NULL;
    check_int(FITS("--request", "0-2147483647"), 0);
    subject = "request/99999999999999";
    check_int(FITS("--request", "0-2147483647"), 0);
    subject = "request/42";
}

TEST(a_gap_is_about_the_requests_whose_events_were_lost)
{
    const char *before = data;

    type = "certwitness.journal.gap";
    subject = NULL;
    data = "{\"events\":2,\"requestIDs\":[7,42,\"x\",{}]}";
    check_int(FITS("--request", "42"), 1);
    check_int(FITS("--request", "8-41"), 0);
    data = "{\"events\":2,\"requestIDs\":\"42\"}";
    check_int(FITS("--request", "42"), 0);
    type = "certwitness.certificate.issued";
    subject = "request/42";
    data = before;
}

TEST(a_text_is_any_part_whatever_its_case_or_a_pattern_of_the_whole)
{
    check_int(FITS("--requester", "corp"), 1);
    check_int(FITS("--requester", "ZO\xc3\xab"), 1);
    check_int(FITS("--requester", "CORP\\zo\xc3\x8b"), 1);
    check_int(FITS("--requester", "corp?"), 0);
    check_int(FITS("--requester", "corp*"), 1);
    check_int(FITS("--requester", "*\\zo?"), 1);
    check_int(FITS("--requester", "*p*\\*o*?*"), 1);
    check_int(FITS("--requester", "corp\\zo\xc3\xab????"), 0);
    check_int(FITS("--requester", "alice"), 0);
    check_int(FITS("--requester", "alice", "--requester", "zo"), 1);
    check_int(FITS("--requester", ""), -1);
    check_int(FITS("--subject", "m\xc3\x9cller"), 1);
    check_int(FITS("--subject", "zoe@demo*"), 1);
    check_int(FITS("--subject", "cn=?.demo*"), 1);
    check_int(FITS("--subject", "bob"), 0);
    check_int(FITS("--template", "webserver"), 1);
    check_int(FITS("--template", "*.21.8.*"), 1);
    check_int(FITS("--template", "User"), 0);
    check_int(FITS("--requester", "zo", "--template", "user"), 0);
}

TEST(a_serial_number_is_the_same_in_every_spelling)
{
    check_int(FITS("--serial", "6d00002a"), 1);
    check_int(FITS("--serial", "0x6D00002A"), 1);
    check_int(FITS("--serial", "00:6d:00:00:2a"), 1);
    check_int(FITS("--serial", " 6d 00 00 2a "), 1);
    check_int(FITS("--serial", "6d00002"), 0);
    check_int(FITS("--serial", "6d00002a00"), 0);
    check_int(FITS("--serial", "0"), 0);
    check_int(FITS("--serial", "0x"), -1);
    check_int(FITS("--serial", "6g"), -1);
    check_int(FITS("--serial", ""), -1);
}

TEST(more_of_one_option_than_there_is_room_for_is_refused)
{
    const char *words[40] = {0};
    char long_word[GLOB_MAX + 2];

    for (int i = 0; i < 17; i++) words[2 * i] = "--request", words[2 * i + 1] = "1";
    words[2 * 14] = NULL;
    check_int(fits(words), 0);
    words[2 * 14] = "--request";
    check_int(fits(words), -1);
    for (int i = 0; i < 17; i++) words[2 * i] = "--type", words[2 * i + 1] = "issued";
    check_int(fits(words), 1);
    for (int i = 0; i < 17; i++) words[2 * i + 1] = "certwitness.later.*";
    check_int(fits(words), -1);
    words[2 * 16] = NULL;
    check_int(fits(words), 0);
    memset(long_word, 'a', sizeof long_word - 1);
    long_word[sizeof long_word - 1] = 0;
    check_int(FITS("--subject", long_word), -1);
    check_int(FITS("--type", long_word), -1);
    long_word[GLOB_MAX] = 0;
    check_int(FITS("--subject", long_word), 0);
}

TEST(data_that_is_not_as_the_recorder_writes_it_is_as_if_it_were_not_there)
{
    static const char *const odd[] = {
        "{}", "{\"request\":[],\"certificate\":7}", "{\"request\":{\"RequesterName\":42},\"certificate\":{\"SerialNumber\":null}}",
        "{\"certificate\":{\"RawCertificate\":\"MII\"},\"request\":{\"RawRequest\":\"!!!!\"}}",
        "{\"certificate\":{\"RawCertificate\":\"MIIB\"},\"request\":{\"RawRequest\":\"\"}}", "{\"request\":{\"RequesterName\":\"\"}}",
        "{[[[[[[[[[[[[[[}", "{\"request\"}", "{\"request\":}",
    };
    const char *before = data;

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        data = odd[i];
        check_int(FITS("--requester", "*"), 0);
        check_int(FITS("--subject", "*"), 0);
        check_int(FITS("--template", "*"), 0);
        check_int(FITS("--serial", "2a"), 0);
        check_int(FITS("--type", "issued"), 1);
    }
    data = before;
}
