/* Judging the files that a module wrote. */
#include "expectations.h"

#include "found_files.h"
#include "stubca/base/heap.h"
#include "stubca/base/range.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

/* What is not as the step expects, of what was found; NULL: all is. The caller frees. */

static char *wrong_number(const struct step *step, const char *key, unsigned long long number)
{
    const char *text = step_value(step, key, NULL);
    struct range range;
    char *expected, *why;

    if (!text || !range_read(text, &range) || (number >= range.least && number <= range.most))
        return NULL;
    expected = range_spoken(&range);
    why = text_format("%s is %llu; expected %s", key, number, expected);
    free(expected);
    return why;
}

static char *wrong_words(const struct step *step, const struct found_files *found)
{
    const char *words;
    size_t place = 0;

    while ((words = step_next_value(step, "contains", &place))) {
        if (!found_files_hold(found, words))
            return text_format("\"%s\" does not stand in it; expected it to", words);
    }
    place = 0;
    while ((words = step_next_value(step, "lacks", &place))) {
        if (found_files_hold(found, words))
            return text_format("\"%s\" stands in it; expected it not to", words);
    }
    return NULL;
}

static char *wrong_files(const struct step *step, const struct found_files *found)
{
    bool missing = !strcmp(step_value(step, "expect", "there"), "missing");
    char *why;

    if (missing)
        return found->count ? text_format("%s is there; expected none", found->files[0].path)
                            : NULL;
    if ((why = wrong_number(step, "count", found->count))) return why;
    if (!found->count && !step_value(step, "count", NULL))
        return heap_text("there is none; expected it to be there");
    if ((why = wrong_number(step, "size", found_files_size(found)))) return why;
    if ((why = wrong_number(step, "lines", found_files_lines(found)))) return why;
    return wrong_words(step, found);
}

static bool looks_inside(const struct step *step)
{
    return step_value(step, "size", NULL) || step_value(step, "lines", NULL) ||
           step_value(step, "contains", NULL) || step_value(step, "lacks", NULL);
}

static char *look_for_files(const struct step *step, char **seen)
{
    struct reason reason = {""};
    bool look = looks_inside(step);
    struct found_files found;
    char *why;

    *seen = NULL;
    if (FAILED(found_files_open(step->words[0], look, &found, &reason)))
        return heap_text(reason.text);
    why = wrong_files(step, &found);
    if (look)
        *seen = text_format("%llu bytes, %llu lines", found_files_size(&found),
                            found_files_lines(&found));
    found_files_close(&found);
    return why;
}

/* A module may write on a thread of its own: it is given the time that the step says. */
void expectation_files(const struct step *step)
{
    ULONGLONG until = GetTickCount64() + (ULONGLONG)step_number(step, "within-ms", 0);
    char *seen, *why, *whole;

    while ((why = look_for_files(step, &seen)) && GetTickCount64() < until) {
        free(seen);
        free(why);
        Sleep(20);
    }
    whole = text_format("file %s: %s", step->words[0], why ? why : "");
    if (why) expectation_failed(step, whole);
    else expectation_met(step);
    if (seen) tap_note("%s", seen);
    free(seen);
    free(whole);
    free(why);
}
