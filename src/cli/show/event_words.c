#include "event_words.h"

#include "code_name.h"
#include "der/crl.h"
#include "der/value.h"
#include "events/gap.h"

#include <inttypes.h>
#include <string.h>

#define LISTED_MAX 10                   /* RequestIDs that are named */
#define MOST_MAX   3                    /* requesters that are named */

static void event_words_add_number(struct event *event, const char *path, struct bytes *out)
{
    int64_t number;

    if (event_number(event, path, &number)) bytes_printf(out, "%" PRId64, number);
    else bytes_add_text(out, "?");
}

static void add_text(struct event *event, const char *path, struct bytes *out)
{
    if (!event_text(event, path, out)) bytes_add_text(out, "?");
}

/* The number of a CRL that is recorded with its bytes. */
static bool crl_number(struct event *event, json_at recorded, int64_t *number)
{
    const struct json_doc *doc = event_doc(event);
    struct extension extension;
    struct der_bytes content;
    struct bytes der = {0};
    struct der_fault fault;
    struct der cursor;
    struct crl crl;
    bool found = false;

    if (json_doc_base64(doc, json_find(doc, recorded, "base64"), &der) && !der.failed && der.size &&
        crl_read(der.data, der.size, &crl, &fault, DER_BORNE) &&
        extensions_find(crl.extensions, "2.5.29.20", &extension)) {
        der_begin(&cursor, &fault, extension.value.data, extension.value.size);
        found = der_integer(&cursor, "CRL number", &content) && der_number(content, number);
    }
    event->no_memory |= der.failed;
    bytes_free(&der);
    return found;
}

/* Nothing of one that is as it was. */
static void event_words_add_crl(struct event *event, json_at key, const char *member,
                                const char *name, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    json_at recorded = json_find(doc, key, member);
    int64_t index = 0, number;

    if (json_kind(doc, recorded) != JSON_OBJECT ||
        json_find(doc, recorded, "unchanged") != JSON_NONE)
        return;
    if (out->size) bytes_add_text(out, ", ");
    bytes_add_text(out, name);
    if (crl_number(event, recorded, &number)) bytes_printf(out, " %" PRId64, number);
    else if (json_doc_number(doc, json_find(doc, recorded, "size"), &number))
        bytes_printf(out, " of %" PRId64 " bytes", number);
    if (json_doc_number(doc, json_find(doc, key, "index"), &index) && index)
        bytes_printf(out, " (key %" PRId64 ")", index);
}

static void crl_words(struct event *event, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    json_at keys = json_find(doc, JSON_ROOT, "ca/keys"), key = JSON_NONE;
    size_t before = out->size;

    if (json_kind(doc, keys) == JSON_ARRAY) while ((key = json_next(doc, keys, key)) != JSON_NONE) {
        event_words_add_crl(event, key, "RawCRL", "CRL", out);
        event_words_add_crl(event, key, "RawDeltaCRL", "delta CRL", out);
    }
    if (out->size == before) bytes_add_text(out, "no CRL has changed");
}

/* Of whom most was lost, the most first. */
struct most {
    struct bytes names[MOST_MAX];       /* owned */
    uint64_t lost[MOST_MAX], rest;
};

static bool keep_most(void *context, const struct bytes *name, uint64_t lost)
{
    struct most *most = context;
    struct bytes last = most->names[MOST_MAX - 1];
    int at = MOST_MAX;

    most->rest += lost > most->lost[MOST_MAX - 1] ? most->lost[MOST_MAX - 1] : lost;
    while (at && lost > most->lost[at - 1]) at--;
    if (at == MOST_MAX) return true;
    memmove(most->names + at + 1, most->names + at,
            (size_t)(MOST_MAX - 1 - at) * sizeof *most->names);
    memmove(most->lost + at + 1, most->lost + at, (size_t)(MOST_MAX - 1 - at) * sizeof *most->lost);
    most->names[at] = last;
    most->names[at].size = 0;
    bytes_add(&most->names[at], name->data, name->size);
    most->lost[at] = lost;
    return true;
}

static void add_most(struct event *event, struct bytes *out)
{
    struct most most = {.rest = gap_unnamed(event)};

    gap_requesters(event, keep_most, &most);
    for (int i = 0; i < MOST_MAX && most.lost[i]; i++) {
        bytes_add_text(out, i ? ", " : "; of ");
        bytes_add(out, most.names[i].data, most.names[i].size);
        if (most.names[i].failed) bytes_fail(out);
        bytes_printf(out, " %" PRIu64, most.lost[i]);
    }
    if (most.rest)
        bytes_printf(out, "%s%" PRIu64,
                     most.lost[0] ? " and others " : "; of requesters that are not named ",
                     most.rest);
    for (int i = 0; i < MOST_MAX; i++) bytes_free(&most.names[i]);
}

static void event_words_add_requests(struct event *event, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    json_at list = json_find(doc, JSON_ROOT, "requestIDs"), each = JSON_NONE;
    unsigned count = 0;
    int64_t id;

    if (json_kind(doc, list) != JSON_ARRAY) return;
    while ((each = json_next(doc, list, each)) != JSON_NONE) {
        if (!json_doc_number(doc, each, &id) || ++count > LISTED_MAX) continue;
        bytes_printf(out, "%s%" PRId64, count == 1 ? ": requests " : ", ", id);
    }
    if (count > LISTED_MAX) bytes_printf(out, " and %u more", count - LISTED_MAX);
}

static void gap_words(struct event *event, struct bytes *out)
{
    struct bytes causes = {0};

    event_words_add_number(event, "events", out);
    bytes_add_text(out, " events were lost");
    gap_add_causes(event, &causes);
    if (causes.size) bytes_add_text(out, ", ");
    bytes_add(out, causes.data, causes.size);
    if (causes.failed) bytes_fail(out);
    bytes_free(&causes);
    add_most(event, out);
    event_words_add_requests(event, out);
}

static void started_words(struct event *event, struct bytes *out)
{
    const struct json_doc *doc = event_doc(event);
    json_at cleanly = json_find(doc, JSON_ROOT, "module/endedCleanly");

    bytes_add_text(out, "CertWitness");
    if (json_kind(doc, json_find(doc, JSON_ROOT, "module/version")) == JSON_TEXT) {
        bytes_add_text(out, " ");
        add_text(event, "module/version", out);
    }
    if (event->line.sequence == 1) bytes_add_text(out, " begins a journal");
    else if (json_kind(doc, cleanly) == JSON_FALSE)
        bytes_add_text(out, "; the last run did not end cleanly");
    if (json_find(doc, JSON_ROOT, "module/previousSource") != JSON_NONE) {
        bytes_add_text(out, "; before it the source was ");
        add_text(event, "module/previousSource", out);
    }
    if (json_find(doc, JSON_ROOT, "module/movedAside") != JSON_NONE)
        bytes_add_text(out, "; files that were not of the journal were moved to torn");
    if (json_find(doc, JSON_ROOT, "module/unwritten") != JSON_NONE)
        bytes_add_text(out, "; events of runs before it are lost");
    if (json_find(doc, JSON_ROOT, "refusedSettings") != JSON_NONE)
        bytes_add_text(out, "; settings were refused");
}

static void stopped_words(struct event *event, struct bytes *out)
{
    (void)event;
    bytes_add_text(out, "the journal was closed");
}

static void ca_started_words(struct event *event, struct bytes *out)
{
    (void)event;
    bytes_add_text(out, "the CA's service has started");
}

static void ca_stopping_words(struct event *event, struct bytes *out)
{
    (void)event;
    bytes_add_text(out, "the CA's service stops");
}

static void recovered_words(struct event *event, struct bytes *out)
{
    event_words_add_number(event, "bytes", out);
    bytes_add_text(out, " half-written bytes were moved to ");
    add_text(event, "kept", out);
}

static void broken_words(struct event *event, struct bytes *out)
{
    bytes_add_text(out, "damaged from event ");
    event_words_add_number(event, "sequence", out);
    bytes_add_text(out, " on: ");
    add_text(event, "file", out);
    bytes_add_text(out, ", byte ");
    event_words_add_number(event, "offset", out);
}

static void pruned_words(struct event *event, struct bytes *out)
{
    bytes_add_text(out, "removed up to event ");
    event_words_add_number(event, "sequence", out);
    bytes_add_text(out, ", files: ");
    event_words_add_number(event, "segments", out);
}

static void unknown_words(struct event *event, struct bytes *out)
{
    int64_t kind;

    bytes_add_text(out, "an event that this version does not know");
    if (event_number(event, "event", &kind)) bytes_printf(out, ": 0x%x", (unsigned)kind);
}

static const struct kind {
    const char *type;
    enum event_rank rank;
    void (*words)(struct event *event, struct bytes *out);      /* NULL: about a request */
} kinds[] = {
    {"certificate.issued", EVENT_DONE, NULL},
    {"certificate.pending", EVENT_NOTABLE, NULL},
    {"certificate.denied", EVENT_REFUSED, NULL},
    {"certificate.revoked", EVENT_NOTABLE, NULL},
    {"certificate.unrevoked", EVENT_DONE, NULL},
    {"certificate.retrieved", EVENT_DONE, NULL},
    {"certificate.imported", EVENT_DONE, NULL},
    {"crl.issued", EVENT_QUIET, crl_words},
    {"ca.started", EVENT_QUIET, ca_started_words},
    {"ca.stopping", EVENT_QUIET, ca_stopping_words},
    {"module.started", EVENT_QUIET, started_words},
    {"module.stopped", EVENT_QUIET, stopped_words},
    {"journal.recovered", EVENT_NOTABLE, recovered_words},
    {"journal.gap", EVENT_TROUBLE, gap_words},
    {"journal.broken", EVENT_TROUBLE, broken_words},
    {"journal.pruned", EVENT_QUIET, pruned_words},
    {"event.unknown", EVENT_NOTABLE, unknown_words},
};

static const struct kind *event_words_kind_of(const struct event *event)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (event_type_is(event, kinds[i].type)) return &kinds[i];
    return NULL;
}

bool event_words(struct event *event, struct bytes *out)
{
    const struct kind *kind = event_words_kind_of(event);
    int64_t id;

    if (kind && !kind->words) return false;
    if ((!kind || kind->words == unknown_words) && event_request_id(event, &id)) return false;
    if (kind) kind->words(event, out);
    else bytes_add_text(out, "a type that this version does not know");
    return true;
}

/* CERTSRV_E_TEMPLATE_DENIED as "template denied". */
static void add_status(const char *name, struct bytes *out)
{
    const char *words = strstr(name, "_E_");

    for (words = words ? words + 3 : name; *words; words++)
        bytes_add(out,
                  &(char){*words == '_'                    ? ' '
                          : *words >= 'A' && *words <= 'Z' ? (char)(*words | 0x20)
                                                           : *words},
                  1);
}

bool event_reason(struct event *event, struct bytes *out)
{
    const char *name = NULL;
    int64_t code;

    if (event_type_is(event, "certificate.revoked")) {
        if (event_number(event, "request/RevokedReason", &code))
            name = revocation_reason_name(code);
    } else if (event_type_is(event, "certificate.denied")) {
        if (event_number(event, "request/StatusCode", &code) && code) name = status_name(code);
        if (!name) return event_text(event, "request/DispositionMessage", out);
        add_status(name, out);
        return true;
    }
    if (name) bytes_add_text(out, name);
    return name != NULL;
}

enum event_rank event_rank(struct event *event)
{
    static const char *const remarks[] = {"refusedSettings", "module/previousSource",
                                          "module/movedAside", "module/unwritten"};
    const struct kind *kind = event_words_kind_of(event);
    const struct json_doc *doc;

    if (!kind) return EVENT_NOTABLE;
    if (kind->words != started_words) return kind->rank;
    doc = event_doc(event);
    if (event->line.sequence > 1 &&
        json_kind(doc, json_find(doc, JSON_ROOT, "module/endedCleanly")) == JSON_FALSE)
        return EVENT_NOTABLE;
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks; i++)
        if (json_find(doc, JSON_ROOT, remarks[i]) != JSON_NONE) return EVENT_NOTABLE;
    return kind->rank;
}
