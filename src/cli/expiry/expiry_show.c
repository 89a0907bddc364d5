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
#define BELOW    8                      /* blanks before what is continued, as before a note */
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

/* A line without its LF, made plain. In a terminal it is broken to the width: what follows the
 * first line has BELOW blanks before it. */
static void add_line(struct bytes *out, const struct bytes *text)
{
    unsigned columns, width = console_width();
    size_t start = out->size;

    columns = console_add_text(out, text->data, text->size, 0);
    if (!width || columns <= width || out->failed) return;
    out->size = start;
    paragraph_add(out, text->data, text->size, BELOW, width);
    if (out->failed || out->size <= start + BELOW) return;
    memmove(out->data + start, out->data + start + BELOW, out->size - start - BELOW);
    out->size -= BELOW + 1;
}

static void add_strong(struct bytes *out, const struct bytes *text)
{
    bytes_add_text(out, console_style(STYLE_STRONG));
    add_line(out, text);
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
    add_strong(&show->out, text);
}

static void add_left(int64_t seconds, struct bytes *out)
{
    int64_t days = seconds / DAY;

    if (seconds < 0)
        bytes_printf(out, "%" PRId64 " %s ago", -days, plural((uint64_t)-days, "day", "days"));
    else bytes_printf(out, "in %" PRId64 " %s", days, plural((uint64_t)days, "day", "days"));
}

static void ca_time(struct json *json, const char *name, int64_t seconds)
{
    char text[UTC_TEXT_MAX];

    if (seconds != DER_TIME_NONE && seconds < INT64_MAX / 1000000 &&
        utc_text(seconds * 1000000, false, text))
        json_text(json, name, text);
}

static void certificate_json(struct expiry_show *show, const struct expiry_own *own)
{
    const struct service_certificate *each = own->certificate;
    struct json json = {.out = &show->out};

    json_object(&json, NULL);
    json_text(&json, "row", "caCertificate");
    json_number(&json, "index", each->index);
    json_string(&json, "subject", each->subject.data, each->subject.size);
    ca_time(&json, "notAfter", each->not_after);
    if (own->replacement) json_number(&json, "replacedBy", own->replacement->index);
    json_bool(&json, "due", own->needs_person);
    json_end(&json);
    bytes_add_text(&show->out, "\n");
}

/* Where the times are not known, nothing is said of late, and the reason instead. */
static void crl_json(struct expiry_show *show, const struct service_crl *crl, bool is_late)
{
    static const char *const reasons[] = {[CRL_LEFT_OUT] = "leftOut",
                                          [CRL_UNCHANGED] = "unchanged",
                                          [CRL_UNREADABLE] = "unreadable",
                                          [CRL_NOT_GIVEN] = "notGiven"};
    struct json json = {.out = &show->out};

    json_object(&json, NULL);
    json_text(&json, "row", crl->is_delta ? "deltaCrl" : "crl");
    json_number(&json, "index", crl->index);
    ca_time(&json, "nextUpdate", crl->next_update);
    if (crl->times == CRL_TIMES_KNOWN) json_bool(&json, "late", is_late);
    else json_text(&json, "notKnown", reasons[crl->times]);
    json_number(&json, "line", (int64_t)crl->sequence);
    ca_time(&json, "published", crl->published);
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

/* The certificates and CRLs of the CA that are not known, for which there was no room, or which a
 * CSV has not. */
static void tell_omitted(const struct expiry_show *show, struct bytes *out)
{
    const struct services *services = &show->facts->services;

    const char *unknown = !services->certificate_count && !services->crl_count
                              ? "certificates and CRLs are"
                          : !services->certificate_count ? "certificate is"
                          : !services->crl_count         ? "CRLs are"
                                                         : NULL;

    if (unknown)
        bytes_printf(out, "The CA's own %s not known to the journal, or not any more: watch by "
                     "other means when that ends. ", unknown);
    if (show->form == EXPIRY_CSV && (services->certificate_count || services->crl_count))
        bytes_add_text(out, "The CA's own certificates and CRLs are not in the CSV. ");
    if (services->more)
        bytes_printf(out, "The CA itself has more than %d certificates, or keys with CRLs: those "
                     "that came later are not shown. ", SERVICES_MOST);
}

/* A line of the table's first section. Where it has no room on one line of the terminal, its second
 * part is below the first one. */
static void ca_line(struct expiry_show *show, bool is_trouble, struct bytes *first,
                    const struct bytes *second)
{
    struct bytes *out = &show->out;
    size_t start = first->size;

    ca_heading(show);
    bytes_add_text(out, console_style(is_trouble ? STYLE_BAD : STYLE_PLAIN));
    if (second->size) bytes_add_text(first, " ");
    bytes_add(first, second->data, second->size);
    if (!second->size || !console_width() ||
        console_columns(first->data, first->size) <= console_width())
        add_line(out, first);
    else {
        first->size = start;
        add_line(out, first);
        bytes_add_text(out, "\n");
        paragraph_add(out, second->data, second->size, BELOW, console_width());
        if (!out->failed) out->size--;
    }
    bytes_add_text(out, console_style(STYLE_PLAIN));
    bytes_add_text(out, "\n");
    out->failed |= first->failed | second->failed;
}

static void add_until(const struct expiry_show *show, int64_t until, struct bytes *out)
{
    if (until == DER_TIME_NONE) {
        bytes_add_text(out, "never");
        return;
    }
    fact_words_time(until, out);
    bytes_add_text(out, ", ");
    add_left(until - show->expiry->now, out);
}

static void certificate_line(struct expiry_show *show, const struct expiry_own *own)
{
    const struct service_certificate *each = own->certificate;
    struct bytes first = {0}, second = {0};

    bytes_printf(&first, "Certificate %" PRId64 ": ", each->index);
    console_add_text(&first, each->subject.data, each->subject.size, 0);
    bytes_add_text(&first, ",");
    bytes_add_text(&second, "ends ");
    add_until(show, each->not_after, &second);
    if (own->replacement)
        bytes_printf(&second, ", replaced by certificate %" PRId64, own->replacement->index);
    ca_line(show, own->needs_person, &first, &second);
    bytes_free(&first);
    bytes_free(&second);
}

static void show_ca_certificate(struct expiry_show *show, const struct expiry_own *own)
{
    if (show->form == EXPIRY_JSON) certificate_json(show, own);
    if (show->form == EXPIRY_TABLE) certificate_line(show, own);
}

/* Why the times of a CRL are not known. */
static void add_unknown(const struct service_crl *crl, bool is_late, struct bytes *out)
{
    static const char *const reasons[] = {
        [CRL_LEFT_OUT] = "the CRL had no room in",
        [CRL_UNCHANGED] = "an earlier CRL, which the journal does not have, is named in",
        [CRL_UNREADABLE] = "the CRL cannot be read in",
        [CRL_NOT_GIVEN] = "there is no CRL in"};

    bytes_printf(out, "%s line %" PRIu64 " of ", reasons[crl->times], crl->sequence);
    fact_words_time(crl->published, out);
    if (is_late) bytes_printf(out, ", and %s", expiry_own_remark(crl));
}

static void crl_line(struct expiry_show *show, const struct service_crl *crl, bool is_late)
{
    bool is_known = crl->times == CRL_TIMES_KNOWN;
    struct bytes first = {0}, second = {0};

    bytes_printf(&first, "%s %" PRId64 ": next update ", expiry_own_crl(crl), crl->index);
    if (is_known) add_until(show, crl->next_update, &first);
    else bytes_add_text(&first, "not known");
    if (!is_known) add_unknown(crl, is_late, &second);
    else if (is_late) bytes_add_text(&second, expiry_own_remark(crl));
    if (second.size) bytes_add_text(&first, ":");
    ca_line(show, is_late, &first, &second);
    bytes_free(&first);
    bytes_free(&second);
}

static void show_crl(struct expiry_show *show, const struct expiry_own *own)
{
    const struct service_crl *crl = own->crl;

    if (show->form == EXPIRY_JSON) crl_json(show, crl, own->needs_person);
    if (show->form == EXPIRY_TABLE) crl_line(show, crl, own->needs_person);
}

void expiry_show_ca(struct expiry_show *show)
{
    for (unsigned i = 0; i < show->owns->count; i++) {
        const struct expiry_own *own = &show->owns->list[i];

        show->trouble += own->needs_person;
        if (own->crl) show_crl(show, own);
        else show_ca_certificate(show, own);
    }
}

static void bucket_heading(const struct expiry_show *show, const struct expiry_item *item,
                           struct bytes *out)
{
    int64_t days = expiry_within(show->expiry, item->not_after);

    if (item->not_after == FACT_NO_TIME) bytes_add_text(out, "End not known");
    else if (!days) bytes_add_text(out, show->expiry->all ? "Expired" : "Expired, and not renewed");
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
    int64_t days = expiry_within(show->expiry, item->not_after);

    if (item->not_after == FACT_NO_TIME) snprintf(out, 24, "unknown");
    else if (days) snprintf(out, 24, "%" PRId64, days);
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
    show->ended += show->expiry->last_run != FACT_NO_TIME && item->not_after <= show->expiry->now &&
                   item->not_after > show->expiry->last_run;
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

/* What ended before is told by no run: it is said from when on. */
static void tell_last_run(const struct expiry_show *show, struct bytes *out)
{
    bool is_known = show->expiry->last_run != FACT_NO_TIME;

    if (!show->has_state) return;
    if (show->expiry->was_set_back)
        bytes_add_text(out, "The clock was set back since an earlier run: what that told with "
                            "fewer days left than there are now is told again. ");
    bytes_add_text(out, is_known                     ? "The last run was at "
                        : show->expiry->was_set_back ? "Certificates that ended by "
                        : "This is the first run with this state and these options: "
                          "certificates that ended by ");
    fact_words_time(is_known ? show->expiry->last_run : show->expiry->past, out);
    if (is_known)
        bytes_printf(out, ", and %" PRIu64 " of these %s ended since. ", show->ended,
                     plural(show->ended, "has", "have"));
    else bytes_add_text(out, " are not shown. ");
}

void expiry_show_end(struct expiry_show *show)
{
    struct bytes text = {0};

    bytes_printf(&text, "%" PRIu64 " %s. ", show->shown,
                 plural(show->shown, "certificate is shown", "certificates are shown"));
    tell_last_run(show, &text);
    tell_folded(show, &text);
    tell_omitted(show, &text);
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
