/*
 * The events, and what is read for each
 *
 * data.event and data.context hold what Notify was given. For an event of a request data.request and data.certificate hold the two
 * halves of its row in the CA's database, under the CA's own names; for an event of the CA data.ca holds what it can tell. LONG is a
 * number, DATE an RFC 3339 string (taken as UTC), BINARY base64, STRING a string. A property without a value is left out; one that
 * failed stands in data.missing with its HRESULT, one that is too long there with its size and SHA-256.
 */
#include "event.h"

#include "secret.h"
#include "text.h"

#include "journal/journal.h"
#include "journal/utc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MISSING_MAX   (64 << 10)                /* bytes kept for data.missing, at the end of data */
#define CLOSING_MAX   256                       /* and for the names and braces of the objects that hold the values */
#define VALUE_MAX     (512 << 10)               /* bytes of one value; a larger one cannot fit into a line as base64 or JSON */
#define CRL_BYTES_MAX (64 << 10)                /* of a CRL that is recorded whole: CRLs are public, and may be huge */
#define CA_KEYS_MAX   256                       /* CA certificates that are looked at: one more for each renewal */

enum when { ALWAYS, REVOCATION, UNISSUED };     /* UNISSUED: where no certificate exists */

struct property {
    const char *name;
    LONG type;
    enum when when;
};

/* Long values stand last. Each costs the CA one call: 21 for an issued certificate, SetContext included. */
static const struct property request_properties[] = {
    {"RequestType", PROPTYPE_LONG, ALWAYS},
    {"RequestFlags", PROPTYPE_LONG, ALWAYS},
    {"StatusCode", PROPTYPE_LONG, ALWAYS},
    {"DispositionMessage", PROPTYPE_STRING, ALWAYS},
    {"SubmittedWhen", PROPTYPE_DATE, ALWAYS},
    {"ResolvedWhen", PROPTYPE_DATE, ALWAYS},
    {"RevokedWhen", PROPTYPE_DATE, REVOCATION},
    {"RevokedEffectiveWhen", PROPTYPE_DATE, REVOCATION},
    {"RevokedReason", PROPTYPE_LONG, REVOCATION},
    {"RequesterName", PROPTYPE_STRING, ALWAYS},
    {"CallerName", PROPTYPE_STRING, ALWAYS},
    {"Request.DistinguishedName", PROPTYPE_STRING, UNISSUED},
    {"RequestAttributes", PROPTYPE_STRING, ALWAYS},
    {"RawRequest", PROPTYPE_BINARY, ALWAYS},
};

static const struct property certificate_properties[] = {
    {"SerialNumber", PROPTYPE_STRING, ALWAYS},
    {"DistinguishedName", PROPTYPE_STRING, ALWAYS},
    {"NotBefore", PROPTYPE_DATE, ALWAYS},
    {"NotAfter", PROPTYPE_DATE, ALWAYS},
    {"CertificateTemplate", PROPTYPE_STRING, ALWAYS},
    {"CertificateHash", PROPTYPE_STRING, ALWAYS},
    {"UPN", PROPTYPE_STRING, ALWAYS},
    {"RawCertificate", PROPTYPE_BINARY, ALWAYS},
};

/* An event that is being read. */
struct reading {
    ICertServerExit *server;                    /* borrowed; NULL: the CA could not be asked */
    struct json data;
    struct json missing;
    struct bytes missing_text;
    LONG disposition;                           /* 0 until read */
};

/* Every property's name is ASCII. */
static void widen(const char *name, WCHAR out[64])
{
    size_t i;

    for (i = 0; name[i] && i < 63; i++) out[i] = (unsigned char)name[i];
    out[i] = 0;
}

static void note_failure(struct reading *reading, const char *name, HRESULT hr)
{
    char text[16];

    snprintf(text, sizeof text, "0x%08lx", (unsigned long)hr);
    json_object(&reading->missing, NULL);
    json_text(&reading->missing, "name", name);
    json_text(&reading->missing, "hresult", text);
    json_end(&reading->missing);
}

static void add_digest(struct json *json, const void *data, size_t size)
{
    uint8_t hash[32];

    json_number(json, "size", (int64_t)size);
    if (SUCCEEDED(os_sha256(data, size, hash))) json_hex(json, "sha256", hash, sizeof hash);
}

static void note_too_long(struct reading *reading, const char *name, BSTR value)
{
    json_object(&reading->missing, NULL);
    json_text(&reading->missing, "name", name);
    add_digest(&reading->missing, value, SysStringByteLen(value));
    json_end(&reading->missing);
}

static void add_string(struct json *json, const char *name, BSTR value)
{
    size_t count = SysStringLen(value);
    struct bytes text = {0};

    if (!strcmp(name, "RequestAttributes")) count = secret_blank(value, count);
    text_add_utf8(&text, value, count);
    if (text.failed) json->out->failed = true;
    else json_string(json, name, text.data, text.size);
    bytes_free(&text);
}

static void add_time(struct json *json, const char *name, int64_t time)
{
    char text[UTC_TEXT_MAX];

    if (utc_text(time, false, text)) json_text(json, name, text);
}

static void add_value(struct json *json, const char *name, const struct server_value *value)
{
    switch (value->type) {
    case PROPTYPE_LONG:   json_number(json, name, value->number); break;
    case PROPTYPE_DATE:   add_time(json, name, value->time); break;
    case PROPTYPE_BINARY: json_base64(json, name, value->bstr, SysStringByteLen(value->bstr)); break;
    case PROPTYPE_STRING: add_string(json, name, value->bstr); break;
    }
}

static size_t size_left(const struct bytes *bytes)
{
    return bytes->limit - bytes->size;
}

/* Add it, or where it would make the line too long take it back and name it among what is missing. */
static void add_if_it_fits(struct reading *reading, const char *name, struct server_value *value)
{
    struct json before = reading->data;
    size_t size = reading->data.out->size;

    if (SysStringByteLen(value->bstr) <= VALUE_MAX) {
        add_value(&reading->data, name, value);
        if (!reading->data.out->failed && size_left(reading->data.out) >= CLOSING_MAX) return;
    }
    reading->data = before;
    reading->data.out->size = size;
    reading->data.out->failed = false;
    note_too_long(reading, name, value->bstr);
}

/* S_OK with the value in `*out`, S_FALSE where the CA has none. A failure is noted. */
static HRESULT get(struct reading *reading, enum server_table table, const char *name, LONG type, struct server_value *out)
{
    WCHAR wide[64];
    HRESULT hr;

    widen(name, wide);
    hr = server_get(reading->server, table, wide, type, out);
    if (FAILED(hr)) note_failure(reading, name, hr);
    return hr;
}

static void read_property(struct reading *reading, enum server_table table, const char *name, LONG type)
{
    struct server_value value;

    if (get(reading, table, name, type, &value) != S_OK) return;
    add_if_it_fits(reading, name, &value);
    server_value_free(&value);
}

/* A LONG that we need ourselves. */
static bool read_long(struct reading *reading, const char *name, LONG *out)
{
    struct server_value value;

    if (get(reading, SERVER_REQUEST, name, PROPTYPE_LONG, &value) != S_OK) return false;
    json_number(&reading->data, name, value.number);
    *out = value.number;
    return true;
}

static bool is_issued(LONG disposition)
{
    switch (disposition) {
    case DB_DISP_ISSUED: case DB_DISP_REVOKED: case DB_DISP_FOREIGN: case DB_DISP_CA_CERT: case DB_DISP_CA_CERT_CHAIN:
    case DB_DISP_KRA_CERT: return true;
    }
    return false;
}

static void read_table(struct reading *reading, enum server_table table, const struct property *properties, size_t count, bool revocation)
{
    for (size_t i = 0; i < count; i++) {
        if (properties[i].when == REVOCATION && !revocation) continue;
        if (properties[i].when == UNISSUED && is_issued(reading->disposition)) continue;
        read_property(reading, table, properties[i].name, properties[i].type);
    }
}

static void read_request(struct reading *reading, LONG event, struct event_record *record)
{
    bool revocation = event & EXITEVENT_CERTREVOKED;

    json_object(&reading->data, "request");
    record->has_request = read_long(reading, "RequestID", &record->request_id);
    read_long(reading, "Disposition", &reading->disposition);
    read_table(reading, SERVER_REQUEST, request_properties, ARRAYSIZE(request_properties), revocation);
    json_end(&reading->data);
    json_object(&reading->data, "certificate");
    read_table(reading, SERVER_CERTIFICATE, certificate_properties, ARRAYSIZE(certificate_properties), revocation);
    json_end(&reading->data);
}

/* A CRL that is not there is normal: of an old key, or a delta where there are none. */
static bool is_absent(HRESULT hr)
{
    return hr == S_FALSE || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static void read_crl(struct reading *reading, const char *name, unsigned index)
{
    struct server_value crl;
    char indexed[32];
    WCHAR wide[64];
    HRESULT hr;

    snprintf(indexed, sizeof indexed, "%s.%u", name, index);
    widen(indexed, wide);
    hr = server_get(reading->server, SERVER_CERTIFICATE, wide, PROPTYPE_BINARY, &crl);
    if (is_absent(hr)) return;
    if (FAILED(hr)) { note_failure(reading, indexed, hr); return; }
    json_object(&reading->data, name);
    add_digest(&reading->data, crl.bstr, SysStringByteLen(crl.bstr));
    if (SysStringByteLen(crl.bstr) <= CRL_BYTES_MAX) json_base64(&reading->data, "base64", crl.bstr, SysStringByteLen(crl.bstr));
    json_end(&reading->data);
    server_value_free(&crl);
}

static void read_indexed(struct reading *reading, const char *name, LONG type, unsigned index)
{
    struct server_value value;
    char indexed[32];

    snprintf(indexed, sizeof indexed, "%s.%u", name, index);
    if (get(reading, SERVER_CERTIFICATE, indexed, type, &value) != S_OK) return;
    add_value(&reading->data, name, &value);
    server_value_free(&value);
}

/* One CA certificate with its key's CRLs. Taken back as a whole where it does not fit any more. */
static void read_ca_key(struct reading *reading, unsigned index)
{
    struct json before = reading->data;
    size_t size = reading->data.out->size;

    json_object(&reading->data, NULL);
    json_number(&reading->data, "index", index);
    read_indexed(reading, "CertState", PROPTYPE_LONG, index);
    read_indexed(reading, "CRLIndex", PROPTYPE_LONG, index);
    read_indexed(reading, "CRLState", PROPTYPE_LONG, index);
    read_indexed(reading, "CRLSuffix", PROPTYPE_STRING, index);
    read_crl(reading, "RawCRL", index);
    read_crl(reading, "RawDeltaCRL", index);
    json_end(&reading->data);
    if (!reading->data.out->failed && size_left(reading->data.out) >= CLOSING_MAX) return;
    reading->data = before;
    reading->data.out->size = size;
    reading->data.out->failed = false;
    note_failure(reading, "keys", HRESULT_FROM_WIN32(ERROR_BUFFER_OVERFLOW));
}

static void read_crls(struct reading *reading)
{
    struct server_value count = {.number = 0};

    json_object(&reading->data, "ca");
    if (get(reading, SERVER_CERTIFICATE, "CertCount", PROPTYPE_LONG, &count) == S_OK) {
        json_number(&reading->data, "CertCount", count.number);
    }
    json_array(&reading->data, "keys");
    for (LONG i = 0; i < count.number && i < CA_KEYS_MAX; i++) read_ca_key(reading, i);
    json_end(&reading->data);
    json_end(&reading->data);
}

static const struct { LONG event; const char *type; bool of_request; } events[] = {
    {EXITEVENT_CERTISSUED, "certwitness.certificate.issued", true},
    {EXITEVENT_CERTPENDING, "certwitness.certificate.pending", true},
    {EXITEVENT_CERTDENIED, "certwitness.certificate.denied", true},
    {EXITEVENT_CERTREVOKED, "certwitness.certificate.revoked", true},
    {EXITEVENT_CERTRETRIEVEPENDING, "certwitness.certificate.retrieved", true},
    {EXITEVENT_CRLISSUED, "certwitness.crl.issued", false},
    {EXITEVENT_SHUTDOWN, JOURNAL_CA_STOPPING, false},
    {EXITEVENT_STARTUP, "certwitness.ca.started", false},
    {EXITEVENT_CERTIMPORTED, "certwitness.certificate.imported", true},
};

/* An event that nobody knows yet is recorded all the same; where it has a context, as one of a request. */
static const char *type_of(LONG event, LONG context, bool *of_request)
{
    for (size_t i = 0; i < ARRAYSIZE(events); i++) {
        *of_request = events[i].of_request;
        if (events[i].event == event) return events[i].type;
    }
    *of_request = context != 0;
    return "certwitness.event.unknown";
}

/* Whether events of the CA come with context 0 is not documented (contract I-2), that the CA's properties want it is. */
static HRESULT open_for(bool of_request, LONG context, ICertServerExit **out)
{
    return server_open(of_request ? context : 0, out);
}

static void read_data(struct reading *reading, LONG event, bool of_request, struct event_record *record)
{
    if (of_request) read_request(reading, event, record);
    else if (event == EXITEVENT_CRLISSUED) read_crls(reading);
    if (event == EXITEVENT_CERTREVOKED && reading->disposition == DB_DISP_ISSUED) {
        record->type = "certwitness.certificate.unrevoked";
    }
}

static void end_missing(struct reading *reading)
{
    json_end(&reading->missing);
    reading->data.out->limit = LINE_DATA_MAX;
    json_key(&reading->data, "missing");
    if (reading->missing_text.failed) bytes_add_text(reading->data.out, "[{\"name\":\"missing\",\"hresult\":\"0x8007006f\"}]");
    else bytes_add(reading->data.out, reading->missing_text.data, reading->missing_text.size);
}

HRESULT event_read(LONG event, LONG context, struct event_record *out)
{
    struct reading reading = {0};
    bool of_request;
    HRESULT hr;

    memset(out, 0, sizeof *out);
    out->type = type_of(event, context, &of_request);
    out->data.limit = LINE_DATA_MAX - MISSING_MAX;
    reading.data.out = &out->data;
    reading.missing.out = &reading.missing_text;
    reading.missing_text.limit = MISSING_MAX - 64;
    json_object(&reading.data, NULL);
    json_number(&reading.data, "event", event);
    json_number(&reading.data, "context", context);
    json_array(&reading.missing, NULL);

    hr = open_for(of_request, context, &reading.server);
    if (SUCCEEDED(hr)) read_data(&reading, event, of_request, out);
    else note_failure(&reading, "ICertServerExit", hr);
    end_missing(&reading);
    json_end(&reading.data);
    bytes_free(&reading.missing_text);
    if (reading.server) ICertServerExit_Release(reading.server);
    return out->data.failed ? E_OUTOFMEMORY : hr;
}

void event_free(struct event_record *record)
{
    bytes_free(&record->data);
}
