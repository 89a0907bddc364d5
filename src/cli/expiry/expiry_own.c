#include "expiry_own.h"

#include <string.h>

static struct expiry_own *add_own(struct expiry_owns *owns, const struct expiry_own *own)
{
    if (owns->count == EXPIRY_OWN_MOST) return NULL;
    owns->list[owns->count] = *own;
    return &owns->list[owns->count++];
}

/* A CA signs with its newest certificate: none that it issued outlives an older one. */
static const struct service_certificate *find_replacement(const struct expiry *expiry,
                                                          const struct services *services,
                                                          const struct service_certificate *of)
{
    for (unsigned i = services->certificate_count; i-- > 0;) {
        const struct service_certificate *each = &services->certificates[i];
        int64_t end = each->not_after;

        if (each->index > of->index && each->not_before <= expiry->now &&
            (end == DER_TIME_NONE || end > expiry->window))
            return each;
    }
    return NULL;
}

static void find_certificate(struct expiry_owns *owns, const struct expiry *expiry,
                             const struct services *services,
                             const struct service_certificate *certificate)
{
    struct expiry_own *own;
    int64_t end = certificate->not_after;
    bool ends = end != DER_TIME_NONE;

    if (ends && end <= expiry->past) return;
    own = add_own(owns, &(struct expiry_own){.certificate = certificate, .end = end});
    if (!own || !ends || end > expiry->window) return;
    own->replacement = find_replacement(expiry, services, certificate);
    if (own->replacement) return;
    own->needs_person = own->is_told = true;
    own->threshold = expiry_threshold(expiry, end);
    fact_key(certificate->sha256, sizeof certificate->sha256, own->key);
}

/* `end` is the time at which it is told. */
static void find_crl(struct expiry_owns *owns, const struct expiry *expiry,
                     const struct services *services, const struct service_crl *crl)
{
    struct { int64_t index, is_delta, due; } of = {crl->index, crl->is_delta, service_crl_due(crl)};
    struct expiry_own *own;

    if (service_crl_is_over(services, crl, expiry->now)) return;
    own = add_own(owns, &(struct expiry_own){.crl = crl, .end = expiry->now});
    if (!own || !service_crl_is_late(crl, expiry->now)) return;
    own->needs_person = own->is_told = true;
    fact_key(&of, sizeof of, own->key);
}

void expiry_own_find(struct expiry_owns *owns, const struct expiry *expiry,
                     const struct services *services)
{
    owns->count = 0;
    for (unsigned i = 0; i < services->certificate_count; i++)
        find_certificate(owns, expiry, services, &services->certificates[i]);
    for (unsigned i = 0; i < services->crl_count; i++)
        find_crl(owns, expiry, services, &services->crls[i]);
}

const char *expiry_own_remark(const struct service_crl *crl)
{
    return crl->times == CRL_NOT_GIVEN ? "the last known one was due long ago"
                                       : "the journal has none that was published in time";
}

const char *expiry_own_crl(const struct service_crl *crl)
{
    return crl->is_delta ? "Delta CRL of key" : "CRL of key";
}
