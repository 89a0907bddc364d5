#include "recorder.h"

#include "ca_certificates.h"
#include "event.h"
#include "server.h"
#include "text.h"
#include "version.h"
#include "version_info.h"

#include "journal/journal.h"
#include "settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define RETRY_MS      1000              /* between attempts at a disk that refuses */
#define NAME_MAX      200               /* characters of a CA's name that becomes a folder's; NTFS takes 255 */

struct recorder {
    struct journal *journal;            /* owned; NULL where another recorder of this process has it */
    struct settings settings;           /* in force; only Initialize reads the registry */
    struct properties *properties;      /* owned; what is asked for beyond the standard list, or not */
    struct crls_memory crls;            /* what the journal holds */
    struct recorder *next;              /* in `recorders` */
};

/* The recorders of this process that have a journal: two must not write to one folder. */
static SRWLOCK recorders_lock = SRWLOCK_INIT;
static struct recorder *recorders;

static bool claim_directory(struct recorder *recorder)
{
    struct recorder *other;

    AcquireSRWLockExclusive(&recorders_lock);
    for (other = recorders; other && _wcsicmp(other->settings.journal_directory, recorder->settings.journal_directory); other = other->next) {}
    if (!other) {
        recorder->next = recorders;
        recorders = recorder;
    }
    ReleaseSRWLockExclusive(&recorders_lock);
    return !other;
}

static void release_directory(struct recorder *recorder)
{
    struct recorder **link;

    AcquireSRWLockExclusive(&recorders_lock);
    for (link = &recorders; *link && *link != recorder; link = &(*link)->next) {}
    if (*link) *link = recorder->next;
    ReleaseSRWLockExclusive(&recorders_lock);
}

/* What the CA says of itself. Empty where it does not. */
struct ca {
    WCHAR name[256];                    /* SanitizedCAName */
    WCHAR short_name[256];              /* SanitizedShortName */
    WCHAR machine[256];                 /* MachineDNSName */
    WCHAR key[512];                     /* ModuleRegistryLocation */
    LONG type, cert_count;
    bool has_type, has_cert_count;
};

static void ask_text(ICertServerExit *server, const WCHAR *name, WCHAR *out, size_t size)
{
    struct server_value value;

    out[0] = 0;
    if (server_get(server, SERVER_CERTIFICATE, name, PROPTYPE_STRING, &value) != S_OK) return;
    if (value.bstr && SysStringLen(value.bstr) < size) wcscpy(out, value.bstr);
    server_value_free(&value);
}

static bool ask_long(ICertServerExit *server, const WCHAR *name, LONG *out)
{
    struct server_value value;

    if (server_get(server, SERVER_CERTIFICATE, name, PROPTYPE_LONG, &value) != S_OK) return false;
    *out = value.number;
    return true;
}

/* …\Configuration\<sanitised CA name>\ExitModules\<ProgID> */
static void name_from_key(struct ca *ca)
{
    static const WCHAR before[] = L"\\Configuration\\";
    WCHAR *name = wcsstr(ca->key, before), *end;

    if (!name) return;
    name += ARRAYSIZE(before) - 1;
    end = wcschr(name, '\\');
    if (end && (size_t)(end - name) < ARRAYSIZE(ca->name)) wmemcpy(ca->name, name, end - name);
}

static void ask_ca(struct ca *ca)
{
    DWORD size = ARRAYSIZE(ca->machine);
    ICertServerExit *server;

    memset(ca, 0, sizeof *ca);
    if (SUCCEEDED(server_open(0, &server))) {
        ask_text(server, wszPROPSANITIZEDCANAME, ca->name, ARRAYSIZE(ca->name));
        ask_text(server, wszPROPSANITIZEDSHORTNAME, ca->short_name, ARRAYSIZE(ca->short_name));
        if (wcslen(ca->name) > NAME_MAX) wcscpy(ca->name, ca->short_name);
        ask_text(server, wszPROPMACHINEDNSNAME, ca->machine, ARRAYSIZE(ca->machine));
        ask_text(server, wszPROPMODULEREGLOC, ca->key, ARRAYSIZE(ca->key));
        ca->has_type = ask_long(server, wszPROPCATYPE, &ca->type);
        ca->has_cert_count = ask_long(server, wszPROPCERTCOUNT, &ca->cert_count);
        ICertServerExit_Release(server);
    }
    if (!ca->name[0]) name_from_key(ca);
    if (!ca->machine[0] && !GetComputerNameExW(ComputerNameDnsFullyQualified, ca->machine, &size)) ca->machine[0] = 0;
}

static void add_wide(struct json *json, const char *name, const WCHAR *text)
{
    char *utf8 = *text ? text_utf8(text) : NULL;

    if (utf8) json_text(json, name, utf8);
    free(utf8);
}

/*
 * A setting that was refused; its default is in force. For module.started; `refused` is the members of a JSON array.
 * The value may be anything: it goes where an administrator sees it, not into the journal.
 */
static void note_refused_setting(void *refused, const WCHAR *name, const WCHAR *value, const WCHAR *reason)
{
    struct json json = {.out = refused, .comma = ((struct bytes *)refused)->size > 0};

    (void)value;
    json_object(&json, NULL);
    add_wide(&json, "name", name);
    add_wide(&json, "reason", reason);
    json_end(&json);
}

static void note_refused_property(void *refused, const WCHAR *item, const WCHAR *reason)
{
    WCHAR text[PROPERTIES_ITEM_MAX + SETTINGS_TEXT_MAX];

    swprintf(text, ARRAYSIZE(text), L"%ls: %ls", item, reason);
    text[ARRAYSIZE(text) - 1] = 0;
    note_refused_setting(refused, settings_table[SETTING_PROPERTIES].name, item, text);
}

/* Percent-escape what may not stand in a URI's path as it is. */
static void add_escaped(struct bytes *out, const WCHAR *text)
{
    struct bytes utf8 = {0};

    text_add_utf8(&utf8, text, wcslen(text));
    if (utf8.failed) out->failed = true;
    for (size_t i = 0; i < utf8.size; i++) {
        unsigned char c = utf8.data[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && c < 0x80 && strchr("-._~!", c));

        if (plain) bytes_add(out, &c, 1);
        else bytes_printf(out, "%%%02X", c);
    }
    bytes_free(&utf8);
}

static void add_source(struct bytes *out, const struct ca *ca)
{
    bytes_add_text(out, "/adcs/");
    add_escaped(out, ca->machine);
    bytes_add(out, "/", 1);
    add_escaped(out, ca->name);
    bytes_add(out, "", 1);
}

/* Minutes that local time is ahead of UTC. */
static LONG utc_offset(void)
{
    TIME_ZONE_INFORMATION zone;

    switch (GetTimeZoneInformation(&zone)) {
    case TIME_ZONE_ID_DAYLIGHT: return -(zone.Bias + zone.DaylightBias);
    case TIME_ZONE_ID_STANDARD: return -(zone.Bias + zone.StandardBias);
    case TIME_ZONE_ID_INVALID:  return 0;
    default:                    return -zone.Bias;
    }
}

/* The members of data.module in module.started, the journal's own aside. */
static void add_module(struct json *json, const struct settings *settings)
{
    WCHAR host[MAX_PATH] = L"";
    BSTR file = NULL;

    json_text(json, "version", CERTWITNESS_VERSION);
    if (SUCCEEDED(version_info(L"FileVersion", &file))) add_wide(json, "fileVersion", file);
    SysFreeString(file);
    json_number(json, "eventMask", settings->event_mask);
    json_text(json, "dates", "assumed UTC");                            /* contract I-3 */
    json_number(json, "utcOffsetMinutes", utc_offset());
    if (GetModuleFileNameW(NULL, host, ARRAYSIZE(host))) add_wide(json, "host", host);
    json_number(json, "processId", GetCurrentProcessId());
}

static void add_ca(struct json *json, const struct ca *ca)
{
    json_object(json, "ca");
    add_wide(json, "SanitizedCAName", ca->name);
    add_wide(json, "SanitizedShortName", ca->short_name);
    add_wide(json, "MachineDNSName", ca->machine);
    add_wide(json, "ModuleRegistryLocation", ca->key);
    if (ca->has_type) json_number(json, "CAType", ca->type);
    if (ca->has_cert_count) json_number(json, "CertCount", ca->cert_count);
    ca_certificates_add(json, ca->has_cert_count ? ca->cert_count : 1);
    json_end(json);
}

static void add_settings(struct json *json, const struct settings *settings, const struct bytes *refused)
{
    json_object(json, "settings");
    add_wide(json, "JournalDirectory", settings->journal_directory);
    json_number(json, "EventMask", settings->event_mask);
    json_array(json, "Properties");
    for (const WCHAR *name = settings->properties; *name; name += wcslen(name) + 1) add_wide(json, NULL, name);
    json_end(json);
    json_number(json, "SegmentMiB", settings->segment_mib);
    json_number(json, "QueueMiB", settings->queue_mib);
    json_number(json, "MaxWaitMs", settings->max_wait_ms);
    json_number(json, "MinFreeMiB", settings->min_free_mib);
    json_number(json, "RetainDays", settings->retain_days);
    json_end(json);
    if (!refused->size) return;
    json_array(json, "refusedSettings");
    json_members(json, refused->data, refused->size);
    json_end(json);
}

static struct journal_options options_of(const struct settings *settings)
{
    return (struct journal_options){
        .wait_ms = settings->max_wait_ms, .retry_ms = RETRY_MS, .queue_bytes = (size_t)settings->queue_mib << 20,
        .segment_bytes = (uint64_t)settings->segment_mib << 20, .min_free_bytes = (uint64_t)settings->min_free_mib << 20,
        .retain_days = settings->retain_days,
    };
}

static HRESULT open_journal(struct recorder *recorder, const struct ca *ca, const struct bytes *refused)
{
    struct bytes source = {0}, module = {0}, more = {0};
    struct json module_json = {.out = &module}, more_json = {.out = &more};
    struct journal_options options = options_of(&recorder->settings);
    char *directory = text_utf8(recorder->settings.journal_directory);
    HRESULT hr = E_OUTOFMEMORY;

    add_source(&source, ca);
    add_module(&module_json, &recorder->settings);
    add_ca(&more_json, ca);
    add_settings(&more_json, &recorder->settings, refused);
    if (directory && !refused->failed && !source.failed && !module.failed && !more.failed) {
        options.directory = directory;
        options.source = source.data;
        options.start_module = (struct span){module.data, module.size};
        if (module.size + more.size < LINE_DATA_MAX / 2) options.start_more = (struct span){more.data, more.size};
        hr = journal_open(&options, &recorder->journal);
    }
    free(directory);
    bytes_free(&source);
    bytes_free(&module);
    bytes_free(&more);
    return hr;
}

HRESULT recorder_start(struct recorder **out, LONG *event_mask)
{
    struct recorder *recorder = calloc(1, sizeof *recorder);
    struct bytes refused = {0};
    struct ca ca;
    HRESULT hr;

    *out = NULL;
    *event_mask = 0;
    if (!recorder) return E_OUTOFMEMORY;
    ask_ca(&ca);
    settings_read(ca.key, ca.name, note_refused_setting, &refused, &recorder->settings);
    hr = properties_parse(recorder->settings.properties, note_refused_property, &refused, &recorder->properties);
    if (SUCCEEDED(hr) && !recorder->settings.journal_directory[0]) hr = E_UNEXPECTED;
    if (SUCCEEDED(hr) && claim_directory(recorder)) hr = open_journal(recorder, &ca, &refused);
    bytes_free(&refused);
    if (recorder->journal) *event_mask = (LONG)recorder->settings.event_mask;
    if (FAILED(hr)) recorder_stop(recorder);
    else *out = recorder;
    return hr;
}

/* For the CA's event log, where an administrator reads it. swprintf does not end a text that it had to cut. */
static void explain(const struct recorder *recorder, HRESULT hr, WCHAR *why, size_t size)
{
    const WCHAR *what = L"The event was lost to the journal in";

    if (hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) what = L"The event waits in memory, since the disk does not answer, for the journal in";
    if (hr == HRESULT_FROM_WIN32(ERROR_DISK_FULL)) what = L"Too many events wait in memory, and this one was lost to the journal in";
    swprintf(why, size, L"%ls %ls (0x%08lx). See to the disk, the folder's permissions and its free space.", what,
             recorder->settings.journal_directory, hr);
    why[size - 1] = 0;
}

static void explain_reading(HRESULT hr, WCHAR *why, size_t size)
{
    swprintf(why, size, L"The CA did not answer for this event (0x%08lx): only its type is in the journal.", hr);
    why[size - 1] = 0;
}

static HRESULT append(struct recorder *recorder, const struct event_record *record, int64_t time)
{
    struct journal_event event = {record->type, record->has_request, record->request_id, time, {record->data.data, record->data.size}};

    if (!record->data.failed) return journal_append(recorder->journal, &event);
    journal_lose(recorder->journal, &event);
    return E_OUTOFMEMORY;
}

HRESULT recorder_notify(struct recorder *recorder, LONG event, LONG context, WCHAR *why, size_t size)
{
    int64_t time = os_now();
    struct event_record record;
    HRESULT read, kept;

    why[0] = 0;
    if (!recorder->journal) return S_OK;                                /* our mask was 0: another object records this */
    read = event_read(event, context, recorder->properties, &recorder->crls, &record);
    kept = append(recorder, &record, time);
    if (record.crls && (SUCCEEDED(kept) || kept == HRESULT_FROM_WIN32(ERROR_TIMEOUT))) crls_remember(&recorder->crls, record.crls);
    event_free(&record);
    if (FAILED(kept)) explain(recorder, kept, why, size);
    else if (FAILED(read)) explain_reading(read, why, size);
    return FAILED(kept) ? kept : read;
}

/* The writer hangs in the disk and runs our code: this DLL has to stay for as long as the process lives. */
static void pin_module(void)
{
    HMODULE module;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)pin_module, &module);
}

void recorder_stop(struct recorder *recorder)
{
    if (!recorder) return;
    if (journal_close(recorder->journal) == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) pin_module();
    release_directory(recorder);
    properties_free(recorder->properties);
    free(recorder);
}
