/*
 * The module and an event log that is slow or hangs: the DLL's own call of ReportEvent is led here, by way of its import table.
 */
#include "lib/test.h"
#include "lib/module.h"

#include "lib/fake_ca.h"

#include <certwitness.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#define MODULE L"build\\bin\\certwitness.dll"

static HMODULE module;
static HANDLE may_go_on;                /* signalled unless the event log hangs */
static volatile LONG told;
static bool told_ids[1024];             /* since begin */
static WORD second_type;                /* of the entry of a second object, 301 */
static WCHAR second_text[600];          /* its first insert */

static BOOL WINAPI report_event(HANDLE source, WORD type, WORD category, DWORD id, PSID user, WORD count, DWORD size, LPCWSTR *inserts,
                                void *data)
{
    (void)source, (void)category, (void)user, (void)size, (void)data;
    WaitForSingleObject(may_go_on, INFINITE);
    Sleep(100);                         /* whoever does not wait for us is long gone when this is over */
    id &= 0xffff;
    if (id == 301) second_type = type;
    if (id == 301 && count) wcsncpy(second_text, inserts[0], ARRAYSIZE(second_text) - 1);
    if (id < ARRAYSIZE(told_ids)) told_ids[id] = true;
    InterlockedIncrement(&told);
    return TRUE;
}

/* Let the module's calls of `name` end at `function`. */
static bool lead(const char *name, void *function)
{
    BYTE *base = (BYTE *)module;
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_DATA_DIRECTORY *directory = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];

    for (IMAGE_IMPORT_DESCRIPTOR *dll = (void *)(base + directory->VirtualAddress); dll->Name; dll++) {
        IMAGE_THUNK_DATA *names = (void *)(base + dll->OriginalFirstThunk), *calls = (void *)(base + dll->FirstThunk);

        for (; names->u1.AddressOfData; names++, calls++) {
            DWORD was;

            if (IMAGE_SNAP_BY_ORDINAL(names->u1.Ordinal)) continue;
            if (strcmp((char *)((IMAGE_IMPORT_BY_NAME *)(base + names->u1.AddressOfData))->Name, name)) continue;
            if (!VirtualProtect(calls, sizeof *calls, PAGE_READWRITE, &was)) return false;
            calls->u1.Function = (ULONG_PTR)function;
            return VirtualProtect(calls, sizeof *calls, was, &was);
        }
    }
    return false;
}

/* With the name of a CA that was not there before, or with none, which the module tells of. */
static void begin(bool is_named)
{
    static unsigned number;
    WCHAR here[MAX_PATH], root[MAX_PATH], name[64];

    if (!may_go_on) may_go_on = CreateEventW(NULL, TRUE, TRUE, NULL);
    told = 0;
    memset(told_ids, 0, sizeof told_ids);
    check(GetCurrentDirectoryW(ARRAYSIZE(here), here) != 0);
    swprintf(root, ARRAYSIZE(root), L"%ls\\build\\tmp\\eventlog", here);
    check(SetEnvironmentVariableW(L"ProgramData", root));
    fake_ca_begin();
    swprintf(name, ARRAYSIZE(name), L"CA %lu-%u", GetCurrentProcessId() ^ GetTickCount(), ++number);
    if (is_named) fake_ca_text(L"SanitizedCAName", name);
    module = LoadLibraryW(MODULE);
    check(module != NULL && lead("ReportEventW", report_event));
}

#define CONFIGURATION L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\"

static void make_key(const WCHAR *ca, bool make)
{
    WCHAR key[300];
    HKEY handle;

    swprintf(key, ARRAYSIZE(key), CONFIGURATION L"%ls", ca);
    if (!make) check_int(RegDeleteTreeW(HKEY_LOCAL_MACHINE, key), ERROR_SUCCESS);
    else if (check_int(RegCreateKeyExW(HKEY_LOCAL_MACHINE, key, 0, NULL, 0, KEY_WRITE, NULL, &handle, NULL), ERROR_SUCCESS)) RegCloseKey(handle);
}

static ICertExit2 *started(LONG mask)
{
    ICertExit2 *exit = module_exit(module);
    LONG got = -1;

    check_hr(ICertExit2_Initialize(exit, NULL, &got), S_OK);
    check_int(got, mask);
    return exit;
}

static bool unloads(void)
{
    check(FreeLibrary(module));
    fake_ca_end();
    return !GetModuleHandleW(L"certwitness.dll");
}

TEST(what_was_told_is_in_the_event_log_when_the_last_release_returns_and_no_code_of_ours_runs_any_more)
{
    ICertExit2 *first, *second;

    begin(true);
    first = started(0x3ff);
    second = started(0);
    check_int(ICertExit2_Release(second), 0);
    check(told_ids[301]);
    check_int(second_type, EVENTLOG_WARNING_TYPE);
    check(wcsstr(second_text, L"\\build\\tmp\\eventlog\\CertWitness\\CA ") != NULL);
    check_int(ICertExit2_Release(first), 0);
    check(told_ids[100] && told_ids[103]);              /* the writer's own, told when its callers had been woken */
    check(unloads());
}

TEST(a_ca_that_leads_to_no_key_and_one_that_leads_to_two_are_told_of)
{
    ICertExit2 *exit;

    begin(false);
    exit = started(0x3ff);
    check_int(ICertExit2_Release(exit), 0);
    check(told_ids[304] && !told_ids[305]);
    check(unloads());
    begin(true);
    make_key(L"CertWitness one", true);
    make_key(L"CertWitness other", true);
    fake_ca_text(L"SanitizedCAName", L"CertWitness one");
    fake_ca_text(L"ModuleRegistryLocation", CONFIGURATION L"CertWitness other\\ExitModules\\CertWitness.Exit");
    exit = started(0x3ff);
    check_int(ICertExit2_Release(exit), 0);
    check(told_ids[305] && !told_ids[304]);
    check(unloads());
    make_key(L"CertWitness one", false);
    make_key(L"CertWitness other", false);
}

/* Last: what hangs here keeps the DLL. */
TEST(an_event_log_that_hangs_costs_the_ca_one_bounded_wait_at_the_end_and_the_dll_stays)
{
    uint64_t start = GetTickCount64();
    ICertExit2 *exit;

    begin(false);
    ResetEvent(may_go_on);
    exit = started(0x3ff);
    for (int i = 0; i < 20; i++) check_hr(ICertExit2_Notify(exit, EXITEVENT_CERTISSUED, FAKE_CONTEXT), S_OK);
    check_int(ICertExit2_Release(exit), 0);
    check(GetTickCount64() - start < 60000);                            /* five seconds, on a machine that is not busy */
    check_int(told, 0);
    check(!unloads());
    SetEvent(may_go_on);
    for (int i = 0; i < 600 && !told; i++) Sleep(50);
    check(told >= 1);
}
