#include "event_columns.h"

#include "base/utc.h"
#include "cli/x509/cert_words.h"
#include "code_name.h"
#include "event_words.h"

#include <inttypes.h>

typedef const struct template_names template_names;

static void add_sequence(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    bytes_printf(out, "%" PRIu64, event->line.sequence);
}

static void event_columns_add_time(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    bytes_add(out, event->line.time.text, event->line.time.size);
}

static void add_type(struct event *event, template_names *names, struct bytes *out)
{
    struct span type = event_type(event);

    (void)names;
    bytes_add(out, type.text, type.size);
}

static void event_columns_add_request(struct event *event, template_names *names, struct bytes *out)
{
    int64_t id;

    (void)names;
    if (event_request_id(event, &id)) bytes_printf(out, "%" PRId64, id);
}

static void event_columns_add_requester(struct event *event, template_names *names,
                                        struct bytes *out)
{
    (void)names;
    event_requester(event, out);
}

static void event_columns_add_caller(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    event_text(event, "request/CallerName", out);
}

static void event_columns_add_subject(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    event_subject(event, out);
}

bool event_columns_identity(struct event *event, struct bytes *out)
{
    struct identity identity;

    event_identity(event, &identity);
    if (identity_first(&identity, false, out)) return true;
    if (event_text(event, "certificate/UPN", out)) return true;
    if (!identity_broken(&identity)) return false;
    bytes_add_text(out, "?");
    return true;
}

static void add_identity(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    event_columns_identity(event, out);
}

static void add_upn(struct event *event, template_names *names, struct bytes *out)
{
    struct identity identity;

    (void)names;
    event_identity(event, &identity);
    if (!identity_upn(&identity, out)) event_text(event, "certificate/UPN", out);
}

static void event_columns_add_sid(struct event *event, template_names *names, struct bytes *out)
{
    struct identity identity;

    (void)names;
    event_identity(event, &identity);
    identity_sid(&identity, out);
}

static void add_san(struct event *event, template_names *names, struct bytes *out)
{
    struct identity identity;

    (void)names;
    event_identity(event, &identity);
    identity_all(&identity, out);
}

/* Of an event without a certificate, the template that was asked for. */
static void event_columns_add_template(struct event *event, template_names *names,
                                       struct bytes *out)
{
    if (!template_names_add(names, event, out)) event_attribute(event, "CertificateTemplate", out);
}

static void event_columns_add_serial(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    event_serial(event, out);
}

static void add_date(struct event *event, const char *path, bool until, struct bytes *out)
{
    const struct x509 *certificate;
    char text[UTC_TEXT_MAX];
    size_t before = out->size;
    int64_t seconds;

    if (event_text(event, path, out) && out->size > before) return;
    if (!(certificate = event_x509(event))) return;
    seconds = until ? certificate->not_after : certificate->not_before;
    if (seconds != DER_TIME_NONE && utc_text(seconds * 1000000, false, text))
        bytes_add_text(out, text);
}

static void add_not_before(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    add_date(event, "certificate/NotBefore", false, out);
}

static void add_not_after(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    add_date(event, "certificate/NotAfter", true, out);
}

static void add_eku(struct event *event, template_names *names, struct bytes *out)
{
    struct identity identity;
    struct extension extension;

    (void)names;
    event_identity(event, &identity);
    if (identity_extension(&identity, "2.5.29.37", &extension))
        purposes_words(extension.value, out);
}

static void add_key(struct event *event, template_names *names, struct bytes *out)
{
    struct identity identity;

    (void)names;
    event_identity(event, &identity);
    if (identity.certificate) key_words(&identity.certificate->key, out);
    else if (identity.request) key_words(&identity.request->key, out);
}

static void add_algorithm(struct event *event, template_names *names, struct bytes *out)
{
    struct identity identity;

    (void)names;
    event_identity(event, &identity);
    if (identity.certificate) algorithm_words(&identity.certificate->signature_algorithm, out);
    else if (identity.request) algorithm_words(&identity.request->signature_algorithm, out);
}

static void event_columns_add_flags(struct event *event, template_names *names, struct bytes *out)
{
    int64_t flags;

    (void)names;
    if (event_number(event, "request/RequestFlags", &flags)) request_flags_words(flags, out);
}

/* What the event says: of one that is not about a request; else why it was denied or revoked. */
static void add_detail(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    if (!event_words(event, out)) event_reason(event, out);
}

static void add_unverified(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    if (event->unverified) bytes_add_text(out, "yes");
}

static void add_hash(struct event *event, template_names *names, struct bytes *out)
{
    (void)names;
    bytes_add(out, event->line.hash.text, event->line.hash.size);
}

static const struct event_column columns[] = {
    {"sequence", 8, add_sequence},
    {"time", 19, event_columns_add_time},
    {"event", 14, add_type},
    {"request", 7, event_columns_add_request},
    {"requester", 0, event_columns_add_requester},
    {"caller", 0, event_columns_add_caller},
    {"subject", 0, event_columns_add_subject},
    {"identity", 0, add_identity},
    {"upn", 0, add_upn},
    {"sid", 0, event_columns_add_sid},
    {"san", 0, add_san},
    {"template", 0, event_columns_add_template},
    {"serial", 0, event_columns_add_serial},
    {"notBefore", 20, add_not_before},
    {"notAfter", 20, add_not_after},
    {"eku", 0, add_eku},
    {"key", 10, add_key},
    {"algorithm", 14, add_algorithm},
    {"flags", 0, event_columns_add_flags},
    {"detail", 0, add_detail},
    {"unverified", 10, add_unverified},
    {"hash", 64, add_hash},
};

#define COLUMNS (sizeof columns / sizeof *columns)

_Static_assert(COLUMNS <= EVENT_COLUMNS_MOST, "all of them can be chosen");

const struct event_column *event_column_at(unsigned index)
{
    return index < COLUMNS ? &columns[index] : NULL;
}

void event_columns_all(struct event_columns *all)
{
    for (all->count = 0; all->count < COLUMNS; all->count++)
        all->list[all->count] = &columns[all->count];
}

void event_columns_csv_head(const struct event_columns *chosen, struct csv *csv)
{
    csv_begin(csv, csv->out);
    for (unsigned i = 0; i < chosen->count; i++) csv_word(csv, chosen->list[i]->name);
    csv_end_row(csv);
}

void event_columns_csv(const struct event_columns *chosen, struct event *event,
                       const struct template_names *names, struct csv *csv)
{
    struct bytes cell = {0};

    for (unsigned i = 0; i < chosen->count; i++, cell.size = 0) {
        chosen->list[i]->add(event, names, &cell);
        csv_text(csv, cell.data, cell.size);
    }
    csv_end_row(csv);
    csv->out->failed |= cell.failed;
    bytes_free(&cell);
}
