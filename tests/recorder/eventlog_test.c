/*
 * The entries in the Windows event log: what ReportEvent is given for everything that can be told, how often, and what the message table
 * in build/bin/certwitness.dll makes of it.
 *
 * eventlog.c is linked with a clock and an event log of this file's. Called with "report" this program tells everything once through
 * the real ReportEvent; tests/recorder/eventlog.t looks at what arrives there.
 */
#include "lib/test.h"

#include "eventlog/entry_writer.h"
#include "recorder/eventlog.h"
#include "eventlog/rate_limit.h"
#include "recorder/reason.h"
#include "messages.h"

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define MODULE L"build\\bin\\certwitness.dll"
#define HASH   "8c1f00000000000000000000000000000000000000000000000000000000e07a"
#define DAY    86400000ull
#define SOURCE ((HANDLE)0x5eed)

/* --- a clock --- */

static volatile LONG64 now_ms = 1;

uint64_t os_ticks_ms(void)
{
    return now_ms;
}

static void pass(uint64_t ms)
{
    InterlockedAdd64(&now_ms, ms);
}

/* --- an event log --- */

enum { TOLD_MAX = 20000 };

struct told {
    DWORD id;
    WORD type, count;
    const WCHAR *inserts[ENTRY_INSERTS_MAX];            /* never freed */
};

static struct told told[TOLD_MAX];
static volatile LONG told_count;
static volatile LONG open_sources, strange_calls;
static HANDLE may_go_on;                /* signalled unless the event log hangs */
static BOOL is_real;                    /* everything goes to Windows */

static void *windows(const char *name)
{
    return (void *)GetProcAddress(GetModuleHandleW(L"advapi32.dll"), name);
}

static HANDLE WINAPI register_source(const WCHAR *server, const WCHAR *source)
{
    if (is_real) return ((HANDLE (WINAPI *)(const WCHAR *, const WCHAR *))windows("RegisterEventSourceW"))(server, source);
    if (server || wcscmp(source, L"CertWitness.Exit")) InterlockedIncrement(&strange_calls);
    InterlockedIncrement(&open_sources);
    return SOURCE;
}

static BOOL WINAPI deregister_source(HANDLE source)
{
    if (is_real) return ((BOOL (WINAPI *)(HANDLE))windows("DeregisterEventSource"))(source);
    if (source != SOURCE) InterlockedIncrement(&strange_calls);
    InterlockedDecrement(&open_sources);
    return TRUE;
}

static BOOL WINAPI report_event(HANDLE source, WORD type, WORD category, DWORD id, PSID user, WORD count, DWORD size, LPCWSTR *inserts,
                                void *data)
{
    LONG at;

    if (is_real) {
        return ((BOOL (WINAPI *)(HANDLE, WORD, WORD, DWORD, PSID, WORD, DWORD, LPCWSTR *, void *))windows("ReportEventW"))(
            source, type, category, id, user, count, size, inserts, data);
    }
    WaitForSingleObject(may_go_on, INFINITE);
    if (source != SOURCE || category || user || size || data || count > ENTRY_INSERTS_MAX) InterlockedIncrement(&strange_calls);
    at = InterlockedIncrement(&told_count) - 1;
    if (at >= TOLD_MAX) return FALSE;
    told[at] = (struct told){id, type, count, {0}};
    for (WORD i = 0; i < count; i++) told[at].inserts[i] = _wcsdup(inserts[i]);
    return TRUE;
}

/* In place of advapi32's: what the linker finds here it does not look for there. */
HANDLE (WINAPI *__imp_RegisterEventSourceW)(const WCHAR *, const WCHAR *) = register_source;
BOOL (WINAPI *__imp_DeregisterEventSource)(HANDLE) = deregister_source;
BOOL (WINAPI *__imp_ReportEventW)(HANDLE, WORD, WORD, DWORD, PSID, WORD, DWORD, LPCWSTR *, void *) = report_event;

/* How many entries were made by now. */
static int all_told(void)
{
    check(eventlog_drain(30000));
    check_int(open_sources, 0);
    check_int(strange_calls, 0);
    return told_count;
}

/* Forget what was told, and let so much time pass that every limit is as new. */
static void begin(void)
{
    if (!may_go_on) may_go_on = CreateEventW(NULL, TRUE, TRUE, NULL);
    all_told();
    told_count = 0;
    memset(told, 0x5a, sizeof told);
    pass(DAY);
}

static const WCHAR *joined(const struct told *entry)
{
    static WCHAR text[8192];

    text[0] = 0;
    for (WORD i = 0; i < entry->count; i++) {
        if (i) wcscat(text, L"|");
        wcscat(text, entry->inserts[i]);
    }
    return text;
}

/* --- what there is to tell --- */

static struct journal_report sample(enum journal_report_kind kind, const char *directory)
{
    return (struct journal_report){.kind = kind, .directory = directory, .hr = (HRESULT)0x80041234, .sequence = 42, .hash = HASH,
                                   .file = "00000000000000000001.jsonl", .offset = 4096, .bytes = 17, .first = 40, .events = 3,
                                   .requests = "101, 102 and 1 more"};
}

static void report(enum journal_report_kind kind, const char *directory)
{
    struct journal_report made = sample(kind, directory);

    eventlog_report(&made);
    memset(&made, 0xee, sizeof made);   /* nothing of it outlives the call */
}

#define J "C:\\ProgramData\\CertWitness\\CA"
#define W L"C:\\ProgramData\\CertWitness\\CA|"
#define HEAD W L"00000000000000000042|" HASH L"|0"
#define FILE_1 L"00000000000000000001.jsonl|"

static const struct { enum journal_report_kind kind; DWORD id; WORD type; const WCHAR *inserts; } reports[] = {
    {JOURNAL_HEAD_STARTED,   MESSAGE_HEAD_STARTED,   EVENTLOG_INFORMATION_TYPE, HEAD},
    {JOURNAL_HEAD_SEGMENT,   MESSAGE_HEAD_SEGMENT,   EVENTLOG_INFORMATION_TYPE, HEAD},
    {JOURNAL_HEAD_DUE,       MESSAGE_HEAD_DUE,       EVENTLOG_INFORMATION_TYPE, HEAD},
    {JOURNAL_HEAD_STOPPED,   MESSAGE_HEAD_STOPPED,   EVENTLOG_INFORMATION_TYPE, HEAD},
    {JOURNAL_PRUNED_TO,      MESSAGE_PRUNED,         EVENTLOG_INFORMATION_TYPE, HEAD},
    {JOURNAL_CANNOT_OPEN,    MESSAGE_CANNOT_OPEN,    EVENTLOG_ERROR_TYPE,       W L"0x80041234|0"},
    {JOURNAL_CANNOT_WRITE,   MESSAGE_CANNOT_WRITE,   EVENTLOG_ERROR_TYPE,       W L"0x80041234|0"},
    {JOURNAL_DISK_LOW,       MESSAGE_DISK_LOW,       EVENTLOG_ERROR_TYPE,       W L"17|0"},
    {JOURNAL_WRITES_AGAIN,   MESSAGE_WRITES_AGAIN,   EVENTLOG_INFORMATION_TYPE, W L"0"},
    {JOURNAL_RECOVERED_TAIL, MESSAGE_RECOVERED_TAIL, EVENTLOG_WARNING_TYPE,     W FILE_1 L"4096|17|0"},
    {JOURNAL_DAMAGED,        MESSAGE_DAMAGED,        EVENTLOG_ERROR_TYPE,       W FILE_1 L"4096|00000000000000000040|0"},
    {JOURNAL_LOST,           MESSAGE_LOST,           EVENTLOG_ERROR_TYPE,       W L"3|101, 102 and 1 more|0"},
    {JOURNAL_REQUEST_REFUSED, MESSAGE_REQUEST_REFUSED, EVENTLOG_WARNING_TYPE,     W FILE_1 L"0x80041234|0"},
    {JOURNAL_FOREIGN,        MESSAGE_FOREIGN,        EVENTLOG_WARNING_TYPE,     W FILE_1 L"0"},
    {JOURNAL_SPACE_IS_LOW,   MESSAGE_SPACE_IS_LOW,   EVENTLOG_WARNING_TYPE,     W L"17|0"},
    {JOURNAL_SPACE_AGAIN,    MESSAGE_SPACE_AGAIN,    EVENTLOG_INFORMATION_TYPE, W L"17|0"},
    {JOURNAL_UNWRITTEN,      MESSAGE_UNWRITTEN,      EVENTLOG_ERROR_TYPE,       W L"3|101, 102 and 1 more|0"},
};

static const struct { DWORD id; WORD type; const WCHAR *inserts; } own[] = {
    {MESSAGE_SETTING_REFUSED, EVENTLOG_WARNING_TYPE, L"SYSTEM\\X\\CertWitness.Exit|MaxWaitMs|fast|It has to be a number.|0"},
    {MESSAGE_SECOND_OBJECT,   EVENTLOG_WARNING_TYPE, W L"0"},
    {MESSAGE_CANNOT_START,    EVENTLOG_ERROR_TYPE,   L"0x80041234|0"},
    {MESSAGE_UNNAMED,         EVENTLOG_WARNING_TYPE, W L"0"},
    {MESSAGE_NO_KEY,          EVENTLOG_WARNING_TYPE, L"0"},
    {MESSAGE_TWO_CAS,         EVENTLOG_ERROR_TYPE,   L"CA One|CA Two|0"},
    {MESSAGE_FOLDER_ABOVE,    EVENTLOG_WARNING_TYPE, W L"D:\\PKI: It can.|0"},
};

static void tell_everything(void)
{
    WCHAR directory[] = L"C:\\ProgramData\\CertWitness\\CA", key[] = L"SYSTEM\\X\\CertWitness.Exit";

    for (size_t i = 0; i < ARRAYSIZE(reports); i++) report(reports[i].kind, J);
    eventlog_setting_refused(key, L"MaxWaitMs", L"fast", L"It has to be a number.");
    eventlog_second_object(directory);
    eventlog_cannot_start((HRESULT)0x80041234);
    eventlog_unnamed(directory);
    eventlog_no_key();
    eventlog_two_cas(L"CA One", L"CA Two");
    eventlog_folder_above(directory, L"D:\\PKI: It can.");
}

int test_role(void)
{
    if (test_argc < 2 || strcmp(test_argv[1], "report")) return -1;
    is_real = TRUE;
    LoadLibraryW(L"advapi32.dll");
    tell_everything();
    return eventlog_drain(30000) ? 0 : 1;
}

TEST(every_kind_of_report_is_an_entry_of_its_own_with_its_inserts)
{
    begin();
    check_int(ARRAYSIZE(reports), JOURNAL_REPORT_KINDS);
    tell_everything();
    if (!check_int(all_told(), ARRAYSIZE(reports) + ARRAYSIZE(own))) return;
    for (size_t i = 0; i < ARRAYSIZE(reports) + ARRAYSIZE(own); i++) {
        size_t o = i - ARRAYSIZE(reports);
        bool is_own = i >= ARRAYSIZE(reports);

        check_hr(told[i].id, is_own ? own[o].id : reports[i].id);
        check_int(told[i].type, is_own ? own[o].type : reports[i].type);
        check_wide(joined(&told[i]), is_own ? own[o].inserts : reports[i].inserts);
    }
}

/* A folder below build\tmp that everybody may change: a mode that Wine shows as a right of everybody to write. */
static void make_open(char folder[MAX_PATH + 20])
{
    PSECURITY_DESCRIPTOR descriptor = NULL;

    check(GetCurrentDirectoryA(MAX_PATH, folder) != 0);
    strcat(folder, "\\build\\tmp");
    CreateDirectoryA(folder, NULL);
    strcat(folder, "\\open");
    CreateDirectoryA(folder, NULL);
    check(ConvertStringSecurityDescriptorToSecurityDescriptorA("D:P(A;OICI;FA;;;WD)", SDDL_REVISION_1, &descriptor, NULL));
    check(SetFileSecurityA(folder, DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
}

TEST(a_folder_that_was_refused_is_named_with_the_reason)
{
    static const WCHAR sentence[] = L"\\open: It, or what will stand in it, can be changed by S-1-1-0, which is neither SYSTEM nor Administrators. (To mend it: icacls ";
    char folder[MAX_PATH + 20] = "";
    const WCHAR *text;

    begin();
    make_open(folder);
    report(JOURNAL_CANNOT_OPEN, folder);
    if (!check_int(all_told(), 1)) return;
    text = joined(&told[0]);
    check(wcsstr(text, sentence) && wcsstr(text, L"\\open\" /inheritance:d /remove:g *S-1-1-0 )|0"));
    check(!wcsstr(text, L"0x80041234"));
    check(RemoveDirectoryA(folder));
}

/* Where this test lies may be below a folder of anybody's itself. */
static int told_of_open(void)
{
    int count = 0;

    for (int i = 0; i < all_told(); i++) {
        if (told[i].id != MESSAGE_FOLDER_ABOVE || !wcsstr(told[i].inserts[1], L"\\open: It, or what stands in it, can be taken away by S-1-1-0, ")) continue;
        check(told[i].type == EVENTLOG_WARNING_TYPE && wcsstr(told[i].inserts[0], L"\\open\\CA"));
        check(wcsstr(told[i].inserts[1], L"\\open\" /inheritance:d /remove:g *S-1-1-0 )"));
        count++;
    }
    return count;
}

TEST(a_folder_above_that_others_could_take_away_is_told_when_a_journal_was_opened)
{
    char folder[MAX_PATH + 20] = "", journal[MAX_PATH + 30];

    begin();
    make_open(folder);
    snprintf(journal, sizeof journal, "%s\\CA", folder);
    report(JOURNAL_HEAD_DUE, journal);
    check_int(told_of_open(), 0);
    report(JOURNAL_HEAD_STARTED, folder);               /* it is not above itself */
    check_int(told_of_open(), 0);
    report(JOURNAL_HEAD_STARTED, journal);
    check_int(told_of_open(), 1);
    check(RemoveDirectoryA(folder));
}

/* Wine's Restart Manager knows nobody. */
TEST(a_file_that_somebody_else_has_open_is_named_in_the_entry_and_for_whoever_waits)
{
    struct journal_report shared = {.kind = JOURNAL_CANNOT_OPEN, .directory = "C:\\Shared", .file = "00000000000000000001.jsonl",
                                    .hr = HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)};
    WCHAR why[REASON_MAX] = L"x";

    begin();
    check(!reason_of(L"C:\\Shared", why) && !why[0]);
    eventlog_report(&shared);
    check(reason_of(L"C:\\Shared", why));
    check_wide(why, L"The file 00000000000000000001.jsonl is held open by a program that lets nobody write to it (0x80070020).");
    check_int(all_told(), 1);
    check_wide(told[0].inserts[1], why);
    shared.file = "lock";
    shared.kind = JOURNAL_WRITES_AGAIN;
    eventlog_report(&shared);
    check(!reason_of(L"C:\\Shared", why));
    shared.kind = JOURNAL_CANNOT_OPEN;
    eventlog_report(&shared);
    check(reason_of(L"C:\\Shared", why) && wcsstr(why, L"lock is held open by another writer, or a program"));
    shared.kind = JOURNAL_DISK_LOW;
    shared.bytes = 17;
    eventlog_report(&shared);
    check(reason_of(L"C:\\Shared", why) && wcsstr(why, L"Only 17 bytes"));
    check(all_told() > 1);
}

TEST(kinds_that_nobody_knows_and_reports_with_nothing_in_them_do_no_harm)
{
    begin();
    report(JOURNAL_REPORT_KINDS, J);
    report((enum journal_report_kind)-1, J);
    for (int kind = 0; kind < JOURNAL_REPORT_KINDS; kind++) eventlog_report(&(struct journal_report){.kind = kind});
    eventlog_setting_refused(NULL, NULL, NULL, NULL);
    eventlog_second_object(NULL);
    eventlog_unnamed(NULL);
    eventlog_cannot_start(S_OK);
    eventlog_no_key();
    eventlog_two_cas(NULL, NULL);
    eventlog_folder_above(NULL, NULL);
    check_int(all_told(), ARRAYSIZE(reports) + ARRAYSIZE(own));
    check_wide(joined(&told[JOURNAL_HEAD_STARTED]), L"(none)|00000000000000000000|(none)|0");
    check_wide(joined(&told[JOURNAL_UNWRITTEN]), L"(none)|0|(none)|0");
    check_wide(joined(&told[ARRAYSIZE(reports)]), L"(none)|(none)|(none)|(none)|0");
}

TEST(an_hresult_stands_there_as_a_number_with_what_the_system_calls_it)
{
    struct journal_report made = sample(JOURNAL_CANNOT_OPEN, J);
    WCHAR text[300], want[400];
    DWORD length;

    begin();
    made.hr = HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);
    eventlog_report(&made);
    eventlog_cannot_start(E_OUTOFMEMORY);
    check_int(all_told(), 2);
    length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, ERROR_ACCESS_DENIED, 0, text, ARRAYSIZE(text), NULL);
    if (!check(length > 2)) return;
    text[length - 2] = 0;                                               /* CR LF */
    swprintf(want, ARRAYSIZE(want), L"0x80070005 (%ls)", text);
    check_wide(told[0].inserts[1], want);
    check(!wcsncmp(told[1].inserts[0], L"0x8007000e", 10));
}

/* --- the message table --- */

static HMODULE module(void)
{
    static HMODULE loaded;

    if (!loaded) loaded = LoadLibraryExW(MODULE, NULL, LOAD_LIBRARY_AS_DATAFILE);
    check(loaded != NULL);
    return loaded;
}

/* As Event Viewer does it. */
static const WCHAR *shown(const struct told *entry)
{
    static WCHAR text[16384];
    DWORD_PTR arguments[ENTRY_INSERTS_MAX + 1] = {0};
    DWORD flags = FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_ARGUMENT_ARRAY;

    for (WORD i = 0; i < entry->count; i++) arguments[i] = (DWORD_PTR)entry->inserts[i];
    text[0] = 0;
    check(FormatMessageW(flags, module(), entry->id, 0, text, ARRAYSIZE(text), (va_list *)arguments) != 0);
    return text;
}

/* The text with %1, %2… as they are. */
static const WCHAR *raw(DWORD id)
{
    static WCHAR text[8192];

    text[0] = 0;
    FormatMessageW(FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_IGNORE_INSERTS, module(), id, 0, text, ARRAYSIZE(text), NULL);
    return text;
}

/* One bit for each %n in a text; bit 0 for anything else behind a percent sign. */
static unsigned inserts_of(const WCHAR *text)
{
    unsigned seen = 0;

    for (; (text = wcschr(text, '%')); text++) {
        bool plain = text[1] >= '1' && text[1] <= '9' && text[2] != '!' && !(text[2] >= '0' && text[2] <= '9');

        seen |= plain ? 1u << (text[1] - '0') : 1;
    }
    return seen;
}

/* This test and the four after it look at what it has told. */
TEST(every_message_takes_exactly_the_inserts_that_it_is_given)
{
    begin();
    tell_everything();
    check_int(all_told(), ARRAYSIZE(reports) + ARRAYSIZE(own));
    for (LONG i = 0; i < told_count; i++) {
        unsigned want = ((2u << told[i].count) - 1) & ~1u;

        if (!check_int(inserts_of(raw(told[i].id)), want)) test_note("    event %lu has %d inserts", told[i].id & 0xffff, told[i].count);
    }
}

static bool was_told(DWORD id)
{
    for (LONG i = 0; i < told_count; i++) if (told[i].id == id) return true;
    return false;
}

TEST(every_id_in_the_header_has_a_text_and_is_told_by_somebody)
{
    FILE *header = fopen("gen/messages.h", "r");
    char line[300], name[100];
    unsigned id;
    int count = 0;

    if (!check(header != NULL)) return;
    while (fgets(line, sizeof line, header)) {
        if (sscanf(line, "#define %99s (DWORD) 0x%x", name, &id) != 2) continue;
        count++;
        if (!check(raw(id)[0]) || !check(was_told(id))) test_note("    %s", name);
    }
    fclose(header);
    check_int(count, ARRAYSIZE(reports) + ARRAYSIZE(own));
}

TEST(there_is_no_text_in_the_dll_that_nobody_tells)
{
    HRSRC resource = FindResourceW(module(), MAKEINTRESOURCEW(1), (const WCHAR *)RT_MESSAGETABLE);
    const MESSAGE_RESOURCE_DATA *table = resource ? LockResource(LoadResource(module(), resource)) : NULL;
    int count = 0;

    if (!check(table != NULL)) return;
    for (DWORD b = 0; b < table->NumberOfBlocks; b++) {
        for (DWORD id = table->Blocks[b].LowId; id <= table->Blocks[b].HighId; id++, count++) {
            if (!check(was_told(id))) test_note("    event %lu", id & 0xffff);
        }
    }
    check_int(count, ARRAYSIZE(reports) + ARRAYSIZE(own));
}

/* Lines of a window that is `columns` wide. */
static int lines_of(const WCHAR *text, size_t columns)
{
    int lines = 0;

    while (*text) {
        size_t length = wcscspn(text, L"\r\n");

        lines += length > columns ? (length + columns - 1) / columns : 1;
        text += length;
        if (*text == '\r') text++;
        if (*text == '\n') text++;
    }
    return lines;
}

TEST(every_text_says_what_it_means_and_what_to_do_and_fits_on_a_screen)
{
    for (LONG i = 0; i < told_count; i++) {
        const WCHAR *text = shown(&told[i]);
        bool good = true;

        good &= check(wcsstr(text, L"\nWhat it means: ") != NULL);
        good &= check(wcsstr(text, L"\nWhat to do: ") != NULL);
        good &= check(wcsstr(text, L"\nEntries like this one left out since the last: 0\r\n") != NULL);
        good &= check(!wcschr(text, '%'));
        good &= check(lines_of(text, 80) <= 24);
        good &= check(wcscspn(text, L"\r\n") <= 100);                   /* the first line, which lists show alone */
        for (WORD k = 0; k < told[i].count; k++) good &= check(wcsstr(text, told[i].inserts[k]) != NULL);
        if (!good) test_note("    event %lu", told[i].id & 0xffff);
    }
}

TEST(a_head_can_be_taken_from_the_text_of_its_entry)
{
    static const DWORD heads[] = {MESSAGE_HEAD_STARTED, MESSAGE_HEAD_SEGMENT, MESSAGE_HEAD_DUE, MESSAGE_HEAD_STOPPED, MESSAGE_PRUNED};
    struct journal_report made = sample(JOURNAL_HEAD_STARTED, J);

    for (size_t i = 0; i < ARRAYSIZE(heads); i++) {
        struct told entry = {heads[i], 0, 4, {L"C:\\J", L"00000000000000000042", L"" HASH, L"0"}};

        check(wcsstr(shown(&entry), L"sequence 00000000000000000042, hash " HASH L"\r\n") != NULL);
    }
    begin();
    made.sequence = UINT64_MAX;
    eventlog_report(&made);
    check_int(all_told(), 1);
    check_wide(told[0].inserts[1], L"18446744073709551615");
}

/* --- how often --- */

TEST(a_limit_gives_its_burst_at_once_and_then_one_per_period)
{
    static const struct rate_rule rule = {3, 1000};
    struct rate_limit limit = {0};
    uint64_t held = 4711, now = 0;

    for (int i = 0; i < 3; i++) check(rate_limit_take(&limit, &rule, now, &held) && !held);
    for (int i = 0; i < 5; i++) check(!rate_limit_take(&limit, &rule, now + 999, &held));
    check(rate_limit_take(&limit, &rule, now + 1000, &held));
    check_int(held, 5);
    check(!rate_limit_take(&limit, &rule, now + 1000, &held));
    now += 1000000;
    check(rate_limit_take(&limit, &rule, now, &held));
    check_int(held, 1);
    rate_limit_not_said(&limit, held);
    for (int i = 0; i < 2; i++) check(rate_limit_take(&limit, &rule, now, &held) && held == (i ? 0 : 2));
    check(!rate_limit_take(&limit, &rule, now, &held));
}

TEST(a_trouble_that_repeats_itself_is_told_once_in_ten_minutes_with_the_count_of_the_rest)
{
    begin();
    for (int i = 0; i < 1500; i++, pass(1000)) report(JOURNAL_CANNOT_OPEN, J);
    check_int(all_told(), 3);
    check_wide(told[0].inserts[2], L"0");
    check_wide(told[1].inserts[2], L"599");
    check_wide(told[2].inserts[2], L"599");
    report(JOURNAL_WRITES_AGAIN, J);
}

TEST(neither_kinds_nor_journals_silence_each_other)
{
    begin();
    for (int i = 0; i < 3; i++) {
        report(JOURNAL_CANNOT_OPEN, J);
        report(JOURNAL_CANNOT_WRITE, J);
        report(JOURNAL_CANNOT_OPEN, "D:\\other");
        report(JOURNAL_REQUEST_REFUSED, J);
    }
    check_int(all_told(), 4);
    check_wide(told[2].inserts[0], L"D:\\other");
    report(JOURNAL_WRITES_AGAIN, J);
    report(JOURNAL_WRITES_AGAIN, "D:\\other");
}

TEST(heads_and_what_comes_once_in_a_run_are_held_back_by_a_generous_bound_only)
{
    begin();
    for (int i = 0; i < 5000; i++) report(JOURNAL_HEAD_DUE, J), all_told(), pass(100);
    check(told_count >= 600 && told_count <= 640);
    begin();
    for (int i = 0; i < 1000; i++) report(JOURNAL_UNWRITTEN, J), all_told(), pass(1);
    check_int(all_told(), 20);
    report(JOURNAL_HEAD_STOPPED, J);
    check_int(all_told(), 21);
}

TEST(that_a_journal_is_written_again_is_told_whenever_a_trouble_was_and_only_then)
{
    begin();
    report(JOURNAL_WRITES_AGAIN, J);
    check_int(all_told(), 0);
    report(JOURNAL_CANNOT_WRITE, J);
    report(JOURNAL_WRITES_AGAIN, J);
    report(JOURNAL_CANNOT_WRITE, J);                                    /* held back… */
    report(JOURNAL_WRITES_AGAIN, J);                                    /* …and so is this, which would say nothing new */
    report(JOURNAL_WRITES_AGAIN, "D:\\other");
    check_int(all_told(), 2);
    pass(590000);
    report(JOURNAL_CANNOT_WRITE, J);
    check_int(all_told(), 2);
    pass(10000);
    report(JOURNAL_CANNOT_WRITE, J);
    report(JOURNAL_WRITES_AGAIN, J);
    check_int(all_told(), 4);
    check_wide(told[2].inserts[2], L"2");
    check_hr(told[3].id, MESSAGE_WRITES_AGAIN);
    report(JOURNAL_DISK_LOW, J);
    report(JOURNAL_WRITES_AGAIN, J);
    report(JOURNAL_CANNOT_OPEN, J);
    report(JOURNAL_WRITES_AGAIN, J);
    check_int(all_told(), 8);
}

TEST(a_thousand_journals_in_one_process_still_make_few_entries)
{
    char directory[40];

    begin();
    for (int i = 0; i < 3000; i++) {
        snprintf(directory, sizeof directory, "E:\\%d", i % 1000);
        report(JOURNAL_CANNOT_OPEN, directory);
    }
    check(all_told() >= 1 && told_count <= 9);
}

/* --- what is put in --- */

TEST(what_stands_in_an_insert_is_not_expanded_and_stays_on_its_line)
{
    WCHAR value[] = L"%1 %%5 %{x} %n\r\n\t%";

    begin();
    eventlog_setting_refused(value, L"a\x0001z\x007f\x009b", L"\x202e\x2028\xfeff\xd83d\xde00", L"\xd800x\xdc00\xdbff");
    check_int(all_told(), 1);
    check_wide(told[0].inserts[0], L"\xff05" L"1 \xff05\xff05" L"5 \xff05{x} \xff05n   \xff05");
    check_wide(told[0].inserts[1], L"a\xfffdz\xfffd\xfffd");
    check_wide(told[0].inserts[2], L"\xfffd\xfffd\xfffd\xd83d\xde00");
    check_wide(told[0].inserts[3], L"\xfffdx\xfffd\xfffd");
    check_int(lines_of(shown(&told[0]), 1000), 11);
    check(wcsstr(shown(&told[0]), L"Key: \xff05" L"1 ") != NULL);
}

TEST(bytes_that_are_no_utf_8_are_replaced)
{
    begin();
    report(JOURNAL_CANNOT_OPEN, "C:\\Z\xc3\xbcrich\\\xff\x41\xed\xa0\x80 %2 \xf0\x9f\x98\x80");
    check_int(all_told(), 1);
    check(!wcsncmp(told[0].inserts[0], L"C:\\Z\x00fcrich\\\xfffd" L"A\xfffd", 12));
    check(wcsstr(told[0].inserts[0], L" \xff05" L"2 \xd83d\xde00") != NULL);
}

/* `count` times the same; never freed. */
static char *many(const char *text, int count)
{
    char *out = calloc(strlen(text), count + 1);

    while (count--) strcat(out, text);
    return out;
}

static WCHAR *many_wide(WCHAR unit, int count)
{
    WCHAR *out = calloc(count + 1, sizeof *out);

    wmemset(out, unit, count);
    return out;
}

TEST(texts_of_any_length_are_cut_where_a_reader_would_stop)
{
    struct journal_report made = sample(JOURNAL_UNWRITTEN, "");
    WCHAR *x = many_wide('x', 40000);

    begin();
    made.directory = many("\xf0\x9f\x98\x80", 4096);                    /* two units each */
    made.requests = many("1234567, ", 5000);
    eventlog_report(&made);
    made.kind = JOURNAL_DAMAGED;
    made.file = many("\x80", 40000);
    eventlog_report(&made);
    made.kind = JOURNAL_HEAD_DUE;
    made.hash = many("f", 4096);
    eventlog_report(&made);
    eventlog_setting_refused(x, x, x, x);
    check_int(all_told(), 4);
    check_int(wcslen(told[0].inserts[0]), 511);                         /* 255 pairs and the ellipsis: no half pair before it */
    check(told[0].inserts[0][509] == 0xde00 && told[0].inserts[0][510] == 0x2026);
    check_int(wcslen(told[0].inserts[2]), 1000);
    check(told[0].inserts[2][999] == 0x2026);
    check_int(wcslen(told[1].inserts[1]), 128);
    check(wcslen(told[2].inserts[2]) <= 65);
    for (int i = 0; i < 4; i++) check_int(wcslen(told[3].inserts[i]), 512);
    check(wcsstr(shown(&told[3]), L"Entries like this one left out since the last: 0") != NULL);
    for (int i = 0; i < 4; i++) check(wcslen(shown(&told[i])) < 4000);
}

/* A text that just fits is not cut. */
TEST(a_path_of_512_characters_and_a_hash_stand_there_whole)
{
    WCHAR *path = many_wide('p', 512), *longer = many_wide('p', 513);

    begin();
    eventlog_second_object(path);
    eventlog_second_object(longer);
    check_int(all_told(), 2);
    check_wide(told[0].inserts[0], path);
    check_int(wcslen(told[1].inserts[0]), 512);
    check(told[1].inserts[0][511] == 0x2026);
}

/* --- an event log that hangs, and many threads --- */

/* Entries of heads, and what they say was left out. */
static uint64_t told_and_held(void)
{
    uint64_t count = 0;

    for (LONG i = 0; i < told_count; i++) count += 1 + wcstol(told[i].inserts[3], NULL, 10);
    return count;
}

TEST(an_event_log_that_hangs_holds_up_nobody_and_what_does_not_fit_is_counted)
{
    uint64_t start;
    LONG after;

    begin();
    report(JOURNAL_HEAD_DUE, J);        /* tells what tests before this one left out */
    begin();
    ResetEvent(may_go_on);
    for (int i = 0; i < 1000; i++) report(JOURNAL_HEAD_DUE, J), pass(1000);             /* would never end if it waited */
    start = GetTickCount64();
    check(!eventlog_drain(200));
    check(GetTickCount64() - start >= 150);
    check(!eventlog_drain(0));
    check_int(told_count, 0);
    SetEvent(may_go_on);
    after = all_told();
    check(after >= ENTRY_WRITER_MAX && after <= ENTRY_WRITER_MAX + 1);                  /* one is in the thread's hands */
    report(JOURNAL_HEAD_DUE, J);
    check_int(all_told(), after + 1);
    check_int(told_and_held(), 1001);
}

/* Else the log's last word would be the trouble. */
TEST(that_a_journal_is_written_again_is_told_later_where_it_could_not_be_told_at_once)
{
    begin();
    report(JOURNAL_CANNOT_OPEN, J);
    all_told();
    ResetEvent(may_go_on);
    for (int i = 0; i < 200; i++) report(JOURNAL_HEAD_DUE, J), pass(1000);
    report(JOURNAL_WRITES_AGAIN, J);
    SetEvent(may_go_on);
    all_told();
    check(told[told_count - 1].id != MESSAGE_WRITES_AGAIN);
    report(JOURNAL_WRITES_AGAIN, J);
    all_told();
    check_hr(told[told_count - 1].id, MESSAGE_WRITES_AGAIN);
}

enum { THREADS = 8, EACH = 2000 };

static DWORD WINAPI tell_many(void *context)
{
    (void)context;
    for (int i = 0; i < EACH; i++) {
        report(JOURNAL_HEAD_SEGMENT, J);
        pass(1000);
        if (i % 50 == 0 && !eventlog_drain(30000)) return 1;
    }
    return 0;
}

TEST(of_what_many_threads_tell_at_once_everything_is_there_or_counted)
{
    HANDLE threads[THREADS];
    DWORD code;

    begin();
    for (int i = 0; i < THREADS; i++) threads[i] = CreateThread(NULL, 0, tell_many, NULL, 0, NULL);
    for (int i = 0; i < THREADS; i++) {
        check_int(WaitForSingleObject(threads[i], 60000), WAIT_OBJECT_0);
        check(GetExitCodeThread(threads[i], &code) && !code);
        CloseHandle(threads[i]);
    }
    all_told();
    report(JOURNAL_HEAD_SEGMENT, J);
    all_told();
    check_int(told_and_held(), THREADS * EACH + 1);
    test_note("%ld entries for %d reports", told_count, THREADS * EACH + 1);
}

/* The place of a new handle tells how many there are: the lowest free one is taken. */
static uintptr_t next_handle(void)
{
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);

    CloseHandle(event);
    return (uintptr_t)event;
}

TEST(nothing_is_left_open)
{
    uintptr_t before;

    begin();
    report(JOURNAL_HEAD_DUE, J);
    all_told();
    before = next_handle();
    for (int i = 0; i < 100; i++) report(JOURNAL_HEAD_DUE, J), check(eventlog_drain(30000)), pass(1000);
    check_int(next_handle(), before);
    for (LONG i = told_count; i < 200; i++, pass(1000)) {               /* threads that nobody waits for, one after the other */
        report(JOURNAL_HEAD_DUE, J);
        while (told_count <= i) Sleep(1);
        Sleep(1);
    }
    check_int(all_told(), 200);
    check_int(next_handle(), before);
}
