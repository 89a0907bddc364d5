/*
 * The events, and the values that are read for each
 *
 * data.event and data.context hold the arguments of Notify. For an event of a request,
 * data.request and data.certificate hold the two halves of its row in the CA's database, under the
 * CA's own names, and data.extra the values that the setting Properties adds, under the names in
 * that setting. For a CRL, data.ca holds what crls.c reads. A LONG is a number, a DATE an RFC 3339
 * string (taken as UTC), a BINARY base64, a STRING a string, an extension an object with its
 * "flags" and its "base64". A property without a value is omitted. A property that failed or is
 * too long is listed in data.missing (event_data.h), and so are long values of pending, denied and
 * retrieved requests when long values are being spared.
 */
#include "event.h"

#include "journal/journal.h"
#include "base/utf16_windows.h"

#include <stdlib.h>
#include <string.h>

/* A LONG that we need ourselves. */
static bool read_long(struct event_data *event_data, const char *name, LONG *out)
{
    struct server_value value;

    if (event_data_get(event_data, SERVER_REQUEST, name, PROPTYPE_LONG, &value) != S_OK)
        return false;
    json_number(&event_data->data, name, value.number);
    *out = value.number;
    return true;
}

static bool is_issued(LONG disposition)
{
    switch (disposition) {
    case DB_DISP_ISSUED:
    case DB_DISP_REVOKED:
    case DB_DISP_FOREIGN:
    case DB_DISP_CA_CERT:
    case DB_DISP_CA_CERT_CHAIN:
    case DB_DISP_KRA_CERT: return true;
    }
    return false;
}

/* A request's row while it is read. */
struct row {
    LONG event;
    LONG disposition;                           /* 0 until read */
    const struct properties *properties;
    const struct event_sparing
        *sparing; /* NULL: nothing is spared, or it is known already whether */
    struct event_record *record;
};

/* Whether this event's values are spared: once, when the first that may be long comes, or none did.
 * It counts for its requester. */
static void judge_sparing(struct event_data *event_data, struct row *row)
{
    const struct event_sparing *sparing = row->sparing;

    row->sparing = NULL;
    if (!sparing || !row->record->yields) return;
    if (sparing->flood && flood_count(sparing->flood, row->record->requester, os_ticks_ms()))
        event_data->spared = "flood";
    if (sparing->scarce) event_data->spared = "lowSpace";
}

/* The beginning of a name: as much as fits, a character or not at all. */
static void keep_requester(struct event_record *record, const struct server_value *value)
{
    struct bytes name = {0};
    size_t size, count = value->size / sizeof(WCHAR);

    utf16_add_utf8(&name, value->bstr, count < FLOOD_NAME_MAX ? count : FLOOD_NAME_MAX);
    size = name.failed ? 0 : name.size;
    if (size > FLOOD_NAME_MAX)
        for (size = FLOOD_NAME_MAX; size && (name.data[size] & 0xc0) == 0x80; size--) {
        }
    if (size) memcpy(record->requester, name.data, size);
    record->requester[size] = 0;
    bytes_free(&name);
}

static void read_one(struct event_data *event_data, struct row *row,
                     const struct property *property)
{
    bool is_requester = !strcmp(property->name, "RequesterName");
    struct server_value value;

    if (!is_requester &&
        (property->type == PROPTYPE_BINARY || !strcmp(property->name, "RequestAttributes")))
        judge_sparing(event_data, row);
    if (event_data_get(event_data, property->table, property->name, property->type, &value) != S_OK)
        return;
    if (is_requester && row->record->yields) keep_requester(row->record, &value);
    event_data_add(event_data, property->name, property->name, &value);
    server_value_free(&value);
}

static void read_table(struct event_data *event_data, enum server_table table, struct row *row)
{
    size_t count;
    const struct property *property = properties_standard(&count);

    for (size_t i = 0; i < count; i++, property++) {
        if (property->table != table || property->when == PROPERTY_NEEDED ||
            !properties_has(row->properties, i))
            continue;
        if (property->when == PROPERTY_IN_REVOCATIONS && !(row->event & EXITEVENT_CERTREVOKED))
            continue;
        if (property->when == PROPERTY_UNISSUED && is_issued(row->disposition)) continue;
        read_one(event_data, row, property);
    }
}

static void add_extension(struct event_data *event_data, const struct property_extra *extra,
                          const struct server_value *value, LONG flags, bool has_flags)
{
    struct event_data_mark before = event_data_mark(event_data);
    size_t size = value->size;

    if (size <= LINE_DATA_MAX / 2) {
        json_object(&event_data->data, extra->key);
        if (has_flags) json_number(&event_data->data, "flags", flags);
        json_base64(&event_data->data, "base64", value->bstr, size);
        json_end(&event_data->data);
        if (event_data_fits(event_data)) return;
    }
    event_data_take_back(event_data, &before);
    event_data_note_too_long(event_data, extra->label, value);
}

static void read_attribute(struct event_data *event_data, const struct property_extra *extra)
{
    struct server_value value;
    HRESULT hr = server_get_attribute(event_data->server, event_data->held, extra->name, &value);

    if (hr != S_OK && hr != S_FALSE) event_data_note(event_data, extra->label, hr, NULL);
    if (hr != S_OK) return;
    event_data_add(event_data, extra->key, extra->label, &value);
    server_value_free(&value);
}

static void event_read_extension(struct event_data *event_data, const struct property_extra *extra)
{
    struct server_value value;
    bool has_flags;
    LONG flags;
    HRESULT hr = server_get_extension(event_data->server, event_data->held, extra->name, &value,
                                      &flags, &has_flags);

    if (hr != S_OK && hr != S_FALSE) event_data_note(event_data, extra->label, hr, &value);
    if (hr != S_OK) return;
    add_extension(event_data, extra, &value, flags, has_flags);
    server_value_free(&value);
}

static void event_read_property(struct event_data *event_data, const struct property_extra *extra)
{
    enum server_table table =
        extra->source == PROPERTY_OF_REQUEST ? SERVER_REQUEST : SERVER_CERTIFICATE;
    struct server_value value;

    if (event_data_ask(event_data, table, extra->name, extra->label, extra->type, &value) != S_OK)
        return;
    event_data_add(event_data, extra->key, extra->label, &value);
    server_value_free(&value);
}

static void read_extras(struct event_data *event_data, const struct properties *properties)
{
    size_t count;
    const struct property_extra *extra = properties_extras(properties, &count);

    if (!count) return;
    json_object(&event_data->data, "extra");
    for (; count--; extra++) {
        switch (extra->source) {
        case PROPERTY_ATTRIBUTE: read_attribute(event_data, extra); break;
        case PROPERTY_EXTENSION: event_read_extension(event_data, extra); break;
        default:                 event_read_property(event_data, extra); break;
        }
    }
    json_end(&event_data->data);
}

static void event_read_request(struct event_data *event_data, struct row *row,
                               struct event_record *record)
{
    json_object(&event_data->data, "request");
    record->has_request = read_long(event_data, "RequestID", &record->request_id);
    read_long(event_data, "Disposition", &row->disposition);
    read_table(event_data, SERVER_REQUEST, row);
    json_end(&event_data->data);
    judge_sparing(event_data, row);
    json_object(&event_data->data, "certificate");
    read_table(event_data, SERVER_CERTIFICATE, row);
    json_end(&event_data->data);
    read_extras(event_data, row->properties);
    if (row->event == EXITEVENT_CERTREVOKED && row->disposition == DB_DISP_ISSUED) {
        record->type = "certwitness.certificate.unrevoked";
    }
}

/* 16 KiB to remember them by. */
static void read_crls(struct event_data *event_data, struct crls_memory *memory,
                      struct event_record *record)
{
    record->crls = calloc(1, sizeof *record->crls);
    if (record->crls) crls_read(event_data, memory, record->crls);
    else event_data_note(event_data, "ca", E_OUTOFMEMORY, NULL);
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

/* An event that nobody knows yet is recorded all the same; where it has a context, as one of a
 * request. */
static const char *event_type_of(LONG event, LONG context, bool *of_request)
{
    for (size_t i = 0; i < ARRAYSIZE(events); i++) {
        *of_request = events[i].of_request;
        if (events[i].event == event) return events[i].type;
    }
    *of_request = context != 0;
    return "certwitness.event.unknown";
}

/* Whether events of the CA come with context 0 is not documented (contract I-2), that the CA's
 * properties want it is. */
static HRESULT open_for(bool of_request, LONG context, ICertServerExit **out)
{
    return server_open(of_request ? context : 0, out);
}

/* An enrollee can cause as many as he likes. */
static bool is_at_will(LONG event)
{
    return event == EXITEVENT_CERTPENDING || event == EXITEVENT_CERTDENIED ||
           event == EXITEVENT_CERTRETRIEVEPENDING;
}

HRESULT event_read(LONG event, LONG context, const struct properties *properties,
                   const struct event_sparing *sparing, struct crls_memory *crls,
                   struct event_record *out)
{
    struct row row = {.event = event, .properties = properties, .sparing = sparing, .record = out};
    struct event_data event_data;
    bool of_request;
    HRESULT hr, ended;

    memset(out, 0, sizeof *out);
    out->yields = is_at_will(event);
    if (sparing && sparing->memory)
        out->data.budget = out->missing.budget = out->text.budget =
            out->yields ? &sparing->memory->yielding : &sparing->memory->all;
    out->type = event_type_of(event, context, &of_request);
    event_data_begin(&event_data, &out->data, &out->missing, &out->text, &out->held);
    json_number(&event_data.data, "event", event);
    json_number(&event_data.data, "context", context);

    hr = open_for(of_request, context, &event_data.server);
    if (FAILED(hr)) event_data_note(&event_data, "ICertServerExit", hr, NULL);
    else if (of_request) event_read_request(&event_data, &row, out);
    else if (event == EXITEVENT_CRLISSUED) read_crls(&event_data, crls, out);
    if (event_data.server) ICertServerExit_Release(event_data.server);
    ended = event_data_end(&event_data);
    return FAILED(ended) ? ended : hr;
}

void event_memory_init(struct event_memory *memory)
{
    memory->all = (struct bytes_budget){.most = EVENT_MEMORY_MAX};
    memory->yielding = (struct bytes_budget){.most = EVENT_MEMORY_MAX / 2, .whole = &memory->all};
}

void event_free(struct event_record *record)
{
    bytes_free(&record->data);
    bytes_free(&record->missing);
    bytes_free(&record->text);
    server_held_free(&record->held);
    free(record->crls);
    record->crls = NULL;
}
