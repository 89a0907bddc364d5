#include "services.h"

#include "der/identifier.h"
#include "events/decoded_text.h"

#include <stdio.h>
#include <string.h>

struct services_walk {
    struct services *services;
    uint64_t sequence;
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

static struct service_crl *crl_of(struct services *services, int64_t index, bool is_delta)
{
    for (unsigned i = 0; i < services->crl_count; i++)
        if (services->crls[i].index == index && services->crls[i].is_delta == is_delta)
            return &services->crls[i];
    if (services->crl_count == 2 * SERVICES_MOST) {
        services->more++;
        return NULL;
    }
    services->crls[services->crl_count] =
        (struct service_crl){.index = index, .is_delta = is_delta, .this_update = DER_TIME_NONE};
    return &services->crls[services->crl_count++];
}

static void take_crl(struct services_walk *walk, const struct event_item *item)
{
    struct service_crl *crl;

    if (item->unchanged || (!item->readable && !item->has_sha256)) return;
    crl = crl_of(walk->services, item->index, item->kind == ITEM_DELTA_CRL);
    if (!crl || (item->readable && item->crl.this_update < crl->this_update)) return;
    crl->sequence = walk->sequence;
    crl->is_unread = !item->readable;
    if (crl->is_unread) {
        crl->next_update = crl->next_publish = DER_TIME_NONE;
        return;
    }
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

void services_add(struct services *services, struct event *event)
{
    struct services_walk walk = {services, event->line.sequence};

    if (event_type_is(event, "module.started") || event_type_is(event, "crl.issued"))
        event_items(event, &services->room, take_service, &walk);
}

bool service_crl_is_late(const struct service_crl *crl, int64_t now)
{
    int64_t due = crl->next_publish != DER_TIME_NONE ? crl->next_publish : crl->next_update;

    return due != DER_TIME_NONE && due < now;
}
