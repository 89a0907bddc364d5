#include "expiry_show.h"

#include "base/json.h"
#include "base/plural.h"
#include "base/utc.h"
#include "cli/inventory/fact_reading.h"
#include "cli/inventory/fact_words.h"
#include "cli/terminal/console.h"
#include "cli/terminal/paragraph.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY      86400
#define OUT_KEEP (256u << 10)           /* bytes that are written at once */

static void expiry_write(struct expiry_show *show, size_t least)
{
    if (show->out.size < least || show->out.failed) return;
    console_write(show->out.data, show->out.size);
    show->out.size = 0;
}

void expiry_show_free(struct expiry_show *show)
{
    bytes_free(&show->out);
    bytes_free(&show->heading);
}

void expiry_show_begin(struct expiry_show *show)
{
    show->csv.out = &show->out;
    if (show->form != EXPIRY_CSV) return;
    csv_begin(&show->csv, &show->out);
    csv_word(&show->csv, "row");
    csv_word(&show->csv, "bucket");
    fact_columns_csv_names(&show->columns, &show->csv);
    csv_end_row(&show->csv);
}

static void add_strong(struct bytes *out, const char *text, size_t size)
{
    bytes_add_text(out, console_style(STYLE_STRONG));
    console_add_text(out, text, size, 0);
    bytes_add_text(out, console_style(STYLE_PLAIN));
    bytes_add_text(out, "\n");
}

/* A heading where it is another one than before, behind an empty line if `apart`. */
static void set_heading(struct expiry_show *show, const struct bytes *text, bool apart)
{
    if (show->form != EXPIRY_TABLE) return;
    if (show->heading.size == text->size && show->heading.size &&
        !memcmp(show->heading.data, text->data, text->size))
        return;
    show->heading.size = 0;
    bytes_add(&show->heading, text->data, text->size);
    if (apart && (show->out.size || show->shown)) bytes_add_text(&show->out, "\n");
    add_strong(&show->out, text->data, text->size);
}

static void add_left(int64_t seconds, struct bytes *out)
{
    int64_t days = seconds / DAY;

    if (seconds < 0)
        bytes_printf(out, "%" PRId64 " %s ago", -days, plural((uint64_t)-days, "day", "days"));
    else bytes_printf(out, "in %" PRId64 " %s", days, plural((uint64_t)days, "day", "days"));
}

static void ca_json(struct expiry_show *show, const char *row, int64_t index, int64_t until,
                    bool is_trouble, const struct bytes *subject)
{
    struct json json = {.out = &show->out};
    char text[UTC_TEXT_MAX];

    json_object(&json, NULL);
    json_text(&json, "row", row);
    json_number(&json, "index", index);
    if (subject) json_string(&json, "subject", subject->data, subject->size);
    if (until != DER_TIME_NONE && until < INT64_MAX / 1000000 &&
        utc_text(until * 1000000, false, text))
        json_text(&json, subject ? "notAfter" : "nextUpdate", text);
    json_bool(&json, subject ? "due" : "late", is_trouble);
    json_end(&json);
    bytes_add_text(&show->out, "\n");
}

static void ca_heading(struct expiry_show *show)
{
    struct bytes heading = {0};

    bytes_add_text(&heading, "The CA itself");
    set_heading(show, &heading, true);
    bytes_free(&heading);
}

/* A line of the table's first section. */
static void ca_line(struct expiry_show *show, const char *what, int64_t index, int64_t until,
                    bool is_trouble, const struct bytes *subject, const char *remark)
{
    struct bytes *out = &show->out;

    ca_heading(show);
    bytes_add_text(out, console_style(is_trouble ? STYLE_BAD : STYLE_PLAIN));
    bytes_printf(out, "%s %" PRId64 ": ", what, index);
    if (subject) {
        console_add_text(out, subject->data, subject->size, 0);
        bytes_add_text(out, ", ");
    }
    bytes_add_text(out, subject ? "ends " : "next update ");
    if (until == DER_TIME_NONE) bytes_add_text(out, "never");
    else {
        fact_words_time(until, out);
        bytes_add_text(out, ", ");
        add_left(until - show->expiry->now, out);
    }
    bytes_add_text(out, remark);
    bytes_add_text(out, console_style(STYLE_PLAIN));
    bytes_add_text(out, "\n");
}

static void show_ca_certificate(struct expiry_show *show, const struct service_certificate *each)
{
    int64_t until = each->not_after;
    bool is_trouble = until != DER_TIME_NONE && until <= show->expiry->window &&
                      until > show->expiry->now - EXPIRY_PAST;

    if (until != DER_TIME_NONE && until <= show->expiry->now - EXPIRY_PAST) return;
    show->trouble += is_trouble;
    if (show->form == EXPIRY_JSON)
        ca_json(show, "caCertificate", each->index, until, is_trouble, &each->subject);
    if (show->form == EXPIRY_TABLE)
        ca_line(show, "Certificate", each->index, until, is_trouble, &each->subject, "");
}

/* A CRL that had no room in its line. */
static void unread_crl_line(struct expiry_show *show, const struct service_crl *crl)
{
    ca_heading(show);
    bytes_printf(&show->out,
                 "%s %" PRId64 ": next update not known; line %" PRIu64
                 " has the CRL's hash only\n",
                 crl->is_delta ? "Delta CRL of key" : "CRL of key", crl->index, crl->sequence);
}

static void show_crl(struct expiry_show *show, const struct service_crl *crl)
{
    bool is_late = service_crl_is_late(crl, show->expiry->now);

    show->trouble += is_late;
    if (show->form == EXPIRY_JSON)
        ca_json(show, crl->is_delta ? "deltaCrl" : "crl", crl->index, crl->next_update, is_late,
                NULL);
    if (show->form == EXPIRY_TABLE && crl->is_unread) unread_crl_line(show, crl);
    else if (show->form == EXPIRY_TABLE)
        ca_line(show, crl->is_delta ? "Delta CRL of key" : "CRL of key", crl->index,
                crl->next_update, is_late, NULL,
                is_late ? ": the journal has none that was published in time" : "");
}

void expiry_show_ca(struct expiry_show *show)
{
    const struct services *services = &show->facts->services;

    for (unsigned i = 0; i < services->certificate_count; i++)
        show_ca_certificate(show, &services->certificates[i]);
    for (unsigned i = 0; i < services->crl_count; i++) show_crl(show, &services->crls[i]);
}

static void bucket_heading(const struct expiry_show *show, const struct expiry_item *item,
                           struct bytes *out)
{
    int64_t days = expiry_threshold(show->expiry, item->not_after);

    if (!days) bytes_add_text(out, "Expired, and not renewed");
    else bytes_printf(out, "Within %" PRId64 " days", days);
}

static void group_heading(const struct expiry_show *show, const struct fact *fact,
                          struct bytes *out)
{
    const struct span *requester = &fact->issuance.texts[FACT_REQUESTER];

    switch (show->expiry->by) {
    case BY_REQUESTER: bytes_add(out, requester->text, requester->size); break;
    case BY_TEMPLATE:  fact_words_template(fact, show->view.names, out); break;
    default:           fact_words_name(fact, out);
    }
    if (!out->size) bytes_add_text(out, "(none)");
}

/* Before the first section of certificates, and only there: false elsewhere. */
static bool show_head(struct expiry_show *show)
{
    if (show->has_head) return false;
    show->has_head = true;
    if (show->out.size) bytes_add_text(&show->out, "\n");
    fact_columns_head(&show->columns, &show->out);
    return true;
}

static void show_row(struct expiry_show *show, const struct expiry_item *item,
                     const struct fact *fact)
{
    struct bytes heading = {0};

    if (!item->section) bytes_add_text(&heading, "Agents, key recovery, OCSP, NDES");
    else if (show->expiry->by) group_heading(show, fact, &heading);
    else bucket_heading(show, item, &heading);
    set_heading(show, &heading, !show_head(show));
    bytes_free(&heading);
    fact_columns_row(&show->columns, fact, &show->view, &show->out);
}

static void expiry_bucket(const struct expiry_show *show, const struct expiry_item *item,
                          char out[24])
{
    int64_t days = expiry_threshold(show->expiry, item->not_after);

    if (days) snprintf(out, 24, "%" PRId64, days);
    else snprintf(out, 24, "expired");
}

void expiry_show_item(struct expiry_show *show, const struct expiry_item *item,
                      const struct fact *fact)
{
    const char *row = expiry_class_word((enum expiry_class)item->class);
    char bucket[24], first[80];

    expiry_bucket(show, item, bucket);
    switch (show->form) {
    case EXPIRY_TABLE: show_row(show, item, fact); break;
    case EXPIRY_CSV:
        csv_word(&show->csv, row);
        csv_word(&show->csv, bucket);
        fact_columns_csv(&show->columns, fact, &show->view, &show->csv);
        break;
    case EXPIRY_JSON:
        snprintf(first, sizeof first, "\"row\":\"%s\",\"bucket\":\"%s\"", row, bucket);
        fact_json(fact, &show->view, first, &show->out);
    }
    show->shown++;
    show->due += expiry_needs_person((enum expiry_class)item->class);
    expiry_write(show, OUT_KEEP);
}

static void tell_folded(const struct expiry_show *show, struct bytes *out)
{
    static const struct { enum expiry_class class; const char *words; } folded[] = {
        {EXPIRY_RENEWED, "renewed"}, {EXPIRY_ROUTINE, "enrolled automatically"},
        {EXPIRY_SHORT, "short-lived"}};
    uint64_t all = 0;

    for (size_t i = 0; i < sizeof folded / sizeof *folded; i++)
        all += show->expiry->counts[folded[i].class];
    if (!all || show->expiry->all) return;
    bytes_add_text(out, "Not shown: ");
    for (size_t i = 0; i < sizeof folded / sizeof *folded; i++)
        bytes_printf(out, "%" PRIu64 " %s%s", show->expiry->counts[folded[i].class],
                     folded[i].words, i < 2 ? ", " : "; --all shows them. ");
}

void expiry_show_end(struct expiry_show *show)
{
    struct bytes text = {0};

    bytes_printf(&text, "%" PRIu64 " %s. ", show->shown,
                 plural(show->shown, "certificate is shown", "certificates are shown"));
    tell_folded(show, &text);
    fact_reading_tell_span(show->facts, &text);
    while (text.size && text.data[text.size - 1] == ' ') text.size--;
    bytes_add(&text, "", 1);
    if (text.failed) show->out.failed = true;
    else if (show->form != EXPIRY_TABLE) console_note("%s", text.data);
    else {
        if (show->out.size || show->shown) bytes_add_text(&show->out, "\n");
        paragraph_add(&show->out, text.data, text.size - 1, 0, paragraph_width());
    }
    bytes_free(&text);
    expiry_write(show, 0);
}
