/*
 * What the CA does with certificates that it has issued.
 *
 * A base CRL lists every certificate that is revoked and not yet expired. A delta CRL lists what has changed since the
 * last base CRL: what was revoked or got another reason or date, and, as removeFromCRL, what was listed since and is no
 * longer revoked. Every CRL of either kind gets the next number.
 */
#include "revocation.h"

#include "files.h"
#include "heap.h"
#include "text.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REMOVE_FROM_CRL = 8, BASE_DAYS = 7, DELTA_DAYS = 1 };

struct list {
    struct crl_entry *entries;          /* serials are the list's */
    size_t count;
};

struct crls {
    unsigned number;                    /* of the last CRL of either kind */
    unsigned base_number;               /* 0: there is no base CRL */
    struct { unsigned char *data; size_t size; } base, delta;
    struct list in_base;                /* what the base CRL lists */
    struct list in_delta;               /* what any delta CRL since then listed */
};

static const struct entry_word { const char *word; int reason; } reasons[] = {
    {"unspecified", 0}, {"keyCompromise", 1}, {"cACompromise", 2}, {"affiliationChanged", 3}, {"superseded", 4},
    {"cessationOfOperation", 5},
};

int revocation_reason(const char *word)
{
    for (size_t i = 0; i < ARRAYSIZE(reasons); i++) {
        if (!_stricmp(reasons[i].word, word)) return reasons[i].reason;
    }
    return -1;
}

struct crls *crls_open(void)
{
    return heap_take(sizeof(struct crls));
}

static void list_empty(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) free((char *)list->entries[i].serial);
    free(list->entries);
    *list = (struct list){NULL, 0};
}

void crls_close(struct crls *crls)
{
    if (!crls) return;
    list_empty(&crls->in_base);
    list_empty(&crls->in_delta);
    free(crls->base.data);
    free(crls->delta.data);
    free(crls);
}

struct der_bytes crls_base(const struct crls *crls)
{
    return (struct der_bytes){crls->base.data, crls->base.size};
}

struct der_bytes crls_delta(const struct crls *crls)
{
    return (struct der_bytes){crls->delta.data, crls->delta.size};
}

static void list_add(struct list *list, const char *serial, int64_t when, int reason)
{
    list->entries = heap_grow(list->entries, (list->count + 1) * sizeof *list->entries);
    list->entries[list->count++] = (struct crl_entry){heap_text(serial), when, reason};
}

static const struct crl_entry *list_find(const struct list *list, const char *serial)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!strcmp(list->entries[i].serial, serial)) return &list->entries[i];
    }
    return NULL;
}

/* Revoking. */

static void put_revocation(struct row *row, LONG disposition, int reason, const char *officer)
{
    char *message = text_format("Revoked by %s", officer);      /* of a release too: so the real one leaves it */

    row_set_long(row, HALF_REQUEST, "Disposition", disposition);
    row_set_long(row, HALF_REQUEST, "RevokedReason", reason);
    row_set_date(row, HALF_REQUEST, "RevokedWhen", ca_now());
    row_set_date(row, HALF_REQUEST, "RevokedEffectiveWhen", ca_now());
    row_set_text(row, HALF_REQUEST, "DispositionMessage", message);
    free(message);
}

static LONG disposition_of(const struct row *row)
{
    return row ? row_long(row, HALF_REQUEST, "Disposition", 0) : 0;
}

void certificate_revoke(struct ca *ca, LONG id, int reason, const char *officer, struct verdict *verdict)
{
    struct row *row;
    LONG disposition;

    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    rows_write_lock(ca->rows);
    row = rows_find(ca->rows, id);
    disposition = disposition_of(row);
    if (disposition == DB_DISP_ISSUED || disposition == DB_DISP_REVOKED) {
        put_revocation(row, DB_DISP_REVOKED, reason, officer);
        verdict->outcome = OUTCOME_REVOKED;
    } else {
        verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_BAD_REQUESTSTATUS,
                    "what is of disposition %ld cannot be revoked", disposition);
    }
    rows_write_unlock(ca->rows);
    if (verdict->outcome == OUTCOME_REVOKED) ca_tell(ca, EXITEVENT_CERTREVOKED, id);
}

void certificate_release(struct ca *ca, LONG id, const char *officer, struct verdict *verdict)
{
    struct row *row;

    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    rows_write_lock(ca->rows);
    row = rows_find(ca->rows, id);
    if (disposition_of(row) == DB_DISP_REVOKED && row_long(row, HALF_REQUEST, "RevokedReason", 0) == REASON_HOLD) {
        put_revocation(row, DB_DISP_ISSUED, REASON_NONE, officer);
        verdict->outcome = OUTCOME_RELEASED;
    } else {
        verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_BAD_REQUESTSTATUS, "the certificate is not on hold");
    }
    rows_write_unlock(ca->rows);
    if (verdict->outcome == OUTCOME_RELEASED) ca_tell(ca, EXITEVENT_CERTREVOKED, id);
}

/* Publishing. All of it happens with the database's lock held for writing. */

/* Everything revoked and not expired. */
static void list_revoked(const struct rows *rows, struct list *list)
{
    for (LONG id = 1; id <= rows_last((struct rows *)rows); id++) {
        const struct row *row = rows_find((struct rows *)rows, id);
        char *serial;

        if (disposition_of(row) != DB_DISP_REVOKED) continue;
        if (row_date(row, HALF_CERTIFICATE, "NotAfter", 0) < ca_now()) continue;
        serial = row_text(row, HALF_CERTIFICATE, "SerialNumber");
        list_add(list, serial, row_date(row, HALF_REQUEST, "RevokedEffectiveWhen", 0),
                 row_long(row, HALF_REQUEST, "RevokedReason", 0));
        free(serial);
    }
}

/* What has been listed since the last base CRL and is not revoked any more: once each. */
static void list_removed(const struct list *listed, const struct list *revoked, struct list *changes)
{
    for (size_t i = 0; i < listed->count; i++) {
        const char *serial = listed->entries[i].serial;

        if (!list_find(revoked, serial) && !list_find(changes, serial)) {
            list_add(changes, serial, ca_now(), REMOVE_FROM_CRL);
        }
    }
}

static void list_changes(const struct crls *crls, const struct list *revoked, struct list *changes)
{
    for (size_t i = 0; i < revoked->count; i++) {
        const struct crl_entry *now = &revoked->entries[i], *before = list_find(&crls->in_base, now->serial);

        if (before && before->reason == now->reason && before->when == now->when) continue;
        list_add(changes, now->serial, now->when, now->reason);
    }
    list_removed(&crls->in_base, revoked, changes);
    list_removed(&crls->in_delta, revoked, changes);
}

static HRESULT sign(struct ca *ca, const struct list *list, bool delta, unsigned char **data, size_t *size,
                    struct reason *reason)
{
    struct crl crl = {
        .number = ++ca->crls->number, .delta = delta, .base_number = ca->crls->base_number,
        .this_update = ca_now() - CLOCK_SKEW, .next_update = ca_now() + (delta ? DELTA_DAYS : BASE_DAYS) * DAY,
        .entries = list->entries, .count = list->count,
    };
    char *path = text_format("%s/%s.crl", ca->folder, delta ? "delta" : "base");
    unsigned char *der = NULL;
    size_t der_size = 0;
    HRESULT hr = authority_sign_crl(ca->authority, &crl, &der, &der_size, reason);

    if (SUCCEEDED(hr)) hr = file_write_pem(path, "X509 CRL", der, der_size, reason);
    free(path);
    if (FAILED(hr)) {
        free(der);
        return hr;
    }
    free(*data);
    *data = der;
    *size = der_size;
    return S_OK;
}

static HRESULT publish_base(struct ca *ca, const struct list *revoked, struct reason *reason)
{
    struct crls *crls = ca->crls;
    HRESULT hr = sign(ca, revoked, false, &crls->base.data, &crls->base.size, reason);

    if (FAILED(hr)) return hr;
    crls->base_number = crls->number;
    list_empty(&crls->in_base);
    list_empty(&crls->in_delta);
    for (size_t i = 0; i < revoked->count; i++) {
        list_add(&crls->in_base, revoked->entries[i].serial, revoked->entries[i].when, revoked->entries[i].reason);
    }
    return S_OK;
}

static HRESULT publish_delta(struct ca *ca, const struct list *revoked, struct reason *reason)
{
    struct crls *crls = ca->crls;
    struct list changes = {NULL, 0};
    HRESULT hr;

    list_changes(crls, revoked, &changes);
    hr = sign(ca, &changes, true, &crls->delta.data, &crls->delta.size, reason);
    for (size_t i = 0; SUCCEEDED(hr) && i < changes.count; i++) {
        if (!list_find(&crls->in_delta, changes.entries[i].serial)) {
            list_add(&crls->in_delta, changes.entries[i].serial, changes.entries[i].when, changes.entries[i].reason);
        }
    }
    list_empty(&changes);
    return hr;
}

static HRESULT publish(struct ca *ca, bool base, bool delta, struct reason *reason)
{
    struct list revoked = {NULL, 0};
    HRESULT hr = S_OK;

    list_revoked(ca->rows, &revoked);
    if (base) hr = publish_base(ca, &revoked, reason);
    if (delta && SUCCEEDED(hr)) hr = publish_delta(ca, &revoked, reason);
    list_empty(&revoked);
    return hr;
}

void crl_publish(struct ca *ca, bool base, bool delta, struct verdict *verdict)
{
    HRESULT hr = S_OK;

    memset(verdict, 0, sizeof *verdict);
    rows_write_lock(ca->rows);
    if (delta && !ca->delta_crls) {
        verdict_say(verdict, OUTCOME_REFUSED, E_INVALIDARG, "this CA publishes no delta CRLs");
    } else if (delta && !base && !ca->crls->base_number) {
        verdict_say(verdict, OUTCOME_REFUSED, E_INVALIDARG, "there is no base CRL yet for a delta CRL to go with");
    } else if (FAILED(hr = publish(ca, base, delta, &verdict->reason))) {
        verdict->outcome = OUTCOME_ERROR;
        verdict->status = hr;
    } else {
        verdict->outcome = OUTCOME_PUBLISHED;
    }
    rows_write_unlock(ca->rows);
    if (verdict->outcome == OUTCOME_PUBLISHED) ca_tell(ca, EXITEVENT_CRLISSUED, 0);
}
