/* A certification authority. */
#include "ca.h"

#include "ca_name.h"
#include "files.h"
#include "heap.h"
#include "properties.h"
#include "revocation.h"
#include "text.h"

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
    return (int64_t)(((ULONGLONG)now.dwHighDateTime << 32 | now.dwLowDateTime) / 10000000) - 11644473600
           + InterlockedCompareExchange64(&advanced, 0, 0);
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
    char *whole = heap_text(""), *suffixes[] = {ca_suffix(certificate), ca_suffix(key), heap_text(delta ? "+" : "")};
    static const char *const marks[] = {"<CertificateName>", "<CRLNameSuffix>", "<DeltaCRLAllowed>"};

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

/* A CA that has just been made has published nothing: what lies there is a former one's, and of its renewals, as many as
 * a scenario may well have had. */
static void remove_old_files(const struct ca *ca)
{
    static const char *const names[][2] = {{"base", "crl"}, {"delta", "crl"}, {"ca", "cer"}};

    for (unsigned i = 0; i < 3 * RENEWALS_REMOVED; i++) {
        char *suffix = ca_suffix(i / 3);
        char *path = text_format("%s/%s%s.%s", ca->folder, names[i % 3][0], suffix, names[i % 3][1]);

        file_remove(path);
        free(suffix);
        free(path);
    }
}

static HRESULT write_own_certificate(const struct ca *ca, unsigned index, struct reason *reason)
{
    const struct der_bytes *raw = &authority_certificate(ca->certificates[index].authority)->raw;
    char *suffix = ca_suffix(index), *path = text_format("%s/ca%s.cer", ca->folder, suffix);
    HRESULT hr = file_write_pem(path, "CERTIFICATE", raw->data, raw->size, reason);

    free(suffix);
    free(path);
    return hr;
}

/* Takes over the authority, which has a key of its own where `key` is its index. */
static HRESULT add_certificate(struct ca *ca, struct authority *authority, unsigned key, struct reason *reason)
{
    unsigned index = ca->certificate_count;

    ca->certificates = heap_grow(ca->certificates, (index + 1) * sizeof *ca->certificates);
    ca->certificates[index] = (struct ca_certificate){authority, key, key == index ? crls_open() : NULL};
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

HRESULT ca_renew(struct ca *ca, bool new_key, struct reason *reason)
{
    unsigned index = ca->certificate_count, key = new_key ? index : ca->certificates[index - 1].key;
    struct authority *authority;
    int64_t now = ca_now();
    HRESULT hr = authority_renew(ca->authority, new_key, key << 16 | index, now - CLOCK_SKEW, now + ca->days * DAY,
                                 &authority, reason);

    if (FAILED(hr)) return hr;
    rows_write_lock(ca->rows);
    hr = add_certificate(ca, authority, key, reason);
    rows_write_unlock(ca->rows);
    return hr;
}

HRESULT ca_open(const struct ca_settings *settings, struct ca **out, struct reason *reason)
{
    struct ca *ca = heap_take(sizeof *ca);
    struct authority *authority;
    int64_t now;
    HRESULT hr;

    *out = NULL;
    InterlockedExchange64(&advanced, 0);
    now = ca_now();
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
    hr = authority_create(ca->name, now - CLOCK_SKEW, now + ca->days * DAY, &authority, reason);
    if (FAILED(hr)) goto done;
    remove_old_files(ca);
    if (FAILED(hr = add_certificate(ca, authority, 0, reason))) goto done;
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

struct verdict *verdict_say(struct verdict *verdict, enum outcome outcome, HRESULT status, const char *format, ...)
{
    va_list arguments;

    verdict->outcome = outcome;
    verdict->status = status;
    va_start(arguments, format);
    vsnprintf(verdict->reason.text, sizeof verdict->reason.text, format, arguments);
    va_end(arguments);
    return verdict;
}
