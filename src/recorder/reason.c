#include "reason.h"

#include "holder.h"

#include "base/folder_windows.h"
#include "base/utf16_windows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PATH_UTF8_MAX 2048 /* bytes: more than a setting can hold, SETTINGS_PATH_MAX characters */
/* after that it is looked at again: another program may have the file by now */
#define SAID_MS 600000
/* a writer that fails is heard of each second: one that is not hangs in the disk, whatever was
 * wrong before */
#define NEWS_MS 5000

struct reason {
    bool used;
    uint64_t name;                      /* a hash of the journal's folder */
    enum journal_report_kind kind;
    HRESULT hr;
    uint64_t at;                        /* when it was put into words, in ticks */
    uint64_t heard;                     /* when it was reported last */
    bool looking;                       /* the writer is finding out more, and cannot be heard of */
    WCHAR text[REASON_MAX];             /* "": there is no trouble */
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct reason reasons[8];        /* a call that finds no place has no reason */

static uint64_t reason_hash_of(const char *text)               /* FNV-1a */
{
    uint64_t hash = 0xcbf29ce484222325;

    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
    return hash;
}

/* Inside the lock; NULL where it has none and, to `make` one, there is no room. */
static struct reason *reason_find(const char *directory, bool make)
{
    uint64_t name = reason_hash_of(directory);

    for (struct reason *reason = reasons; reason < reasons + ARRAYSIZE(reasons); reason++) {
        if (reason->used && reason->name == name) return reason;
        if (reason->used || !make) continue;
        *reason = (struct reason){.used = true, .name = name};
        return reason;
    }
    return NULL;
}

static void reason_widen(const char *utf8, WCHAR *out, int size)
{
    out[utf8 ? utf16_show(utf8, strlen(utf8), out, (size_t)size - 1) : 0] = 0;
}

/* In the machine's language, as the event log has it; but what everybody has to understand at once.
 */
static void tell_hresult(HRESULT hr, WCHAR *out)
{
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                  FORMAT_MESSAGE_MAX_WIDTH_MASK,
          size;
    WCHAR text[REASON_MAX - 60];

    if (hr == HRESULT_FROM_WIN32(ERROR_DISK_FULL)) {
        swprintf(out, REASON_MAX, L"The disk is full (0x%08lx).", (unsigned long)hr);
        return;
    }
    size = FormatMessageW(
        flags, NULL, HRESULT_FACILITY(hr) == FACILITY_WIN32 ? (DWORD)HRESULT_CODE(hr) : (DWORD)hr,
        0, text, ARRAYSIZE(text), NULL);
    while (size && text[size - 1] <= ' ') size--;
    text[size] = 0;
    swprintf(out, REASON_MAX, size ? L"0x%08lx (%ls)" : L"0x%08lx", (unsigned long)hr, text);
}

static void tell_shared(const struct journal_report *report, WCHAR *out)
{
    WCHAR file[64], path[1100], who[HOLDER_TEXT_MAX];
    bool is_lock = !strcmp(report->file, "lock");

    reason_widen(report->directory, path, 1024);
    reason_widen(report->file, file, ARRAYSIZE(file));
    wcscat(path, L"\\");
    wcscat(path, file);
    if (!holder_find(path, who))
        wcscpy(who, is_lock ? L"another writer, or a program that shares it with nobody"
                            : L"a program that lets nobody write to it");
    swprintf(out, REASON_MAX, L"The file %ls is held open by %ls (0x%08lx).", file, who,
             (unsigned long)report->hr);
}

static void reason_tell_refused(const struct journal_report *report, WCHAR *out)
{
    struct { char why[FOLDER_WHY_MAX]; WCHAR wide[FOLDER_WHY_MAX]; } *text = malloc(sizeof *text);

    if (text && folder_is_refused(folder_explain(report->directory, text->why))) {
        reason_widen(text->why, text->wide, ARRAYSIZE(text->wide));
        swprintf(out, REASON_MAX, L"%.998ls", text->wide);
    } else {
        tell_hresult(report->hr, out);
    }
    free(text);
}

static void reason_tell(const struct journal_report *report, WCHAR *out)
{
    out[0] = 0;
    if (report->kind == JOURNAL_DISK_LOW)
        swprintf(out, REASON_MAX,
                 L"Only %llu bytes are free on the disk, less than a quarter of MinFreeMiB.",
                 (unsigned long long)report->bytes);
    else if (report->file && report->hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        tell_shared(report, out);
    else if (report->kind == JOURNAL_CANNOT_OPEN) reason_tell_refused(report, out);
    else tell_hresult(report->hr, out);
    out[REASON_MAX - 1] = 0;            /* swprintf does not end a text that it had to cut */
}

/* Until `tell`, which may ask other programs, has found out more. */
static void tell_at_once(const struct journal_report *report, WCHAR *out)
{
    if (report->kind == JOURNAL_DISK_LOW) reason_tell(report, out);
    else tell_hresult(report->hr, out);
}

/* True if its sentence is there already: then the failure occurred again. */
static bool reason_is_known(const char *directory, const struct journal_report *report,
                            uint64_t now)
{
    struct reason *reason;
    bool known;

    AcquireSRWLockExclusive(&lock);
    reason = reason_find(directory, false);
    known = reason && reason->text[0] && reason->kind == report->kind && reason->hr == report->hr &&
            now - reason->at < SAID_MS;
    if (known) reason->heard = now;
    ReleaseSRWLockExclusive(&lock);
    return known;
}

static void reason_put(const char *directory, const struct journal_report *report,
                       const WCHAR *text, bool looking)
{
    uint64_t now = os_ticks_ms();
    struct reason *reason;

    AcquireSRWLockExclusive(&lock);
    if ((reason = reason_find(directory, *text))) {
        reason->kind = report->kind;
        reason->hr = report->hr;
        reason->at = reason->heard = now;
        reason->looking = looking;
        wcscpy(reason->text, text);
    }
    ReleaseSRWLockExclusive(&lock);
}

void reason_note(const struct journal_report *report)
{
    bool stuck = report->kind == JOURNAL_CANNOT_OPEN || report->kind == JOURNAL_CANNOT_WRITE ||
                 report->kind == JOURNAL_DISK_LOW;
    bool over = report->kind == JOURNAL_WRITES_AGAIN || report->kind == JOURNAL_HEAD_STARTED;
    WCHAR text[REASON_MAX] = L"";

    if (!report->directory || (!stuck && !over)) return;
    if (stuck && reason_is_known(report->directory, report, os_ticks_ms())) return;
    if (stuck) {
        tell_at_once(report, text);
        reason_put(report->directory, report, text, true);
        reason_tell(report, text);
    }
    reason_put(report->directory, report, text, false);
}

bool reason_of(const WCHAR *directory, WCHAR out[REASON_MAX])
{
    char utf8[PATH_UTF8_MAX];
    struct reason *reason;

    out[0] = 0;
    if (!utf16_put_utf8(directory, utf8, sizeof utf8)) return false;
    AcquireSRWLockShared(&lock);
    if ((reason = reason_find(utf8, false)) &&
        (reason->looking || os_ticks_ms() - reason->heard < NEWS_MS))
        wcscpy(out, reason->text);
    ReleaseSRWLockShared(&lock);
    return out[0] != 0;
}
