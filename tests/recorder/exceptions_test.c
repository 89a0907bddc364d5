/*
 * The module while the CA's callback throws, through COM: the exception goes on to the CA as it came, the event is counted as lost in
 * journal.gap, nothing of ours is left held, and the next event is recorded.
 *
 * Journals are kept in build/tmp/exceptions for tests/build/lines.t.
 */
#include "lib/test.h"
#include "lib/module.h"

#include "lib/fake_ca.h"

#include "stubca/host/guard.h"

#include <certwitness.h>
#include <limits.h>
#include <psapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define MODULE      L"build\\bin\\certwitness.dll"
#define KEY         L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\Exceptions\\ExitModules\\CertWitness.Exit"
#define CPP_THROW   0xe06d7363          /* what Microsoft's compiler throws */
#define MANY        10000

static HMODULE module;
static ICertExit2 *exit_module;
static WCHAR journal_file[600];

static void name_journal(void)
{
    static unsigned number;
    WCHAR here[MAX_PATH], root[MAX_PATH], name[64];

    check(GetCurrentDirectoryW(ARRAYSIZE(here), here) != 0);
    swprintf(root, ARRAYSIZE(root), L"%ls\\build\\tmp\\exceptions", here);
    check(SetEnvironmentVariableW(L"ProgramData", root));
    swprintf(name, ARRAYSIZE(name), L"CA %lu-%u", GetCurrentProcessId() ^ GetTickCount(), ++number);
    swprintf(journal_file, ARRAYSIZE(journal_file), L"%ls\\CertWitness\\%ls\\00000000000000000001.jsonl", root, name);
    fake_ca_text(L"SanitizedCAName", name);
    fake_ca_text(L"ModuleRegistryLocation", KEY);
}

static void begin_with(const WCHAR *properties)
{
    fake_ca_begin();
    name_journal();
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, KEY, L"Properties", REG_SZ, properties, (DWORD)(wcslen(properties) + 1) * 2), ERROR_SUCCESS);
    module = LoadLibraryW(MODULE);
    if (check(module != NULL)) exit_module = module_exit(module);
    fake_ca_long(L"RequestID", 42);
}

static void initialize(void)
{
    LONG mask = -1;

    check_hr(ICertExit2_Initialize(exit_module, NULL, &mask), S_OK);
    check_int(mask, 0x3ff);
}

static void begin(void)
{
    begin_with(L"");
    initialize();
}

/* `left` callback objects threw, and stay. */
static void end(LONG left)
{
    check_int(ICertExit2_Release(exit_module), 0);
    check(FreeLibrary(module));
    check(!GetModuleHandleW(L"certwitness.dll"));
    check_int(fake_ca_left_behind(), left);
    fake_ca_end();
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY);
}

/* The whole segment; freed by the caller. */
static char *journal(void)
{
    FILE *file = _wfopen(journal_file, L"rb");
    char *text;
    long size;

    if (!check(file != NULL)) return calloc(1, 1);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = calloc(1, size + 1);
    check_int(fread(text, 1, size, file), size);
    fclose(file);
    return text;
}

static int count_in(const char *part)
{
    char *text = journal();
    int count = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) count++;
    free(text);
    return count;
}

/* All events that the gaps count, by the cause that they give. */
static int lost_by_exception(void)
{
    static const char part[] = "\"why\":{\"exception\":";
    char *text = journal();
    int count = 0;

    for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) count += atoi(at + strlen(part));
    free(text);
    return count;
}

struct call { LONG event; HRESULT hr; };

static void notify(void *argument)
{
    struct call *call = argument;

    call->hr = ICertExit2_Notify(exit_module, call->event, FAKE_CONTEXT);
}

/* What arrives at the CA of an event: the code of an exception, 0 where Notify returned. */
static DWORD thrown_by(LONG event)
{
    struct call call = {event, 0x5a5a5a5a};
    struct fault fault;

    if (!guard_run(notify, &call, &fault)) return fault.code;
    check_hr(call.hr, S_OK);
    return 0;
}

static volatile int depth = INT_MAX;

static void throw_cpp(void)     { RaiseException(CPP_THROW, 0, 0, NULL); }
static int *volatile nothing;
static void touch_nothing(void) { *(volatile int *)nothing = 0; }
static void execute_nothing(void) { if (depth) __builtin_trap(); }

/* One frame larger than any stack: the page that guards the end is met while there is room left to dispatch the exception in, of which Wine keeps little. */
static __attribute__((noinline)) int fill(int size)
{
    volatile char room[64 << 20];

    room[0] = room[size] = 1;
    return room[0];
}

static void overflow(void)
{
    depth = fill(depth & 0xffff);
}

static void check_thrown_and_counted(void (*call)(void), DWORD code)
{
    begin();
    fake_ca_on_property(L"RawRequest", call);
    check_int(thrown_by(EXITEVENT_CERTISSUED), code);
    fake_ca_on_property(L"", NULL);
    check_int(count_in("journal.gap"), 0);
    check_int(thrown_by(EXITEVENT_CERTISSUED), 0);
    check_int(thrown_by(EXITEVENT_CERTISSUED), 0);
    check_int(count_in("certificate.issued"), 2);
    check_int(count_in("\"data\":{\"events\":1,\"first\":"), 1);
    check_int(count_in("\"requestIDs\":[42],\"why\":{\"exception\":1}}"), 1);
    end(1);
}

TEST(an_access_violation_of_the_callback_arrives_at_the_ca_and_its_event_is_counted_as_lost) { check_thrown_and_counted(touch_nothing, EXCEPTION_ACCESS_VIOLATION); }
TEST(an_illegal_instruction_does) { check_thrown_and_counted(execute_nothing, EXCEPTION_ILLEGAL_INSTRUCTION); }
TEST(a_cpp_exception_does) { check_thrown_and_counted(throw_cpp, CPP_THROW); }
TEST(a_stack_overflow_does) { check_thrown_and_counted(overflow, EXCEPTION_STACK_OVERFLOW); }

TEST(it_is_the_same_wherever_the_ca_throws)
{
    static void (*const places[])(void (*call)(void)) = {fake_ca_on_object, fake_ca_on_context, fake_ca_on_flags, fake_ca_on_release};

    begin_with(L"extension:1.2.3\nattribute:ccm");
    initialize();
    fake_ca_extension(L"1.2.3", "abc", 3, 1);
    for (size_t i = 0; i < ARRAYSIZE(places); i++) {
        places[i](throw_cpp);
        check_int(thrown_by(EXITEVENT_CERTREVOKED), CPP_THROW);
        places[i](NULL);
        check_int(thrown_by(EXITEVENT_CERTREVOKED), 0);
        check_int(count_in("certificate.revoked"), i + 1);
        check_int(ICertExit2_AddRef(exit_module), 2);
        check_int(ICertExit2_Release(exit_module), 1);
    }
    fake_ca_on_property(L"RawCRL.0", throw_cpp);
    check_int(thrown_by(EXITEVENT_CRLISSUED), CPP_THROW);
    check_int(thrown_by(EXITEVENT_CERTREVOKED), 0);
    check_int(lost_by_exception(), ARRAYSIZE(places) + 1);
    end(4);                             /* of five that threw one had not been made */
}

static void throw_and_catch(void)
{
    struct fault fault;

    check(!guard_run((void (*)(void *))throw_cpp, NULL, &fault));
}

TEST(what_the_callback_catches_itself_is_nobodys_business)
{
    begin();
    fake_ca_on_context(throw_and_catch);
    check_int(thrown_by(EXITEVENT_CERTISSUED), 0);
    check_int(count_in("certificate.issued"), 1);
    end(0);
    check_int(count_in("journal.gap"), 0);
}

static SIZE_T memory_used(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof counters};

    check(K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters));
    return counters.PagefileUsage;
}

TEST(ten_thousand_exceptions_are_ten_thousand_lost_events_and_no_memory_and_the_next_event_is_recorded)
{
    static char request[32768];
    SIZE_T before;
    int other = 0;

    begin();
    fake_ca_bytes(L"RawRequest", request, sizeof request);
    fake_ca_on_property(L"RawCertificate", throw_cpp);          /* when 48 KiB of JSON are held */
    check_int(thrown_by(EXITEVENT_CERTISSUED), CPP_THROW);
    before = memory_used();
    for (int i = 1; i < MANY; i++) other += thrown_by(EXITEVENT_CERTISSUED) != CPP_THROW;
    check_int(other, 0);
    if (!check(memory_used() < before + (16 << 20))) test_note("%lu KiB more", (ULONG)((memory_used() - before) >> 10));
    fake_ca_on_property(L"", NULL);
    check_int(thrown_by(EXITEVENT_CERTISSUED), 0);
    check_int(count_in("\"type\":\"certwitness.certificate.issued\""), 1);
    end(MANY);
    check_int(lost_by_exception(), MANY);
    check_int(count_in("\"type\":\"certwitness.module.stopped\""), 1);
}

TEST(an_exception_that_is_the_last_that_happens_is_counted_at_the_end)
{
    begin();
    fake_ca_on_context(touch_nothing);
    check_int(thrown_by(EXITEVENT_CERTISSUED), EXCEPTION_ACCESS_VIOLATION);
    end(1);
    check_int(lost_by_exception(), 1);
}

static DWORD WINAPI throw_or_not(void *argument)
{
    int *kept = argument;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (int i = 0; i < 500; i++) *kept += !thrown_by(i % 3 ? EXITEVENT_CERTISSUED : EXITEVENT_CERTDENIED);
    CoUninitialize();
    return 0;
}

static volatile LONG turn;
static void throw_at_times(void) { if (InterlockedIncrement(&turn) % 3 == 0) throw_cpp(); }

TEST(four_threads_of_which_each_throws_at_times_lose_what_was_thrown_and_nothing_else)
{
    HANDLE threads[4];
    int kept[4] = {0}, sum = 0;

    begin();
    fake_ca_on_property(L"UPN", throw_at_times);
    for (int i = 0; i < 4; i++) threads[i] = CreateThread(NULL, 0, throw_or_not, &kept[i], 0, NULL);
    WaitForMultipleObjects(4, threads, TRUE, INFINITE);
    for (int i = 0; i < 4; i++) { CloseHandle(threads[i]); sum += kept[i]; }
    end(2000 - sum);
    check(sum > 0 && sum < 2000);
    check_int(count_in("\"type\":\"certwitness.certificate."), sum);
    check_int(lost_by_exception(), 2000 - sum);
}

static HANDLE reached, let_go;

static void hang(void)
{
    if (InterlockedExchange(&turn, 1)) return;
    SetEvent(reached);
    WaitForSingleObject(let_go, INFINITE);
}

static DWORD WINAPI notify_thread(void *argument)
{
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    notify(argument);
    CoUninitialize();
    return 0;
}

TEST(while_the_ca_does_not_answer_one_call_all_others_go_on)
{
    static void (*const places[])(void (*call)(void)) = {fake_ca_on_object, fake_ca_on_context, fake_ca_on_release};
    static const LONG events[] = {EXITEVENT_CRLISSUED, EXITEVENT_CERTISSUED, EXITEVENT_CERTDENIED};

    begin();
    reached = CreateEventW(NULL, FALSE, FALSE, NULL);
    let_go = CreateEventW(NULL, FALSE, FALSE, NULL);
    for (size_t i = 0; i < ARRAYSIZE(places); i++) {
        struct call call = {events[i], 0x5a5a5a5a};
        HANDLE thread;

        turn = 0;
        places[i](hang);
        thread = CreateThread(NULL, 0, notify_thread, &call, 0, NULL);
        if (!check_int(WaitForSingleObject(reached, 60000), WAIT_OBJECT_0)) turn = 1;
        for (size_t event = 0; event < ARRAYSIZE(events); event++) check_int(thrown_by(events[event]), 0);
        check_int(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
        SetEvent(let_go);
        check_int(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
        check_hr(call.hr, S_OK);
        CloseHandle(thread);
        places[i](NULL);
    }
    CloseHandle(reached);
    CloseHandle(let_go);
    end(0);
}

static void initialize_here(void *argument)
{
    LONG mask;

    *(HRESULT *)argument = ICertExit2_Initialize(exit_module, NULL, &mask);
}

TEST(an_exception_in_initialize_arrives_at_the_ca_which_may_try_again_or_let_go)
{
    static const WCHAR *const names[] = {L"SanitizedCAName", L"RawCACertificate.0"};
    struct fault fault;
    HRESULT hr;

    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < ARRAYSIZE(names); i++) {
            begin_with(L"");
            fake_ca_on_property(names[i], throw_cpp);
            check(!guard_run(initialize_here, &hr, &fault));
            check_int(fault.code, CPP_THROW);
            check_hr(ICertExit2_Notify(exit_module, EXITEVENT_CERTISSUED, FAKE_CONTEXT), E_UNEXPECTED);
            fake_ca_on_property(L"", NULL);
            if (again) {
                initialize();
                check_int(thrown_by(EXITEVENT_CERTISSUED), 0);
                check_hr(ICertExit2_Initialize(exit_module, NULL, &(LONG){0}), E_UNEXPECTED);
            }
            end(1);
            if (again) check_int(count_in("certificate.issued"), 1);
        }
    }
}
