#include "recorder.h"

#include "ca.h"
#include "calls.h"
#include "event.h"
#include "eventlog.h"
#include "flood.h"
#include "reason.h"
#include "server.h"
#include "module_started.h"
#include "base/utf16_windows.h"

#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define RETRY_MS       1000             /* between attempts at a disk that refuses */
/* of MaxWaitMs, a quarter at most: kept at the end for what is still to be told in the event log */
#define TELL_MS 1000
#define UNNAMED L"\\unnamed" /* how the folder of a CA ends that does not tell its name */

struct recorder {
    struct journal *journal; /* owned; NULL where another recorder of this process has it */
    struct settings settings;           /* in force; only Initialize reads the registry */
    struct properties *properties; /* owned; what is asked for beyond the standard list, or not */
    struct crls_memory crls;            /* the CRLs that the journal holds */
    struct calls calls;                 /* of recorder_notify, under way */
    struct flood flood;
    struct event_memory memory;
    struct ca ca;                       /* its answers in Initialize */
    LONG shortages;                     /* when that began */
    struct recorder *next;              /* in `recorders` */
};

/* The recorders of this process that have a journal: two must not write to one folder. */
static SRWLOCK recorders_lock = SRWLOCK_INIT;
static struct recorder *recorders;

static bool claim_directory(struct recorder *recorder)
{
    struct recorder *other;

    AcquireSRWLockExclusive(&recorders_lock);
    for (other = recorders;
         other && _wcsicmp(other->settings.journal_directory, recorder->settings.journal_directory);
         other = other->next) {
    }
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

bool recorder_is_running(void)
{
    bool running;

    AcquireSRWLockShared(&recorders_lock);
    running = recorders != NULL;
    ReleaseSRWLockShared(&recorders_lock);
    return running;
}

/* Collects the settings that are refused while they are read. Their defaults are in force. */
struct refusals {
    struct bytes members;               /* of the JSON array in module.started */
    const WCHAR *key;                   /* of the settings, below HKLM */
};

static void refuse_setting(void *context, const WCHAR *name, const WCHAR *value,
                           const WCHAR *reason)
{
    struct refusals *refusals = context;
    struct json json = {.out = &refusals->members, .comma = refusals->members.size > 0};

    eventlog_setting_refused((void *)refusals->key, name, value, reason);
    json_object(&json,
                NULL); /* without the value: it may be anything, and is for administrators' eyes */
    utf16_add_json(&json, "name", name);
    utf16_add_json(&json, "reason", reason);
    json_end(&json);
}

static void refuse_property(void *context, const WCHAR *item, const WCHAR *reason)
{
    WCHAR text[PROPERTIES_ITEM_MAX + SETTINGS_TEXT_MAX];

    swprintf(text, ARRAYSIZE(text), L"%ls: %ls", item, reason);
    text[ARRAYSIZE(text) - 1] = 0;      /* swprintf does not end a text that it had to cut */
    refuse_setting(context, settings_table[SETTING_PROPERTIES].name, item, text);
}

static uint32_t tell_ms(const struct settings *settings)
{
    return settings->max_wait_ms / 4 < TELL_MS ? settings->max_wait_ms / 4 : TELL_MS;
}

static struct journal_options options_of(const struct settings *settings)
{
    return (struct journal_options){
        .wait_ms = settings->max_wait_ms,
        .close_ms = settings->max_wait_ms - tell_ms(settings),
        .retry_ms = RETRY_MS,
        .queue_bytes = (size_t)settings->queue_mib << 20,
        .segment_bytes = (uint64_t)settings->segment_mib << 20,
        .min_free_bytes = (uint64_t)settings->min_free_mib << 20,
        .report = eventlog_report,
    };
}

/* S_FALSE: another object of this process has the journal. It is claimed once the CA is not asked
 * any more, lest an exception keep it claimed. */
static HRESULT open_journal(struct recorder *recorder, const struct ca *ca,
                            const struct bytes *refused)
{
    struct bytes source = {0}, module = {0}, more = {0};
    struct json module_json = {.out = &module}, more_json = {.out = &more};
    struct journal_options options = options_of(&recorder->settings);
    char *directory = utf16_to_utf8(recorder->settings.journal_directory);
    HRESULT hr = E_OUTOFMEMORY;

    ca_add_source(&source, ca);
    module_started_add_module(&module_json, &recorder->settings);
    ca_add(&more_json, ca);
    module_started_add_settings(&more_json, &recorder->settings, refused);
    if (directory && !refused->failed && !source.failed && !module.failed && !more.failed &&
        server_shortages() == recorder->shortages) {
        options.directory = directory;
        options.source = source.data;
        options.start_module = (struct span){module.data, module.size};
        if (module.size + more.size < LINE_DATA_MAX / 2)
            options.start_more = (struct span){more.data, more.size};
        hr = claim_directory(recorder) ? journal_open(&options, &recorder->journal) : S_FALSE;
    }
    free(directory);
    bytes_free(&source);
    bytes_free(&module);
    bytes_free(&more);
    return hr;
}

static bool is_unnamed(const struct settings *settings)
{
    const WCHAR *end = wcsrchr(settings->journal_directory, '\\');

    return settings->source[SETTING_JOURNAL_DIRECTORY] != SETTING_FROM_REGISTRY && end &&
           !wcscmp(end, UNNAMED);
}

static void tell_location(const struct location *location)
{
    if (location->way == LOCATION_NONE) eventlog_no_key();
    if (location->way == LOCATION_CONTRADICTED) eventlog_two_cas(location->ca, location->other);
}

static HRESULT start(struct recorder *recorder, const WCHAR *config)
{
    const WCHAR *directory = recorder->settings.journal_directory;
    struct refusals refusals = {0};
    struct ca *ca = &recorder->ca;
    HRESULT hr;

    event_memory_init(&recorder->memory);
    recorder->shortages = server_shortages();
    ca_ask(config, ca);
    if (server_shortages() != recorder->shortages)
        return E_OUTOFMEMORY; /* the CA did not tell less, it was not asked */
    tell_location(&ca->location);
    refusals.key = ca->location.key;
    if (!settings_read(ca->location.key, ca->name, refuse_setting, &refusals,
                       &recorder->settings)) {
        bytes_free(&refusals.members);
        return E_OUTOFMEMORY;
    }
    if (is_unnamed(&recorder->settings)) eventlog_unnamed(directory);
    hr = properties_parse(recorder->settings.properties, refuse_property, &refusals,
                          &recorder->properties);
    if (SUCCEEDED(hr) && !directory[0]) hr = E_UNEXPECTED;
    if (SUCCEEDED(hr)) hr = open_journal(recorder, ca, &refusals.members);
    if (SUCCEEDED(hr) && !recorder->journal) eventlog_second_object(directory);
    bytes_free(&refusals.members);
    return hr;
}

/* A thread of ours hangs, in the disk or in the event log: this DLL has to stay for as long as the
 * process lives. */
static void pin_module(void)
{
    HMODULE module;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                       (const WCHAR *)pin_module, &module);
}

/* Until `end`, in ticks; and the DLL stays where a thread of ours does. */
static void tell_the_rest(uint64_t end, bool disk_hangs)
{
    uint64_t now = os_ticks_ms();
    bool log_hangs = !eventlog_drain(now < end ? (uint32_t)(end - now) : 0);

    if (disk_hangs || log_hangs) pin_module();
}

/* Takes NULL. */
static void recorder_free(struct recorder *recorder)
{
    if (!recorder) return;
    release_directory(recorder);
    properties_free(recorder->properties);
    free(recorder);
}

static HRESULT try_to_start(const WCHAR *config, struct recorder **out)
{
    struct recorder *recorder = *out = calloc(1, sizeof *recorder);
    HRESULT hr = recorder ? start(recorder, config) : E_OUTOFMEMORY;

    if (SUCCEEDED(hr)) return hr;
    *out = NULL;
    recorder_free(recorder);
    return hr;
}

/* Without memory all of it is tried once more: a CA that starts under pressure must not go without
 * its recorder for one refusal. */
HRESULT recorder_start(const WCHAR *config, struct recorder **out, LONG *event_mask)
{
    HRESULT hr = try_to_start(config, out);

    *event_mask = 0;
    if (is_no_memory(hr)) hr = try_to_start(config, out);
    if (FAILED(hr)) {
        eventlog_cannot_start(hr);
        tell_the_rest(os_ticks_ms() + TELL_MS, false);
        return is_no_memory(hr) ? E_OUTOFMEMORY : hr;
    }
    if ((*out)->journal) *event_mask = (LONG)(*out)->settings.event_mask;
    return S_OK;
}

/* The beginning of the sentence, before the trouble of the journal itself. */
static const WCHAR *recorder_cause_of(HRESULT hr)
{
    if (hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT)) return L"";
    if (hr == JOURNAL_QUEUE_FULL)
        return L"QueueMiB of events wait in memory already. They wait for this: ";
    if (hr == JOURNAL_QUEUE_KEPT)
        return L"Half of QueueMiB waits in memory, and the rest is kept for issued and revoked "
               L"certificates. They wait for this: ";
    if (hr == JOURNAL_SPACE_KEPT)
        return L"Less than MinFreeMiB is free on the journal's disk. What is left is kept for "
               L"issued and revoked certificates: "
               L"make space there.";
    if (is_no_memory(hr))
        return L"There was not enough memory, or the events that are read at this moment need more "
               L"than 128 MiB.";
    return hr == E_INVALIDARG ? L"No line of the journal can be made of the event." : L"";
}

/*
 * For the CA's event log, where an administrator reads it: under 46, the number that most know as
 * "too many active database sessions". That it is not this stands in front, where no long path cuts
 * it off. The word in capitals is the one to filter by: only a lost event is gone, one that waits
 * is recorded later. swprintf does not end a text that it had to cut.
 */
static void recorder_explain(const struct recorder *recorder, HRESULT hr, WCHAR *why, size_t size)
{
    bool waits = hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT),
         of_event = is_no_memory(hr) || hr == E_INVALIDARG || hr == JOURNAL_SPACE_KEPT;
    const WCHAR *what =
        waits ? L"WAITS: the event waits in memory, and is recorded later in"
              : L"LOST: the event is not recorded, and will be counted by a journal.gap in";
    WCHAR reason[REASON_MAX] = L"";

    if (!of_event && !reason_of(recorder->settings.journal_directory, reason))
        wcscpy(reason, L"The disk does not answer.");
    swprintf(why, size,
             L"This is about CertWitness' journal, not about the CA's database sessions. %ls "
             L"%.400ls (0x%08lx). The reason: %ls%ls",
             what, recorder->settings.journal_directory, hr, recorder_cause_of(hr), reason);
    why[size - 1] = 0;
}

static void explain_reading(HRESULT hr, WCHAR *why, size_t size)
{
    const WCHAR *what = hr == CERTSRV_E_NO_DB_SESSIONS
                            ? L"had no database session left for this event"
                            : L"did not answer for this event";

    swprintf(why, size,
             L"NOT ANSWERED: the CA %ls (0x%08lx). CertWitness has recorded the event's type, and "
             L"nothing else of it.",
             what, hr);
    why[size - 1] = 0;
}

static struct journal_event recorder_event_of(const struct event_record *record, int64_t time)
{
    return (struct journal_event){
        .type = record->type,
        .has_request = record->has_request,
        .request_id = record->request_id,
        .time = time,
        .data = {record->data.data, record->data.size},
        .yields = record->yields,
        .requester = record->requester,
    };
}

static HRESULT recorder_append(struct recorder *recorder, const struct event_record *record,
                               int64_t time)
{
    struct journal_event event = recorder_event_of(record, time);

    if (!record->data.failed) return journal_append(recorder->journal, &event);
    journal_lose(recorder->journal, &event, LOSS_MEMORY);
    return E_OUTOFMEMORY;
}

/* The CA threw while it was asked for this event. When is not known: no clock is asked while a
 * stack is unwound. */
static void lose_thrown(void *context, const struct event_record *record)
{
    struct recorder *recorder = context;
    struct journal_event event = recorder_event_of(record, os_now());

    journal_lose(recorder->journal, &event, LOSS_EXCEPTION);
}

/* What an event is read by: once its reading has begun an exception of the CA's may end it, and
 * then it stays as it is. */
struct notice {
    struct recorder *recorder;
    LONG event, context;
    struct event_record *record;
    HRESULT read;
};

static void recorder_read_notice(void *argument)
{
    struct notice *notice = argument;
    struct recorder *recorder = notice->recorder;
    struct event_sparing sparing = {&recorder->flood,
                                    journal_space(recorder->journal) != JOURNAL_SPACE_AMPLE,
                                    &recorder->memory};

    notice->read = event_read(notice->event, notice->context, recorder->properties, &sparing,
                              &recorder->crls, notice->record);
}

/* There is not even memory to read it with. */
static HRESULT lose_unread(struct recorder *recorder, int64_t time, WCHAR *why, size_t size)
{
    struct journal_event event = {.time = time};

    journal_lose(recorder->journal, &event, LOSS_MEMORY);
    recorder_explain(recorder, E_OUTOFMEMORY, why, size);
    return E_OUTOFMEMORY;
}

HRESULT recorder_notify(struct recorder *recorder, LONG event, LONG context, WCHAR *why,
                        size_t size)
{
    int64_t time = os_now();
    struct notice notice = {recorder, event, context, NULL, S_OK};
    struct call *call;
    HRESULT kept;

    why[0] = 0;
    if (!recorder->journal) return S_OK; /* our mask was 0: another object records this */
    calls_take_back(&recorder->calls, lose_thrown, recorder);
    if (!(call = calls_begin(&recorder->calls))) return lose_unread(recorder, time, why, size);
    notice.record = &call->record;
    unwinding_watch(recorder_read_notice, &notice, &call->unwindings);
    kept = recorder_append(recorder, &call->record, time);
    if (call->record.crls && (SUCCEEDED(kept) || kept == HRESULT_FROM_WIN32(ERROR_TIMEOUT)))
        crls_remember(&recorder->crls, call->record.crls);
    calls_end(&recorder->calls, call);
    if (FAILED(kept)) recorder_explain(recorder, kept, why, size);
    else if (FAILED(notice.read)) explain_reading(notice.read, why, size);
    return FAILED(kept) ? kept : notice.read;
}

void recorder_stop(struct recorder *recorder)
{
    uint64_t end = os_ticks_ms();
    bool disk_hangs;

    if (!recorder) return;
    end += recorder->settings.max_wait_ms ? recorder->settings.max_wait_ms
                                          : TELL_MS; /* 0: it was never started */
    if (recorder->journal) calls_take_back(&recorder->calls, lose_thrown, recorder);
    disk_hangs = journal_close(recorder->journal) == HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    tell_the_rest(end, disk_hangs);
    recorder_free(recorder);
}
