#include "verify_report.h"

#include "cli/terminal/console.h"
#include "base/timestamp.h"
#include "cli/terminal/paragraph.h"

#include <inttypes.h>
#include <string.h>

static void flush(struct report *report)
{
    console_write(report->out.data, report->out.failed ? 0 : report->out.size);
    bytes_reset(&report->out, 65536);
}

void report_begin(struct report *report, bool as_json, bool quiet, const char *path)
{
    *report = (struct report){.as_json = as_json, .quiet = quiet};
    report->json.out = &report->out;
    if (as_json) {
        json_object(&report->json, NULL);
        json_text(&report->json, "journal", path);
        json_array(&report->json, "findings");
    } else if (!quiet) {
        console_add_text(&report->out, path, strlen(path), 0);
        bytes_add_text(&report->out, "\n\n");
    }
    flush(report);
}

void report_number(struct json *json, const char *name, uint64_t number)
{
    if (number <= INT64_MAX) {
        json_number(json, name, (int64_t)number);
        return;
    }
    json_key(json, name);
    bytes_printf(json->out, "%" PRIu64, number);
}

static const char *weight_word(enum report_weight weight)
{
    static const char *const words[] = {"note", "warning", "not proven", "wrong"};

    return words[weight];
}

static void tell_json(struct report *report, const struct finding *finding,
                      const struct bytes *text)
{
    struct json *json = &report->json;

    json_object(json, NULL);
    json_text(json, "kind", finding->kind);
    json_text(json, "weight", weight_word(finding->weight));
    if (finding->sequence) report_number(json, "sequence", finding->sequence);
    if (finding->time) json_string(json, "time", finding->time->text, finding->time->size);
    if (finding->place && *finding->place->file) {
        json_text(json, "file", finding->place->file);
        report_number(json, "line", finding->place->number);
        report_number(json, "offset", finding->place->offset);
    }
    json_string(json, "text", text->data, text->size);
    json_end(json);
}

static void style(struct report *report, enum report_weight weight)
{
    static const enum console_style styles[] = {STYLE_STRONG, STYLE_WARN, STYLE_WARN, STYLE_BAD};

    bytes_add_text(&report->out, console_style(styles[weight]));
}

static void tell_text(struct report *report, const struct finding *finding,
                      const struct bytes *text)
{
    char time[TIMESTAMP_TEXT];

    style(report, finding->weight);
    bytes_add_text(&report->out, finding->kind);
    bytes_add_text(&report->out, console_style(STYLE_PLAIN));
    if (finding->sequence) bytes_printf(&report->out, ", event %" PRIu64, finding->sequence);
    if (finding->time) {
        timestamp_show(*finding->time, false, time);
        bytes_printf(&report->out, ", %s UTC", time);
    }
    bytes_add_text(&report->out, "\n");
    paragraph_add(&report->out, text->data, text->size, 4, paragraph_width());
}

void report_tell(struct report *report, struct finding finding, struct bytes *text)
{
    if (finding.weight == REPORT_WRONG) report->wrong = true;
    report->findings++;
    if (report->as_json) tell_json(report, &finding, text);
    else if (!report->quiet || finding.weight >= REPORT_UNPROVEN) tell_text(report, &finding, text);
    report->begun = true;
    flush(report);
    bytes_reset(text, 65536);
}

void report_summary(struct report *report)
{
    if (report->as_json) json_end(&report->json);
    else if (report->begun && !report->quiet) bytes_add_text(&report->out, "\n");
}

void report_row(struct report *report, const char *label, const struct bytes *text)
{
    size_t start = report->out.size;

    if (report->as_json || report->quiet) return;
    bytes_printf(&report->out, "%-12s", label);
    start = report->out.size;
    paragraph_add(&report->out, text->data, text->size, 12, paragraph_width());
    if (!report->out.failed && report->out.size >= start + 12) {
        memmove(report->out.data + start, report->out.data + start + 12,
                report->out.size - start - 12); /* the label stands there */
        report->out.size -= 12;
    }
}

void report_line(struct report *report, const char *line)
{
    if (report->as_json || report->quiet) return;
    bytes_add_text(&report->out, line);
    bytes_add_text(&report->out, "\n");
}

struct json *report_json(struct report *report)
{
    return report->as_json ? &report->json : NULL;
}

void report_verdict(struct report *report, const char *word, enum report_weight weight,
                    const struct bytes *text)
{
    static const enum console_style styles[] = {STYLE_GOOD, STYLE_WARN, STYLE_WARN, STYLE_BAD};

    if (report->as_json) {
        json_text(&report->json, "verdict", word);
        json_string(&report->json, "text", text->data, text->size);
        return;
    }
    if (report->quiet) return;
    bytes_add_text(&report->out, "\n");
    bytes_add_text(&report->out, console_style(styles[weight]));
    paragraph_add(&report->out, text->data, text->size, 0, paragraph_width());
    bytes_add_text(&report->out, console_style(STYLE_PLAIN));
}

void report_end(struct report *report)
{
    if (report->as_json) {
        json_end(&report->json);
        bytes_add_text(&report->out, "\n");
    }
    flush(report);
    bytes_free(&report->out);
}
