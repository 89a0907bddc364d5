/* What `status` makes of the report of a delivery. */
#include "lib/test.h"

#include "cli/status/delivery_report.h"

#include <string.h>

#define WHOLE(destinations) "{\"running\":true,\"destinations\":[" destinations "]}"
#define ONE(more) WHOLE("{\"name\":\"hub\",\"kind\":\"http\"," more "}")

static struct bytes out, problems;

static bool show(const char *report, bool as_json)
{
    struct outline outline;
    bool good;

    bytes_free(&out);
    bytes_free(&problems);
    outline_begin(&outline, &out, as_json);
    outline_group(&outline, as_json ? NULL : "delivery", "Delivery", NULL);
    good = delivery_report_show((struct span){report, strlen(report)}, &outline, &problems);
    outline_close(&outline);
    bytes_add(&out, "", 1);
    return good;
}

static unsigned sentences(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < problems.size; i++) count += !problems.data[i];
    return count;
}

static bool says(const char *words)
{
    for (size_t at = 0; at < problems.size; at += strlen(problems.data + at) + 1)
        if (strstr(problems.data + at, words)) return true;
    return false;
}

TEST(a_destination_that_is_fine_is_shown_and_nothing_is_wrong)
{
    check(show(ONE("\"state\":\"delivers\",\"wrong\":false,\"sequence\":42,\"lag\":3,\"lagSeconds\":9,\"parked\":0"), false));
    check(strstr(out.data, "Name: hub\n") && strstr(out.data, "State: delivers\n") && strstr(out.data, "Delivered up to sequence: 42\n"));
    check(!strstr(out.data, "Last error"));
    check_int(problems.size, 0);
    check(show(WHOLE(""), true));
    check_text(out.data, "{\"destinations\":[]}\n");
}

TEST(each_thing_that_is_wrong_is_a_sentence_with_what_to_do)
{
    static const struct { const char *report; unsigned count; const char *words[2]; } cases[] = {
        {ONE("\"state\":\"damaged\",\"wrong\":true,\"lag\":0,\"parked\":0"), 1, {"to hub: its state on disk is damaged", "seek"}},
        {ONE("\"state\":\"halted\",\"wrong\":true,\"parked\":0,\"lastError\":\"it was set back\""), 1, {"to hub has halted: it was set back.", "Restart-Service"}},
        {ONE("\"state\":\"fails\",\"wrong\":true,\"parked\":2,\"lastError\":\"no route\""), 2, {"to hub fails, and is tried again: no route.", "refused 2 lines."}},
        {ONE("\"state\":\"unknown\",\"wrong\":true,\"lag\":20,\"parked\":0"), 1, {"to hub: the delivery runs, and this destination tells nothing", "disk full"}},
        {ONE("\"state\":\"not running\",\"wrong\":true,\"lastError\":\"no route\""), 1, {"to hub failed when it ran last: no route.", ""}},
        {ONE("\"state\":\"delivers\",\"wrong\":true,\"parked\":1"), 1, {"refused 1 line.", "retry"}},
        {ONE("\"state\":\"not running\",\"wrong\":true,\"parked\":0,\"lag\":1,\"lagSeconds\":60"), 1, {"behind by 1 line, the oldest of 1 minute ago", "400 to 409"}},
        {ONE("\"state\":\"halted\",\"wrong\":false"), 0, {"", ""}},
        {ONE("\"state\":\"not running\",\"wrong\":true,\"journal\":\"it is away\""), 1, {"The delivery to hub: it is away.", ""}},
        {ONE("\"state\":\"fails\",\"wrong\":true,\"lastError\":\"no route\",\"journal\":\"it is away\""), 2, {"no route.", "to hub: it is away."}},
        {ONE("\"state\":\"fails\",\"wrong\":true,\"lastError\":\"it is away\",\"journal\":\"it is away\""), 1, {"is tried again: it is away.", ""}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(show(cases[i].report, true));
        check_int(sentences(), cases[i].count);
        for (int k = 0; k < 2 && cases[i].count; k++) check(says(cases[i].words[k]));
    }
}

TEST(a_hostile_far_end_steers_nothing_and_what_is_no_report_is_refused)
{
    static char report[20000];
    static const char *const wrong[] = {"", "{}", "[]", "{\"destinations\":{}}", "{\"destinations\":[", "certwitness-delivery: no", "{\"destinations\":[]} x"};

    check(show(ONE("\"state\":\"fails\",\"wrong\":true,\"lastError\":\"\\u001b[2J\\u202e\\u0000x\""), false));
    check(!memchr(out.data, 27, out.size) && strstr(out.data, "\\u{1b}[2J\\u{202e}"));
    memset(report, 'n', sizeof report);
    memcpy(report, "{\"destinations\":[{\"wrong\":true,\"lastError\":\"", 44);
    strcpy(report + sizeof report - 5, "\"}]}");
    check(show(report, true));
    check_int(sentences(), 1);
    check(show("{\"destinations\":[null,7,{\"name\":3,\"parked\":\"x\",\"wrong\":true}]}", true));
    check_int(sentences(), 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        check(!show(wrong[i], true));
        check_text(out.data, "{}\n");
    }
    bytes_free(&out);
    bytes_free(&problems);
}
