/* The CA's folder for what it publishes. */
#include "cert_enroll.h"

#include "stubca/base/files.h"
#include "stubca/base/text.h"
#include "stubca/ca/crls.h"

#include <stdlib.h>

enum { ROOM = MAX_PATH + 32 };

/* False: this system has no such folder. */
static bool paths(WCHAR certsrv[ROOM], WCHAR certenroll[ROOM])
{
    UINT length = GetSystemDirectoryW(certsrv, MAX_PATH);

    if (!length || length >= MAX_PATH) return false;
    wcscat(certsrv, L"\\CertSrv");
    wcscat(wcscpy(certenroll, certsrv), L"\\CertEnroll");
    return true;
}

void cert_enroll_make(struct cert_enroll *made)
{
    WCHAR certsrv[ROOM], certenroll[ROOM];

    *made = (struct cert_enroll){false, false};
    if (!paths(certsrv, certenroll)) return;
    made->made_certsrv = CreateDirectoryW(certsrv, NULL);
    made->made_certenroll = CreateDirectoryW(certenroll, NULL);
}

void cert_enroll_remove(const struct cert_enroll *made)
{
    WCHAR certsrv[ROOM], certenroll[ROOM];

    if (!paths(certsrv, certenroll)) return;
    if (made->made_certenroll) RemoveDirectoryW(certenroll); /* takes none that holds something */
    if (made->made_certsrv) RemoveDirectoryW(certsrv);
}

/* ---- files ---- */

/* The caller frees; NULL: this system has no such folder. */
static char *cert_enroll_path(const char *name)
{
    WCHAR certsrv[ROOM], certenroll[ROOM];
    char *folder, *path;

    if (!paths(certsrv, certenroll)) return NULL;
    folder = text_utf8(certenroll);
    path = text_format("%s\\%s", folder, name);
    free(folder);
    return path;
}

/* A file that is published: written if there are bytes, or removed. */
typedef HRESULT handle_file(const char *path, struct der_bytes bytes, struct reason *reason);

static HRESULT write_it(const char *path, struct der_bytes bytes, struct reason *reason)
{
    return bytes.size ? file_write(path, bytes.data, bytes.size, reason) : S_OK;
}

static HRESULT remove_it(const char *path, struct der_bytes bytes, struct reason *reason)
{
    (void)bytes, (void)reason;
    file_remove(path);
    return S_OK;
}

/* Takes `name` over. */
static HRESULT handle(handle_file *what, char *name, struct der_bytes bytes, struct reason *reason)
{
    char *path = cert_enroll_path(name);
    HRESULT hr = path ? what(path, bytes, reason)
                      : text_reason(reason, E_FAIL, "this system has no folder for CertEnroll");

    free(name);
    free(path);
    return hr;
}

/* The certificate of that index, and the CRLs of its key if it is the key's first. */
static HRESULT handle_index(const struct ca *ca, unsigned index, handle_file *what,
                            struct reason *reason)
{
    const struct ca_certificate *one = &ca->certificates[index];
    char *suffix = ca_suffix(index);
    HRESULT hr = handle(what, text_format("%s_%s%s.crt", ca->dns_name, ca->sanitized, suffix),
                        authority_certificate(one->authority)->raw, reason);

    if (SUCCEEDED(hr) && one->crls)
        hr = handle(what, text_format("%s%s.crl", ca->sanitized, suffix), crls_base(one->crls),
                    reason);
    if (SUCCEEDED(hr) && one->crls)
        hr = handle(what, text_format("%s%s+.crl", ca->sanitized, suffix), crls_delta(one->crls),
                    reason);
    free(suffix);
    return hr;
}

static HRESULT handle_all(const struct ca *ca, handle_file *what, struct reason *reason)
{
    HRESULT hr = S_OK;

    for (unsigned i = 0; i < ca->certificate_count && SUCCEEDED(hr); i++)
        hr = handle_index(ca, i, what, reason);
    return hr;
}

HRESULT cert_enroll_publish(const struct ca *ca, struct reason *reason)
{
    HRESULT hr;

    rows_read_lock(ca->rows);
    hr = handle_all(ca, write_it, reason);
    rows_read_unlock(ca->rows);
    return hr;
}

void cert_enroll_withdraw(const struct ca *ca)
{
    struct reason none;

    handle_all(ca, remove_it, &none);
}
