#include "rfc5424.h"
#include "host.h"

#include "base/timestamp.h"
#include "base/utf8.h"
#include "delivery/own_event.h"

#include <string.h>

#define FACILITY  13
#define MSGID_MAX 32
#define TYPE_PREFIX "certwitness."
#define ROOM_MAX  6                     /* bytes of a character and an ellipsis */

enum severity { ERROR_CONDITION = 3, WARNING, NOTICE, INFORMATIONAL };

/* A type that is not here is a warning: this version does not know it. */
static const struct severity_of {
    const char *type;
    enum severity severity;
} severities[] = {
    {"certificate.issued", INFORMATIONAL}, {"certificate.retrieved", INFORMATIONAL},
    {"crl.issued", INFORMATIONAL},         {"ca.started", INFORMATIONAL},
    {"module.started", INFORMATIONAL},     {"certificate.pending", NOTICE},
    {"certificate.denied", NOTICE},        {"certificate.revoked", NOTICE},
    {"certificate.unrevoked", NOTICE},     {"certificate.imported", NOTICE},
    {"ca.stopping", NOTICE},               {"module.stopped", NOTICE},
    {"journal.pruned", NOTICE},            {"journal.recovered", WARNING},
    {"journal.gap", ERROR_CONDITION},      {"journal.broken", ERROR_CONDITION},
    {"delivery.fault", ERROR_CONDITION},   {"delivery.pruned", ERROR_CONDITION}};

/* A PARAM-NAME has at most 32 characters, so one of them is shorter than the path in the data. */
static const struct rfc5424_param {
    const char *name, *path;
} params[] = {{"request.RequestID", "request/RequestID"},
              {"request.RequesterName", "request/RequesterName"},
              {"request.CallerName", "request/CallerName"},
              {"request.DistinguishedName", "request/Request.DistinguishedName"},
              {"request.Disposition", "request/Disposition"},
              {"request.DispositionMessage", "request/DispositionMessage"},
              {"request.StatusCode", "request/StatusCode"},
              {"request.RevokedReason", "request/RevokedReason"},
              {"certificate.SerialNumber", "certificate/SerialNumber"},
              {"certificate.DistinguishedName", "certificate/DistinguishedName"},
              {"certificate.UPN", "certificate/UPN"},
              {"certificate.CertificateTemplate", "certificate/CertificateTemplate"},
              {"certificate.CertificateHash", "certificate/CertificateHash"},
              {"certificate.NotBefore", "certificate/NotBefore"},
              {"certificate.NotAfter", "certificate/NotAfter"}};

void rfc5424_free(struct rfc5424 *syslog)
{
    event_free(&syslog->event);
    json_doc_free(&syslog->own);
    bytes_free(&syslog->value);
}

/* --- the header --- */

static enum severity rfc5424_severity(struct span type)
{
    for (size_t i = 0; i < sizeof severities / sizeof *severities; i++)
        if (span_is(type, severities[i].type)) return severities[i].severity;
    return WARNING;
}

static bool rfc5424_is_printable(struct span text, size_t most)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.text[i] <= ' ' || text.text[i] > '~') return false;
    return text.size && text.size <= most;
}

static void rfc5424_add_word(struct bytes *out, struct span word, size_t most)
{
    bytes_add_text(out, " ");
    if (rfc5424_is_printable(word, most)) bytes_add(out, word.text, word.size);
    else bytes_add_text(out, "-");
}

/* "/adcs/<machine>/<CA>" */
static struct span rfc5424_host(struct span source)
{
    static const char prefix[] = "/adcs/";
    size_t skip = sizeof prefix - 1;
    const char *end;

    if (source.size <= skip || memcmp(source.text, prefix, skip)) return (struct span){0};
    source = (struct span){source.text + skip, source.size - skip};
    end = memchr(source.text, '/', source.size);
    return (struct span){source.text, end ? (size_t)(end - source.text) : 0};
}

/* As the journal writes it, which is as RFC 5424 wants it. */
static bool rfc5424_is_time(struct span time)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    int64_t micros;

    if (time.size != sizeof form - 1) return false;
    for (size_t i = 0; i < time.size; i++) {
        bool digit = time.text[i] >= '0' && time.text[i] <= '9';

        if (form[i] == 'd' ? !digit : time.text[i] != form[i]) return false;
    }
    return timestamp_of_line(time, &micros);
}

/* Events of our own happen on this machine, which may be another than the CA's. */
static void rfc5424_add_host(struct bytes *out, const struct line *line, bool own)
{
    char name[HOST_MAX + 1] = "";

    if (own) host_name(name);
    rfc5424_add_word(out, own ? (struct span){name, strlen(name)} : rfc5424_host(line->source),
                     HOST_MAX);
}

static void rfc5424_add_header(struct bytes *out, const struct line *line, bool own)
{
    struct span type = line->type;
    size_t skip = sizeof TYPE_PREFIX - 1;

    if (type.size > skip && !memcmp(type.text, TYPE_PREFIX, skip))
        type = (struct span){type.text + skip, type.size - skip};
    bytes_printf(out, "<%d>1", FACILITY * 8 + rfc5424_severity(type));
    rfc5424_add_word(out, rfc5424_is_time(line->time) ? line->time : (struct span){0}, 32);
    rfc5424_add_host(out, line, own);
    bytes_add_text(out, " certwitness -");
    rfc5424_add_word(out, type, MSGID_MAX);
}

/* --- the structured data --- */

static void rfc5424_add_character(struct bytes *out, const char *text, size_t size, uint32_t point)
{
    if (point == '"' || point == '\\' || point == ']') bytes_add_text(out, "\\");
    if (utf8_is_plain(point)) bytes_add(out, text, size);
    else bytes_add_text(out, "\xef\xbf\xbd");
}

static void rfc5424_add_param(struct bytes *out, const char *name, struct span value)
{
    size_t end, i = 0;
    uint32_t point;

    if (!value.size) return;
    bytes_add_text(out, " ");
    bytes_add_text(out, name);
    bytes_add_text(out, "=\"");
    end = out->size + RFC5424_VALUE_MAX - ROOM_MAX;
    while (i < value.size && out->size < end && !out->failed) {
        size_t size = utf8_next(value.text + i, value.size - i, &point);

        rfc5424_add_character(out, value.text + i, size, point);
        i += size;
    }
    bytes_add_text(out, i < value.size ? "\xe2\x80\xa6\"" : "\"");
}

/* A string's characters; anything else as it stands there. */
static void rfc5424_add_member(struct rfc5424 *syslog, const struct rfc5424_param *param,
                               struct bytes *out)
{
    const struct json_doc *doc = event_doc(&syslog->event);
    json_at at = json_find(doc, JSON_ROOT, param->path);

    if (at == JSON_NONE || json_kind(doc, at) == JSON_NULL) return;
    bytes_reset(&syslog->value, BATCH_BYTES);
    if (json_doc_text(doc, at, &syslog->value)) {
        if (syslog->value.failed) bytes_fail(out);
        else rfc5424_add_param(out, param->name,
                               (struct span){syslog->value.data, syslog->value.size});
    } else rfc5424_add_param(out, param->name, json_doc_span(doc, at));
}

static void rfc5424_add_data(struct rfc5424 *syslog, struct bytes *out)
{
    const struct line *line = &syslog->line;

    bytes_add_text(out, " [certwitness@32473");
    if (line->sequence) bytes_printf(out, " sequence=\"%llu\"", (unsigned long long)line->sequence);
    rfc5424_add_param(out, "hash", line->hash);
    rfc5424_add_param(out, "source", line->source);
    rfc5424_add_param(out, "subject", line->subject);
    for (size_t i = 0; i < sizeof params / sizeof *params; i++)
        rfc5424_add_member(syslog, &params[i], out);
    bytes_add_text(out, "] ");
}

void rfc5424_add(struct rfc5424 *syslog, const struct batch *batch, unsigned index,
                 struct bytes *out)
{
    struct span text = batch_lines(batch, index, 1), line = batch_line(batch, index);
    bool read = batch->lines[index].own
                    ? own_event_read(&syslog->own, line, &syslog->line)
                    : line_read(text.text, text.size, &syslog->line) == LINE_OK;

    if (!read) {
        bytes_fail(out);
        return;
    }
    event_set(&syslog->event, &syslog->line);
    rfc5424_add_header(out, &syslog->line, batch->lines[index].own);
    rfc5424_add_data(syslog, out);
    if (syslog->event.no_memory) bytes_fail(out);
    bytes_add(out, line.text, line.size);
}

void rfc5424_add_shown(struct rfc5424 *syslog, const struct batch *batch, unsigned first,
                       unsigned count, struct bytes *out)
{
    for (unsigned i = first; i < first + count; i++) {
        rfc5424_add(syslog, batch, i, out);
        bytes_add_text(out, "\n");
    }
}
