#include "filter_options.h"

#include "base/timestamp.h"
#include "base/shell_word.h"
#include "base/utc.h"
#include "cli/terminal/console.h"
#include "journal/line.h"
#include "base/plural.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool read_moment(const struct options *options, const char *name, bool last, bool local,
                        char out[24])
{
    const char *value = option_value(options, name);
    char text[UTC_TEXT_MAX];
    int64_t micros;

    if (!value) return true;
    if (!timestamp_read(value, local, last, os_now(), &micros) || !utc_text(micros, true, text)) {
        console_note("--%s needs a time, and \"%s\" is not one. These are times: " TIMESTAMP_FORMS,
                     name, value);
        return false;
    }
    memcpy(out, text, 23);              /* without its Z, as lines may have more decimals */
    out[23] = 0;
    return true;
}

static bool note_type(const char *word)
{
    console_note("--type: there is no type of event \"%s\". These are types:", word);
    for (size_t i = 0; filter_type(i); i++) console_note("    %s", filter_type(i));
    return false;
}

static bool read_type(struct filter *filter, const char *word)
{
    uint32_t found = filter_types_like(word);

    filter->types |= found;
    if (found) return true;
    if (strncasecmp(word, FILTER_TYPE_PREFIX, sizeof FILTER_TYPE_PREFIX - 1))
        return note_type(word);
    if (filter->unknown_count < FILTER_MAX &&
        glob_read(&filter->unknown[filter->unknown_count], word)) {
        filter->unknown[filter->unknown_count++].whole =
            true; /* a type that a later version may have */
        return true;
    }
    return note_type(word);
}

static bool read_types(struct filter *filter, const struct options *options)
{
    const char *value;
    unsigned at = 0;

    while ((value = option_next(options, "type", &at))) {
        do {
            char word[LINE_TYPE_MAX + 1];
            size_t size = strcspn(value, ",");

            if (size >= sizeof word) return note_type(value);
            memcpy(word, value, size);
            word[size] = 0;
            if (!read_type(filter, word)) return false;
            value += size;
        } while (*value && *++value);
    }
    return true;
}

static bool room_for(const char *name, unsigned count)
{
    if (count < FILTER_MAX) return true;
    console_note("--%s was given more than %d times", name, FILTER_MAX);
    return false;
}

static bool filter_options_number_of(const char **at, int64_t *number)
{
    size_t digits = strspn(*at, "0123456789");

    if (!digits || digits > 10) return false;
    *number = strtoll(*at, NULL, 10);
    *at += digits;
    return *number <= INT32_MAX;
}

static bool read_requests(struct filter *filter, const struct options *options)
{
    const char *value;
    unsigned at = 0;

    while ((value = option_next(options, "request", &at))) {
        int64_t first, last;
        const char *end = value;
        bool good = filter_options_number_of(&end, &first);

        if (!room_for("request", filter->request_count)) return false;
        last = first;
        if (good && *end == '-') end++, good = filter_options_number_of(&end, &last);
        if (!good || *end || last < first) {
            console_note(
                "--request needs a RequestID or a range of them (42, 40-50), and \"%s\" is not one",
                value);
            return false;
        }
        filter->requests[filter->request_count].first = first;
        filter->requests[filter->request_count++].last = last;
    }
    return true;
}

static bool read_patterns(const struct options *options, const char *name,
                          struct glob patterns[FILTER_MAX], unsigned *count)
{
    const char *value;
    unsigned at = 0;

    while ((value = option_next(options, name, &at))) {
        if (!room_for(name, *count)) return false;
        if (!glob_read(&patterns[(*count)++], value)) {
            console_note("--%s needs a text of at most %d bytes that is not empty", name, GLOB_MAX);
            return false;
        }
    }
    return true;
}

static bool read_serials(struct filter *filter, const struct options *options)
{
    const char *value;
    unsigned at = 0;

    while ((value = option_next(options, "serial", &at))) {
        if (!room_for("serial", filter->serial_count)) return false;
        if (filter_serial(value, strlen(value), filter->serials[filter->serial_count++])) continue;
        console_note(
            "--serial needs a serial number in hexadecimal, as in 6d:00:2a, and \"%s\" is not one",
            value);
        return false;
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
           read_types(filter, options) && read_requests(filter, options) &&
           read_patterns(options, "requester", filter->requesters, &filter->requester_count) &&
           read_patterns(options, "subject", filter->subjects, &filter->subject_count) &&
           read_patterns(options, "template", filter->templates, &filter->template_count) &&
           read_serials(filter, options);
}
