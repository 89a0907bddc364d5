/*
 * The settings, through their door: what an administrator, certutil or somebody hostile may have put into the registry, under a key of
 * this test's own.
 *
 * `settings_test.exe table` prints the manual's table, for tests/settings/settings.t.
 */
#include "lib/test.h"

#include "settings/directory.h"
#include "settings/settings.h"

#include <winternl.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static WCHAR key_path[100];

static struct refused {
    unsigned count;
    WCHAR name[400], value[SETTINGS_TEXT_MAX], reason[SETTINGS_TEXT_MAX];
} refused;

static struct settings settings;

static void note(void *context, const WCHAR *name, const WCHAR *value, const WCHAR *reason)
{
    struct refused *to = context;

    to->count++;
    wcsncpy(to->name, name, ARRAYSIZE(to->name) - 1);
    wcsncpy(to->value, value, ARRAYSIZE(to->value) - 1);
    wcsncpy(to->reason, reason, ARRAYSIZE(to->reason) - 1);
    check(wcslen(value) < SETTINGS_TEXT_MAX && wcslen(reason) < SETTINGS_TEXT_MAX && *reason && reason[wcslen(reason) - 1] == '.');
    for (const WCHAR *c = value; *c; c++) {
        bool odd = *c < ' ' || (*c >= 0x7f && *c < 0xa0) || (*c >= 0x2028 && *c <= 0x202e) || (*c >= 0xd800 && *c <= 0xdfff) ||
                   (*c >= 0x2066 && *c <= 0x2069);

        if (odd) test_note("    shown as U+%04x", *c);
        check(!odd);
    }
}

static void read_for(const WCHAR *ca_name)
{
    memset(&refused, 0, sizeof refused);
    memset(&settings, 0xa5, sizeof settings);
    settings_read(key_path, ca_name, note, &refused, &settings);
}

/* Exactly these bytes: RegSetValueEx would add a zero to a text that lacks it. */
static void put(enum setting_id id, DWORD type, const void *data, size_t size)
{
    LONG (WINAPI *set)(HKEY, const UNICODE_STRING *, ULONG, ULONG, const void *, ULONG) =
        (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtSetValueKey");
    USHORT length = (USHORT)(wcslen(settings_table[id].name) * sizeof(WCHAR));
    UNICODE_STRING name = {length, length, (WCHAR *)settings_table[id].name};
    HKEY key;

    if (!check_int(RegCreateKeyExW(HKEY_LOCAL_MACHINE, key_path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL), 0)) return;
    check_int(set(key, &name, 0, type, data, (ULONG)size), 0);
    RegCloseKey(key);
}

static void put_text(enum setting_id id, DWORD type, const WCHAR *text)
{
    put(id, type, text, (wcslen(text) + 1) * sizeof *text);
}

static void forget(void)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, key_path);
}

static void begin(void)
{
    swprintf(key_path, ARRAYSIZE(key_path), L"Software\\CertWitnessTest-%lx", GetCurrentProcessId());
    forget();
    check(SetEnvironmentVariableW(L"ProgramData", L"C:\\ProgramData"));
}

static uint32_t number(enum setting_id id)
{
    switch (id) {
    case SETTING_EVENT_MASK:   return settings.event_mask;
    case SETTING_SEGMENT_MIB:  return settings.segment_mib;
    case SETTING_QUEUE_MIB:    return settings.queue_mib;
    case SETTING_MAX_WAIT_MS:  return settings.max_wait_ms;
    case SETTING_MIN_FREE_MIB: return settings.min_free_mib;
    case SETTING_RETAIN_DAYS:  return settings.retain_days;
    default:                   check(!"a number"); return 0;
    }
}

static void check_defaults(void)
{
    check_wide(settings.journal_directory, L"C:\\ProgramData\\CertWitness\\My CA");
    check_int(settings.event_mask, 0x3ff);
    check_int(settings.properties[0], 0);
    check_int(settings.segment_mib, 64);
    check_int(settings.queue_mib, 64);
    check_int(settings.max_wait_ms, 5000);
    check_int(settings.min_free_mib, 1024);
    check_int(settings.retain_days, 0);
}

/* The value that was just put is refused, and everything is as if it were not there. */
static void check_refused(enum setting_id id, const WCHAR *shown, const WCHAR *reason, int line)
{
    bool ok;

    read_for(L"My CA");
    ok = check_int(refused.count, 1);
    ok &= check_wide(refused.name, settings_table[id].name);
    if (shown) ok &= check_wide(refused.value, shown);
    ok &= check(wcsstr(refused.reason, reason) != NULL);
    ok &= check_int(settings.source[id], SETTING_REFUSED);
    check_defaults();
    if (!ok) test_note("    from line %d: %ls = %ls: %ls", line, refused.name, refused.value, refused.reason);
    forget();
}
#define refuses(id, shown, reason) check_refused((id), (shown), (reason), __LINE__)

static void check_taken(enum setting_id id, uint32_t want, int line)
{
    read_for(L"My CA");
    if (!check_int(refused.count, 0) | !check_int(number(id), want) | !check_int(settings.source[id], SETTING_FROM_REGISTRY))
        test_note("    from line %d: %ls", line, refused.reason);
    forget();
}
#define takes(id, want) check_taken((id), (want), __LINE__)

static const enum setting_id numbers[] = {SETTING_EVENT_MASK, SETTING_SEGMENT_MIB, SETTING_QUEUE_MIB, SETTING_MAX_WAIT_MS,
                                          SETTING_MIN_FREE_MIB, SETTING_RETAIN_DAYS};

TEST(without_a_key_or_a_value_the_defaults_are_in_force)
{
    begin();
    read_for(L"My CA");
    check_defaults();
    check_int(refused.count, 0);
    settings_read(L"", L"My CA", note, &refused, &settings);
    check_defaults();
    put(SETTING_EVENT_MASK, REG_DWORD, "\x01\0\0", 4);
    read_for(L"My CA");
    check_int(settings.event_mask, 0x41);
    settings.event_mask = 0x3ff;
    check_defaults();
    check_int(refused.count, 0);
    for (int id = 0; id < SETTINGS_COUNT; id++)
        check_int(settings.source[id], id == SETTING_EVENT_MASK ? SETTING_FROM_REGISTRY : SETTING_BY_DEFAULT);
    forget();
    settings_read(key_path, L"My CA", NULL, NULL, &settings);
    check_defaults();
}

TEST(a_key_that_cannot_be_opened_is_told_and_costs_the_defaults_only)
{
    static WCHAR long_path[20000];

    begin();
    wmemset(long_path, L'k', ARRAYSIZE(long_path) - 1);
    memset(&refused, 0, sizeof refused);
    settings_read(long_path, L"My CA", note, &refused, &settings);
    check_defaults();
    check(refused.count <= 1);
}

TEST(a_number_is_taken_from_its_least_to_its_most_in_every_type_that_certutil_writes)
{
    begin();
    for (size_t i = 0; i < ARRAYSIZE(numbers); i++) {
        const struct setting *setting = &settings_table[numbers[i]];
        const uint64_t edges[] = {setting->least, setting->most, setting->number, setting->least + 1};

        for (size_t at = 0; at < ARRAYSIZE(edges); at++) {
            uint32_t want = (uint32_t)edges[at] | (numbers[i] == SETTING_EVENT_MASK ? 0x40 : 0);
            WCHAR text[32] = L"";

            put(numbers[i], REG_DWORD, &edges[at], 4);
            takes(numbers[i], want);
            put(numbers[i], REG_QWORD, &edges[at], 8);
            takes(numbers[i], want);
            swprintf(text, ARRAYSIZE(text), L"%I64u", edges[at]);
            put_text(numbers[i], REG_SZ, text);
            takes(numbers[i], want);
            put(numbers[i], REG_SZ, text, wcslen(text) * sizeof *text);         /* without a zero */
            takes(numbers[i], want);
            memset(text, 0, sizeof text);
            swprintf(text, ARRAYSIZE(text), L"00000000000%I64u", edges[at]);
            put(numbers[i], REG_SZ, text, (wcslen(text) + 3) * sizeof *text);
            takes(numbers[i], want);
        }
    }
}

TEST(a_number_out_of_range_is_refused_and_the_reason_names_the_range)
{
    begin();
    for (size_t i = 0; i < ARRAYSIZE(numbers); i++) {
        const struct setting *setting = &settings_table[numbers[i]];
        const uint64_t wrong[] = {setting->most + 1ull, UINT32_MAX, UINT64_MAX, 1ull << 32, (1ull << 32) + setting->number, setting->least - 1ull};
        WCHAR range[100], shown[100];

        settings_range_text(numbers[i], range, ARRAYSIZE(range));
        for (size_t at = 0; at < ARRAYSIZE(wrong); at++) {
            if (wrong[at] <= UINT32_MAX) {
                put(numbers[i], REG_DWORD, &wrong[at], 4);
                swprintf(shown, ARRAYSIZE(shown), L"%I64u (0x%I64x)", wrong[at], wrong[at]);
                refuses(numbers[i], shown, range);
            }
            put(numbers[i], REG_QWORD, &wrong[at], 8);
            refuses(numbers[i], NULL, range);
            swprintf(shown, ARRAYSIZE(shown), L"%I64u", wrong[at]);
            put_text(numbers[i], REG_SZ, shown);
            refuses(numbers[i], NULL, range);
        }
    }
}

TEST(a_number_that_has_to_be_guessed_at_is_refused)
{
    static const WCHAR *const texts[] = {L"", L" ", L"5000 ", L" 5000", L"+5", L"-5", L"0x10", L"5e3", L"5.0", L"5,000", L"five", L"5000\n",
        L"5 000", L"99999999999999999999", L"18446744073709551617", L"184467440737095516165000", L"\uff15\uff10\uff10\uff10", L"\u0665",
        L"5000\u200e", L"\u202e0005", L"\x1b[31m5", L"\xd800"};

    begin();
    for (size_t i = 0; i < ARRAYSIZE(texts); i++) {
        put_text(SETTING_MAX_WAIT_MS, REG_SZ, texts[i]);
        refuses(SETTING_MAX_WAIT_MS, NULL, L"a whole number from 100 to 60000 ms, as REG_DWORD");
        check(!settings_check(SETTING_MAX_WAIT_MS, texts[i], refused.reason));
        check_wide(refused.reason, L"It must be a whole number from 100 to 60000 ms.");
    }
    put(SETTING_MAX_WAIT_MS, REG_SZ, L"50\00000", 14);
    refuses(SETTING_MAX_WAIT_MS, NULL, L"a zero character");
    put(SETTING_MAX_WAIT_MS, REG_SZ, L"5000", 9);
    refuses(SETTING_MAX_WAIT_MS, L"REG_SZ, 9 bytes", L"odd number of bytes");
    put(SETTING_MAX_WAIT_MS, REG_SZ, L"", 0);
    refuses(SETTING_MAX_WAIT_MS, L"\"\"", L"whole number");
    put_text(SETTING_MAX_WAIT_MS, REG_SZ, L"\x1b]0;x\x07 \x202e");
    refuses(SETTING_MAX_WAIT_MS, L"\"?]0;x? \\u{202e}\"", L"whole number");
}

TEST(a_number_of_another_type_or_size_is_refused)
{
    static const DWORD types[] = {REG_NONE, REG_EXPAND_SZ, REG_BINARY, REG_DWORD_BIG_ENDIAN, REG_MULTI_SZ, 77, 0xffffffff};

    begin();
    for (size_t i = 0; i < ARRAYSIZE(numbers); i++) {
        for (size_t at = 0; at < ARRAYSIZE(types); at++) {
            put(numbers[i], types[at], L"64", 6);
            refuses(numbers[i], NULL, L"whole number");
        }
        for (DWORD size = 0; size < 9; size++) {
            if (size == 4) continue;
            put(numbers[i], REG_DWORD, "\x40\0\0\0\0\0\0\0", size);
            refuses(numbers[i], NULL, L"whole number");
            if (size == 8) continue;
            put(numbers[i], REG_QWORD, "\x40\0\0\0\0\0\0\0", size);
            refuses(numbers[i], NULL, L"whole number");
        }
    }
    put(SETTING_SEGMENT_MIB, REG_BINARY, "\1\2\3", 3);
    refuses(SETTING_SEGMENT_MIB, L"REG_BINARY, 3 bytes", L"whole number");
    put(SETTING_SEGMENT_MIB, 77, "\1\2\3", 3);
    refuses(SETTING_SEGMENT_MIB, L"type 77, 3 bytes", L"whole number");
}

TEST(a_value_of_any_size_costs_no_more_than_a_refusal)
{
    static const DWORD types[] = {REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ, REG_BINARY};
    static WCHAR huge[600000];

    begin();
    wmemset(huge, L'a', ARRAYSIZE(huge));
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        for (size_t at = 0; at < ARRAYSIZE(types); at++) {
            put((enum setting_id)id, types[at], huge, sizeof huge);
            refuses((enum setting_id)id, L"1200000 bytes", L"longer");
            put((enum setting_id)id, types[at], huge, 16384);
            refuses((enum setting_id)id, NULL, L"");
        }
    }
}

static void check_path(const WCHAR *text, const WCHAR *want)
{
    static const DWORD types[] = {REG_SZ, REG_EXPAND_SZ};
    WCHAR why[SETTINGS_TEXT_MAX];

    for (size_t i = 0; i < ARRAYSIZE(types); i++) {
        put_text(SETTING_JOURNAL_DIRECTORY, types[i], text);
        read_for(L"My CA");
        if (!check_wide(settings.journal_directory, want)) test_note("    %ls: %ls", text, refused.reason);
        check_int(refused.count, 0);
    }
    check(settings_check(SETTING_JOURNAL_DIRECTORY, text, why));
    check_wide(why, L"");
    forget();
}

TEST(a_path_may_stand_in_either_type_of_text_with_variables_in_it)
{
    WCHAR name[256] = L"", path[300];

    begin();
    check(SetEnvironmentVariableW(L"CERTWITNESS_PLACE", L"C:\\Place"));
    check_path(L"C:\\Journal", L"C:\\Journal");
    check_path(L"c:\\Journal\\My CA\\", L"c:\\Journal\\My CA");
    check_path(L"C:\\Journal\\\\\\", L"C:\\Journal");
    check_path(L"%CERTWITNESS_PLACE%\\CA", L"C:\\Place\\CA");
    check_path(L"C:\\100%\\.hidden\\Z\u00fcrich \u6771\U0001f511", L"C:\\100%\\.hidden\\Z\u00fcrich \u6771\U0001f511");
    check_path(L"C:\\con1\\nulls\\com\\comx\\lpt10\\..a", L"C:\\con1\\nulls\\com\\comx\\lpt10\\..a");
    check_path(L"Q:\\not\\there", L"Q:\\not\\there");                   /* a disk may come later */
    wmemset(name, L'n', 255);
    swprintf(path, ARRAYSIZE(path), L"C:\\%ls", name);
    check_path(path, path);
    put(SETTING_JOURNAL_DIRECTORY, REG_SZ, L"C:\\Journal!", 10 * sizeof(WCHAR));        /* without a zero */
    read_for(L"My CA");
    check_wide(settings.journal_directory, L"C:\\Journal");
    forget();
}

TEST(a_path_that_is_no_folder_on_a_disk_of_this_machine_is_refused)
{
    static const struct { const WCHAR *text, *reason; } paths[] = {
        {L"", L"it is empty"}, {L"Journal", L"absolute path"}, {L"\\Journal", L"absolute path"}, {L"C:", L"absolute path"},
        {L"C:Journal", L"absolute path"}, {L"%NOBODY_KNOWS%\\x", L"not known"}, {L"C:\\a%NOBODY_KNOWS%", L"not known"},
        {L"/Journal", L"absolute path"}, {L"1:\\Journal", L"absolute path"}, {L"\u00e4:\\Journal", L"absolute path"}, {L" C:\\Journal", L"absolute path"},
        {L"\"C:\\Journal\"", L"absolute path"}, {L"C:/Journal", L"absolute path"}, {L"file:///C:/Journal", L"absolute path"},
        {L"\\\\server\\share\\x", L"network share"}, {L"\\\\", L"network share"}, {L"\\\\?\\C:\\Journal", L"plain path"},
        {L"\\\\.\\C:\\Journal", L"plain path"}, {L"\\\\?\\UNC\\server\\share", L"plain path"}, {L"\\??\\C:\\Journal", L"plain path"},
        {L"C:\\", L"below the drive's root"}, {L"C:\\\\", L"below the drive's root"},
        {L"C:\\a\\\\b", L"two backslashes"}, {L"C:\\a/b", L"must not hold"}, {L"C:\\a:stream", L"must not hold"}, {L"C:\\a\\*", L"must not hold"},
        {L"C:\\a\nb", L"must not hold"}, {L"C:\\a\x1b", L"must not hold"}, {L"C:\\a?", L"must not hold"}, {L"C:\\<a>", L"must not hold"},
        {L"C:\\..", L". or .."}, {L"C:\\a\\..\\Windows", L". or .."}, {L"C:\\.\\a", L". or .."}, {L"C:\\...", L"dot or a blank"},
        {L"C:\\a.\\b", L"dot or a blank"}, {L"C:\\a \\b", L"dot or a blank"}, {L"C:\\a\\b ", L"dot or a blank"}, {L"C:\\.. \\b", L"dot or a blank"},
        {L"C:\\NUL", L"device"}, {L"C:\\a\\con\\b", L"device"}, {L"C:\\a\\Com1", L"device"}, {L"C:\\lpt9.txt", L"device"}, {L"C:\\a\\aux .x\\b", L"device"},
        {L"C:\\com\u00b9", L"device"}, {L"C:\\CONIN$", L"device"}, {L"C:\\prn.a.b", L"device"},
        {L"C:\\a\xd800", L"surrogate"}, {L"C:\\\xdc00\xd800z", L"surrogate"},
    };
    WCHAR text[700] = L"C:\\", why[SETTINGS_TEXT_MAX];

    begin();
    for (size_t i = 0; i < ARRAYSIZE(paths); i++) {
        put_text(SETTING_JOURNAL_DIRECTORY, REG_SZ, paths[i].text);
        refuses(SETTING_JOURNAL_DIRECTORY, NULL, paths[i].reason);
        check(!settings_check(SETTING_JOURNAL_DIRECTORY, paths[i].text, why));
        check(wcsstr(why, paths[i].reason) != NULL);
    }
    wmemset(text + 3, L'n', 256);
    put_text(SETTING_JOURNAL_DIRECTORY, REG_SZ, text);
    refuses(SETTING_JOURNAL_DIRECTORY, NULL, L"at most 255");
    wmemset(text + 3, L'n', 600);
    for (int i = 10; i < 600; i += 10) text[i] = '\\';
    put_text(SETTING_JOURNAL_DIRECTORY, REG_SZ, text);
    refuses(SETTING_JOURNAL_DIRECTORY, NULL, L"at most 511");
    check(SetEnvironmentVariableW(L"CERTWITNESS_PLACE", text));
    put_text(SETTING_JOURNAL_DIRECTORY, REG_EXPAND_SZ, L"%CERTWITNESS_PLACE%");
    refuses(SETTING_JOURNAL_DIRECTORY, NULL, L"at most 511");
    put(SETTING_JOURNAL_DIRECTORY, REG_SZ, L"C:\\a\0evil", 20);
    refuses(SETTING_JOURNAL_DIRECTORY, L"\"C:\\a evil\"", L"a zero character");
    put(SETTING_JOURNAL_DIRECTORY, REG_SZ, L"C:\\a", 7);
    refuses(SETTING_JOURNAL_DIRECTORY, NULL, L"odd number");
    put(SETTING_JOURNAL_DIRECTORY, REG_MULTI_SZ, L"C:\\a\0", 12);
    refuses(SETTING_JOURNAL_DIRECTORY, NULL, L"REG_SZ or REG_EXPAND_SZ");
    put(SETTING_JOURNAL_DIRECTORY, REG_DWORD, L"C:", 4);
    refuses(SETTING_JOURNAL_DIRECTORY, NULL, L"REG_SZ or REG_EXPAND_SZ");
    put(SETTING_JOURNAL_DIRECTORY, REG_BINARY, L"C:\\a", 10);
    refuses(SETTING_JOURNAL_DIRECTORY, L"REG_BINARY, 10 bytes", L"REG_SZ or REG_EXPAND_SZ");
}

TEST(a_drive_letter_that_leads_to_a_share_or_a_folder_is_no_disk)
{
    check(directory_target_is_local(L"\\Device\\HarddiskVolume3"));
    check(directory_target_is_local(L"\\Device\\HarddiskDmVolumes\\Group\\Volume1"));
    check(!directory_target_is_local(L"\\Device\\LanmanRedirector\\;Z:0000000000012345\\server\\share"));
    check(!directory_target_is_local(L"\\Device\\Mup\\;LanmanRedirector\\;Z:0\\server\\share"));
    check(!directory_target_is_local(L"\\device\\mup\\server\\share"));
    check(!directory_target_is_local(L"\\Device\\WebDavRedirector\\;X:0\\server\\share"));
    check(!directory_target_is_local(L"\\??\\C:\\folder"));
    check(!directory_target_is_local(L"\\??\\UNC\\server\\share"));
}

TEST(the_default_folder_is_named_after_the_ca_and_never_leaves_the_root)
{
    static const WCHAR *const strange[] = {L"", L"..", L"..\\..\\Windows", L"a\\b", L"a/b", L"a:b", L"x.", L"x ", L"nul", L"a\x0001", L"\u00fc", L"."};
    WCHAR name[500] = L"", want[600];

    begin();
    read_for(L"Corp Issuing CA !00e4 1");
    check_wide(settings.journal_directory, L"C:\\ProgramData\\CertWitness\\Corp Issuing CA !00e4 1");
    for (size_t i = 0; i < ARRAYSIZE(strange); i++) {
        read_for(strange[i]);
        check_wide(settings.journal_directory, L"C:\\ProgramData\\CertWitness\\unnamed");
        check_int(refused.count, 0);
    }
    wmemset(name, L'n', 255);
    read_for(name);
    swprintf(want, ARRAYSIZE(want), L"C:\\ProgramData\\CertWitness\\%ls", name);
    check_wide(settings.journal_directory, want);
    wmemset(name, L'n', 499);
    read_for(name);
    check_wide(settings.journal_directory, L"C:\\ProgramData\\CertWitness\\unnamed");
    check(SetEnvironmentVariableW(L"ProgramData", NULL));
    read_for(L"My CA");
    check_wide(settings.journal_directory, L"");
}

static void check_list(const WCHAR *want, int line)
{
    WCHAR text[SETTINGS_LIST_MAX];

    read_for(L"My CA");
    settings_value_text(&settings, SETTING_PROPERTIES, text, ARRAYSIZE(text));
    if (!check_wide(text, want) | !check_int(refused.count, 0) | !check_int(settings.source[SETTING_PROPERTIES], SETTING_FROM_REGISTRY))
        test_note("    from line %d: %ls", line, refused.reason);
    forget();
}
#define lists(want) check_list((want), __LINE__)
#define put_list(type, text) put(SETTING_PROPERTIES, (type), (text), sizeof (text))

TEST(a_list_is_taken_from_all_that_certutil_and_regedit_write)
{
    begin();
    put_list(REG_MULTI_SZ, L"Officer\0!RawRequest\0extension:1.3.6.1.4.1.311.25.2\0");
    lists(L"Officer, !RawRequest, extension:1.3.6.1.4.1.311.25.2");
    put_list(REG_SZ, L"Officer");
    lists(L"Officer");
    put_list(REG_SZ, L"Officer\\n!RawRequest\\n");
    lists(L"Officer, !RawRequest");
    put_list(REG_SZ, L"Officer\r\n  attribute:ccm \r\n\n");
    lists(L"Officer, attribute:ccm");
    put_list(REG_MULTI_SZ, L"Officer\0\0\0!RawRequest");                /* an empty one inside */
    lists(L"Officer, !RawRequest");
    put(SETTING_PROPERTIES, REG_MULTI_SZ, L"Officer\0SomeColumn:string", 26 * sizeof(WCHAR));   /* no zero at the end */
    lists(L"Officer, SomeColumn:string");
    put_list(REG_MULTI_SZ, L"");
    lists(L"");
    put(SETTING_PROPERTIES, REG_MULTI_SZ, L"", 0);
    lists(L"");
    put_list(REG_SZ, L"");
    lists(L"");
}

TEST(a_list_is_bounded_and_printable)
{
    static WCHAR many[65 * 2 + 1], wide[20 * 256 + 1], one[258];
    WCHAR text[100];

    begin();
    for (int i = 0; i < 65; i++) many[2 * i] = 'p', many[2 * i + 1] = 0;
    put(SETTING_PROPERTIES, REG_MULTI_SZ, many, 64 * 2 * sizeof(WCHAR));
    read_for(L"My CA");
    check_int(refused.count, 0);
    put(SETTING_PROPERTIES, REG_MULTI_SZ, many, sizeof many);
    refuses(SETTING_PROPERTIES, NULL, L"at most 64 names");
    for (int i = 0; i < 20; i++) {
        wmemset(wide + i * 256, L'w', 255);
        wide[i * 256 + 255] = 0;
    }
    put(SETTING_PROPERTIES, REG_MULTI_SZ, wide, 15 * 256 * sizeof(WCHAR));
    read_for(L"My CA");
    check_int(refused.count, 0);
    settings_value_text(&settings, SETTING_PROPERTIES, text, ARRAYSIZE(text));      /* cut, and ended */
    check_int(wcslen(text), ARRAYSIZE(text) - 1);
    put(SETTING_PROPERTIES, REG_MULTI_SZ, wide, sizeof wide);
    refuses(SETTING_PROPERTIES, NULL, L"at most 4094 characters");
    wmemset(one, L'w', 256);
    put_list(REG_SZ, one);
    refuses(SETTING_PROPERTIES, NULL, L"at most 255 characters");
    put_list(REG_SZ, L"Offi\tcer");
    refuses(SETTING_PROPERTIES, NULL, L"printable ASCII");
    put_list(REG_SZ, L"Offi\x202e" L"cer");
    refuses(SETTING_PROPERTIES, L"\"Offi\\u{202e}cer\"", L"printable ASCII");
    put_list(REG_MULTI_SZ, L"Officer\0\x1b[31m");
    refuses(SETTING_PROPERTIES, NULL, L"printable ASCII");
    put(SETTING_PROPERTIES, REG_SZ, L"Officer\0Other", 26);
    refuses(SETTING_PROPERTIES, NULL, L"a zero character");
    put(SETTING_PROPERTIES, REG_MULTI_SZ, L"Officer", 13);
    refuses(SETTING_PROPERTIES, L"REG_MULTI_SZ, 13 bytes", L"odd number");
    put_list(REG_EXPAND_SZ, L"Officer");
    refuses(SETTING_PROPERTIES, NULL, L"REG_MULTI_SZ");
    put(SETTING_PROPERTIES, REG_DWORD, "\1\0\0", 4);
    refuses(SETTING_PROPERTIES, L"1 (0x1)", L"REG_MULTI_SZ");
}

TEST(what_is_asked_for_the_stop_event_is_always_in_the_mask)
{
    begin();
    put_text(SETTING_EVENT_MASK, REG_SZ, L"0");
    takes(SETTING_EVENT_MASK, 0x40);
    put_text(SETTING_EVENT_MASK, REG_SZ, L"32");
    takes(SETTING_EVENT_MASK, 0x60);
    put_text(SETTING_EVENT_MASK, REG_SZ, L"1024");
    refuses(SETTING_EVENT_MASK, L"\"1024\"", L"0 to 1023");
}

TEST(several_wrong_values_are_all_told_and_the_right_ones_taken)
{
    begin();
    put_text(SETTING_QUEUE_MIB, REG_SZ, L"many");
    put_text(SETTING_JOURNAL_DIRECTORY, REG_SZ, L"\\\\nas\\journal");
    put_text(SETTING_RETAIN_DAYS, REG_SZ, L"365");
    read_for(L"My CA");
    check_int(refused.count, 2);
    check_int(settings.retain_days, 365);
    check_int(settings.queue_mib, 64);
    check_wide(settings.journal_directory, L"C:\\ProgramData\\CertWitness\\My CA");
    forget();
}

TEST(texts_for_tables_are_cut_and_ended)
{
    WCHAR text[8];

    begin();
    read_for(L"My CA");
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        wmemset(text, L'x', ARRAYSIZE(text));
        settings_default_text((enum setting_id)id, text, ARRAYSIZE(text));
        check(wcsnlen(text, ARRAYSIZE(text)) < ARRAYSIZE(text) && *text);
        wmemset(text, L'x', ARRAYSIZE(text));
        settings_range_text((enum setting_id)id, text, ARRAYSIZE(text));
        check(wcsnlen(text, ARRAYSIZE(text)) < ARRAYSIZE(text) && *text);
        wmemset(text, L'x', ARRAYSIZE(text));
        settings_value_text(&settings, (enum setting_id)id, text, ARRAYSIZE(text));
        check(wcsnlen(text, ARRAYSIZE(text)) < ARRAYSIZE(text));
    }
}

/* As src/manual/settings.md has it. */
int test_role(void)
{
    if (test_argc < 2 || strcmp(test_argv[1], "table")) return -1;
    printf("| name | default | range | |\n|---|---|---|---|\n");
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        WCHAR value[SETTINGS_TEXT_MAX], range[SETTINGS_TEXT_MAX];

        settings_default_text((enum setting_id)id, value, ARRAYSIZE(value));
        settings_range_text((enum setting_id)id, range, ARRAYSIZE(range));
        printf("| `%ls` | `%ls` | %ls | %ls |\n", settings_table[id].name, value, range, settings_table[id].help);
    }
    return 0;
}
