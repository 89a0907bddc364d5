#include "eventlog.h"

#include "base/folder_windows.h"
#include "eventlog/entry_writer.h"
#include "eventlog/rate_limit.h"
#include "messages.h"
#include "reason.h"
#include "settings/event_log.h"
#include "settings/settings.h"
#include "base/utf16_windows.h"

#include <string.h>

enum {
    PATH_MOST = 512,
    NAME_MOST = 128,
    TEXT_MOST = 512,
    HASH_MOST = 65,
    REQUESTS_MOST = 1000
}; /* characters */

static const struct rate_rule often = {120, 1000}, rarely = {20, 600000}, trouble = {1, 600000};

static void eventlog_add_head(struct entry *entry, const struct journal_report *report)
{
    entry_add_sequence(entry, report->sequence);
    entry_add_utf8(entry, report->hash, HASH_MOST);
}

static void eventlog_add_reason(struct entry *entry, const struct journal_report *report)
{
    entry_add_hresult(entry, report->hr);
}

/* A sentence says more than an HRESULT. The reason was noted before this report. */
static void add_refusal(struct entry *entry, const struct journal_report *report)
{
    WCHAR directory[SETTINGS_PATH_MAX], why[REASON_MAX];
    bool known =
        report->directory && utf16_from_utf8(report->directory, directory, ARRAYSIZE(directory));

    if (known && reason_of(directory, why)) entry_add_wide(entry, why, ENTRY_INSERT_MAX);
    else entry_add_hresult(entry, report->hr);
}

static void add_free(struct entry *entry, const struct journal_report *report)
{
    entry_add_number(entry, report->bytes);
}

static void add_nothing(struct entry *entry, const struct journal_report *report)
{
    (void)entry;
    (void)report;
}

static void add_tail(struct entry *entry, const struct journal_report *report)
{
    entry_add_utf8(entry, report->file, NAME_MOST);
    entry_add_number(entry, report->offset);
    entry_add_number(entry, report->bytes);
}

static void add_damage(struct entry *entry, const struct journal_report *report)
{
    entry_add_utf8(entry, report->file, NAME_MOST);
    entry_add_number(entry, report->offset);
    entry_add_sequence(entry, report->first);
}

static void add_file(struct entry *entry, const struct journal_report *report)
{
    entry_add_utf8(entry, report->file, NAME_MOST);
    entry_add_hresult(entry, report->hr);
}

static void eventlog_add_name(struct entry *entry, const struct journal_report *report)
{
    entry_add_utf8(entry, report->file, NAME_MOST);
}

static void eventlog_add_requests(struct entry *entry, const struct journal_report *report)
{
    entry_add_number(entry, report->events);
    entry_add_utf8(entry, report->requests, REQUESTS_MOST);
}

/* What becomes of each report. The inserts are the journal's folder, what `add` adds, and how many
 * were held back. */
static const struct {
    DWORD message;
    const struct rate_rule *rule;
    void (*add)(struct entry *entry, const struct journal_report *report);
} kinds[JOURNAL_REPORT_KINDS] = {
    [JOURNAL_HEAD_STARTED]   = {MESSAGE_HEAD_STARTED, &often, eventlog_add_head},
    [JOURNAL_HEAD_SEGMENT]   = {MESSAGE_HEAD_SEGMENT, &often, eventlog_add_head},
    [JOURNAL_HEAD_DUE]       = {MESSAGE_HEAD_DUE, &often, eventlog_add_head},
    [JOURNAL_HEAD_STOPPED]   = {MESSAGE_HEAD_STOPPED, &often, eventlog_add_head},
    [JOURNAL_CANNOT_OPEN]    = {MESSAGE_CANNOT_OPEN, &trouble, add_refusal},
    [JOURNAL_CANNOT_WRITE]   = {MESSAGE_CANNOT_WRITE, &trouble, eventlog_add_reason},
    [JOURNAL_DISK_LOW]       = {MESSAGE_DISK_LOW, &trouble, add_free},
    [JOURNAL_WRITES_AGAIN]   = {MESSAGE_WRITES_AGAIN, &often, add_nothing},
    [JOURNAL_RECOVERED_TAIL] = {MESSAGE_RECOVERED_TAIL, &rarely, add_tail},
    [JOURNAL_DAMAGED]        = {MESSAGE_DAMAGED, &rarely, add_damage},
    [JOURNAL_LOST]           = {MESSAGE_LOST, &rarely, eventlog_add_requests},
    [JOURNAL_PRUNED_TO]      = {MESSAGE_PRUNED, &often, eventlog_add_head},
    [JOURNAL_REQUEST_REFUSED] = {MESSAGE_REQUEST_REFUSED, &trouble, add_file},
    [JOURNAL_FOREIGN]        = {MESSAGE_FOREIGN, &rarely, eventlog_add_name},
    [JOURNAL_SPACE_IS_LOW]   = {MESSAGE_SPACE_IS_LOW, &trouble, add_free},
    [JOURNAL_SPACE_AGAIN]    = {MESSAGE_SPACE_AGAIN, &often, add_free},
    [JOURNAL_UNWRITTEN]      = {MESSAGE_UNWRITTEN, &rarely, eventlog_add_requests},
};

/* The entries that were made about one journal. */
struct place {
    bool used,
        troubled;  /* troubled: the last that was told of its writing is that it does not work */
    uint64_t name; /* a hash of its folder: two that share one would share limits, no more */
    struct rate_limit limits[JOURNAL_REPORT_KINDS];
};

static SRWLOCK lock = SRWLOCK_INIT;     /* of all below */
static struct place places[9]; /* the last one is shared by all that have none of their own */
static struct rate_limit refused, second, not_started, unnamed, no_key, two_cas, above;

static uint64_t eventlog_hash_of(const char *text)               /* FNV-1a */
{
    uint64_t hash = 0xcbf29ce484222325;

    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
    return hash;
}

/* Inside the lock. */
static struct place *eventlog_place_of(const char *directory)
{
    uint64_t name = eventlog_hash_of(directory);
    struct place *place = places;

    while (place < places + ARRAYSIZE(places) - 1 && place->used && place->name != name) place++;
    place->used = true;
    place->name = name;
    return place;
}

/* Finish an entry that `limit` allowed, and send it off. True where that went well. */
static bool eventlog_tell(struct entry *entry, struct rate_limit *limit, uint64_t held)
{
    entry_add_number(entry, held);
    if (entry_writer_add(entry)) return true;
    AcquireSRWLockExclusive(&lock);
    rate_limit_not_said(limit, held);
    ReleaseSRWLockExclusive(&lock);
    return false;
}

static bool is_stuck(enum journal_report_kind kind)
{
    return kind == JOURNAL_CANNOT_OPEN || kind == JOURNAL_CANNOT_WRITE || kind == JOURNAL_DISK_LOW;
}

static struct place *allow(const struct journal_report *report, const char *directory,
                           uint64_t *held)
{
    bool allowed;
    struct place *place;

    AcquireSRWLockExclusive(&lock);
    place = eventlog_place_of(directory);
    allowed = report->kind != JOURNAL_WRITES_AGAIN || place->troubled;
    if (allowed)
        allowed = rate_limit_take(&place->limits[report->kind], kinds[report->kind].rule,
                                  os_ticks_ms(), held);
    ReleaseSRWLockExclusive(&lock);
    return allowed ? place : NULL;
}

static void note_told(struct place *place, enum journal_report_kind kind)
{
    AcquireSRWLockExclusive(&lock);
    if (is_stuck(kind)) place->troubled = true;
    if (kind == JOURNAL_WRITES_AGAIN) place->troubled = false;
    ReleaseSRWLockExclusive(&lock);
}

static bool allow_own(struct rate_limit *limit, uint64_t *held)
{
    bool allowed;

    AcquireSRWLockExclusive(&lock);
    allowed = rate_limit_take(limit, &rarely, os_ticks_ms(), held);
    ReleaseSRWLockExclusive(&lock);
    return allowed;
}

static void tell_above(void *directory, const WCHAR *sentence)
{
    eventlog_folder_above(directory, sentence);
}

/* Whenever a journal was opened. In the journal's thread, as all that asks the disk. */
static void eventlog_look_above(const struct journal_report *report)
{
    WCHAR directory[SETTINGS_PATH_MAX];

    if (report->kind != JOURNAL_HEAD_STARTED || !report->directory) return;
    if (utf16_from_utf8(report->directory, directory, ARRAYSIZE(directory)))
        folder_above(directory, tell_above, directory);
}

void eventlog_report(const struct journal_report *report)
{
    const char *directory = report->directory ? report->directory : "";
    struct place *place;
    struct entry *entry;
    uint64_t held;

    if ((unsigned)report->kind >= ARRAYSIZE(kinds) || !kinds[report->kind].message) return;
    reason_note(report);
    if (!(place = allow(report, directory, &held))) return;
    entry = entry_new(EVENT_LOG_SOURCE, kinds[report->kind].message);
    entry_add_utf8(entry, directory, PATH_MOST);
    kinds[report->kind].add(entry, report);
    if (eventlog_tell(entry, &place->limits[report->kind], held)) note_told(place, report->kind);
    eventlog_look_above(report);
}

void eventlog_setting_refused(void *key, const WCHAR *name, const WCHAR *value, const WCHAR *reason)
{
    struct entry *entry;
    uint64_t held;

    if (!allow_own(&refused, &held)) return;
    entry = entry_new(EVENT_LOG_SOURCE, MESSAGE_SETTING_REFUSED);
    entry_add_wide(entry, key, PATH_MOST);
    entry_add_wide(entry, name, PATH_MOST); /* a key's path where the key itself cannot be read */
    entry_add_wide(entry, value, TEXT_MOST);
    entry_add_wide(entry, reason, TEXT_MOST);
    eventlog_tell(entry, &refused, held);
}

/* An entry with a folder and nothing else. */
static void tell_directory(DWORD message, struct rate_limit *limit, const WCHAR *directory)
{
    struct entry *entry;
    uint64_t held;

    if (!allow_own(limit, &held)) return;
    entry = entry_new(EVENT_LOG_SOURCE, message);
    entry_add_wide(entry, directory, PATH_MOST);
    eventlog_tell(entry, limit, held);
}

void eventlog_second_object(const WCHAR *directory)
{
    tell_directory(MESSAGE_SECOND_OBJECT, &second, directory);
}

void eventlog_unnamed(const WCHAR *directory)
{
    tell_directory(MESSAGE_UNNAMED, &unnamed, directory);
}

void eventlog_no_key(void)
{
    uint64_t held;

    if (!allow_own(&no_key, &held)) return;
    eventlog_tell(entry_new(EVENT_LOG_SOURCE, MESSAGE_NO_KEY), &no_key, held);
}

void eventlog_folder_above(const WCHAR *directory, const WCHAR *sentence)
{
    struct entry *entry;
    uint64_t held;

    if (!allow_own(&above, &held)) return;
    entry = entry_new(EVENT_LOG_SOURCE, MESSAGE_FOLDER_ABOVE);
    entry_add_wide(entry, directory, PATH_MOST);
    entry_add_wide(entry, sentence, ENTRY_INSERT_MAX);
    eventlog_tell(entry, &above, held);
}

void eventlog_two_cas(const WCHAR *one, const WCHAR *other)
{
    struct entry *entry;
    uint64_t held;

    if (!allow_own(&two_cas, &held)) return;
    entry = entry_new(EVENT_LOG_SOURCE, MESSAGE_TWO_CAS);
    entry_add_wide(entry, one, NAME_MOST);
    entry_add_wide(entry, other, NAME_MOST);
    eventlog_tell(entry, &two_cas, held);
}

void eventlog_cannot_start(HRESULT hr)
{
    struct entry *entry;
    uint64_t held;

    if (!allow_own(&not_started, &held)) return;
    entry = entry_new(EVENT_LOG_SOURCE, MESSAGE_CANNOT_START);
    entry_add_hresult(entry, hr);
    eventlog_tell(entry, &not_started, held);
}

bool eventlog_drain(uint32_t wait_ms)
{
    return entry_writer_drain(wait_ms);
}
