#include "services.h"

#include "base/digits.h"
#include "base/timestamp.h"
#include "der/identifier.h"
#include "events/decoded_text.h"

#include <stdio.h>
#include <string.h>

struct services_walk {
    struct services *services;
    struct event *event;
    bool is_publication;                /* a crl.issued; otherwise a module.started */
};

void services_free(struct services *services)
{
    for (unsigned i = 0; i < services->certificate_count; i++)
        bytes_free(&services->certificates[i].subject);
    bytes_free(&services->room);
    services->certificate_count = services->crl_count = 0;
}

static void services_put_serial(struct der_bytes serial, char out[64])
{
    size_t at = 0;

    out[0] = 0;
    for (size_t i = 0; i < serial.size && at + 2 < 64; i++)
        at += (size_t)snprintf(out + at, 64 - at, "%02x", serial.data[i]);
}

static void take_certificate(struct services *services, const struct event_item *item)
{
    struct service_certificate *added;

    if (!item->readable || !item->has_sha256) return;
    for (unsigned i = 0; i < services->certificate_count; i++)
        if (!memcmp(services->certificates[i].sha256, item->sha256, 32)) return;
    if (services->certificate_count == SERVICES_MOST) {
        services->more++;
        return;
    }
    added = &services->certificates[services->certificate_count++];
    *added = (struct service_certificate){.index = item->index,
                                          .not_before = item->certificate.not_before,
                                          .not_after = item->certificate.not_after};
    memcpy(added->sha256, item->sha256, 32);
    services_put_serial(item->certificate.serial, added->serial);
    decoded_name_add(&added->subject, item->certificate.subject);
}

static int64_t next_publish(const struct crl *crl)
{
    struct extension extension;
    struct der_fault fault;
    int64_t seconds;

    if (!extensions_find(crl->extensions, "1.3.6.1.4.1.311.21.4", &extension) ||
        !der_time_alone(extension.value, "time", &seconds, &fault, DER_BORNE))
        return DER_TIME_NONE;
    return seconds;
}

static struct service_crl *crl_find(struct services *services, int64_t index, bool is_delta)
{
    for (unsigned i = 0; i < services->crl_count; i++)
        if (services->crls[i].index == index && services->crls[i].is_delta == is_delta)
            return &services->crls[i];
    return NULL;
}

/* That of the key, with all zeros if it is the first one. */
static struct service_crl *crl_of(struct services *services, int64_t index, bool is_delta)
{
    struct service_crl *crl = crl_find(services, index, is_delta);

    if (crl) return crl;
    if (services->crl_count == 2 * SERVICES_MOST) {
        services->more++;
        return NULL;
    }
    crl = &services->crls[services->crl_count++];
    *crl = (struct service_crl){.index = index, .is_delta = is_delta, .this_update = DER_TIME_NONE,
                                .next_update = DER_TIME_NONE, .next_publish = DER_TIME_NONE,
                                .owed = DER_TIME_NONE};
    return crl;
}

/* The event has another CRL than before. */
static void crl_replace(struct service_crl *crl, const struct event *event, enum crl_times times)
{
    int64_t micros;

    crl->times = times;
    crl->sequence = crl->seen = event->line.sequence;
    crl->published =
        timestamp_of_line(event->line.time, &micros) ? micros / 1000000 : DER_TIME_NONE;
    crl->next_update = crl->next_publish = crl->owed = DER_TIME_NONE;
    memset(crl->sha256, 0, sizeof crl->sha256);
}

static bool is_same_crl(const struct service_crl *crl, const struct event_item *item)
{
    return crl->sequence && item->has_sha256 &&
           !memcmp(crl->sha256, item->sha256, sizeof crl->sha256);
}

static void take_crl(struct services_walk *walk, const struct event_item *item)
{
    struct service_crl *crl =
        crl_of(walk->services, item->index, item->kind == ITEM_DELTA_CRL);

    if (!crl) return;
    crl->seen = walk->event->line.sequence;
    if (is_same_crl(crl, item) && (crl->times == CRL_TIMES_KNOWN || !item->readable)) return;
    if (!walk->is_publication && item->readable && item->crl.this_update < crl->this_update)
        return;
    crl_replace(crl, walk->event,
                item->unchanged    ? CRL_UNCHANGED
                : item->readable   ? CRL_TIMES_KNOWN
                : item->der.size   ? CRL_UNREADABLE
                                   : CRL_LEFT_OUT);
    if (item->has_sha256) memcpy(crl->sha256, item->sha256, sizeof crl->sha256);
    if (!item->readable) return;
    crl->this_update = item->crl.this_update;
    crl->next_update = item->crl.has_next_update ? item->crl.next_update : DER_TIME_NONE;
    crl->next_publish = next_publish(&item->crl);
}

static bool take_service(void *context, struct event_item *item)
{
    struct services_walk *walk = context;

    if (item->kind == ITEM_CA_CERTIFICATE) take_certificate(walk->services, item);
    if (item->kind == ITEM_CRL || item->kind == ITEM_DELTA_CRL) take_crl(walk, item);
    return true;
}

/* --- CRLs that a crl.issued has not --- */

static int64_t due_of(const struct service_crl *crl)
{
    return crl->next_publish != DER_TIME_NONE ? crl->next_publish : crl->next_update;
}

/* The due date of the last known CRL still counts: the CA may publish none any more. */
static void miss_this(struct services_walk *walk, struct service_crl *crl)
{
    int64_t due = due_of(crl), owed = crl->owed;

    crl_replace(crl, walk->event, CRL_NOT_GIVEN);
    crl->owed = owed;
    if (due == DER_TIME_NONE) return;
    crl->owed = crl->published != DER_TIME_NONE && crl->published > due ? crl->published : due;
    if (due > crl->this_update) crl->owed += due - crl->this_update;
}

static void miss_crl(struct services_walk *walk, int64_t index, bool is_delta)
{
    struct service_crl *crl = crl_of(walk->services, index, is_delta);

    if (crl) miss_this(walk, crl);
}

/* The N of "RawCRL.N". False: the name is another one. */
static bool indexed_by(struct span name, const char *property, int64_t *index)
{
    size_t size = strlen(property);
    uint64_t number;

    if (name.size < size + 2 || name.size > size + 5 || memcmp(name.text, property, size) ||
        name.text[size] != '.' || !digits_read(name.text + size + 1, name.size - size - 1, &number))
        return false;
    *index = (int64_t)number;
    return true;
}

/* Those that the event has not: its list has no names of them. */
static void miss_others(struct services_walk *walk)
{
    struct services *services = walk->services;

    for (unsigned i = 0; i < services->crl_count; i++)
        if (services->crls[i].seen < walk->event->line.sequence)
            miss_this(walk, &services->crls[i]);
}

/* A key whose CRLs had no room has a base CRL at least. "missing" and "keys" end a list that had no
 * room for more. */
static void miss_named(struct services_walk *walk, struct span name)
{
    int64_t index;

    if (span_is(name, "missing") || span_is(name, "keys")) miss_others(walk);
    if (indexed_by(name, "RawCRL", &index)) miss_crl(walk, index, false);
    if (indexed_by(name, "RawDeltaCRL", &index)) miss_crl(walk, index, true);
    if (!indexed_by(name, "keys", &index)) return;
    miss_crl(walk, index, false);
    if (crl_find(walk->services, index, true)) miss_crl(walk, index, true);
}

static void miss_all(struct services_walk *walk)
{
    struct services *services = walk->services;

    for (unsigned i = 0; i < services->crl_count; i++)
        miss_this(walk, &services->crls[i]);
    if (!services->crl_count) miss_crl(walk, 0, false);
}

/* Delta CRLs that the CA does not publish any more: the event has none, or asked in vain. */
static void forget_deltas(struct services_walk *walk)
{
    struct services *services = walk->services;
    int64_t is_disabled = 0;
    unsigned kept = 0;

    event_number(walk->event, "ca/fDeltaCRLsDisabled", &is_disabled);
    for (unsigned i = 0; i < services->crl_count; i++) {
        const struct service_crl *crl = &services->crls[i];
        bool is_over = is_disabled && crl->is_delta &&
                       (crl->seen < walk->event->line.sequence || crl->times == CRL_NOT_GIVEN);

        if (!is_over) services->crls[kept++] = *crl;
    }
    services->crl_count = kept;
}

static void take_publication(struct services_walk *walk)
{
    const struct json_doc *doc = event_doc(walk->event);
    json_at missing = json_find(doc, JSON_ROOT, "missing"), each = JSON_NONE;

    if (json_kind(doc, json_find(doc, JSON_ROOT, "ca/keys")) != JSON_ARRAY) {
        miss_all(walk);
        return;
    }
    walk->services->crls_told = walk->event->line.sequence;
    if (json_kind(doc, missing) == JSON_ARRAY)
        while ((each = json_next(doc, missing, each)) != JSON_NONE)
            miss_named(walk, json_doc_span(doc, json_find(doc, each, "name")));
    forget_deltas(walk);
}

void services_add(struct services *services, struct event *event)
{
    struct services_walk walk = {services, event, event_type_is(event, "crl.issued")};

    if (!walk.is_publication && !event_type_is(event, "module.started")) return;
    event_items(event, &services->room, take_service, &walk);
    if (walk.is_publication) take_publication(&walk);
}

int64_t service_crl_due(const struct service_crl *crl)
{
    return crl->times == CRL_NOT_GIVEN ? crl->owed : due_of(crl);
}

bool service_crl_is_late(const struct service_crl *crl, int64_t now)
{
    int64_t due = service_crl_due(crl);

    return due != DER_TIME_NONE && due < now;
}

bool service_crl_is_over(const struct services *services, const struct service_crl *crl,
                         int64_t now)
{
    bool is_over = false;

    if (crl->seen >= services->crls_told && crl->times != CRL_NOT_GIVEN) return false;
    for (unsigned i = 0; i < services->certificate_count; i++) {
        if (services->certificates[i].index != crl->index) continue;
        if (services->certificates[i].not_after >= now) return false;
        is_over = true;
    }
    return is_over;
}
