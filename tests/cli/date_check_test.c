/* Whether a CA tells dates in UTC shows beside what its certificates say. */
#include "journal/line.h"
#include "events/date_check.h"
#include "lib/test.h"

#include <stdio.h>
#include <string.h>

/* Made by openssl: valid from 2026-07-01T10:00:00Z to 2027-01-01T10:00:00Z. */
static const char certificate[] =
    "MIIBbTCCAROgAwIBAgIUKhLmz/IcdIqoxJrsNuifbq6g1DcwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBZDAeFw0yNjA3MDExMDAwMDBaFw0yNz"
    "AxMDExMDAwMDBaMAwxCjAIBgNVBAMMAWQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQVqbM30vLHFM97CovM1S2Cz6+kGI7fyg6j1i+Mt6OZ"
    "GhXo4QMrjCj2PPZL95Odl3YDdwGxjNClKAC7nXLeI+tuo1MwUTAdBgNVHQ4EFgQUKSsqv7Njz/yIDJkfjWWO92fEF+YwHwYDVR0jBBgwFoAUKS"
    "sqv7Njz/yIDJkfjWWO92fEF+YwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiALSoDKK/Rl7/wJaGpcz/lyiNSK/3pU5BQjF12T"
    "XEPaiwIhAOONB95z1BB6qK9JxNJsojAoRRWOK5SaGhGkQ06WQirM";

static void add(struct date_check *check, const char *before, const char *after, const char *raw)
{
    static struct event event;
    struct line line = {0};
    char data[4096];

    line.data.size = (size_t)snprintf(data, sizeof data, "{\"certificate\":{%s%s%s%s%s%s\"RawCertificate\":\"%s\"}}", before ? "\"NotBefore\":\"" : "",
                                      before ? before : "", before ? "\"," : "", after ? "\"NotAfter\":\"" : "", after ? after : "",
                                      after ? "\"," : "", raw);
    line.data.text = data;
    event_set(&event, &line);
    date_check_add(check, &event);
    event_free(&event);
    memset(&event, 0, sizeof event);
}

static const char *said(const struct date_check *check)
{
    static char text[1024];
    struct bytes out = {0};

    date_check_tell(check, &out);
    snprintf(text, sizeof text, "%s: %.*s", date_verdict_word(date_check_verdict(check)), (int)out.size, out.data);
    bytes_free(&out);
    return text;
}

static const char *said_of(const char *before, const char *after)
{
    struct date_check check = {0};

    add(&check, before, after, certificate);
    return said(&check);
}

static void check_word(const char *text, const char *word)
{
    char want[32], got[32];

    snprintf(want, sizeof want, "%s:", word);
    snprintf(got, sizeof got, "%.*s", (int)strlen(want), text);
    check_text(got, want);
}

TEST(dates_that_the_certificate_has_too_are_utc)
{
    check_word(said_of("2026-07-01T10:00:00Z", "2027-01-01T10:00:00Z"), "UTC");
    check_word(said_of("2026-07-01T10:00:00.999Z", NULL), "UTC");
    check_word(said_of(NULL, "2027-01-01T09:59:01Z"), "UTC");           /* rounded to the minute */
}

TEST(dates_that_are_off_by_what_a_time_zone_is_are_local)
{
    check_text(said_of("2026-07-01T12:00:00Z", "2027-01-01T11:00:00Z"),
               "local: The CA reports dates in local time, not in UTC: NotBefore and NotAfter are off by +01:00 to +02:00 from those in the certificate "
               "(2 of 2 dates). The dates in the certificates are right; other dates of the CA (SubmittedWhen, RevokedWhen) "
               "will be off likewise.");
    check_word(said_of("2026-07-01T11:00:00Z", "2027-01-01T10:00:00Z"), "local");       /* London */
    check_word(said_of("2026-07-01T03:00:10Z", "2027-01-01T02:00:00Z"), "local");
    check_word(said_of("2026-07-01T15:45:00Z", "2027-01-01T15:45:00Z"), "local");       /* Kathmandu */
    check_word(said_of("2026-07-01T00:30:00Z", "2027-01-01T00:30:00Z"), "local");
}

TEST(dates_that_no_time_zone_explains_are_mixed)
{
    check_word(said_of("2026-07-01T10:07:00Z", "2027-01-01T10:00:00Z"), "mixed");
    check_word(said_of("2026-07-01T10:00:00Z", "2027-01-02T10:00:00Z"), "mixed");
    check_word(said_of("2026-07-01T05:00:00Z", "2027-01-01T12:00:00Z"), "mixed");
    check_word(said_of("1970-01-01T00:00:00Z", "2999-12-31T23:59:59Z"), "mixed");
}

TEST(what_cannot_be_compared_counts_for_nothing)
{
    static const char *const dates[] = {"", "Z", "yesterday", "2026-07-01", "2026-07-01T10:00:00", "2026-13-01T10:00:00Z", "0000-00-00T00:00:00Z",
                                        "2026-07-01T10:00:00Z\\u0000", "9999-12-31T23:59:59Z", NULL};
    struct date_check check = {0};

    for (const char *const *date = dates; *date; date++) check_word(said_of(*date, *date), "not compared");
    check_word(said_of(NULL, NULL), "not compared");
    add(&check, "2026-07-01T12:00:00Z", NULL, "");
    add(&check, "2026-07-01T12:00:00Z", NULL, "MIIB");
    add(&check, "2026-07-01T12:00:00Z", NULL, "~");
    check_word(said(&check), "not compared");
    check(!check.certificates);
}

TEST(the_verdict_is_of_all_that_were_added)
{
    struct date_check check = {0};

    for (int i = 0; i < 10; i++) add(&check, "2026-07-01T10:00:00Z", "2027-01-01T10:00:00Z", certificate);
    check_word(said(&check), "UTC");
    check(check.certificates == 10 && check.compared == 20);
    add(&check, "2026-07-01T05:00:00Z", "2027-01-01T05:00:00Z", certificate);
    check_word(said(&check), "mixed");
}
