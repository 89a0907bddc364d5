#include "delivery_report.h"

#include "base/json_doc.h"
#include "base/plural.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define SENTENCE_MAX 2048

/* One destination of the report. */
struct reported {
    const struct json_doc *doc;
    json_at at;
    struct bytes name, why, journal;    /* with their zeros */
    int64_t parked, lag, lag_s;
};

static void reported_problem(struct bytes *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void reported_problem(struct bytes *problems, const char *format, ...)
{
    char text[SENTENCE_MAX];
    va_list options;

    va_start(options, format);
    vsnprintf(text, sizeof text, format, options);
    va_end(options);
    bytes_add(problems, text, strlen(text) + 1);
}

static bool reported_is(const struct reported *reported, const char *state)
{
    return json_doc_is(reported->doc, json_find(reported->doc, reported->at, "state"), state);
}

static void reported_text(const struct reported *reported, const char *key, struct bytes *out)
{
    json_doc_text(reported->doc, json_find(reported->doc, reported->at, key), out);
    bytes_add(out, "", 1);
}

static int64_t reported_number(const struct reported *reported, const char *key)
{
    int64_t number = 0;

    json_doc_number(reported->doc, json_find(reported->doc, reported->at, key), &number);
    return number;
}

static void reported_show_text(const struct reported *reported, struct outline *outline,
                               const char *key, const char *label)
{
    struct bytes text = {0};

    if (json_doc_text(reported->doc, json_find(reported->doc, reported->at, key), &text))
        outline_text(outline, key, label, text.data, text.size);
    bytes_free(&text);
}

static void reported_show(const struct reported *reported, struct outline *outline)
{
    outline_group(outline, NULL, "Destination", NULL);
    reported_show_text(reported, outline, "name", "Name");
    reported_show_text(reported, outline, "kind", "Kind");
    reported_show_text(reported, outline, "state", "State");
    outline_number(outline, "sequence", "Delivered up to sequence",
                   reported_number(reported, "sequence"));
    outline_number(outline, "lag", "Behind by lines", reported->lag);
    outline_number(outline, "lagSeconds", "Behind by seconds", reported->lag_s);
    reported_show_text(reported, outline, "retention", "Lag beside RetainDays");
    outline_number(outline, "parked", "Parked lines", reported->parked);
    reported_show_text(reported, outline, "lastError", "Last error");
    reported_show_text(reported, outline, "journal", "Journal");
    outline_close(outline);
}

/* False: it is in none of these states. */
static bool reported_judge_state(const struct reported *reported, struct bytes *problems)
{
    const char *name = reported->name.data, *why = reported->why.data;

    if (reported_is(reported, "damaged"))
        reported_problem(problems,
                         "The delivery to %s: its state on disk is damaged, and nothing is sent. "
                         "See which line its far end has last, then say where to go on: "
                         "certwitness-delivery seek.",
                         name);
    else if (reported_is(reported, "halted"))
        reported_problem(problems,
                         "The delivery to %s has halted: %s. Do what that says, then restart the "
                         "service (Restart-Service CertWitnessDelivery).",
                         name, why);
    else if (reported_is(reported, "unknown"))
        reported_problem(problems,
                         "The delivery to %s: the delivery runs, and this destination tells "
                         "nothing of itself. It cannot write into the folder of the state (is the "
                         "disk full?), or was not in the configuration when the delivery began "
                         "(Restart-Service CertWitnessDelivery). Entries 400 to 409 of the log "
                         "CertWitness-Journal say more.",
                         name);
    else if (*why)
        reported_problem(problems,
                         reported_is(reported, "not running")
                             ? "The delivery to %s failed when it ran last: %s."
                             : "The delivery to %s fails, and is tried again: %s.",
                         name, why);
    else return false;
    return true;
}

static void reported_judge(const struct reported *reported, struct bytes *problems)
{
    const char *name = reported->name.data;
    int64_t minutes = reported->lag_s / 60;
    bool told = reported_judge_state(reported, problems);

    if (*reported->journal.data && strcmp(reported->journal.data, reported->why.data)) {
        reported_problem(problems, "The delivery to %s: %s.", name, reported->journal.data);
        told = true;
    }
    if (reported->parked)
        reported_problem(problems,
                         "The delivery to %s: its far end has refused %" PRIi64 " %s. To see why: "
                         "certwitness-delivery parked. To send again: certwitness-delivery retry.",
                         name, reported->parked,
                         plural((uint64_t)reported->parked, "line", "lines"));
    else if (!told)
        reported_problem(problems,
                         "The delivery to %s is behind by %" PRIi64 " %s, the oldest of %" PRIi64
                         " %s ago. Entries 400 to 409 of the log CertWitness-Journal say why.",
                         name, reported->lag, plural((uint64_t)reported->lag, "line", "lines"),
                         minutes, plural((uint64_t)minutes, "minute", "minutes"));
}

static void reported_take(const struct json_doc *doc, json_at at, struct outline *outline,
                          struct bytes *problems)
{
    struct reported reported = {.doc = doc, .at = at};

    reported.parked = reported_number(&reported, "parked");
    reported.lag = reported_number(&reported, "lag");
    reported.lag_s = reported_number(&reported, "lagSeconds");
    reported_text(&reported, "name", &reported.name);
    reported_text(&reported, "lastError", &reported.why);
    reported_text(&reported, "journal", &reported.journal);
    if (reported.name.failed || reported.why.failed || reported.journal.failed)
        bytes_fail(problems);
    else {
        reported_show(&reported, outline);
        if (json_kind(doc, json_find(doc, at, "wrong")) == JSON_TRUE)
            reported_judge(&reported, problems);
    }
    bytes_free(&reported.name);
    bytes_free(&reported.why);
    bytes_free(&reported.journal);
}

bool delivery_report_show(struct span report, struct outline *outline, struct bytes *problems)
{
    struct json_doc doc = {0};
    json_at list, each = JSON_NONE;
    bool good = json_doc_parse(&doc, report) &&
                json_kind(&doc, list = json_find(&doc, JSON_ROOT, "destinations")) == JSON_ARRAY;

    if (good) {
        outline_list(outline, "destinations", NULL);
        while ((each = json_next(&doc, list, each)) != JSON_NONE)
            reported_take(&doc, each, outline, problems);
        outline_close(outline);
    }
    json_doc_free(&doc);
    return good;
}
