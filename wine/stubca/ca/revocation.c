/*
 * What the CA does with certificates that it has issued.
 *
 * Every key of the CA has CRLs of its own, for what was issued with it.
 *
 * A base CRL lists every certificate that is revoked and not yet expired, or is to be listed all
 * the same. A delta CRL lists what has changed since the last base CRL: what was revoked or got
 * another reason or date, and, as removeFromCRL, what was listed since and is no longer revoked.
 * Every publication gets the next number, the same for all keys and, as RFC 5280 asks, for both
 * kinds. Where the CA publishes delta CRLs, a base CRL brings one with it, for each key.
 */
#include "revocation.h"

#include "crls.h"

#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REMOVE_FROM_CRL = 8, BASE_DAYS = 7, DELTA_DAYS = 1 };

static const struct entry_word { const char *word; int reason;
} reasons[] = {
    {"unspecified", 0},
    {"keyCompromise", 1},
    {"cACompromise", 2},
    {"affiliationChanged", 3},
    {"superseded", 4},
    {"cessationOfOperation", 5},
    {"removeFromCRL", REMOVE_FROM_CRL},
    {"publishExpired", REASON_PUBLISH_EXPIRED},
    {"dontPublishExpired", REASON_DONT_PUBLISH_EXPIRED},
};

int revocation_reason(const char *word)
{
    for (size_t i = 0; i < ARRAYSIZE(reasons); i++) {
        if (!_stricmp(reasons[i].word, word)) return reasons[i].reason;
    }
    return REASON_NO_WORD;
}

/* Revoking. */

/* The real one is said to leave "Revoked by" on a release too (I-23). */
static void put_revocation(const struct ca *ca, struct row *row, LONG disposition, int reason,
                           int64_t effective, const char *officer)
{
    bool released = reason == REASON_NONE && ca->choices.chosen[CHOICE_RELEASE_MESSAGE];
    char *message = text_format("%s by %s", released ? "Released" : "Revoked", officer);

    row_set_long(row, HALF_REQUEST, "Disposition", disposition);
    row_set_long(row, HALF_REQUEST, "RevokedReason", reason);
    row_set_date(row, HALF_REQUEST, "RevokedWhen", ca_now());
    row_set_date(row, HALF_REQUEST, "RevokedEffectiveWhen", effective ? effective : ca_now());
    row_set_text(row, HALF_REQUEST, "DispositionMessage", message);
    free(message);
}

static LONG disposition_of(const struct row *row)
{
    return row ? row_long(row, HALF_REQUEST, "Disposition", 0) : 0;
}

void certificate_revoke(struct ca *ca, LONG id, int reason, int64_t effective, const char *officer,
                        struct verdict *verdict)
{
    struct row *row;
    LONG disposition;

    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    rows_write_lock(ca->rows);
    row = rows_find(ca->rows, id);
    disposition = disposition_of(row);
    if (disposition == DB_DISP_ISSUED || disposition == DB_DISP_REVOKED) {
        put_revocation(ca, row, DB_DISP_REVOKED, reason, effective, officer);
        verdict->outcome = OUTCOME_REVOKED;
    } else {
        verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_BAD_REQUESTSTATUS,
                    "what is of disposition %ld cannot be revoked", disposition);
    }
    rows_write_unlock(ca->rows);
    if (verdict->outcome == OUTCOME_REVOKED) ca_tell(ca, EXITEVENT_CERTREVOKED, id);
}

void certificate_publish_expired(struct ca *ca, LONG id, bool publish, struct verdict *verdict)
{
    struct row *row;
    LONG disposition;

    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    rows_write_lock(ca->rows);
    row = rows_find(ca->rows, id);
    disposition = disposition_of(row);
    if (disposition == DB_DISP_ISSUED || disposition == DB_DISP_REVOKED) {
        row_set_long(row, HALF_CERTIFICATE, "PublishExpiredCertInCRL", publish);
        verdict->outcome = OUTCOME_REVOKED;
    } else {
        verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_BAD_REQUESTSTATUS,
                    "what is of disposition %ld cannot be marked", disposition);
    }
    rows_write_unlock(ca->rows);
}

void certificate_release(struct ca *ca, LONG id, const char *officer, struct verdict *verdict)
{
    struct row *row;

    memset(verdict, 0, sizeof *verdict);
    verdict->request_id = id;
    rows_write_lock(ca->rows);
    row = rows_find(ca->rows, id);
    if (disposition_of(row) == DB_DISP_REVOKED &&
        row_long(row, HALF_REQUEST, "RevokedReason", 0) == REASON_HOLD) {
        put_revocation(ca, row, DB_DISP_ISSUED, REASON_NONE, 0, officer);
        verdict->outcome = OUTCOME_RELEASED;
    } else {
        verdict_say(verdict, OUTCOME_REFUSED, CERTSRV_E_BAD_REQUESTSTATUS,
                    "the certificate is not on hold");
    }
    rows_write_unlock(ca->rows);
    if (verdict->outcome == OUTCOME_RELEASED) ca_tell(ca, EXITEVENT_CERTREVOKED, id);
}

/* Publishing. All of it happens with the database's lock held for writing. */

static bool is_listed(const struct row *row, unsigned key)
{
    if (disposition_of(row) != DB_DISP_REVOKED) return false;
    if (row_long(row, HALF_REQUEST, "RevokedReason", 0) == REMOVE_FROM_CRL) return false;
    if ((unsigned)row_long(row, HALF_CERTIFICATE, "IssuerNameId", 0) >> 16 != key) return false;
    return row_date(row, HALF_CERTIFICATE, "NotAfter", 0) >= ca_now()
           || row_long(row, HALF_CERTIFICATE, "PublishExpiredCertInCRL", 0);
}

/* What was issued with that key, is revoked and not expired. */
static void list_revoked(struct rows *rows, unsigned key, struct crl_list *list)
{
    for (LONG id = 1; id <= rows_last(rows); id++) {
        const struct row *row = rows_find(rows, id);
        char *serial;

        if (!is_listed(row, key)) continue;
        serial = row_text(row, HALF_CERTIFICATE, "SerialNumber");
        crl_list_add(list, serial, row_date(row, HALF_REQUEST, "RevokedEffectiveWhen", 0),
                 row_long(row, HALF_REQUEST, "RevokedReason", 0));
        free(serial);
    }
}

/* What has been listed since the last base CRL and is not revoked any more: once each. */
static void list_removed(const struct crl_list *listed, const struct crl_list *revoked,
                         struct crl_list *changes)
{
    for (size_t i = 0; i < listed->count; i++) {
        const char *serial = listed->entries[i].serial;

        if (!crl_list_find(revoked, serial) && !crl_list_find(changes, serial)) {
            crl_list_add(changes, serial, ca_now(), REMOVE_FROM_CRL);
        }
    }
}

static void list_changes(const struct crls *crls, const struct crl_list *revoked,
                         struct crl_list *changes)
{
    for (size_t i = 0; i < revoked->count; i++) {
        const struct crl_entry *now = &revoked->entries[i],
                               *before = crl_list_find(&crls->in_base, now->serial);

        if (before && before->reason == now->reason && before->when == now->when) continue;
        crl_list_add(changes, now->serial, now->when, now->reason);
    }
    list_removed(&crls->in_base, revoked, changes);
    list_removed(&crls->in_delta, revoked, changes);
}

bool crls_are_signed(const struct ca *ca, unsigned key)
{
    const struct authority *signer = ca_signer(ca, key);

    return signer && authority_certificate(signer)->not_after >= ca_now();
}

/* Base CRLs say where delta CRLs lie, if that is another place. */
static char *delta_url(const struct ca *ca, unsigned key, bool delta)
{
    bool other = ca->crl_url && strstr(ca->crl_url, "<DeltaCRLAllowed>");

    return other && ca->delta_crls && !delta ? ca_url(ca->crl_url, key, key, true) : NULL;
}

static HRESULT revocation_sign(struct ca *ca, unsigned key, const struct crl_list *list, bool delta,
                               unsigned char **data, size_t *size, struct reason *reason)
{
    int64_t next = ca_now() + (delta ? DELTA_DAYS : BASE_DAYS) * DAY;
    char *suffix = ca_suffix(key), *url = delta_url(ca, key, delta);
    struct crl crl = {
        .number = ca->crl_number,
        .delta = delta,
        .base_number = ca->certificates[key].crls->base_number,
        .this_update = ca_now() - CLOCK_SKEW,
        .next_update = next + CLOCK_SKEW,
        .next_publish = next,
        .entries = list->entries,
        .count = list->count,
        .delta_url = url,
    };
    char *path = text_format("%s/%s%s.crl", ca->folder, delta ? "delta" : "base", suffix);
    unsigned char *der = NULL;
    size_t der_size = 0;
    HRESULT hr = authority_sign_crl(ca_signer(ca, key), &crl, &der, &der_size, reason);

    if (SUCCEEDED(hr)) hr = file_write_pem(path, "X509 CRL", der, der_size, reason);
    free(path);
    free(suffix);
    free(url);
    if (FAILED(hr)) {
        free(der);
        return hr;
    }
    free(*data);
    *data = der;
    *size = der_size;
    return S_OK;
}

static HRESULT publish_base(struct ca *ca, unsigned key, const struct crl_list *revoked,
                            struct reason *reason)
{
    struct crls *crls = ca->certificates[key].crls;
    HRESULT hr =
        revocation_sign(ca, key, revoked, false, &crls->base.data, &crls->base.size, reason);

    if (FAILED(hr)) return hr;
    crls->base_number = ca->crl_number;
    crl_list_empty(&crls->in_base);
    crl_list_empty(&crls->in_delta);
    for (size_t i = 0; i < revoked->count; i++) {
        crl_list_add(&crls->in_base, revoked->entries[i].serial, revoked->entries[i].when,
                     revoked->entries[i].reason);
    }
    return S_OK;
}

static HRESULT publish_delta(struct ca *ca, unsigned key, const struct crl_list *revoked,
                             struct reason *reason)
{
    struct crls *crls = ca->certificates[key].crls;
    struct crl_list changes = {NULL, 0};
    HRESULT hr;

    list_changes(crls, revoked, &changes);
    hr = revocation_sign(ca, key, &changes, true, &crls->delta.data, &crls->delta.size, reason);
    for (size_t i = 0; SUCCEEDED(hr) && i < changes.count; i++) {
        if (!crl_list_find(&crls->in_delta, changes.entries[i].serial)) {
            crl_list_add(&crls->in_delta, changes.entries[i].serial, changes.entries[i].when,
                         changes.entries[i].reason);
        }
    }
    crl_list_empty(&changes);
    return hr;
}

/* One kind of CRL, for every key that has not run out. A key without a base CRL has no delta CRL
 * either. */
static HRESULT publish(struct ca *ca, bool delta, struct reason *reason)
{
    HRESULT hr = S_OK;

    for (unsigned key = 0; key < ca->certificate_count && SUCCEEDED(hr); key++) {
        const struct crls *crls = ca->certificates[key].crls;
        struct crl_list revoked = {NULL, 0};

        if (!crls || !crls_are_signed(ca, key) || (delta && !crls->base_number)) continue;
        list_revoked(ca->rows, key, &revoked);
        hr = (delta ? publish_delta : publish_base)(ca, key, &revoked, reason);
        crl_list_empty(&revoked);
    }
    return hr;
}

static bool has_base(const struct ca *ca)
{
    for (unsigned key = 0; key < ca->certificate_count; key++) {
        if (ca->certificates[key].crls && ca->certificates[key].crls->base_number) return true;
    }
    return false;
}

void crl_publish(struct ca *ca, bool base, bool delta, struct verdict *verdict)
{
    HRESULT hr = S_OK;

    memset(verdict, 0, sizeof *verdict);
    rows_write_lock(ca->rows);
    if (base && ca->delta_crls)
        delta = true; /* a base CRL never comes without a delta CRL, where there are any */
    if (delta && !ca->delta_crls) {
        verdict_say(verdict, OUTCOME_REFUSED, E_INVALIDARG, "this CA publishes no delta CRLs");
    } else if (delta && !base && !has_base(ca)) {
        verdict_say(verdict, OUTCOME_REFUSED, E_INVALIDARG,
                    "there is no base CRL yet for a delta CRL to go with");
    } else if (ca->crl_number++, (base && FAILED(hr = publish(ca, false, &verdict->reason)))
               || (delta && FAILED(hr = publish(ca, true, &verdict->reason)))) {
        verdict->outcome = OUTCOME_ERROR;
        verdict->status = hr;
    } else {
        verdict->outcome = OUTCOME_PUBLISHED;
    }
    rows_write_unlock(ca->rows);
    if (verdict->outcome != OUTCOME_PUBLISHED) return;
    if (ca->published) ca->published(ca);
    ca_tell(ca, EXITEVENT_CRLISSUED, 0);
}
