/* The CA above a subordinate one. */
#include "parent.h"

#include "stubca/base/files.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { CRL_DAYS = 180 };

struct parent {
    struct superior superior; /* itself, as those below see it; what it points to is owned */
    char *folder;
    struct crl_entry *revoked;          /* serials are owned */
    size_t count;
    unsigned crl_number;
};

static HRESULT write_file(const struct parent *parent, const char *name, const char *label,
                          const void *der, size_t size, struct reason *reason)
{
    char *path = text_format("%s/%s", parent->folder, name);
    HRESULT hr = file_write_pem(path, label, der, size, reason);

    free(path);
    return hr;
}

HRESULT parent_publish(struct parent *parent, int64_t now, struct reason *reason)
{
    struct crl crl = {
        .number = parent->crl_number + 1,
        .this_update = now - CLOCK_SKEW,
        .next_update = now + CRL_DAYS * DAY,
        .entries = parent->revoked,
        .count = parent->count,
    };
    unsigned char *der;
    size_t size;
    HRESULT hr = authority_sign_crl(parent->superior.authority, &crl, &der, &size, reason);

    if (SUCCEEDED(hr)) hr = write_file(parent, "parent.crl", "X509 CRL", der, size, reason);
    if (SUCCEEDED(hr)) parent->crl_number++;
    free(der);
    return hr;
}

HRESULT parent_open(const struct parent_settings *settings, int64_t now, struct parent **out,
                    struct reason *reason)
{
    struct parent *parent = heap_take(sizeof *parent);
    const struct der_bytes *raw;
    HRESULT hr;

    *out = NULL;
    parent->folder = heap_text(settings->folder);
    parent->superior.crl_url = heap_text(settings->crl_url);
    parent->superior.issuer_url = heap_text(settings->issuer_url);
    hr = authority_create(settings->name, settings->not_before, settings->not_after, NULL,
                          &parent->superior.authority, reason);
    if (SUCCEEDED(hr)) {
        raw = &authority_certificate(parent->superior.authority)->raw;
        hr = write_file(parent, "parent.cer", "CERTIFICATE", raw->data, raw->size, reason);
    }
    if (SUCCEEDED(hr)) hr = parent_publish(parent, now, reason);
    if (SUCCEEDED(hr)) *out = parent;
    else parent_close(parent);
    return hr;
}

void parent_close(struct parent *parent)
{
    if (!parent) return;
    authority_close(parent->superior.authority);
    for (size_t i = 0; i < parent->count; i++) free((char *)parent->revoked[i].serial);
    free(parent->revoked);
    free((char *)parent->superior.crl_url);
    free((char *)parent->superior.issuer_url);
    free(parent->folder);
    free(parent);
}

const struct superior *parent_superior(const struct parent *parent)
{
    return parent ? &parent->superior : NULL;
}

bool parent_has_revoked(const struct parent *parent, const char *serial)
{
    for (size_t i = 0; parent && i < parent->count; i++) {
        if (!strcmp(parent->revoked[i].serial, serial)) return true;
    }
    return false;
}

HRESULT parent_revoke(struct parent *parent, const char *serial, int reason_code, int64_t now,
                      struct reason *reason)
{
    HRESULT hr;

    if (parent_has_revoked(parent, serial))
        return text_reason(reason, E_INVALIDARG, "it is revoked already");
    parent->revoked = heap_grow(parent->revoked, (parent->count + 1) * sizeof *parent->revoked);
    parent->revoked[parent->count++] = (struct crl_entry){heap_text(serial), now, reason_code};
    if (FAILED(hr = parent_publish(parent, now, reason)))
        free((char *)parent->revoked[--parent->count].serial);
    return hr;
}
