#include "crls.h"

#include "base/digits.h"
#include "base/os.h"
#include "base/utf16_windows.h"

#include <string.h>
#include <wchar.h>

#define INDEXED_MAX   (16 + 1 + DIGITS_MAX)
/* of a CRL that is recorded whole: CRLs are public, and may be huge */
#define CRL_BYTES_MAX (64 << 10)

static const char *const names[] = {[CRLS_BASE] = "RawCRL", [CRLS_DELTA] = "RawDeltaCRL"};

/* "RawCRL.0": 16 characters of a name at most. */
static const char *indexed_name(const char *name, LONG index, char out[INDEXED_MAX])
{
    size_t size = strlen(name);

    memcpy(out, name, size);
    out[size] = '.';
    digits_signed(index, out + size + 1);
    return out;
}

static bool crls_is_known(struct crls_memory *memory, unsigned index, enum crls_kind kind,
                          const uint8_t hash[32])
{
    bool known;

    AcquireSRWLockShared(&memory->lock);
    known = !memcmp(memory->last.hash[index][kind], hash, 32);
    ReleaseSRWLockShared(&memory->lock);
    return known;
}

void crls_remember(struct crls_memory *memory, const struct crls_digests *digests)
{
    AcquireSRWLockExclusive(&memory->lock);
    memory->last = *digests;
    ReleaseSRWLockExclusive(&memory->lock);
}

/* A CRL that is not there is normal: of an old key, or a delta where there are none. */
static bool is_absent(HRESULT hr)
{
    return hr == S_FALSE || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static void crls_add_crl(struct event_data *event_data, struct crls_memory *memory, unsigned index,
                         enum crls_kind kind, const struct server_value *crl,
                         uint8_t remember[32])
{
    uint8_t hash[32];
    bool hashed =
        crl->size <= EVENT_DATA_HASH_MAX && SUCCEEDED(os_sha256(crl->bstr, crl->size, hash));

    json_object(&event_data->data, names[kind]);
    if (hashed) memcpy(remember, hash, 32);
    if (hashed && crls_is_known(memory, index, kind, hash)) {
        json_hex(&event_data->data, "unchanged", hash, sizeof hash);
    } else {
        json_number(&event_data->data, "size", (int64_t)crl->size);
        if (hashed) json_hex(&event_data->data, "sha256", hash, sizeof hash);
        if (crl->size <= CRL_BYTES_MAX)
            json_base64(&event_data->data, "base64", crl->bstr, crl->size);
    }
    json_end(&event_data->data);
}

static void crls_read_crl(struct event_data *event_data, struct crls_memory *memory, unsigned index,
                          enum crls_kind kind, uint8_t remember[32])
{
    struct server_value crl;
    char indexed[INDEXED_MAX];
    WCHAR wide[INDEXED_MAX];
    HRESULT hr;

    indexed_name(names[kind], (LONG)index, indexed);
    utf16_from_utf8(indexed, wide, ARRAYSIZE(wide));
    hr =
        server_get(event_data->server, event_data->held, SERVER_CERTIFICATE, wide, PROPTYPE_BINARY,
                   &crl);
    if (is_absent(hr)) return;
    if (hr != S_OK) { event_data_note(event_data, indexed, hr, &crl); return; }
    crls_add_crl(event_data, memory, index, kind, &crl, remember);
    server_value_free(&crl);
}

/* Returns the number that was read, or -1. */
static LONG read_indexed(struct event_data *event_data, const char *name, LONG type, LONG index)
{
    struct server_value value;
    char indexed[INDEXED_MAX];
    LONG number;

    if (event_data_get(event_data, SERVER_CERTIFICATE, indexed_name(name, index, indexed), type,
                       &value) != S_OK)
        return -1;
    event_data_add(event_data, name, indexed, &value);
    number = value.number;
    server_value_free(&value);
    return number;
}

/* One CA certificate with its key's CRLs. Taken back as a whole where it does not fit any more, and
 * then not remembered. */
static void crls_read_key(struct event_data *event_data, struct crls_memory *memory, unsigned index,
                          struct crls_digests *digests)
{
    struct event_data_mark before = event_data_mark(event_data);
    char name[INDEXED_MAX];
    LONG crl;

    json_object(&event_data->data, NULL);
    json_number(&event_data->data, "index", index);
    read_indexed(event_data, "CertState", PROPTYPE_LONG, index);
    crl = read_indexed(event_data, "CRLIndex", PROPTYPE_LONG, index);
    read_indexed(event_data, "CRLState", PROPTYPE_LONG, index);
    if (crl >= 0)
        read_indexed(event_data, "CRLSuffix", PROPTYPE_STRING,
                     crl); /* it alone goes by the CRL's index (contract C.4) */
    crls_read_crl(event_data, memory, index, CRLS_BASE, digests->hash[index][CRLS_BASE]);
    crls_read_crl(event_data, memory, index, CRLS_DELTA, digests->hash[index][CRLS_DELTA]);
    json_end(&event_data->data);
    if (event_data_fits(event_data)) return;
    event_data_take_back(event_data, &before);
    memset(digests->hash[index], 0, sizeof digests->hash[index]);
    event_data_note(event_data, indexed_name("keys", (LONG)index, name),
                    HRESULT_FROM_WIN32(ERROR_BUFFER_OVERFLOW), NULL);
}

void crls_read(struct event_data *event_data, struct crls_memory *memory,
               struct crls_digests *digests)
{
    struct server_value count;
    LONG keys = 1;                      /* a CA that does not tell has one certificate at least */

    json_object(&event_data->data, "ca");
    if (event_data_get(event_data, SERVER_CERTIFICATE, "CertCount", PROPTYPE_LONG, &count)
        == S_OK) {
        json_number(&event_data->data, "CertCount", count.number);
        keys = count.number;
    }
    event_data_property(event_data, SERVER_CERTIFICATE, "fDeltaCRLsDisabled", PROPTYPE_LONG);
    json_array(&event_data->data, "keys");
    for (LONG i = 0; i < keys && i < CRLS_KEYS_MAX; i++)
        crls_read_key(event_data, memory, i, digests);
    json_end(&event_data->data);
    json_end(&event_data->data);
    if (keys > CRLS_KEYS_MAX)
        event_data_note(event_data, "keys", HRESULT_FROM_WIN32(ERROR_BUFFER_OVERFLOW), NULL);
}
