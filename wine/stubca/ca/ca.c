/* A certification authority. */
#include "ca.h"

#include "ca_name.h"
#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "properties.h"
#include "crls.h"
#include "stubca/base/text.h"

#include <certadm.h>
#include <certsrv.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RENEWALS_REMOVED = 20 };

static volatile LONG64 advanced;        /* seconds */

int64_t ca_now(void)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return (int64_t)(((ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime) / 10000000) -
           11644473600 + InterlockedCompareExchange64(&advanced, 0, 0);
}

void ca_advance(int64_t seconds)
{
    InterlockedExchangeAdd64(&advanced, seconds);
}

char *ca_suffix(unsigned index)
{
    return index ? text_format("(%u)", index) : heap_text("");
}

char *ca_url(const char *url, unsigned certificate, unsigned key, bool delta)
{
    char *whole = heap_text(""),
         *suffixes[] = {ca_suffix(certificate), ca_suffix(key), heap_text(delta ? "+" : "")};
    static const char *const marks[] = {"<CertificateName>", "<CRLNameSuffix>",
                                        "<DeltaCRLAllowed>"};

    for (const char *c = url; c && *c;) {
        const char *part = c;
        size_t size = 1;
        char *longer;

        for (int i = 0; i < 3; i++) {
            if (strncmp(c, marks[i], strlen(marks[i]))) continue;
            c += strlen(marks[i]) - 1;
            part = suffixes[i];
            size = strlen(part);
        }
        c++;
        longer = text_format("%s%.*s", whole, (int)size, part);
        free(whole);
        whole = longer;
    }
    for (int i = 0; i < 3; i++) free(suffixes[i]);
    if (url) return whole;
    free(whole);
    return NULL;
}

/* Of what the CA of one index signs for that of another. The caller frees. */
static char *cross_suffix(unsigned signer, unsigned subject)
{
    return text_format("(%u-%u)", signer, subject);
}

/* The form has one %s, for the suffix. */
static void remove_file(const struct ca *ca, const char *form, const char *suffix)
{
    char *name = text_format(form, suffix), *path = text_format("%s/%s", ca->folder, name);

    file_remove(path);
    free(name);
    free(path);
}

/* A CA that has just been made has published nothing: what lies there is a former one's, and of its
 * renewals, as many as a scenario may well have had. */
static void remove_old_files(const struct ca *ca)
{
    static const char *const forms[] = {"base%s.crl", "delta%s.crl", "ca%s.cer"};

    for (unsigned i = 0; i < RENEWALS_REMOVED; i++) {
        char *suffix = ca_suffix(i);

        for (size_t form = 0; form < ARRAYSIZE(forms); form++) remove_file(ca, forms[form], suffix);
        free(suffix);
        suffix = cross_suffix(i, i + 1);
        remove_file(ca, "ca%s.cer", suffix);
        free(suffix);
        suffix = cross_suffix(i + 1, i);
        remove_file(ca, "ca%s.cer", suffix);
        free(suffix);
    }
    remove_file(ca, "parent%s.cer", "");
    remove_file(ca, "parent%s.crl", "");
}

static HRESULT ca_write_certificate(const struct ca *ca, const char *suffix,
                                    const struct certificate *certificate, struct reason *reason)
{
    char *path = text_format("%s/ca%s.cer", ca->folder, suffix);
    HRESULT hr =
        file_write_pem(path, "CERTIFICATE", certificate->raw.data, certificate->raw.size, reason);

    free(path);
    return hr;
}

static HRESULT write_own_certificate(const struct ca *ca, unsigned index, struct reason *reason)
{
    char *suffix = ca_suffix(index);
    HRESULT hr = ca_write_certificate(
        ca, suffix, authority_certificate(ca->certificates[index].authority), reason);

    free(suffix);
    return hr;
}

/* The certificate of one index's key, signed with that of another. */
static HRESULT write_cross_certificate(const struct ca *ca, unsigned signer, unsigned subject,
                                       struct reason *reason)
{
    const struct ca_certificate *by = &ca->certificates[signer];
    char *crl_url = ca_url(ca->crl_url, signer, by->key, false),
         *issuer_url = ca_url(ca->issuer_url, signer, by->key, false);
    struct superior superior = {by->authority, crl_url, issuer_url};
    struct certificate *certificate;
    char *suffix = cross_suffix(signer, subject);
    HRESULT hr =
        authority_cross(ca->certificates[subject].authority, &superior, &certificate, reason);

    if (SUCCEEDED(hr)) hr = ca_write_certificate(ca, suffix, certificate, reason);
    certificate_free(certificate);
    free(suffix);
    free(crl_url);
    free(issuer_url);
    return hr;
}

/* Between the last two certificates, of a root whose key is another now, if there is a time at
 * which both are good. */
static HRESULT cross_certify(const struct ca *ca, struct reason *reason)
{
    unsigned newest = ca->certificate_count - 1;
    const struct certificate *own = authority_certificate(ca->certificates[newest].authority);
    const struct certificate *former =
        authority_certificate(ca->certificates[newest - 1].authority);
    HRESULT hr;

    if (former->not_after < own->not_before) return S_OK;
    hr = write_cross_certificate(ca, newest - 1, newest, reason);
    return FAILED(hr) ? hr : write_cross_certificate(ca, newest, newest - 1, reason);
}

/* Takes over the authority, which has a key of its own where `key` is its index. */
static HRESULT ca_add_certificate(struct ca *ca, struct authority *authority, unsigned key,
                                  struct reason *reason)
{
    unsigned index = ca->certificate_count;

    ca->certificates = heap_grow(ca->certificates, (index + 1) * sizeof *ca->certificates);
    ca->certificates[index] =
        (struct ca_certificate){authority, key, key == index ? crls_open() : NULL};
    ca->certificate_count++;
    ca->authority = authority;
    return write_own_certificate(ca, index, reason);
}

struct authority *ca_signer(const struct ca *ca, unsigned key)
{
    struct authority *signer = NULL;

    for (unsigned i = 0; i < ca->certificate_count; i++) {
        if (ca->certificates[i].key == key) signer = ca->certificates[i].authority;
    }
    return signer;
}

/* Of a certificate that is made now. None outlives that of its issuer. */
static int64_t end_of_validity(const struct ca *ca)
{
    const struct superior *superior = parent_superior(ca->parent);
    int64_t end = ca_now() + ca->days * DAY;

    return superior ? min(end, authority_certificate(superior->authority)->not_after) : end;
}

HRESULT ca_revoke_own(struct ca *ca, unsigned index, int reason_code, struct reason *reason)
{
    HRESULT hr;

    if (!ca->parent)
        return text_reason(reason, E_INVALIDARG,
                           "the CA signs its own certificate: there is no CA above it");
    rows_write_lock(ca->rows);
    if (index < ca->certificate_count) {
        const char *serial = authority_certificate(ca->certificates[index].authority)->serial;

        hr = parent_revoke(ca->parent, serial, reason_code, ca_now(), reason);
    } else {
        hr = text_reason(reason, E_INVALIDARG, "the CA has no certificate of index %u", index);
    }
    rows_write_unlock(ca->rows);
    return hr;
}

HRESULT ca_publish_parent(struct ca *ca, struct reason *reason)
{
    HRESULT hr;

    if (!ca->parent)
        return text_reason(reason, E_INVALIDARG,
                           "the CA signs its own certificate: there is no CA above it");
    rows_write_lock(ca->rows);
    hr = parent_publish(ca->parent, ca_now(), reason);
    rows_write_unlock(ca->rows);
    return hr;
}

HRESULT ca_renew(struct ca *ca, bool new_key, struct reason *reason)
{
    unsigned index = ca->certificate_count, key = new_key ? index : ca->certificates[index - 1].key;
    struct authority *authority;
    HRESULT hr =
        authority_renew(ca->authority, new_key, key << 16 | index, ca_now() - CLOCK_SKEW,
                        end_of_validity(ca), parent_superior(ca->parent), &authority, reason);

    if (FAILED(hr)) return hr;
    rows_write_lock(ca->rows);
    hr = ca_add_certificate(ca, authority, key, reason);
    if (SUCCEEDED(hr) && new_key && !ca->parent) hr = cross_certify(ca, reason);
    rows_write_unlock(ca->rows);
    return hr;
}

/* It lasts twice as long as its subordinate, so that that one can be renewed. */
static HRESULT open_parent(struct ca *ca, const struct ca_settings *settings, struct reason *reason)
{
    struct parent_settings parent = {
        .name = settings->parent,
        .folder = ca->folder,
        .crl_url = settings->parent_crl_url,
        .issuer_url = settings->parent_issuer_url,
        .not_before = ca_now() - CLOCK_SKEW,
        .not_after = ca_now() + 2 * ca->days * DAY,
    };

    return settings->parent ? parent_open(&parent, ca_now(), &ca->parent, reason) : S_OK;
}

HRESULT ca_open(const struct ca_settings *settings, struct ca **out, struct reason *reason)
{
    struct ca *ca = heap_take(sizeof *ca);
    struct authority *authority;
    HRESULT hr;

    *out = NULL;
    InterlockedExchange64(&advanced, 0);
    ca->name = heap_text(settings->name);
    ca->sanitized = ca_name_sanitized(settings->name);
    ca->short_name = ca_name_short(ca->sanitized);
    ca->dns_name = heap_text(settings->dns_name);
    ca->folder = heap_text(settings->folder);
    ca->crl_url = heap_text(settings->crl_url);
    ca->issuer_url = heap_text(settings->issuer_url);
    ca->days = settings->days;
    ca->delta_crls = settings->delta_crls;
    ca->interface_flags = settings->interface_flags;
    ca->templates = templates_open();
    ca->rows = rows_open();
    if (FAILED(hr = folder_make(ca->folder, reason))) goto done;
    remove_old_files(ca);
    if (FAILED(hr = open_parent(ca, settings, reason))) goto done;
    hr = authority_create(ca->name, ca_now() - CLOCK_SKEW, end_of_validity(ca),
                          parent_superior(ca->parent), &authority, reason);
    if (FAILED(hr)) goto done;
    if (FAILED(hr = ca_add_certificate(ca, authority, 0, reason))) goto done;
    *out = ca;
    ca = NULL;
done:
    ca_close(ca);
    return hr;
}

void ca_close(struct ca *ca)
{
    if (!ca) return;
    for (unsigned i = 0; i < ca->certificate_count; i++) {
        authority_close(ca->certificates[i].authority);
        crls_close(ca->certificates[i].crls);
    }
    free(ca->certificates);
    parent_close(ca->parent);
    templates_close(ca->templates);
    rows_close(ca->rows);
    free(ca->name);
    free(ca->sanitized);
    free(ca->short_name);
    free(ca->dns_name);
    free(ca->folder);
    free(ca->crl_url);
    free(ca->issuer_url);
    free(ca);
}

void ca_tell(const struct ca *ca, LONG event, LONG request_id)
{
    if (ca->tell) ca->tell(ca->listener, event, request_id);
}

struct verdict *verdict_say(struct verdict *verdict, enum outcome outcome, HRESULT status,
                            const char *format, ...)
{
    va_list arguments;

    verdict->outcome = outcome;
    verdict->status = status;
    va_start(arguments, format);
    vsnprintf(verdict->reason.text, sizeof verdict->reason.text, format, arguments);
    va_end(arguments);
    return verdict;
}
