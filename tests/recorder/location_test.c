/*
 * The way to the settings, through COM: whatever the CA answers in Initialize, the settings in force are this CA's own or the defaults.
 *
 * Two CAs have keys in the registry, each with a MaxWaitMs of its own, by which module.started tells whose settings were read.
 */
#include "lib/test.h"
#include "lib/module.h"

#include "lib/fake_ca.h"

#include <certwitness.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define MODULE        L"build\\bin\\certwitness.dll"
#define CONFIGURATION L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\"
#define OURS          L"\\ExitModules\\CertWitness.Exit"
#define SIXTY_FOUR    L"A name of more than 64 characters is kept whole in the registry key of its CA and here"

static HMODULE module;
static WCHAR folder[600];               /* of the journal, by default */
static char started[65536];             /* the first line of the journal */

/* The key of a CA with a MaxWaitMs, which is removed with `ms` 0. */
static void ca_key(const WCHAR *ca, DWORD ms)
{
    WCHAR key[600];

    swprintf(key, ARRAYSIZE(key), CONFIGURATION L"%ls" OURS, ca);
    if (ms) check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, L"MaxWaitMs", REG_DWORD, &ms, sizeof ms), ERROR_SUCCESS);
    swprintf(key, ARRAYSIZE(key), CONFIGURATION L"%ls", ca);
    if (!ms) check_int(RegDeleteTreeW(HKEY_LOCAL_MACHINE, key), ERROR_SUCCESS);
}

/* Two CAs, of which "One" is the one that asks. */
static void begin(void)
{
    static unsigned number;
    WCHAR here[MAX_PATH], root[MAX_PATH];

    check(GetCurrentDirectoryW(ARRAYSIZE(here), here) != 0);
    swprintf(root, ARRAYSIZE(root), L"%ls\\build\\tmp\\location\\%lu-%u", here, GetCurrentProcessId() ^ GetTickCount(), ++number);
    check(SetEnvironmentVariableW(L"ProgramData", root));
    swprintf(folder, ARRAYSIZE(folder), L"%ls\\CertWitness\\", root);
    for (WCHAR *slash = wcschr(wcsstr(root, L"\\build") + 1, '\\'); slash; slash = wcschr(slash + 1, '\\')) {
        *slash = 0;
        CreateDirectoryW(root, NULL);
        *slash = '\\';
    }
    CreateDirectoryW(root, NULL);
    fake_ca_begin();
    ca_key(L"One", 1111);
    ca_key(L"Two", 2222);
    module = LoadLibraryW(MODULE);
    check(module != NULL);
}

/* The first line of the journal in the default folder of that name. */
static void read_started(const WCHAR *name)
{
    WCHAR path[700];
    FILE *file;
    char *lf;

    swprintf(path, ARRAYSIZE(path), L"\\\\?\\%ls%ls\\00000000000000000001.jsonl", folder, name);
    memset(started, 0, sizeof started);
    if (!check((file = _wfopen(path, L"rb")) != NULL)) return;
    check(fread(started, 1, sizeof started - 1, file) > 0);
    fclose(file);
    if ((lf = strchr(started, '\n'))) *lf = 0;
}

/* Run the module once, with that strConfig, and read what it says of its start in the journal of that folder. */
static void run(const WCHAR *config, const WCHAR *name)
{
    BSTR text = config ? SysAllocString(config) : NULL;
    ICertExit2 *exit = module_exit(module);
    LONG mask = -1;

    check_hr(ICertExit2_Initialize(exit, text, &mask), S_OK);
    check_int(mask, 0x3ff);
    check_int(ICertExit2_Release(exit), 0);
    SysFreeString(text);
    read_started(name);
}

static void end(void)
{
    check(FreeLibrary(module));
    ca_key(L"One", 0);
    ca_key(L"Two", 0);
    fake_ca_end();
}

static void check_started_at(const char *way, int max_wait_ms, int at)
{
    const char *said = strstr(started, "\"settingsKey\"");
    char wanted_way[128], wanted_ms[64];

    snprintf(wanted_way, sizeof wanted_way, "\"settingsKey\":{\"way\":\"%s\"", way);
    snprintf(wanted_ms, sizeof wanted_ms, "\"MaxWaitMs\":%d,", max_wait_ms);
    if (strstr(started, wanted_way) && strstr(started, wanted_ms)) return;
    test_check(false, __FILE__, at, wanted_way);
    test_note("with MaxWaitMs %d, not %.300s", max_wait_ms, said ? said : started);
}
#define check_started(way, ms) check_started_at(way, ms, __LINE__)

static void answer(const WCHAR *location, const WCHAR *name)
{
    if (location) fake_ca_text(L"ModuleRegistryLocation", location);
    else fake_ca_error(L"ModuleRegistryLocation", E_INVALIDARG);
    if (name) fake_ca_text(L"SanitizedCAName", name);
    else fake_ca_error(L"SanitizedCAName", E_INVALIDARG);
}

TEST(the_answer_of_the_ca_is_taken_first)
{
    begin();
    answer(CONFIGURATION L"One" OURS, L"One");
    run(L"One", L"One");
    check_started("ModuleRegistryLocation", 1111);
    check(strstr(started, "\\\\Configuration\\\\One\\\\ExitModules\\\\CertWitness.Exit\"}") != NULL);
    end();
}

TEST(an_answer_that_comes_after_SetContext_only_is_found)
{
    begin();
    answer(CONFIGURATION L"One" OURS, L"One");
    fake_ca_needs_context(L"ModuleRegistryLocation");
    fake_ca_needs_context(L"SanitizedCAName");
    fake_ca_text(L"MachineDNSName", L"ca.example");
    fake_ca_needs_context(L"MachineDNSName");
    fake_ca_long(L"CAType", 3);
    fake_ca_needs_context(L"CAType");
    fake_ca_bytes(L"RawCACertificate.0", "abc", 3);
    fake_ca_needs_context(L"RawCACertificate.0");
    run(NULL, L"One");
    check_started("ModuleRegistryLocation after SetContext(0)", 1111);
    check(strstr(started, "\"source\":\"/adcs/ca.example/One\"") != NULL);
    check(strstr(started, "\"CAType\":3,") != NULL && strstr(started, "\"base64\":\"YWJj\"") != NULL);
    end();
}

TEST(a_ca_that_does_not_answer_the_location_is_known_by_its_name)
{
    begin();
    answer(NULL, L"One");
    run(NULL, L"One");
    check_started("SanitizedCAName", 1111);
    end();
}

TEST(a_ca_that_answers_nothing_is_known_by_what_initialize_was_given)
{
    begin();
    fake_ca_refuse_objects(E_FAIL);
    run(L"One", L"One");
    check_started("strConfig", 1111);
    end();
}

TEST(a_ca_that_answers_nothing_and_has_no_key_has_defaults)
{
    begin();
    fake_ca_refuse_objects(E_FAIL);
    run(L"Three", L"unnamed");
    check_started("none", 5000);
    end();
    begin();
    answer(NULL, NULL);
    fake_ca_refuse_context(E_FAIL);
    run(NULL, L"unnamed");
    check_started("none", 5000);
    end();
}

TEST(a_key_that_is_answered_and_does_not_exist_means_defaults_and_not_the_next_way)
{
    begin();
    ca_key(L"One", 0);
    ca_key(L"One\\More", 1);            /* makes the key of the CA without that of the module */
    answer(CONFIGURATION L"One" OURS, L"One");
    run(L"One", L"One");
    check_started("ModuleRegistryLocation", 5000);
    end();
}

TEST(a_name_whose_ca_has_no_key_of_the_module_means_defaults)
{
    begin();
    ca_key(L"One", 0);
    ca_key(L"One\\More", 1);
    answer(NULL, L"One");
    run(NULL, L"One");
    check_started("SanitizedCAName", 5000);
    end();
}

TEST(of_another_modules_location_only_the_ca_counts)
{
    static const WCHAR *const others[] = {
        CONFIGURATION L"One\\ExitModules\\CertificateAuthority_MicrosoftDefault.Exit", CONFIGURATION L"One\\ExitModules\\XCertWitness.Exit",
        CONFIGURATION L"One\\ExitModules\\CertWitness.Exit.1\\",
    };

    for (size_t i = 0; i < ARRAYSIZE(others); i++) {
        begin();
        answer(others[i], NULL);
        run(NULL, L"One");
        check_started("ModuleRegistryLocation of another module", 1111);
        end();
    }
}

TEST(another_modules_location_without_a_context_and_ours_with_one_lead_to_ours)
{
    begin();
    answer(CONFIGURATION L"One\\ExitModules\\Other.Exit", L"One");
    fake_ca_after_context(L"ModuleRegistryLocation", CONFIGURATION L"one" OURS L"\\");
    run(NULL, L"One");
    check_started("ModuleRegistryLocation after SetContext(0)", 1111);
    end();
}

TEST(two_ways_that_name_different_cas_mean_defaults)
{
    static const struct { const WCHAR *location, *name, *config, *folder; } cases[] = {
        {CONFIGURATION L"Two" OURS, L"One", NULL, L"One"},
        {CONFIGURATION L"One" OURS, L"One", L"Two", L"One"},
        {NULL, L"One", L"Two", L"One"},
        {CONFIGURATION L"Two\\ExitModules\\Other.Exit", L"One", NULL, L"One"},
        {CONFIGURATION L"Two" OURS, NULL, L"One", L"unnamed"},
        {CONFIGURATION L"Gone" OURS, L"One", L"One", L"One"},
    };

    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        begin();
        answer(cases[i].location, cases[i].name);
        run(cases[i].config, cases[i].folder);
        check_started("contradiction", 5000);
        end();
    }
}

TEST(a_name_of_a_ca_that_has_no_key_contradicts_nothing)
{
    begin();
    answer(CONFIGURATION L"One" OURS, L"Short1");
    run(L"The name that was entered", L"Short1");
    check_started("ModuleRegistryLocation", 1111);
    end();
}

TEST(names_are_compared_without_case)
{
    begin();
    answer(CONFIGURATION L"ONE" OURS, L"one");
    run(L"oNe", L"one");
    check_started("ModuleRegistryLocation", 1111);
    end();
}

TEST(a_name_is_one_component_whatever_is_in_it)
{
    static const struct { const WCHAR *config, *key; } names[] = {
        {L"R&D CA", L"R!0026D CA"}, {L"M\u00fcller", L"M!00fcller"}, {L"A\\B", L"A!005cB"}, {L"..", L".."}, {L"100% \"sure\"!", L"100!0025 !0022sure!0022!0021"},
        {L"\xd83d\xde00", L"!d83d!de00"}, {L"\xd83d", L"!d83d"}, {SIXTY_FOUR, SIXTY_FOUR},
    };

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        begin();
        ca_key(names[i].key, 3333);
        answer(NULL, NULL);
        run(names[i].config, wcscmp(names[i].key, L"..") ? names[i].key : L"unnamed");
        check_started("strConfig", 3333);
        answer(NULL, names[i].key);
        fake_ca_text(L"SanitizedShortName", names[i].key);
        ca_key(names[i].key, 0);
        end();
    }
}

TEST(a_name_that_is_no_component_leads_nowhere)
{
    static const WCHAR *const names[] = {L"Two\\ExitModules", L"One\\..\\Two", L"\\", L"Two\\", L"\\Two"};

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        begin();
        answer(NULL, names[i]);
        run(names[i], L"unnamed");
        check_started("none", 5000);
        end();
    }
}

TEST(a_location_with_a_zero_in_it_is_no_answer)
{
    static const WCHAR cut[] = CONFIGURATION L"Two" OURS L"\0" L"x";

    begin();
    answer(NULL, L"One");
    fake_ca_bytes(L"ModuleRegistryLocation", cut, sizeof cut - sizeof *cut);
    run(NULL, L"One");
    check_started("SanitizedCAName", 1111);
    end();
}

TEST(a_name_of_any_length_is_safe)
{
    WCHAR *name = calloc(70001, sizeof *name);

    for (size_t size = 1; size <= 70000; size = size < 600 ? size + 83 : size * 10) {
        wmemset(name, size % 2 ? 'x' : 0xfc, size);
        name[size] = 0;
        begin();
        answer(NULL, NULL);
        run(name, L"unnamed");
        check_started("none", 5000);
        end();
    }
    free(name);
}
