/*
 * The journal's files beside other programs: readers, backups and scanners open them in every way there is, before and while the journal
 * does. And a folder that is refused reaches whoever listens to the journal, and is taken once it has been put right.
 */
#include "lib/test.h"

#include "journal/journal.h"
#include "journal/segment.h"

#include <windows.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define LONG_ENOUGH_MS 30000

static char directory[600];             /* of the test that runs */
static volatile LONG reports[JOURNAL_REPORT_KINDS];
static volatile HRESULT reported_hr[JOURNAL_REPORT_KINDS];
static char reported_file[64];          /* of JOURNAL_CANNOT_OPEN */

static void note(const struct journal_report *report)
{
    reported_hr[report->kind] = report->hr;
    if (report->kind == JOURNAL_CANNOT_OPEN && !reports[report->kind]) snprintf(reported_file, sizeof reported_file, "%s", report->file ? report->file : "");
    InterlockedIncrement(&reports[report->kind]);
}

/* A name of a folder that is not there yet. */
static void begin(void)
{
    static unsigned count;
    char here[400] = "";

    check(GetCurrentDirectoryA(sizeof here, here) != 0);
    snprintf(directory, sizeof directory, "%s\\build\\tmp\\disk-%lx-%lx-%u", here, GetCurrentProcessId(), GetTickCount(), ++count);
    memset((void *)reports, 0, sizeof reports);
}

static struct journal_options options(void)
{
    return (struct journal_options){
        .directory = directory, .source = "/adcs/ca.example/Test", .wait_ms = LONG_ENOUGH_MS, .retry_ms = 50, .queue_bytes = 1 << 20,
        .segment_bytes = 64 << 20, .report = note,
    };
}

static struct journal *open_journal(void)
{
    struct journal_options with = options();
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

static HRESULT append(struct journal *journal, int number)
{
    char data[64];
    struct journal_event event = {.type = "certwitness.certificate.issued", .time = os_now()};

    snprintf(data, sizeof data, "{\"event\":1,\"number\":%d}", number);
    event.data = (struct span){data, strlen(data)};
    return journal_append(journal, &event);
}

static char *segment_path(uint64_t sequence)
{
    static char path[700];
    char name[SEGMENT_NAME_SIZE + 1];

    segment_name(sequence, name);
    snprintf(path, sizeof path, "%s\\%s", directory, name);
    return path;
}

/* As another program would. NULL where that is refused. */
static HANDLE hold(const char *path, DWORD access, DWORD share)
{
    HANDLE handle = CreateFileA(path, access, share, NULL, OPEN_EXISTING, 0, NULL);

    return handle == INVALID_HANDLE_VALUE ? NULL : handle;
}

/* How many lines of a segment hold the text. */
static int lines_with(uint64_t sequence, const char *text)
{
    HANDLE file = hold(segment_path(sequence), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
    char *data = calloc(1, 1 << 20), *at = data;
    DWORD size = 0;
    int count = 0;

    check(file != NULL);
    ReadFile(file, data, (1 << 20) - 1, &size, NULL);
    CloseHandle(file);
    while ((at = strstr(at, text))) at++, count++;
    free(data);
    return count;
}

static void wait_for(enum journal_report_kind kind)
{
    for (int waited = 0; !reports[kind] && waited < LONG_ENOUGH_MS; waited += 10) Sleep(10);
    check(reports[kind] > 0);
}

TEST(a_reader_that_lets_others_write_changes_nothing)
{
    static const DWORD shares[] = {FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE};

    begin();
    check_hr(journal_close(open_journal()), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(shares); i++) {
        HANDLE before = hold(segment_path(1), GENERIC_READ, shares[i]), during;
        struct journal *journal = open_journal();

        check(before != NULL);
        during = hold(segment_path(1), GENERIC_READ, shares[i]);
        check(during != NULL);
        check_hr(append(journal, 1), S_OK);
        check_hr(journal_close(journal), S_OK);
        CloseHandle(before);
        CloseHandle(during);
    }
    check_int(lines_with(1, "\"number\":1"), 2);
    check_int(reports[JOURNAL_CANNOT_OPEN] + reports[JOURNAL_CANNOT_WRITE], 0);
}

TEST(a_writer_is_seen_for_as_long_as_it_has_the_folder_open)
{
    struct disk_folder *folder = NULL;
    struct journal *journal;
    uint64_t size = 1;
    bool answer = true;

    begin();
    journal = open_journal();
    check_hr(append(journal, 1), S_OK);
    check_hr(disk_view_folder(directory, &folder), S_OK);
    check_hr(disk_is_written(folder, &answer), S_OK);
    check(answer);
    check_hr(disk_size(folder, "00000000000000000001.jsonl", &size), S_OK);
    check(size > 300);
    check_hr(disk_size(folder, "none", &size), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    check(!size);
    check_hr(journal_close(journal), S_OK);
    check_hr(disk_is_written(folder, &answer), S_OK);
    check(!answer);
    disk_close_folder(folder);
}

TEST(while_a_segment_is_written_nobody_can_keep_us_from_it_or_take_it_away)
{
    static const DWORD accesses[] = {GENERIC_READ, GENERIC_WRITE, DELETE, GENERIC_READ | GENERIC_WRITE};
    struct journal *journal;
    char moved[800];
    int opened = 0;

    begin();
    journal = open_journal();
    for (size_t access = 0; access < ARRAYSIZE(accesses); access++) {
        for (DWORD share = 0; share < 8; share++) {
            HANDLE handle = hold(segment_path(1), accesses[access], share);

            if (handle && !check(accesses[access] == GENERIC_READ && (share & FILE_SHARE_WRITE))) test_note("    %lx %lx", accesses[access], share);
            opened += handle != NULL;
            check_hr(append(journal, 1), S_OK);
            if (handle) CloseHandle(handle);
        }
    }
    check(opened > 0);
    snprintf(moved, sizeof moved, "%s.away", segment_path(1));
    check(!DeleteFileA(segment_path(1)));
    check_int(GetLastError(), ERROR_SHARING_VIOLATION);
    check(!MoveFileA(segment_path(1), moved));
    check_int(GetLastError(), ERROR_SHARING_VIOLATION);
    check_hr(append(journal, 2), S_OK);
    check_hr(journal_close(journal), S_OK);
    check_int(lines_with(1, "\"number\":1"), 32);
    check_int(lines_with(1, "\"number\":2"), 1);
}

/* As a program does that opened the file for itself and other readers while the CA was down. */
TEST(a_reader_that_lets_nobody_write_to_a_last_segment_that_no_head_covers_delays_the_opening_and_loses_nothing)
{
    char head[700];
    struct journal_options with = options();
    struct journal *journal = NULL;
    HANDLE held;

    begin();
    check_hr(journal_close(open_journal()), S_OK);
    snprintf(head, sizeof head, "%s\\head", directory);
    check(DeleteFileA(head));
    held = hold(segment_path(1), GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE);
    check(held != NULL);
    with.wait_ms = 300;
    check_hr(journal_open(&with, &journal), S_FALSE);
    wait_for(JOURNAL_CANNOT_OPEN);
    check_hr(reported_hr[JOURNAL_CANNOT_OPEN], HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
    check_text(reported_file, "00000000000000000001.jsonl");
    check_hr(append(journal, 1), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_int(lines_with(1, "\"number\":1"), 0);
    CloseHandle(held);
    wait_for(JOURNAL_WRITES_AGAIN);
    journal_close(journal);             /* within 300 ms or not */
    for (int waited = 0; !reports[JOURNAL_HEAD_STOPPED] && waited < LONG_ENOUGH_MS; waited += 10) Sleep(10);
    check_int(lines_with(1, "\"number\":1"), 1);
    check_int(lines_with(1, "module.stopped"), 2);
}

/* Lines, and half a one where `torn`; what is behind the last line that counts is kept. */
TEST(where_the_last_segment_is_covered_and_nobody_may_write_to_it_a_new_one_begins_at_once)
{
    for (int torn = 0; torn < 2; torn++) {
        struct journal *journal;
        HANDLE held, more;
        DWORD size;

        begin();
        journal = open_journal();
        check_hr(append(journal, 1), S_OK);
        check_hr(journal_close(journal), S_OK);
        more = hold(segment_path(1), GENERIC_WRITE, 0);
        SetFilePointer(more, 0, NULL, FILE_END);
        if (torn) check(WriteFile(more, "{\"specversion\"", 14, &size, NULL));
        CloseHandle(more);
        held = hold(segment_path(1), GENERIC_READ, FILE_SHARE_READ);
        check(held != NULL);
        for (int i = 2; i < 4; i++) {
            journal = open_journal();
            check_hr(append(journal, i), S_OK);
            check_hr(journal_close(journal), S_OK);
        }
        CloseHandle(held);
        check_int(reports[JOURNAL_CANNOT_OPEN], 0);
        check_int(reports[JOURNAL_RECOVERED_TAIL], torn);
        check_int(lines_with(1, "\"number\":"), 1);
        check_int(lines_with(4, "\"number\":2") + lines_with(4, "\"number\":3"), 2);
        check_int(lines_with(4, "\"endedCleanly\":true"), 2);
    }
}

TEST(so_it_does_where_the_last_segment_is_damaged_and_head_covers_the_last_line_behind_the_damage)
{
    struct journal *journal;
    HANDLE held, more;
    DWORD size;

    begin();
    journal = open_journal();
    for (int i = 1; i < 5; i++) check_hr(append(journal, i), S_OK);
    check_hr(journal_close(journal), S_OK);
    more = hold(segment_path(1), GENERIC_WRITE, 0);
    SetFilePointer(more, 1200, NULL, FILE_BEGIN);       /* of five lines and one */
    check(WriteFile(more, "#", 1, &size, NULL));
    CloseHandle(more);
    held = hold(segment_path(1), GENERIC_READ, FILE_SHARE_READ);
    check(held != NULL);
    journal = open_journal();
    check_hr(append(journal, 5), S_OK);
    check_hr(journal_close(journal), S_OK);
    CloseHandle(held);
    check_int(reports[JOURNAL_CANNOT_OPEN], 0);
    check_int(reports[JOURNAL_DAMAGED], 1);
    check_int(lines_with(7, "journal.broken") + lines_with(7, "\"number\":5"), 2);
}

static char *lock_path(void)
{
    static char path[700];

    snprintf(path, sizeof path, "%s\\lock", directory);
    return path;
}

TEST(whoever_reads_the_lock_and_lets_others_read_it_keeps_nobody_from_the_journal_and_lets_in_no_second_writer)
{
    static const DWORD shares[] = {FILE_SHARE_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, 7};

    begin();
    check_hr(journal_close(open_journal()), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(shares); i++) {
        HANDLE held = hold(lock_path(), GENERIC_READ, shares[i]);
        struct journal *journal = open_journal(), *second = NULL;
        struct journal_options with = options();
        struct disk_folder *folder = NULL;
        bool answer = false;

        check(held != NULL);
        check_int(reports[JOURNAL_CANNOT_OPEN], 0);
        check_hr(append(journal, 1), S_OK);
        with.wait_ms = 200;
        check_hr(journal_open(&with, &second), S_FALSE);
        wait_for(JOURNAL_CANNOT_OPEN);
        check_hr(reported_hr[JOURNAL_CANNOT_OPEN], HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
        check_text(reported_file, "lock");
        journal_close(second);
        check_hr(disk_view_folder(directory, &folder), S_OK);
        check_hr(disk_is_written(folder, &answer), S_OK);
        check(answer);
        check_hr(journal_close(journal), S_OK);
        check_hr(disk_is_written(folder, &answer), S_OK);
        check(!answer);
        disk_close_folder(folder);
        CloseHandle(held);
        memset((void *)reports, 0, sizeof reports);
    }
    check_int(lines_with(1, "\"number\":1"), ARRAYSIZE(shares));
}

TEST(whoever_has_the_lock_for_himself_alone_is_waited_for_and_costs_no_event_if_he_lets_go_in_time)
{
    struct journal_options with = options();
    struct journal *journal = NULL;
    HANDLE held;

    begin();
    check_hr(journal_close(open_journal()), S_OK);
    held = hold(lock_path(), GENERIC_READ, 0);
    check(held != NULL);
    with.wait_ms = 10;
    with.retry_ms = LONG_ENOUGH_MS;     /* for other reasons */
    check_hr(journal_open(&with, &journal), S_FALSE);
    wait_for(JOURNAL_CANNOT_OPEN);
    check_text(reported_file, "lock");
    CloseHandle(held);
    wait_for(JOURNAL_WRITES_AGAIN);
    journal_close(journal);
    for (int waited = 0; !reports[JOURNAL_HEAD_STOPPED] && waited < LONG_ENOUGH_MS; waited += 10) Sleep(10);
}

/* Wine makes of it the file's mode, and no more is left of it to be asked for. */
TEST(nobody_but_administrators_may_open_the_lock_also_one_that_was_there_before)
{
    for (int before = 0; before < 2; before++) {
        PSECURITY_DESCRIPTOR descriptor = NULL;
        char text[4096], *sddl = NULL;
        HANDLE there;
        DWORD size;

        begin();
        check_hr(journal_close(open_journal()), S_OK);
        if (before) {
            check(DeleteFileA(lock_path()));
            there = CreateFileA(lock_path(), GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
            check(there != INVALID_HANDLE_VALUE);
            CloseHandle(there);
            check(ConvertStringSecurityDescriptorToSecurityDescriptorA("D:(A;;FA;;;BA)(A;;FR;;;WD)", SDDL_REVISION_1, &descriptor, NULL));
            check(SetFileSecurityA(lock_path(), DACL_SECURITY_INFORMATION, descriptor));
            LocalFree(descriptor);
            check_hr(journal_close(open_journal()), S_OK);
        }
        check(GetFileSecurityA(lock_path(), DACL_SECURITY_INFORMATION, text, sizeof text, &size));
        check(ConvertSecurityDescriptorToStringSecurityDescriptorA(text, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &sddl, NULL));
        if (!check(sddl && !strstr(sddl, ";;;WD)"))) test_note("    %s", sddl);
        LocalFree(sddl);
    }
}

TEST(a_reader_that_lets_nobody_write_to_an_older_segment_changes_nothing)
{
    struct journal_options with = options();
    struct journal *journal = NULL;
    HANDLE held;

    begin();
    with.segment_bytes = 1;             /* a segment for each batch */
    check_hr(journal_open(&with, &journal), S_OK);
    check_hr(append(journal, 1), S_OK);
    check_hr(journal_close(journal), S_OK);
    held = hold(segment_path(1), GENERIC_READ, FILE_SHARE_READ);
    check(held != NULL);
    check_hr(journal_open(&with, &journal), S_OK);
    check_hr(append(journal, 2), S_OK);
    check_hr(journal_close(journal), S_OK);
    CloseHandle(held);
    check_int(reports[JOURNAL_CANNOT_OPEN], 0);
}

static void give_everybody(const char *rights)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    char sddl[100];

    snprintf(sddl, sizeof sddl, "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;%s;;;WD)", rights);
    check(ConvertStringSecurityDescriptorToSecurityDescriptorA(sddl, SDDL_REVISION_1, &descriptor, NULL));
    check(SetFileSecurityA(directory, DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
}

TEST(a_folder_that_is_refused_is_reported_and_taken_once_it_is_put_right)
{
    struct journal_options with = options();
    struct journal *journal = NULL;

    begin();
    check(CreateDirectoryA(directory, NULL));
    give_everybody("FA");
    with.wait_ms = 300;
    check_hr(journal_open(&with, &journal), S_FALSE);
    wait_for(JOURNAL_CANNOT_OPEN);
    check_hr(reported_hr[JOURNAL_CANNOT_OPEN], HRESULT_FROM_WIN32(ERROR_INVALID_ACL));
    check_hr(append(journal, 1), HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    check_int(GetFileAttributesA(segment_path(1)), INVALID_FILE_ATTRIBUTES);
    give_everybody("FR");
    wait_for(JOURNAL_WRITES_AGAIN);
    for (int waited = 0; !lines_with(1, "\"number\":1") && waited < LONG_ENOUGH_MS; waited += 10) Sleep(10);
    check_int(lines_with(1, "\"number\":1"), 1);
    journal_close(journal);
    for (int waited = 0; !reports[JOURNAL_HEAD_STOPPED] && waited < LONG_ENOUGH_MS; waited += 10) Sleep(10);
}
