#include "recorder.h"

#include "event.h"
#include "eventlog.h"
#include "server.h"
#include "text.h"
#include "version.h"

#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define WAIT_MS       5000              /* the longest that a call of the CA waits for us */
#define RETRY_MS      1000              /* between attempts at a disk that refuses */
#define TELL_MS       1000              /* at the end, for what is still to be told, if all of WAIT_MS went to the disk */
#define QUEUE_MIB     64                /* of events that wait in memory while the disk does not answer */
#define SEGMENT_MIB   64
#define ROOT          L"%ProgramData%\\CertWitness\\"
#define UNNAMED       L"unnamed"        /* the folder of a CA that does not tell its name */
#define FOLDER_MAX    200               /* characters of a folder's name; NTFS takes 255 */
#define DIRECTORY_MAX 512               /* characters: ProgramData and a CA's name of at most 64, most of them escaped as !xxxx */

struct recorder {
    struct journal *journal;            /* owned; NULL where another recorder of this process has it */
    WCHAR directory[DIRECTORY_MAX];
    struct recorder *next;              /* in `recorders` */
};

/* The recorders of this process that have a journal: two must not write to one folder. */
static SRWLOCK recorders_lock = SRWLOCK_INIT;
static struct recorder *recorders;

static bool claim_directory(struct recorder *recorder)
{
    struct recorder *other;

    AcquireSRWLockExclusive(&recorders_lock);
    for (other = recorders; other && _wcsicmp(other->directory, recorder->directory); other = other->next) {}
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
        if (wcslen(ca->name) > FOLDER_MAX) ask_text(server, wszPROPSANITIZEDSHORTNAME, ca->name, ARRAYSIZE(ca->name));
        ask_text(server, wszPROPMACHINEDNSNAME, ca->machine, ARRAYSIZE(ca->machine));
        ask_text(server, wszPROPMODULEREGLOC, ca->key, ARRAYSIZE(ca->key));
        ca->has_type = ask_long(server, wszPROPCATYPE, &ca->type);
        ca->has_cert_count = ask_long(server, wszPROPCERTCOUNT, &ca->cert_count);
        ICertServerExit_Release(server);
    }
    if (!ca->name[0]) name_from_key(ca);
    if (!ca->machine[0] && !GetComputerNameExW(ComputerNameDnsFullyQualified, ca->machine, &size)) ca->machine[0] = 0;
}

/* A sanitised name holds none of the characters that a path gives a meaning to; one that does is not what it says it is. */
static const WCHAR *folder_name(const struct ca *ca)
{
    size_t size = wcslen(ca->name);

    if (!size || wcspbrk(ca->name, L"\\/:*?\"<>|") || ca->name[size - 1] == '.' || ca->name[size - 1] == ' ') return UNNAMED;
    for (const WCHAR *c = ca->name; *c; c++) if (*c < ' ' || *c > '~') return UNNAMED;
    return ca->name;
}

static HRESULT set_directory(struct recorder *recorder, const struct ca *ca)
{
    DWORD size = ExpandEnvironmentStringsW(ROOT, recorder->directory, DIRECTORY_MAX);
    const WCHAR *name = folder_name(ca);

    if (!size || size + wcslen(name) > DIRECTORY_MAX || recorder->directory[0] == '%') return E_UNEXPECTED;
    wcscat(recorder->directory, name);
    if (!wcscmp(name, UNNAMED)) eventlog_unnamed(recorder->directory);
    return S_OK;
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

static void add_wide(struct json *json, const char *name, const WCHAR *text)
{
    char *utf8 = *text ? text_utf8(text) : NULL;

    if (utf8) json_text(json, name, utf8);
    free(utf8);
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
static void add_module(struct json *json)
{
    WCHAR host[MAX_PATH] = L"";

    json_text(json, "version", CERTWITNESS_VERSION);
    json_number(json, "eventMask", EVENT_MASK);
    json_text(json, "dates", "assumed UTC");                            /* contract I-3 */
    json_number(json, "utcOffsetMinutes", utc_offset());
    if (GetModuleFileNameW(NULL, host, ARRAYSIZE(host))) add_wide(json, "host", host);
    json_number(json, "processId", GetCurrentProcessId());
}

/* Those of data beside it. */
static void add_ca_and_settings(struct json *json, const struct recorder *recorder, const struct ca *ca)
{
    json_object(json, "ca");
    add_wide(json, "SanitizedCAName", ca->name);
    add_wide(json, "MachineDNSName", ca->machine);
    add_wide(json, "ModuleRegistryLocation", ca->key);
    if (ca->has_type) json_number(json, "CAType", ca->type);
    if (ca->has_cert_count) json_number(json, "CertCount", ca->cert_count);
    json_end(json);
    json_object(json, "settings");
    add_wide(json, "JournalDirectory", recorder->directory);
    json_number(json, "SegmentMiB", SEGMENT_MIB);
    json_number(json, "QueueMiB", QUEUE_MIB);
    json_number(json, "MaxWaitMs", WAIT_MS);
    json_end(json);
}

static HRESULT open_journal(struct recorder *recorder, const struct ca *ca)
{
    struct bytes source = {0}, module = {0}, more = {0};
    struct json module_json = {.out = &module}, more_json = {.out = &more};
    struct journal_options options = {.wait_ms = WAIT_MS, .retry_ms = RETRY_MS, .queue_bytes = QUEUE_MIB << 20,
                                      .segment_bytes = SEGMENT_MIB << 20, .report = eventlog_report};
    char *directory = text_utf8(recorder->directory);
    HRESULT hr = E_OUTOFMEMORY;

    add_source(&source, ca);
    add_module(&module_json);
    add_ca_and_settings(&more_json, recorder, ca);
    if (directory && !source.failed && !module.failed && !more.failed) {
        options.directory = directory;
        options.source = source.data;
        options.start_module = (struct span){module.data, module.size};
        options.start_more = (struct span){more.data, more.size};
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
    struct ca ca;
    HRESULT hr;

    *out = NULL;
    *event_mask = 0;
    if (!recorder) return E_OUTOFMEMORY;                                /* nor is there any for an entry in the event log */
    ask_ca(&ca);
    if (FAILED(hr = set_directory(recorder, &ca))) goto failed;
    if (claim_directory(recorder)) {
        if (FAILED(hr = open_journal(recorder, &ca))) goto failed;
        *event_mask = EVENT_MASK;
    } else {
        eventlog_second_object(recorder->directory);
    }
    *out = recorder;
    return S_OK;
failed:
    eventlog_cannot_start(hr);
    recorder_stop(recorder);
    return hr;
}

/* For the CA's event log, where an administrator reads it. swprintf does not end a text that it had to cut. */
static void explain(const struct recorder *recorder, HRESULT hr, WCHAR *why, size_t size)
{
    const WCHAR *what = L"The event was lost to the journal in";

    if (hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) what = L"The event waits in memory, since the disk does not answer, for the journal in";
    if (hr == HRESULT_FROM_WIN32(ERROR_DISK_FULL)) what = L"Too many events wait in memory, and this one was lost to the journal in";
    swprintf(why, size, L"%ls %ls (0x%08lx). See to the disk, the folder's permissions and its free space.", what,
             recorder->directory, hr);
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

    return journal_append(recorder->journal, &event);
}

HRESULT recorder_notify(struct recorder *recorder, LONG event, LONG context, WCHAR *why, size_t size)
{
    int64_t time = os_now();
    struct event_record record;
    HRESULT read, kept;

    why[0] = 0;
    if (!recorder->journal) return S_OK;                                /* our mask was 0: another object records this */
    read = event_read(event, context, &record);
    kept = record.data.failed ? read : append(recorder, &record, time);
    event_free(&record);
    if (FAILED(kept)) explain(recorder, kept, why, size);
    else if (FAILED(read)) explain_reading(read, why, size);
    return FAILED(kept) ? kept : read;
}

/* A thread of ours hangs, in the disk or in the event log: this DLL has to stay for as long as the process lives. */
static void pin_module(void)
{
    HMODULE module;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)pin_module, &module);
}

void recorder_stop(struct recorder *recorder)
{
    uint64_t end = os_ticks_ms() + WAIT_MS, now;
    bool disk_hangs, log_hangs;

    if (!recorder) return;
    disk_hangs = journal_close(recorder->journal) == HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    now = os_ticks_ms();
    log_hangs = !eventlog_drain(now + TELL_MS < end ? end - now : TELL_MS);
    if (disk_hangs || log_hangs) pin_module();
    release_directory(recorder);
    free(recorder);
}
