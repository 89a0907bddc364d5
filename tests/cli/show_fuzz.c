/*
 * A line that was forged, through all that `show` makes of it: the table at several widths, everything decoded, JSON, every filter. What comes
 * out has to be plain, and no line longer than the terminal.
 */
#include "base/json_check.h"
#include "base/utf8.h"
#include "cli/terminal/console.h"
#include "cli/show/event_show.h"
#include "cli/show/event_columns.h"
#include "cli/show/event_table.h"
#include "cli/filter_options.h"
#include "lib/line_make.h"

#include <stdlib.h>
#include <string.h>

static void must(bool good)
{
    if (!good) abort();
}

/* Nothing that steers a terminal; rows of at most `columns`, 0: of any length. */
static void check_plain(const struct bytes *out, unsigned columns)
{
    uint32_t point;

    for (size_t at = 0, start = 0, length; at < out->size; at += length) {
        length = utf8_next(out->data + at, out->size - at, &point);
        must(point == '\n' || utf8_is_plain(point));
        if (point != '\n') continue;
        must(!columns || console_columns(out->data + start, at - start) <= columns);
        start = at + 1;
    }
}

static const struct option_row options[] = {FILTER_OPTIONS, {0}};

static const struct filter *filter(void)
{
    static char *argv[] = {(char *)"show", (char *)"--requester", (char *)"*a?", (char *)"--requester", (char *)"*", (char *)"--serial", (char *)"2a", (char *)"--template", (char *)"*e*",
                           (char *)"--subject", (char *)"zo\xc3\xab", (char *)"--request", (char *)"0-99", NULL};
    static struct options given;
    static struct filter made;
    static bool is_made;

    if (!is_made) must(options_parse(&given, options, 13, argv) && filter_options_read(&made, &given));
    is_made = true;
    return &made;
}

/* What was as deep as a line may be is deeper with an object around it. */
static unsigned openings(struct span text)
{
    unsigned count = 0;

    for (size_t i = 0; i < text.size; i++) count += text.text[i] == '{' || text.text[i] == '[';
    return count;
}

/* Every column, in a table and as CSV: nothing steers a terminal, and the row ends in CR and LF. */
static void show_csv(struct event *event, const struct template_names *names, struct bytes *out)
{
    struct event_columns columns;
    struct event_table table;
    struct csv csv = {.out = out};

    event_columns_all(&columns);
    event_table_begin(&table, 0, false, names);
    table.chosen = &columns;
    out->size = 0;
    event_table_row(&table, event, out);
    check_plain(out, 0);
    event_table_free(&table);
    out->size = 0;
    event_columns_csv(&columns, event, names, &csv);
    if (out->failed) return;
    must(out->size > 2 && out->data[out->size - 2] == '\r');
    out->data[--out->size - 1] = '\n';
    check_plain(out, 0);
}

static void show(struct event *event)
{
    struct template_names names = {0};
    static const unsigned widths[] = {0, 53, 80, 120, 160};
    static struct json_check json;
    struct bytes out = {.limit = 64 << 20};

    template_names_learn(&names, event);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++, out.size = 0) {
        struct event_table table;

        event_table_begin(&table, widths[i], i % 2, &names);
        event_table_row(&table, event, &out);
        event_table_free(&table);
        check_plain(&out, widths[i]);
    }
    event_show(event, &names, true, &out);
    check_plain(&out, 0);
    out.size = 0;
    event_show_line(event, &out);
    check_plain(&out, 0);
    out.size = 0;
    event_show_json(event, &names, &out);
    check_plain(&out, 0);
    must(out.failed || openings(event->line.data) >= JSON_CHECK_DEPTH - 4 || json_check(&json, out.data, out.size, NULL) == JSON_GOOD);
    show_csv(event, &names, &out);
    bytes_free(&out);
    template_names_free(&names);
    filter_takes(filter(), event);
}

/* The input is a type, a LF, and the data of a line that is made around it. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct line_place place = {"0f0ef3ce-0000-4000-8000-000000000000", "/adcs/ca/ca", 2, line_no_hash, 1};
    const uint8_t *end = memchr(input, '\n', size);
    static struct json_check json;
    char hash[LINE_HASH_SIZE + 1], type[LINE_TYPE_MAX + 1] = "";
    struct event event = {0};
    struct bytes text = {0};
    struct line line;

    if (!end || end - input > LINE_TYPE_MAX) return 0;
    memcpy(type, input, (size_t)(end - input));
    if (strlen(type) != (size_t)(end - input)) return 0;
    size -= (size_t)(end + 1 - input);
    if (SUCCEEDED(line_make(&text, &place, type, "request/42", 1763719200123456, (struct span){(const char *)end + 1, size}, hash)) &&
        line_read(text.data, text.size, &line) == LINE_OK && json_check(&json, text.data, text.size, NULL) == JSON_GOOD) {
        event_set(&event, &line);
        show(&event);
    }
    event_free(&event);
    bytes_free(&text);
    return 0;
}
