/* Settings written through their door, under a key of this test's own: what settings_read, and the CA, will make of them. */
#include "lib/test.h"

#include "settings/settings.h"

#include <string.h>
#include <wchar.h>

static WCHAR parent[100], key_path[120];
static WCHAR why[SETTINGS_TEXT_MAX];

/* Stands before the system's own function: the write number `fail_at`, from 1, fails. */
static int writes, fail_at;

static LSTATUS WINAPI set_or_fail(HKEY key, const WCHAR *name, DWORD reserved, DWORD type, const BYTE *data, DWORD size)
{
    static LSTATUS (WINAPI *set)(HKEY, const WCHAR *, DWORD, DWORD, const BYTE *, DWORD);

    if (++writes == fail_at) return ERROR_ACCESS_DENIED;
    if (!set) set = (void *)GetProcAddress(GetModuleHandleW(L"advapi32.dll"), "RegSetValueExW");
    return set(key, name, reserved, type, data, size);
}
void *__imp_RegSetValueExW = set_or_fail;

static void begin(void)
{
    swprintf(parent, ARRAYSIZE(parent), L"Software\\CertWitnessWriteTest-%lx", GetCurrentProcessId());
    swprintf(key_path, ARRAYSIZE(key_path), L"%ls\\CertWitness.Exit", parent);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, parent);
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, parent, L"Theirs", REG_SZ, L"x", 4), 0);
    check(SetEnvironmentVariableW(L"ProgramData", L"C:\\ProgramData"));
    writes = fail_at = 0;
}

static bool key_exists(const WCHAR *path)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key)) return false;
    RegCloseKey(key);
    return true;
}

static HRESULT write(const struct settings_change *changes, size_t count)
{
    wmemset(why, L'x', ARRAYSIZE(why));
    return settings_write(HKEY_LOCAL_MACHINE, key_path, changes, count, why);
}

static HRESULT write_one(enum setting_id id, const WCHAR *text)
{
    return write(&(struct settings_change){id, text}, 1);
}

static void note(void *context, const WCHAR *name, const WCHAR *value, const WCHAR *reason)
{
    test_note("    %ls = %ls: %ls", name, value, reason);
    ++*(int *)context;
}

static struct settings in_force(void)
{
    struct settings settings;
    int refused = 0;

    settings_read(key_path, L"My CA", note, &refused, &settings);
    check_int(refused, 0);
    return settings;
}

/* Exactly these bytes of this type stand there; `size` -1: nothing does. */
static void check_value(const WCHAR *name, DWORD type, const void *data, DWORD size, int line)
{
    BYTE got[9000];
    DWORD got_type = 99, got_size = sizeof got;
    LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, key_path, name, RRF_RT_ANY | RRF_NOEXPAND, &got_type, got, &got_size);
    bool ok;

    if (size == (DWORD)-1) ok = check_int(error, ERROR_FILE_NOT_FOUND);
    else ok = check_int(error, 0) && check_int(got_type, type) && check_bytes(got, got_size, data, size);
    if (!ok) test_note("    %ls, from line %d", name, line);
}
#define stands(name, type, data, size) check_value((name), (type), (data), (size), __LINE__)
#define stands_not(name) check_value((name), 0, NULL, (DWORD)-1, __LINE__)

TEST(each_setting_is_written_in_its_own_type_and_read_back_as_it_was_meant)
{
    const struct settings_change changes[] = {
        {SETTING_JOURNAL_DIRECTORY, L"%ProgramData%\\Z\u00fcrich \u6771\U0001f511\\"}, {SETTING_EVENT_MASK, L"32"},
        {SETTING_PROPERTIES, L"Officer\r\n !RawRequest \n\n"}, {SETTING_SEGMENT_MIB, L"1"}, {SETTING_QUEUE_MIB, L"1024"},
        {SETTING_MAX_WAIT_MS, L"100"}, {SETTING_MIN_FREE_MIB, L"0"}, {SETTING_RETAIN_DAYS, L"0036500"}};
    static const WCHAR path[] = L"C:\\ProgramData\\Z\u00fcrich \u6771\U0001f511", list[] = L"Officer\0!RawRequest\0";
    struct settings settings;

    begin();
    check_hr(write(changes, ARRAYSIZE(changes)), S_OK);
    check_wide(why, L"");
    stands(L"JournalDirectory", REG_SZ, path, sizeof path);
    stands(L"EventMask", REG_DWORD, "\x20\0\0", 4);
    stands(L"Properties", REG_MULTI_SZ, list, sizeof list);
    stands(L"SegmentMiB", REG_DWORD, "\x01\0\0", 4);
    stands(L"QueueMiB", REG_DWORD, "\0\x04\0", 4);
    stands(L"MaxWaitMs", REG_DWORD, "\x64\0\0", 4);
    stands(L"MinFreeMiB", REG_DWORD, "\0\0\0", 4);
    stands(L"RetainDays", REG_DWORD, "\x94\x8e\0", 4);
    settings = in_force();
    check_wide(settings.journal_directory, path);
    check_int(settings.event_mask, 0x60);
    check_int(settings.queue_mib, 1024);
    check_int(settings.retain_days, 36500);
    for (int id = 0; id < SETTINGS_COUNT; id++) check_int(settings.source[id], SETTING_FROM_REGISTRY);
}

TEST(what_is_not_named_stays_as_it_was)
{
    begin();
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, key_path, L"RetainDays", REG_SZ, L"365", 8), 0);
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, key_path, L"Theirs", REG_NONE, "\1\2\3", 3), 0);
    check_hr(write_one(SETTING_QUEUE_MIB, L"8"), S_OK);
    stands(L"RetainDays", REG_SZ, L"365", 8);
    stands(L"Theirs", REG_NONE, "\1\2\3", 3);
    stands(L"QueueMiB", REG_DWORD, "\x08\0\0", 4);
    check_hr(write(NULL, 0), S_OK);
    stands(L"QueueMiB", REG_DWORD, "\x08\0\0", 4);
}

TEST(an_empty_list_is_written_as_one_and_a_removed_value_is_gone)
{
    begin();
    check_hr(write_one(SETTING_PROPERTIES, L""), S_OK);
    stands(L"Properties", REG_MULTI_SZ, L"", 2);
    check_hr(write_one(SETTING_PROPERTIES, NULL), S_OK);
    stands_not(L"Properties");
    check_hr(write_one(SETTING_PROPERTIES, NULL), S_OK);
    check_int(in_force().source[SETTING_PROPERTIES], SETTING_BY_DEFAULT);
}

TEST(removing_makes_no_key)
{
    begin();
    check_hr(write_one(SETTING_RETAIN_DAYS, NULL), S_OK);
    check(!key_exists(key_path));
    check_hr(write(NULL, 0), S_OK);
    check(!key_exists(key_path));
}

TEST(one_wrong_text_keeps_the_whole_set_from_being_written_and_is_named)
{
    static const struct { enum setting_id id; const WCHAR *text, *reason; } wrong[] = {
        {SETTING_RETAIN_DAYS, L"36501", L"RetainDays: It must be a whole number from 0 to 36500 days"},
        {SETTING_RETAIN_DAYS, L"", L"RetainDays: It must be a whole number"},
        {SETTING_EVENT_MASK, L"-1", L"EventMask: "}, {SETTING_JOURNAL_DIRECTORY, L"\\\\nas\\journal", L"JournalDirectory: It must be on a disk"},
        {SETTING_JOURNAL_DIRECTORY, L"", L"JournalDirectory: "}, {SETTING_PROPERTIES, L"Offi\x202e" L"cer", L"Properties: "}};

    begin();
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        const struct settings_change changes[] = {{SETTING_QUEUE_MIB, L"8"}, {wrong[i].id, wrong[i].text}, {SETTING_SEGMENT_MIB, L"8"}};

        check_hr(write(changes, 3), HRESULT_FROM_WIN32(ERROR_INVALID_DATA));
        if (!check(!wcsncmp(why, wrong[i].reason, wcslen(wrong[i].reason)))) test_note("    %ls", why);
        check(!key_exists(key_path));
    }
}

TEST(when_a_write_fails_those_before_it_are_taken_back)
{
    const struct settings_change changes[] = {{SETTING_QUEUE_MIB, L"8"}, {SETTING_EVENT_MASK, NULL}, {SETTING_RETAIN_DAYS, L"30"},
                                              {SETTING_PROPERTIES, L"Officer"}, {SETTING_SEGMENT_MIB, L"8"}};

    for (int at = 1; at <= 4; at++) {
        begin();
        fail_at = at;
        check_hr(write(changes, ARRAYSIZE(changes)), HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
        check(wcsstr(why, L"Only an administrator") && wcsstr(why, key_path));
        check(!key_exists(key_path));                                   /* it was new */
        writes = -100;
        check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, key_path, L"RetainDays", REG_BINARY, "\1\2\3", 3), 0);
        check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, key_path, L"EventMask", REG_SZ, L"7", 4), 0);
        writes = 0;
        check_hr(write(changes, ARRAYSIZE(changes)), HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
        stands_not(L"QueueMiB");
        stands(L"EventMask", REG_SZ, L"7", 4);
        stands(L"RetainDays", REG_BINARY, "\1\2\3", 3);
        stands_not(L"Properties");
        stands_not(L"SegmentMiB");
    }
}

TEST(a_ca_that_is_not_there_gets_no_key)
{
    WCHAR path[200], long_path[1000];

    begin();
    swprintf(path, ARRAYSIZE(path), L"%ls\\No CA\\ExitModules\\CertWitness.Exit", parent);
    check_hr(settings_write(HKEY_LOCAL_MACHINE, path, &(struct settings_change){SETTING_QUEUE_MIB, L"8"}, 1, why),
             HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    check(wcsstr(why, path) && wcsstr(why, L"does not exist"));
    swprintf(path, ARRAYSIZE(path), L"%ls\\No CA", parent);
    check(!key_exists(path));
    wmemset(long_path, L'k', 999);
    long_path[900] = '\\', long_path[999] = 0;
    check(FAILED(settings_write(HKEY_LOCAL_MACHINE, long_path, &(struct settings_change){SETTING_QUEUE_MIB, L"8"}, 1, why)));
    check(wcslen(why) < SETTINGS_TEXT_MAX && *why);
    check(FAILED(settings_write(HKEY_LOCAL_MACHINE, L"NoBackslash", &(struct settings_change){SETTING_QUEUE_MIB, L"8"}, 1, why)));
    check(!key_exists(L"NoBackslash"));
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, parent);
}
