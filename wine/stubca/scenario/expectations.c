/* Judging steps. */
#include "expectations.h"

#include "stubca/base/heap.h"
#include "stubca/host/modules.h"
#include "stubca/base/range.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

const char *const outcome_words[] = {
    [OUTCOME_ERROR] = "in error",      [OUTCOME_REFUSED] = "refused",
    [OUTCOME_ISSUED] = "issued",       [OUTCOME_PENDING] = "pending",
    [OUTCOME_DENIED] = "denied",       [OUTCOME_FAILED] = "failed",
    [OUTCOME_REVOKED] = "revoked",     [OUTCOME_RELEASED] = "released",
    [OUTCOME_PUBLISHED] = "published", [OUTCOME_IMPORTED] = "imported",
    [OUTCOME_CHANGED] = "changed",     [OUTCOME_DELETED] = "deleted",
    [OUTCOME_RECOVERED] = "recovered", [OUTCOME_STARTED] = "started",
};

static __thread double began;           /* as now_ms counts */

static double now_ms(void)
{
    LARGE_INTEGER now, frequency;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return (double)now.QuadPart * 1000 / (double)frequency.QuadPart;
}

void expectation_begins(const struct step *step)
{
    tap_at(step->file, step->line);
    modules_told();                     /* what earlier steps told of is not this one's */
    began = now_ms();
}

/* What a step's words say, "submit alice". The caller frees. */
static char *step_text(const struct step *step)
{
    char *text = heap_text(verb_name(step->verb));

    for (int i = 0; i < step->word_count; i++) {
        char *longer = text_format("%s %s", text, step->words[i]);

        free(text);
        text = longer;
    }
    return text;
}

/* Does the number lie in the range of that key? NULL where it does or the step has no such key,
 * else why not. */
static char *out_of_range(const struct step *step, const char *key, double number, const char *what)
{
    const char *text = step_value(step, key, NULL);
    struct range range;
    char *expected, *why;

    if (!text || !range_read(text, &range)) return NULL;
    if (number >= (double)range.least && number <= (double)range.most) return NULL;
    expected = range_spoken(&range);
    why = text_format("%s took %.1f ms; expected %s", what, number, expected);
    free(expected);
    return why;
}

static char *wrong_return(const struct step *step, HRESULT returned)
{
    const char *expected = step_value(step, "returns", NULL);

    if (!expected || (HRESULT)strtoul(expected, NULL, 0) == returned) return NULL;
    return text_format("Notify returned 0x%08lx; expected %s", (unsigned long)returned, expected);
}

/* What is expected of Notify and of time; NULL where it holds. The caller frees. */
static char *wrong_with_notify(const struct step *step)
{
    struct told told = modules_told();
    bool asked = step_value(step, "notify-ms", NULL) || step_value(step, "returns", NULL);
    char *why = out_of_range(step, "took-ms", now_ms() - began, "it");

    if (!why && asked && !told.events)
        why = heap_text("no module was told of anything; expected one to be");
    if (!why)
        why = out_of_range(step, "notify-ms", told.least_ms,
                           told.events > 1 ? "the quickest Notify" : "Notify");
    return why ? why : wrong_return(step, told.returned);
}

/* The line, if all else is right. `suffix` says more of it. */
static void say_ok(const struct step *step, const char *suffix, const char *note)
{
    char *text = step_text(step), *why = wrong_with_notify(step);

    tap_result(!why, "%s%s", text, suffix);
    if (why) tap_reason("%s: %s", text, why);
    if (*note) tap_note("%s", note);
    free(text);
    free(why);
}

void expectation_met(const struct step *step)
{
    say_ok(step, "", "");
}

void expectation_failed(const struct step *step, const char *why)
{
    char *text = step_text(step);

    tap_result(false, "%s", text);
    tap_reason("%s", why);
    free(text);
}

void expectation_verdict(const struct step *step, const struct verdict *verdict, enum outcome usual)
{
    const char *expected = step_value(step, "expect", outcome_words[usual]),
               *got = outcome_words[verdict->outcome];
    const char *status = step_value(step, "status", NULL);
    bool right_status = !status || (HRESULT)strtoul(status, NULL, 0) == verdict->status;
    char *text = step_text(step);
    char *id =
        verdict->request_id ? text_format(", request %ld", verdict->request_id) : heap_text("");
    char *suffix = text_format(": %s%s", got, id);

    if (!strcmp(expected, got) && right_status) {
        say_ok(step, suffix, verdict->reason.text);
    } else {
        tap_result(false, "%s%s", text, suffix);
        tap_reason("%s is %s (0x%08lx)%s%s; expected %s%s%s", text, got,
                   (unsigned long)verdict->status, *verdict->reason.text ? ": " : "",
                   verdict->reason.text, expected, status ? " with status " : "",
                   status ? status : "");
    }
    free(text);
    free(id);
    free(suffix);
}
