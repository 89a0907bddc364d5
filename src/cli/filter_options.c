#include "filter_options.h"

#include "base/timestamp.h"
#include "base/shell_word.h"
#include "base/utc.h"
#include "cli/terminal/console.h"
#include "base/plural.h"
#include "events/filter_value.h"

#include <string.h>

static bool read_moment(const struct options *options, const char *name, bool last, bool local,
                        char out[24])
{
    const char *value = option_value(options, name);
    char text[UTC_TEXT_MAX];
    int64_t micros;

    if (!value) return true;
    if (!timestamp_read(value, local, last, os_now(), &micros) || !utc_text(micros, true, text)) {
        console_note("--%s needs a time in the years " TIMESTAMP_YEARS ", and \"%s\" is not one. "
                     "These are times: " TIMESTAMP_FORMS, name, value);
        return false;
    }
    memcpy(out, text, 23);              /* without its Z, as lines may have more decimals */
    out[23] = 0;
    return true;
}

static void note_type(struct span word)
{
    console_note("--type: there is no type of event \"%.*s\". These are types:", (int)word.size,
                 word.text);
    for (size_t i = 0; filter_type(i); i++) console_note("    %s", filter_type(i));
}

static void note_many(const char *name, enum filter_criterion criterion)
{
    if (criterion == FILTER_TYPES)
        console_note("--type has more than %d types that this version does not know", FILTER_MAX);
    else console_note("--%s was given more than %d times", name, FILTER_MAX);
}

static void note_wrong(const char *name, enum filter_criterion criterion, struct span wrong)
{
    switch (criterion) {
    case FILTER_TYPES:
        note_type(wrong);
        break;
    case FILTER_REQUESTS:
        console_note(
            "--request needs a RequestID or a range of them (42, 40-50), and \"%s\" is not one",
            wrong.text);
        break;
    case FILTER_SERIALS:
        console_note(
            "--serial needs a serial number in hexadecimal, as in 6d:00:2a, and \"%s\" is not one",
            wrong.text);
        break;
    case FILTER_REQUESTERS:
    case FILTER_SUBJECTS:
    case FILTER_TEMPLATES:
        console_note("--%s needs a text of at most %d bytes that is not empty", name, GLOB_MAX);
        break;
    }
}

static bool read_values(struct filter *filter, const struct options *options, const char *name,
                        enum filter_criterion criterion)
{
    const char *value;
    struct span wrong;
    unsigned at = 0;

    while ((value = option_next(options, name, &at)))
        switch (filter_value_add(filter, criterion, value, &wrong)) {
        case FILTER_VALUE_TAKEN: break;
        case FILTER_VALUE_WRONG: note_wrong(name, criterion, wrong); return false;
        case FILTER_VALUE_MANY:  note_many(name, criterion); return false;
        }
    return true;
}

static bool is_filter(const char *name)
{
    static const struct option_row rows[] = {FILTER_OPTIONS};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value && !strcmp(rows[i].name, name)) return true;
    return false;
}

void filter_options_note_none(const struct options *options, const char *path, uint64_t looked_at)
{
    struct bytes text = {0};

    for (unsigned i = 0; i < options->given_count; i++) {
        if (!is_filter(options->given[i].row->name)) continue;
        bytes_add_text(&text, " --");
        bytes_add_text(&text, options->given[i].row->name);
        bytes_add_text(&text, " ");
        shell_word_add(&text, SHELL_HERE, options->given[i].value);
    }
    bytes_add(&text, "", 1);
    if (text.size > 1 && !text.failed && looked_at)
        console_note("%s: none of the %llu %s read fits%s", path, (unsigned long long)looked_at,
                     plural(looked_at, "event that was", "events that were"), text.data);
    bytes_free(&text);
}

bool filter_options_read(struct filter *filter, const struct options *options)
{
    memset(filter, 0, sizeof *filter);
    filter->local = option_given(options, "local");
    return read_moment(options, "since", false, filter->local, filter->since) &&
           read_moment(options, "until", true, filter->local, filter->until) &&
           read_values(filter, options, "type", FILTER_TYPES) &&
           read_values(filter, options, "request", FILTER_REQUESTS) &&
           read_values(filter, options, "requester", FILTER_REQUESTERS) &&
           read_values(filter, options, "subject", FILTER_SUBJECTS) &&
           read_values(filter, options, "template", FILTER_TEMPLATES) &&
           read_values(filter, options, "serial", FILTER_SERIALS);
}
