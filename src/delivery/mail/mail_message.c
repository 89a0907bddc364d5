#include "mail_message.h"

#include "mime.h"

#include "base/plural.h"
#include "base/timestamp.h"
#include "cli/show/event_words.h"
#include "cli/terminal/console.h"
#include "delivery/own_event.h"
#include "delivery/render.h"

#include <inttypes.h>
#include <stdio.h>

#define SUBJECT_VALUE 80                /* columns of a value in the subject, */
#define SUBJECT_MOST  200               /* of the subject, */
#define TEXT_VALUE    1000              /* of a value in the text, */
#define ROW_VALUE     60                /* and of one in a digest's row */
#define SOURCE_DIGITS 16
#define HASH_DIGITS   32
#define KINDS_MAX     24                /* kinds of events that a digest counts apart */

void mail_message_free(struct mail_message *message)
{
    event_free(&message->event);
    json_doc_free(&message->own);
}

/* A part of the message: one that is larger than all of it may be is not made. */
static struct bytes mail_part(const struct bytes *out)
{
    return (struct bytes){.limit = out->limit};
}

/* A part that was too large leaves the message too large, which is no lack of memory. */
static void mail_part_end(struct bytes *part, struct bytes *out)
{
    if (part->for_good) bytes_fail(out);
    else if (part->failed) out->failed = true;
    bytes_free(part);
}

/* --- the event --- */

static bool mail_read(struct mail_message *message, const struct batch *batch, unsigned index)
{
    struct span text = batch_lines(batch, index, 1);
    bool good = batch->lines[index].own
                    ? own_event_read(&message->own, text, &message->line)
                    : line_read(text.text, text.size, &message->line) == LINE_OK;

    event_set(&message->event, &message->line);
    return good;
}

/* --- the header --- */

static const char *mail_domain(const char *address)
{
    const char *at = strrchr(address, '@');

    return at ? at + 1 : "localhost";
}

/* The first digits of the text's SHA-256. */
static void mail_add_hash(struct bytes *out, struct span text, size_t digits)
{
    char hash[LINE_HASH_SIZE + 1];

    if (FAILED(hash_hex(text.size ? text.text : "", text.size, hash))) bytes_fail(out);
    else bytes_add(out, hash, digits);
}

static void mail_add_id(struct mail_message *message, const struct batch *batch, unsigned first,
                        unsigned count, struct bytes *out)
{
    const struct batch_line *begin = &batch->lines[first], *last = &batch->lines[first + count - 1];

    bytes_add_text(out, "Message-ID: <");
    if (last->own) {
        bytes_add_text(out, "own.");
        mail_add_hash(out, batch_line(batch, first + count - 1), HASH_DIGITS);
    } else {
        bytes_printf(out, "%" PRIu64, begin->position.sequence);
        if (count > 1) bytes_printf(out, "-%" PRIu64, last->position.sequence);
        bytes_printf(out, ".%.*s.", HASH_DIGITS, last->position.hash);
        mail_add_hash(out, message->line.source, SOURCE_DIGITS);
    }
    bytes_add_text(out, "@");
    bytes_add_text(out, mail_domain(message->from));
    bytes_add_text(out, ">\r\n");
}

static void mail_add_thread(struct mail_message *message, struct bytes *out)
{
    struct bytes id = {0};
    int64_t request;

    if (!event_request_id(&message->event, &request)) return;
    bytes_printf(&id, "<request.%" PRId64 ".", request);
    mail_add_hash(&id, message->line.source, SOURCE_DIGITS);
    bytes_add_text(&id, "@");
    bytes_add_text(&id, mail_domain(message->from));
    bytes_add_text(&id, ">\r\n");
    bytes_add_text(out, "In-Reply-To: ");
    bytes_add(out, id.data, id.size);
    bytes_add_text(out, "References: ");
    bytes_add(out, id.data, id.size);
    if (id.failed) bytes_fail(out);
    bytes_free(&id);
}

/* Of what is borne by every message; the event is the last one of the message. */
static void mail_add_head(struct mail_message *message, const struct batch *batch, unsigned first,
                          unsigned count, struct bytes *out)
{
    const struct batch_line *begin = &batch->lines[first], *last = &batch->lines[first + count - 1];
    int64_t micros;

    if (!timestamp_of_line(message->line.time, &micros)) micros = os_now();
    mime_date(out, micros);
    bytes_add_text(out, "From: ");
    bytes_add_text(out, message->from);
    bytes_add_text(out, "\r\n");
    mime_addresses(out, "To", message->to->values, message->to->count);
    mail_add_id(message, batch, first, count, out);
    if (count == 1) mail_add_thread(message, out);
    bytes_add_text(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    mime_header(out, "X-CertWitness-Source", message->line.source);
    if (count == 1) mime_header(out, "X-CertWitness-Type", message->line.type);
    if (last->own) return;
    bytes_printf(out, "X-CertWitness-Line: %" PRIu64, begin->position.sequence);
    if (count > 1) bytes_printf(out, "-%" PRIu64, last->position.sequence);
    bytes_printf(out, "\r\n %s\r\n", last->position.hash);
}

static void mail_add_subject(struct bytes *out, struct bytes *subject)
{
    struct bytes cut = {0};

    console_add_text(&cut, subject->size ? subject->data : "", subject->size, SUBJECT_MOST);
    mime_header(out, "Subject", (struct span){cut.size ? cut.data : "", cut.size});
    mail_part_end(&cut, out);
}

static void mail_add_body(struct bytes *out, const struct bytes *text)
{
    mime_text_headers(out);
    bytes_add_text(out, "\r\n");
    mime_text(out, (struct span){text->size ? text->data : "", text->size});
}

/* --- one event --- */

/* False: there are none. */
static bool mail_words(struct mail_message *message, struct bytes *out)
{
    if (message->line.sequence) return event_words(&message->event, out);
    return own_event_words(&message->event, out);
}

/* "pending: request 7 of CORP\bob", "crl.issued: CRL 12" */
static void mail_add_what(struct mail_message *message, struct bytes *out, unsigned columns)
{
    struct bytes words = {0};
    int64_t request;

    render_plain(out, "{kind}", &message->event, columns);
    if (event_request_id(&message->event, &request)) {
        bytes_printf(out, ": request %" PRId64, request);
        render_raw(&words, "requester", &message->event);
        if (words.size) render_plain(out, " of {requester}", &message->event, columns);
    } else if (mail_words(message, &words)) {
        bytes_add_text(out, ": ");
        console_add_text(out, words.size ? words.data : "", words.size, columns);
    }
    if (words.failed || message->event.no_memory) bytes_fail(out);
    bytes_free(&words);
}

static void mail_add_rows(struct mail_message *message, struct bytes *out)
{
    static const struct {
        const char *label, *name;
    } rows[] = {
        {"CA", "ca"},
        {"Time (UTC)", "utc"},
        {"Requester", "requester"},
        {"Called by", "caller"},
        {"Subject", "certificateSubject"},
        {"Template", "template"},
        {"Serial number", "serial"},
        {"Reason", "reason"},
        {"The CA says", "request.DispositionMessage"},
    };
    struct bytes value = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bytes_reset(&value, 0);
        render_raw(&value, rows[i].name, &message->event);
        if (value.failed) bytes_fail(out);
        if (!value.size) continue;
        bytes_printf(out, "%-15s", rows[i].label);
        console_add_text(out, value.data, value.size, TEXT_VALUE);
        bytes_add_text(out, "\n");
    }
    bytes_free(&value);
}

static void mail_default_text(struct mail_message *message, struct bytes *out)
{
    const struct line *line = &message->line;
    int64_t request;

    mail_add_what(message, out, TEXT_VALUE);
    bytes_add_text(out, "\n\n");
    mail_add_rows(message, out);
    if (line->sequence)
        bytes_printf(out, "\nLine %" PRIu64 " of the journal, with the hash\n%.*s\n",
                     line->sequence, LINE_HASH_SIZE, line->hash.text);
    if (!event_request_id(&message->event, &request)) return;
    bytes_printf(out, "\nThe request with all that is in it:\n"
                      "certwitness show --request %" PRId64 " --full\n", request);
}

static void mail_one(struct mail_message *message, struct bytes *out)
{
    struct bytes subject = mail_part(out), text = mail_part(out);

    if (message->subject)
        render_plain(&subject, message->subject, &message->event, SUBJECT_VALUE);
    else {
        render_plain(&subject, "{ca}: ", &message->event, SUBJECT_VALUE);
        mail_add_what(message, &subject, SUBJECT_VALUE);
    }
    if (!message->text->count) mail_default_text(message, &text);
    for (unsigned i = 0; i < message->text->count; i++) {
        const char *line = message->text->values[i];

        if (strcmp(line, "\"\"")) render_plain(&text, line, &message->event, TEXT_VALUE);
        bytes_add_text(&text, "\n");
    }
    mail_add_subject(out, &subject);
    mail_add_body(out, &text);
    mail_part_end(&subject, out);
    mail_part_end(&text, out);
}

/* --- many --- */

struct mail_kinds {
    struct {
        char name[LINE_TYPE_MAX + 1];
        unsigned count;
    } kinds[KINDS_MAX];
    unsigned count, others;
};

static void mail_count(struct mail_kinds *kinds, const struct bytes *name)
{
    char text[LINE_TYPE_MAX + 1];
    unsigned i = 0;

    snprintf(text, sizeof text, "%.*s", (int)name->size, name->size ? name->data : "");
    while (i < kinds->count && strcmp(kinds->kinds[i].name, text)) i++;
    if (i == KINDS_MAX) {
        kinds->others++;
        return;
    }
    if (i == kinds->count) strcpy(kinds->kinds[kinds->count++].name, text);
    kinds->kinds[i].count++;
}

static void mail_add_kinds(struct bytes *out, const struct mail_kinds *kinds)
{
    for (unsigned i = 0; i < kinds->count; i++)
        bytes_printf(out, "%s%u %s", i ? ", " : "", kinds->kinds[i].count, kinds->kinds[i].name);
    if (kinds->others) bytes_printf(out, ", %u others", kinds->others);
}

static void mail_add_row(struct mail_message *message, struct bytes *out)
{
    struct bytes name = {0};

    render_plain(out, "{utc}  ", &message->event, ROW_VALUE);
    mail_add_what(message, out, ROW_VALUE);
    render_raw(&name, "certificateSubject", &message->event);
    if (name.size) render_plain(out, ", {certificateSubject}", &message->event, ROW_VALUE);
    if (name.failed) bytes_fail(out);
    bytes_reset(&name, 0);
    render_raw(&name, "reason", &message->event);
    if (name.size) render_plain(out, " ({reason})", &message->event, ROW_VALUE);
    if (name.failed) bytes_fail(out);
    bytes_add_text(out, "\n");
    bytes_free(&name);
}

static void mail_digest(struct mail_message *message, const struct batch *batch, unsigned first,
                        unsigned count, struct bytes *out)
{
    struct bytes subject = mail_part(out), rows = mail_part(out), kind = {0};
    struct mail_kinds kinds = {0};

    for (unsigned i = 0; i < count; i++) {
        const struct batch_line *line = &batch->lines[first + i];

        if (!mail_read(message, batch, first + i)) bytes_fail(out);
        bytes_reset(&kind, 0);
        render_plain(&kind, "{kind}", &message->event, LINE_TYPE_MAX);
        if (kind.failed) bytes_fail(out);
        mail_count(&kinds, &kind);
        if (line->own) bytes_add_text(&rows, "-  ");
        else bytes_printf(&rows, "%" PRIu64 "  ", line->position.sequence);
        mail_add_row(message, &rows);
    }
    render_plain(&subject, "{ca}: ", &message->event, SUBJECT_VALUE);
    bytes_printf(&subject, "%u %s: ", count, plural(count, "event", "events"));
    mail_add_kinds(&subject, &kinds);
    mail_add_subject(out, &subject);
    bytes_add_text(&subject, "\n\nMore events came than messages may be sent in an hour (atMost), "
                             "so these\nare in one. Each row begins with the sequence of its line "
                             "in the journal.\n\n");
    bytes_add(&subject, rows.data, rows.size);
    mail_add_body(out, &subject);
    mail_part_end(&subject, out);
    mail_part_end(&rows, out);
    mail_part_end(&kind, out);
}

void mail_message_write(struct mail_message *message, const struct batch *batch, unsigned first,
                        unsigned count, struct bytes *out)
{
    if (!mail_read(message, batch, first + count - 1)) bytes_fail(out);
    mail_add_head(message, batch, first, count, out);
    if (count == 1) mail_one(message, out);
    else mail_digest(message, batch, first, count, out);
}
