/*
 * The recorder through COM: for every event, whatever the CA answers, one line that is on disk when Notify returns.
 *
 * The journals stay in build/tmp/recorder for tests/recorder/recorder.t, which has strict parsers read them.
 */
#include "lib/test.h"
#include "lib/module.h"

#include "lib/fake_ca.h"

#include "version.h"

#include <certwitness.h>
#include <math.h>
#include <psapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"          /* SHA-256 of "abc" */
#define MODULE L"build\\bin\\certwitness.dll"

static HMODULE module;
static ICertExit2 *exit_module;
static WCHAR ca_name[256], journal_file[600];

/* A journal root for this program alone. */
static void set_root(void)
{
    WCHAR here[MAX_PATH], root[MAX_PATH];

    check(GetCurrentDirectoryW(ARRAYSIZE(here), here) != 0);
    swprintf(root, ARRAYSIZE(root), L"%ls\\build\\tmp\\recorder", here);
    check(SetEnvironmentVariableW(L"ProgramData", root));
}

static void name_ca(const WCHAR *name)
{
    WCHAR root[MAX_PATH] = L"";

    GetEnvironmentVariableW(L"ProgramData", root, ARRAYSIZE(root));
    wcscpy(ca_name, name);
    swprintf(journal_file, ARRAYSIZE(journal_file), L"\\\\?\\%ls\\CertWitness\\%ls\\00000000000000000001.jsonl", root, name);
    fake_ca_text(L"SanitizedCAName", name);
    fake_ca_text(L"MachineDNSName", L"ca.example");
}

/* A new journal each time this program runs. */
static void begin(void)
{
    static unsigned number;
    WCHAR name[64];

    set_root();
    fake_ca_begin();
    swprintf(name, ARRAYSIZE(name), L"CA %lu-%u", GetCurrentProcessId() ^ GetTickCount(), ++number);
    name_ca(name);
    module = LoadLibraryW(MODULE);
    if (check(module != NULL)) exit_module = module_exit(module);
}

static void initialize(void)
{
    BSTR config = SysAllocString(L"whatever the CA calls itself");
    LONG mask = -1;

    check_hr(ICertExit2_Initialize(exit_module, config, &mask), S_OK);
    check_int(mask, 0x3ff);
    SysFreeString(config);
}

static void end(void)
{
    HRESULT (WINAPI *can_unload)(void) = (void *)GetProcAddress(module, "DllCanUnloadNow");

    check_int(ICertExit2_Release(exit_module), 0);
    check_hr(can_unload(), S_OK);
    check(FreeLibrary(module));
    check(!GetModuleHandleW(L"certwitness.dll"));
    fake_ca_end();
}

/* Line `number`, from 1, of the journal as it is on disk; "" where there is none. Valid until the next call. */
static const char *line(int number)
{
    static char *text;
    FILE *file = _wfopen(journal_file, L"rb");
    char *start, *lf;
    long size;

    free(text);
    text = NULL;
    if (!check(file != NULL)) return "";
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    text = calloc(1, size + 1);
    check_int(fread(text, 1, size, file), size);
    fclose(file);
    start = text;
    while (--number && *start && (lf = strchr(start, '\n'))) start = lf + 1;
    if ((lf = strchr(start, '\n'))) *lf = 0;
    return start;
}

static void check_has(const char *text, const char *part, int at)
{
    if (strstr(text, part)) return;
    test_check(false, __FILE__, at, part);
    test_note("    in %s", text);
}
#define check_line(number, part) check_has(line(number), part, __LINE__)
#define check_not(number, part)  check(!strstr(line(number), part))

/* data.missing of a line, on to its end. Valid until the next but one. */
static const char *missing_of(int number)
{
    static char texts[2][400];
    static unsigned turn;
    const char *missing = strstr(line(number), "\"missing\":[");
    char *text = texts[turn++ % 2], *end;

    snprintf(text, sizeof texts[0], "%s", missing ? missing : "nothing");
    if ((end = strstr(text, ",\"hash\":"))) *end = 0;
    return text;
}

static HRESULT notify(LONG event)
{
    return ICertExit2_Notify(exit_module, event, FAKE_CONTEXT);
}

static const struct { LONG event; const char *type; } types[] = {
    {EXITEVENT_CERTISSUED, "certificate.issued"}, {EXITEVENT_CERTPENDING, "certificate.pending"},
    {EXITEVENT_CERTDENIED, "certificate.denied"}, {EXITEVENT_CERTREVOKED, "certificate.revoked"},
    {EXITEVENT_CERTRETRIEVEPENDING, "certificate.retrieved"}, {EXITEVENT_CRLISSUED, "crl.issued"},
    {EXITEVENT_STARTUP, "ca.started"}, {EXITEVENT_CERTIMPORTED, "certificate.imported"}, {EXITEVENT_SHUTDOWN, "ca.stopping"},
};

TEST(every_event_is_one_line_of_its_type)
{
    begin();
    initialize();
    fake_ca_long(L"RequestID", 42);
    for (size_t i = 0; i < ARRAYSIZE(types); i++) {
        char type[64], event[32];

        check_hr(notify(types[i].event), S_OK);
        snprintf(type, sizeof type, "\"type\":\"certwitness.%s\"", types[i].type);
        snprintf(event, sizeof event, "\"data\":{\"event\":%ld,\"context\":24301", types[i].event);
        check_line(i + 2, type);
        check_line(i + 2, event);
    }
    check_line(2, "\"subject\":\"request/42\"");
    check_not(7, "\"subject\"");
    end();
    check_line(11, "\"type\":\"certwitness.module.stopped\"");
}

TEST(a_certificate_that_is_back_from_hold_is_unrevoked)
{
    begin();
    initialize();
    fake_ca_long(L"Disposition", 21);
    check_hr(notify(EXITEVENT_CERTREVOKED), S_OK);
    fake_ca_long(L"Disposition", 20);
    fake_ca_long(L"RevokedReason", -1);
    check_hr(notify(EXITEVENT_CERTREVOKED), S_OK);
    check_line(2, "\"type\":\"certwitness.certificate.revoked\"");
    check_line(3, "\"type\":\"certwitness.certificate.unrevoked\"");
    check_line(3, "\"RevokedReason\":-1");
    end();
}

TEST(an_event_that_nobody_knows_is_recorded_with_its_raw_value)
{
    begin();
    initialize();
    fake_ca_long(L"RequestID", 7);
    check_hr(notify(0x400), S_OK);
    check_hr(notify(EXITEVENT_CERTISSUED | EXITEVENT_CERTREVOKED), S_OK);
    check_hr(notify(0), S_OK);
    check_hr(ICertExit2_Notify(exit_module, (LONG)0x80000000, 0), S_OK);
    check_line(2, "\"type\":\"certwitness.event.unknown\",\"subject\":\"request/7\"");
    check_line(2, "\"event\":1024");
    check_line(3, "\"event\":9,");
    check_line(4, "\"event\":0,");
    check_line(5, "{\"event\":-2147483648,\"context\":0,\"missing\":[]}");
    end();
}

TEST(the_first_line_tells_of_module_and_ca)
{
    begin();
    fake_ca_text(L"ModuleRegistryLocation", L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\X\\ExitModules\\CertWitness.Exit");
    fake_ca_long(L"CAType", 3);
    fake_ca_long(L"CertCount", 2);
    fake_ca_text(L"SanitizedShortName", L"Short");
    fake_ca_bytes(L"RawCACertificate.0", "abc", 3);
    fake_ca_error(L"RawCACertificate.1", E_FAIL);
    initialize();
    check_line(1, "\"type\":\"certwitness.module.started\"");
    check_line(1, "\"endedCleanly\":true,\"version\":\"" CERTWITNESS_VERSION "\",\"fileVersion\":\"" CERTWITNESS_VERSION "\",\"eventMask\":1023,\"dates\":\"assumed UTC\",\"utcOffsetMinutes\":");
    check_line(1, "\"SanitizedShortName\":\"Short\",\"MachineDNSName\":\"ca.example\"");
    check_line(1, "\"CAType\":3,\"CertCount\":2,\"certificates\":[{\"index\":0,\"RawCACertificate\":{\"size\":3,"
                  "\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"base64\":\"YWJj\"}},"
                  "{\"index\":1,\"hresult\":\"0x80004005\"}]}");
    check_line(1, "\"source\":\"/adcs/ca.example/CA%20");
    end();
}

TEST(a_ca_without_a_name_is_known_by_its_registry_key)
{
    WCHAR key[200];

    begin();
    swprintf(key, ARRAYSIZE(key), L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\%ls\\ExitModules\\CertWitness.Exit", ca_name);
    fake_ca_error(L"SanitizedCAName", E_FAIL);
    fake_ca_text(L"ModuleRegistryLocation", key);
    initialize();
    check_line(1, "\"SanitizedCAName\":\"CA ");
    end();
}

TEST(a_name_that_could_leave_the_root_becomes_no_path)
{
    static const WCHAR *const names[] = {L"..", L"..\\..\\Windows", L"a:b", L"nul\x0001", L"x."};

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        WCHAR *name;

        begin();
        fake_ca_text(L"SanitizedCAName", names[i]);
        name = wcsstr(journal_file, ca_name);
        wcscpy(name, L"unnamed\\00000000000000000001.jsonl");
        DeleteFileW(journal_file);                      /* that of the name before */
        initialize();
        check_line(1, "\"type\":\"certwitness.module.started\"");
        end();
    }
}

TEST(a_long_name_with_every_second_letter_escaped_has_its_folder)
{
    WCHAR name[256] = L"";

    begin();
    for (int i = 0; i < 33; i++) wcscat(name, L"!0416b");
    name_ca(name);
    initialize();
    check_line(1, "\"SanitizedCAName\":\"!0416b!0416b");
    end();
}

TEST(a_name_too_long_for_a_folder_is_taken_in_its_short_form)
{
    WCHAR name[256] = L"", short_name[64];

    begin();
    wcscpy(short_name, ca_name);
    for (int i = 0; i < 45; i++) wcscat(name, L"!0416");
    fake_ca_text(L"SanitizedCAName", name);
    fake_ca_text(L"SanitizedShortName", short_name);
    initialize();
    check_line(1, "\"type\":\"certwitness.module.started\"");
    end();
}

TEST(text_survives_as_it_is_and_cannot_break_the_line)
{
    begin();
    initialize();
    fake_ca_text(L"RequesterName", L"CORP\\Zo\x00eb \"quoted\"\r\n{\"specversion\"");
    fake_ca_text(L"DistinguishedName", L"CN=\xd83d\xdd11 \x6771\x4eac");
    fake_ca_text(L"CallerName", L"a\xd800z\xdc00");
    fake_ca_text(L"DispositionMessage", L"\x202e\x2028\x001b[31m\x009b\xfeff");
    fake_ca_text(L"UPN", L"");
    fake_ca_null(L"CertificateTemplate");
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"RequesterName\":\"CORP\\\\Zo\xc3\xab \\\"quoted\\\"\\r\\n{\\\"specversion\\\"\"");
    check_line(2, "\"DistinguishedName\":\"CN=\xf0\x9f\x94\x91 \xe6\x9d\xb1\xe4\xba\xac\"");
    check_line(2, "\"CallerName\":\"a\xef\xbf\xbdz\xef\xbf\xbd\"");
    check_line(2, "\"DispositionMessage\":\"\\u202e\\u2028\\u001b[31m\\u009b\\ufeff\"");
    check_line(2, "\"UPN\":\"\"");
    check_line(2, "\"CertificateTemplate\":\"\"");
    end();
}

/* tests/recorder/recorder.t computes the same and compares. */
static WCHAR *every_unit(size_t count)
{
    WCHAR *text = calloc(count + 1, sizeof *text);

    for (size_t i = 0; i < count; i++) text[i] = (WCHAR)(i * 0x9e37 + 1) ? (WCHAR)(i * 0x9e37 + 1) : 1;
    return text;
}

TEST(names_of_4096_characters_and_attributes_of_32_kib_are_kept_whatever_is_in_them)
{
    WCHAR *name = every_unit(4096), *attributes = every_unit(16384);
    char *request = malloc(65536);

    for (size_t i = 0; i < 65536; i++) request[i] = (char)(i * 7 + (i >> 8));
    begin();
    initialize();
    fake_ca_long(L"RequestID", 4096);
    fake_ca_text(L"RequesterName", name);
    fake_ca_text(L"RequestAttributes", attributes);
    fake_ca_bytes(L"RawRequest", request, 65536);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"missing\":[]}");
    end();
    free(name);
    free(attributes);
    free(request);
}

TEST(a_name_may_hold_zeros_and_be_nothing_but_half_pairs)
{
    begin();
    initialize();
    fake_ca_bytes(L"RequesterName", L"a\0b", 6);
    fake_ca_bytes(L"CallerName", L"\xdc00\xd800", 4);
    fake_ca_bytes(L"UPN", "x", 1);                      /* not one whole unit */
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"RequesterName\":\"a\\u0000b\"");
    check_line(2, "\"CallerName\":\"\xef\xbf\xbd\xef\xbf\xbd\"");
    check_line(2, "\"UPN\":\"\"");
    end();
}

TEST(bytes_keep_their_odd_length_and_their_zeros)
{
    begin();
    initialize();
    fake_ca_bytes(L"RawRequest", "\x30\x00\xff", 3);
    fake_ca_bytes(L"RawCertificate", "\x00", 1);
    fake_ca_bytes(L"RequesterName", "a\0b\0c", 5);       /* half a unit too many */
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"RawRequest\":\"MAD/\"");
    check_line(2, "\"RawCertificate\":\"AA==\"");
    check_line(2, "\"RequesterName\":\"ab\"");
    fake_ca_bytes(L"RawRequest", "", 0);
    fake_ca_null(L"RawCertificate");
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(3, "\"RawRequest\":\"\"");
    check_line(3, "\"RawCertificate\":\"\"");
    end();
}

TEST(dates_are_utc_and_impossible_ones_are_missing)
{
    begin();
    initialize();
    fake_ca_date(L"SubmittedWhen", 46347.4166666667);
    fake_ca_date(L"ResolvedWhen", -1.25);
    fake_ca_date(L"NotBefore", -109205.0);
    fake_ca_date(L"NotAfter", 2958465.999988426);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"SubmittedWhen\":\"2026-11-21T10:00:00Z\",\"ResolvedWhen\":\"1899-12-29T06:00:00Z\"");
    check_line(2, "\"NotBefore\":\"1601-01-01T00:00:00Z\",\"NotAfter\":\"9999-12-31T23:59:59Z\"");
    fake_ca_date(L"SubmittedWhen", NAN);
    fake_ca_date(L"ResolvedWhen", -109206.0);
    fake_ca_date(L"NotBefore", 1e300);
    fake_ca_date(L"NotAfter", -0.0);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(3, "{\"name\":\"SubmittedWhen\",\"hresult\":\"0x8002000a\"},{\"name\":\"ResolvedWhen\",\"hresult\":\"0x8002000a\"},"
                  "{\"name\":\"NotBefore\",\"hresult\":\"0x8002000a\"}]");
    check_line(3, "\"NotAfter\":\"1899-12-30T00:00:00Z\"");
    fake_ca_date(L"SubmittedWhen", INFINITY);
    fake_ca_date(L"ResolvedWhen", 2958465.9999999995);          /* the last double before 10000-01-01: rounds to it */
    fake_ca_date(L"NotBefore", -109205.5);              /* noon of the first day: fractions go forward */
    fake_ca_date(L"NotAfter", -INFINITY);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(4, "\"missing\":[{\"name\":\"SubmittedWhen\",\"hresult\":\"0x8002000a\"},{\"name\":\"ResolvedWhen\",\"hresult\":\"0x8002000a\"},"
                  "{\"name\":\"NotAfter\",\"hresult\":\"0x8002000a\"}]");
    check_line(4, "\"NotBefore\":\"1601-01-01T12:00:00Z\"");
    end();
}

TEST(a_property_that_fails_is_missing_with_its_hresult_and_an_empty_one_is_left_out)
{
    begin();
    initialize();
    fake_ca_long(L"RequestID", 9);
    fake_ca_error(L"RequesterName", (HRESULT)0x8009400f);
    fake_ca_error(L"RawCertificate", E_OUTOFMEMORY);
    fake_ca_variant(L"StatusCode", VT_I8, 5);
    fake_ca_variant(L"UPN", VT_EMPTY, 0);
    fake_ca_variant(L"SerialNumber", VT_I4, 5);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"missing\":[{\"name\":\"StatusCode\",\"hresult\":\"0x80020005\",\"variant\":20},{\"name\":\"RequesterName\",\"hresult\":\"0x8009400f\"},"
                  "{\"name\":\"SerialNumber\",\"hresult\":\"0x80020005\",\"variant\":3},{\"name\":\"RawCertificate\",\"hresult\":\"0x8007000e\"}]");
    check_line(2, "\"request\":{\"RequestID\":9},\"certificate\":{},");
    end();
}

TEST(values_of_other_types_than_promised_are_missing_by_their_type_and_nothing_of_them_leaks)
{
    static const VARTYPE plain[] = {VT_I2, VT_UI4, VT_R8, VT_BOOL, VT_ERROR, VT_CY, VT_I1, VT_DECIMAL, VT_INT, 0x0fff, VT_VECTOR | VT_I4};
    char want[100];

    begin();
    initialize();
    for (size_t i = 0; i < ARRAYSIZE(plain); i++) {
        fake_ca_variant(L"StatusCode", plain[i], 5);
        check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
        snprintf(want, sizeof want, "\"missing\":[{\"name\":\"StatusCode\",\"hresult\":\"0x80020005\",\"variant\":%u}]", plain[i]);
        check_line((int)i + 2, want);
    }
    fake_ca_variant(L"StatusCode", VT_NULL, 0);
    fake_ca_text(L"SubmittedWhen", L"yesterday");
    fake_ca_reference(L"RequestFlags", VT_I4);
    fake_ca_reference(L"RequesterName", VT_BSTR);
    fake_ca_object(L"CallerName");
    fake_ca_array(L"RawRequest", 16);
    fake_ca_variant(L"RawCertificate", VT_UNKNOWN, 0);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(ARRAYSIZE(plain) + 2, "\"missing\":[{\"name\":\"RequestFlags\",\"hresult\":\"0x80020005\",\"variant\":16387},"
        "{\"name\":\"SubmittedWhen\",\"hresult\":\"0x80020005\",\"variant\":8},"
        "{\"name\":\"RequesterName\",\"hresult\":\"0x80020005\",\"variant\":16392},"
        "{\"name\":\"CallerName\",\"hresult\":\"0x80020005\",\"variant\":9},"
        "{\"name\":\"RawRequest\",\"hresult\":\"0x80020005\",\"variant\":8209},"
        "{\"name\":\"RawCertificate\",\"hresult\":\"0x80020005\",\"variant\":13}]");
    end();                                              /* counts the object's references, and looks at what was lent */
}

static SIZE_T memory_used(void)
{
    PROCESS_MEMORY_COUNTERS counters = {.cb = sizeof counters};

    check(K32GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters));
    return counters.PagefileUsage;
}

TEST(large_values_that_nobody_asked_for_are_given_back)
{
    char *large = calloc(1, 4 << 20);
    SIZE_T before;

    begin();
    initialize();
    fake_ca_array(L"RawRequest", 4 << 20);
    fake_ca_bytes(L"StatusCode", large, 4 << 20);
    fake_ca_bytes(L"RawCertificate", large, 4 << 20);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    before = memory_used();
    for (int i = 0; i < 50; i++) check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    if (!check(memory_used() < before + (64 << 20))) test_note("%lu KiB more", (ULONG)((memory_used() - before) >> 10));
    end();
    free(large);
}

TEST(whatever_the_ca_returns_the_event_is_recorded)
{
    static const struct { HRESULT hr; const char *text; } codes[] = {
        {E_FAIL, "0x80004005"}, {E_POINTER, "0x80004003"}, {(HRESULT)0x80094002, "0x80094002"}, {(HRESULT)0x80070005, "0x80070005"},
        {(HRESULT)0xffffffff, "0xffffffff"}, {(HRESULT)0x80000000, "0x80000000"}, {(HRESULT)0x800706ba, "0x800706ba"},
        {HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), "0x80070002"}, {RPC_E_DISCONNECTED, "0x80010108"},
    };
    char want[100];

    begin();
    initialize();
    for (size_t i = 0; i < ARRAYSIZE(codes); i++) {
        fake_ca_error(L"UPN", codes[i].hr);
        check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
        snprintf(want, sizeof want, "\"missing\":[{\"name\":\"UPN\",\"hresult\":\"%s\"}]", codes[i].text);
        check_line((int)i + 2, want);
    }
    end();
}

TEST(what_a_failing_property_leaves_behind_is_not_touched)
{
    begin();
    initialize();
    fake_ca_garbage(L"RequestID", E_FAIL);
    fake_ca_garbage(L"RequesterName", E_FAIL);
    fake_ca_garbage(L"RawRequest", CERTSRV_E_PROPERTY_EMPTY);
    fake_ca_untouched(L"SubmittedWhen", E_UNEXPECTED);
    fake_ca_untouched(L"SerialNumber", S_OK);
    fake_ca_garbage(L"RawCertificate", E_OUTOFMEMORY);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"request\":{},\"certificate\":{},\"missing\":[{\"name\":\"RequestID\",\"hresult\":\"0x80004005\"},"
                  "{\"name\":\"SubmittedWhen\",\"hresult\":\"0x8000ffff\"},{\"name\":\"RequesterName\",\"hresult\":\"0x80004005\"},"
                  "{\"name\":\"RawCertificate\",\"hresult\":\"0x8007000e\"}]");
    check_not(2, "\"subject\"");
    fake_ca_long(L"CertCount", 1);
    fake_ca_garbage(L"RawCRL.0", HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    fake_ca_garbage(L"CRLState.0", E_FAIL);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(3, "\"keys\":[{\"index\":0}]},\"missing\":[{\"name\":\"CRLState.0\",\"hresult\":\"0x80004005\"}]");
    end();
}

TEST(a_success_code_that_is_not_s_ok_counts_with_a_value_and_is_named_without_one)
{
    begin();
    initialize();
    fake_ca_long(L"RequestID", 5);
    fake_ca_success(L"RequestID", S_FALSE);
    fake_ca_text(L"RequesterName", L"CORP\\alice");
    fake_ca_success(L"RequesterName", (HRESULT)0x00040001);
    fake_ca_variant(L"CallerName", VT_EMPTY, 0);
    fake_ca_success(L"CallerName", S_FALSE);
    fake_ca_untouched(L"UPN", (HRESULT)0x7fffffff);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"request\":{\"RequestID\":5,\"RequesterName\":\"CORP\\\\alice\"},");
    check_line(2, "\"missing\":[{\"name\":\"UPN\",\"hresult\":\"0x7fffffff\"}]");
    end();
}

TEST(a_value_that_is_too_long_is_named_with_size_and_hash_and_the_rest_is_kept)
{
    const UINT size = 3 << 20;
    char *large = calloc(1, size);

    begin();
    initialize();
    fake_ca_bytes(L"RawRequest", large, size);
    fake_ca_text(L"SerialNumber", L"6d00");
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "{\"name\":\"RawRequest\",\"size\":3145728,\"sha256\":\"bbd05cf6097ac9b1f89ea29d2542c1b7b67ee46848393895f5a9e43fa1f621e5\"}");
    check_line(2, "\"SerialNumber\":\"6d00\"");
    fake_ca_bytes(L"RawRequest", large, 500 << 10);     /* each fits, both do not */
    fake_ca_bytes(L"RawCertificate", large, 500 << 10);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(3, "\"RawRequest\":\"AAAA");
    check_line(3, "{\"name\":\"RawCertificate\",\"size\":512000,");
    end();
    free(large);
}

TEST(a_value_above_16_mib_is_named_with_its_size_and_costs_no_hash)
{
    const UINT most = 16 << 20;
    char *large = calloc(1, most + 1);

    begin();
    initialize();
    fake_ca_bytes(L"RawRequest", large, most);
    fake_ca_bytes(L"RawCertificate", large, most + 1);
    fake_ca_text(L"SerialNumber", L"6d00");
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"missing\":[{\"name\":\"RawRequest\",\"size\":16777216,\"sha256\":\"080acf35a507ac9849cfcba47dc2ad83e01b75663a516279c8b9d243b719643e\"},"
                  "{\"name\":\"RawCertificate\",\"size\":16777217}]");
    check_line(2, "\"SerialNumber\":\"6d00\"");
    fake_ca_bytes(L"RawCRL.0", large, most + 1);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(3, "\"RawCRL\":{\"size\":16777217}");
    end();
    free(large);
}

TEST(the_largest_row_of_a_real_ca_fits_into_a_line)
{
    static WCHAR attributes[16384], name[4096];
    char *request = malloc(65536);

    for (size_t i = 0; i < ARRAYSIZE(attributes) - 1; i++) attributes[i] = i % 3 ? L'\x1' : L'\xd800';
    for (size_t i = 0; i < ARRAYSIZE(name) - 1; i++) name[i] = L'"';
    memset(request, 0xa5, 65536);
    begin();
    initialize();
    fake_ca_text(L"RequestAttributes", attributes);
    fake_ca_text(L"DistinguishedName", name);
    fake_ca_text(L"DispositionMessage", name);
    fake_ca_bytes(L"RawRequest", request, 65536);
    fake_ca_bytes(L"RawCertificate", request, 16384);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"missing\":[]}");
    end();
    free(request);
}

TEST(attributes_that_are_too_long_do_not_betray_a_challenge_by_their_hash)
{
    const size_t count = 300 << 10;
    WCHAR *text = calloc(count + 40, sizeof *text);

    begin();
    initialize();
    wcscpy(text, L"Challenge:s3cret\nx:");
    for (size_t i = wcslen(text), end = i + count; i < end; i++) text[i] = 'a';
    fake_ca_text(L"RequestAttributes", text);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    wcsncpy(text + 10, L"public", 6);
    fake_ca_text(L"RequestAttributes", text);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "{\"name\":\"RequestAttributes\",\"size\":614426,\"sha256\":\"");
    check_text(missing_of(2), missing_of(3));
    end();
    free(text);
}

TEST(challenges_are_never_recorded_in_any_spelling)
{
    static const WCHAR *const spellings[] = {
        L"Challenge:s3cret", L"  \tChallenge\t : s3cret", L"c-h-a-l-l-e-n-g-e:s3cret", L"CHALLENGE:s3cret:s3cret",
        L"Expected Challenge:s3cret", L"EXPECTED-CHALLENGE:\ts3cret", L"ChallengePassword:s3cret", L"1.2.840.113549.1.9.7:s3cret",
        L"\x00a0" L"Challenge\x3000:s3cret", L"\xff23hallenge:s3cret", L"\xff43\xff48\xff41\xff4c\xff4c\xff45\xff4e\xff47\xff45\xff1as3cret",
        L"\xfeff\x43hallenge:s3cret", L"Chal\x200blenge:s3cret", L"Chal\x2028lenge:s3cret", L"a:b\rChallenge:s3cret",
        L"a:b\vChallenge:s3cret", L"a:b\x2028\x43hallenge:s3cret", L"a:b\x0085\x43hallenge:s3cret", L"Challenge:x\rs3cret",
        L"Challenge:x\x2029s3cret", L"'Challenge':s3cret", L"_Challenge:s3cret",
    };

    begin();
    initialize();
    for (size_t i = 0; i < ARRAYSIZE(spellings); i++) {
        WCHAR text[200];

        swprintf(text, ARRAYSIZE(text), L"first:1\n%ls\r\nlast:2", spellings[i]);
        fake_ca_text(L"RequestAttributes", text);
        check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
        check_line((int)i + 2, "\"RequestAttributes\":\"first:1\\n");
        check_line((int)i + 2, "\\r\\nlast:2\"");
        check_not((int)i + 2, "s3cret");
    }
    fake_ca_bytes(L"RequestAttributes", L"a:b\0Challenge:s3cret\0", 42);
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_not(ARRAYSIZE(spellings) + 2, "s3cret");
    fake_ca_text(L"RequestAttributes", L"Challenge Response:1\nChallenger:2\nCh\x00e4llenge:3\nMyChallenge:4\na:Challenge\na:Challenge:6\n:7");
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_line(ARRAYSIZE(spellings) + 3, "\"Challenge Response:1\\nChallenger:2\\nCh\xc3\xa4llenge:3\\nMyChallenge:4\\na:Challenge\\na:Challenge:6\\n:7\"");
    end();
}

TEST(challenges_are_never_recorded)
{
    begin();
    initialize();
    fake_ca_text(L"RequestAttributes", L"CertificateTemplate:User\nChallenge:s3cret\r\n expected-Challenge : t0psecret\nchallenges:kept\n"
                                       L"CHALLENGE:last s3cret");
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_line(2, "\"RequestAttributes\":\"CertificateTemplate:User\\nChallenge:\\r\\n expected-Challenge :\\nchallenges:kept\\nCHALLENGE:\"");
    check_not(2, "s3cret");
    check_not(2, "t0psecret");
    end();
}

TEST(the_requested_name_stands_where_there_is_no_certificate)
{
    begin();
    initialize();
    fake_ca_text(L"Request.DistinguishedName", L"CN=mallory");
    fake_ca_long(L"Disposition", 31);
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    fake_ca_long(L"Disposition", 20);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(2, "\"Request.DistinguishedName\":\"CN=mallory\"");
    check_not(3, "Request.DistinguishedName");
    end();
}

TEST(an_issued_certificate_costs_at_most_24_calls_into_the_ca)
{
    begin();
    initialize();
    fake_ca_long(L"Disposition", 20);
    fake_ca_calls();
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check(fake_ca_calls() <= 24);
    end();
}

/* What was left for the CA's event log by the last call that failed. */
static void check_explained(const WCHAR *part)
{
    IErrorInfo *error = NULL;
    BSTR text = NULL;

    check_hr(GetErrorInfo(0, &error), S_OK);
    if (!error) return;
    check_hr(IErrorInfo_GetDescription(error, &text), S_OK);
    check(text && wcsstr(text, part));
    SysFreeString(text);
    IErrorInfo_Release(error);
}

TEST(when_the_ca_does_not_answer_the_event_is_recorded_and_the_failure_returned)
{
    begin();
    initialize();
    fake_ca_refuse_objects(CLASS_E_CLASSNOTAVAILABLE);
    check_hr(notify(EXITEVENT_CERTISSUED), CLASS_E_CLASSNOTAVAILABLE);
    fake_ca_refuse_objects(S_OK);
    fake_ca_refuse_context((HRESULT)0x80094006);
    check_hr(notify(EXITEVENT_CERTDENIED), (HRESULT)0x80094006);
    check_line(2, "certwitness.certificate.issued");
    check_line(2, "{\"event\":1,\"context\":24301,\"missing\":[{\"name\":\"ICertServerExit\",\"hresult\":\"0x80040111\"}]}");
    check_line(3, "\"hresult\":\"0x80094006\"");
    check_explained(L"NOT ANSWERED: the CA did not answer for this event (0x80094006). CertWitness has recorded the event's type, and nothing else of it.");
    fake_ca_refuse_context(CERTSRV_E_NO_DB_SESSIONS);
    check_hr(notify(EXITEVENT_CERTISSUED), CERTSRV_E_NO_DB_SESSIONS);
    check_explained(L"NOT ANSWERED: the CA had no database session left for this event (0x8009400f)");
    fake_ca_refuse_context(S_OK);
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    end();
}

TEST(a_crl_event_tells_of_every_key_with_its_crls)
{
    begin();
    initialize();
    fake_ca_long(L"CertCount", 3);
    fake_ca_long(L"fDeltaCRLsDisabled", 0);
    fake_ca_long(L"CertState.0", 3);
    fake_ca_long(L"CRLIndex.0", 0);
    fake_ca_long(L"CRLState.0", 3);
    fake_ca_text(L"CRLSuffix.0", L"");
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    fake_ca_error(L"RawDeltaCRL.0", HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    fake_ca_error(L"RawCRL.1", E_FAIL);
    fake_ca_long(L"CRLIndex.2", 1);
    fake_ca_text(L"CRLSuffix.1", L"(1)");               /* by the CRL's index */
    fake_ca_text(L"CRLSuffix.2", L"(2)");
    fake_ca_bytes(L"RawDeltaCRL.2", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "\"ca\":{\"CertCount\":3,\"fDeltaCRLsDisabled\":0,\"keys\":[{\"index\":0,\"CertState\":3,\"CRLIndex\":0,\"CRLState\":3,\"CRLSuffix\":\"\","
                  "\"RawCRL\":{\"size\":3,\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"base64\":\"YWJj\"}},"
                  "{\"index\":1},{\"index\":2,\"CRLIndex\":1,\"CRLSuffix\":\"(1)\",\"RawDeltaCRL\":{\"size\":3,");
    check_line(2, "\"missing\":[{\"name\":\"RawCRL.1\",\"hresult\":\"0x80004005\"}]");
    end();
}

TEST(a_crl_that_the_journal_holds_is_told_by_its_hash)
{
    begin();
    initialize();
    fake_ca_long(L"CertCount", 2);
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    fake_ca_bytes(L"RawCRL.1", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    fake_ca_bytes(L"RawCRL.1", "abcd", 4);
    fake_ca_bytes(L"RawDeltaCRL.0", "abc", 3);          /* the same bytes, but not the same CRL */
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "{\"index\":0,\"RawCRL\":{\"size\":3,\"sha256\":\"" ABC "\",\"base64\":\"YWJj\"}},{\"index\":1,\"RawCRL\":{\"size\":3,");
    check_line(3, "{\"index\":0,\"RawCRL\":{\"unchanged\":\"" ABC "\"},\"RawDeltaCRL\":{\"size\":3,\"sha256\":\"" ABC "\",\"base64\":\"YWJj\"}},"
                  "{\"index\":1,\"RawCRL\":{\"size\":4,");
    check_line(4, "{\"index\":0,\"RawCRL\":{\"unchanged\":\"" ABC "\"},\"RawDeltaCRL\":{\"unchanged\":\"" ABC "\"}},{\"index\":1,\"RawCRL\":{\"unchanged\":\"");
    end();
}

TEST(a_crl_that_was_away_in_between_is_told_in_full_again)
{
    begin();
    initialize();
    fake_ca_long(L"CertCount", 1);
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    fake_ca_error(L"RawCRL.0", HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    fake_ca_null(L"RawCRL.0");
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(3, "\"keys\":[{\"index\":0}]");
    check_line(4, "\"base64\":\"YWJj\"");
    check_line(5, "\"RawCRL\":{\"size\":0,\"sha256\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"base64\":\"\"}");
    end();
}

TEST(the_next_run_tells_every_crl_in_full)
{
    begin();
    initialize();
    fake_ca_long(L"CertCount", 1);
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_int(ICertExit2_Release(exit_module), 0);
    exit_module = module_exit(module);
    initialize();
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(5, "\"base64\":\"YWJj\"");
    end();
}

#define SETTINGS L"Software\\CertWitness recorder_test\\CertWitness.Exit"

static void set_number(const WCHAR *name, DWORD value)
{
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, SETTINGS, name, REG_DWORD, &value, sizeof value), ERROR_SUCCESS);
}

/* A file where the journal's folder should be. */
static void block_folder(bool block)
{
    WCHAR folder[600];
    HANDLE file;

    wcscpy(folder, journal_file);
    *wcsrchr(folder, '\\') = 0;
    if (!block) { check(DeleteFileW(folder)); return; }
    file = CreateFileW(folder, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    if (check(file != INVALID_HANDLE_VALUE)) CloseHandle(file);
}

/* Whether one of the first lines has it. */
static void check_any(const char *part)
{
    int number = 1;

    while (*line(number) && !strstr(line(number), part)) number++;
    if (!check(*line(number))) test_note("no line has %s", part);
}

TEST(a_crl_whose_event_waits_is_known_and_one_whose_event_was_lost_is_not)
{
    static const UINT sizes[] = {500000, 50000, 5000, 500, 0};
    const HRESULT waits = HRESULT_FROM_WIN32(ERROR_TIMEOUT), full = HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_QUOTA);
    char *large = calloc(1, sizes[0]);

    begin();
    fake_ca_text(L"ModuleRegistryLocation", SETTINGS);
    set_number(L"QueueMiB", 1);
    set_number(L"MinFreeMiB", 0);
    block_folder(true);
    initialize();
    fake_ca_long(L"CertCount", 1);
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), waits);
    check_hr(notify(EXITEVENT_CRLISSUED), waits);
    fake_ca_long(L"RequestID", 77);
    for (size_t i = 0; i < ARRAYSIZE(sizes); i++) {     /* until nothing at all fits any more */
        HRESULT hr = waits;

        fake_ca_bytes(L"RawRequest", large, sizes[i]);
        for (int n = 0; n < 5000 && hr == waits; n++) hr = notify(EXITEVENT_CERTISSUED);
        check_hr(hr, full);
    }
    fake_ca_bytes(L"RawCRL.0", "abcd", 4);
    check_hr(notify(EXITEVENT_CRLISSUED), full);
    block_folder(false);
    for (int i = 0; i < 600 && notify(EXITEVENT_STARTUP) != S_OK; i++) Sleep(100);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "\"RawCRL\":{\"size\":3,\"sha256\":\"" ABC "\",\"base64\":\"YWJj\"}");
    check_line(3, "\"RawCRL\":{\"unchanged\":\"" ABC "\"}");
    check_any("\"base64\":\"YWJjZA==\"");
    check_any("\"type\":\"certwitness.journal.gap\"");
    check_any("\"requestIDs\":[77,77,77,77,77");
    end();
    check_int(RegDeleteTreeW(HKEY_LOCAL_MACHINE, SETTINGS), ERROR_SUCCESS);
    free(large);
}

TEST(a_key_whose_crls_do_not_fit_is_named_and_told_in_full_the_next_time)
{
    char *large = calloc(1, 60 << 10);
    WCHAR name[32];

    begin();
    initialize();
    fake_ca_long(L"CertCount", 12);
    for (int i = 0; i < 12; i++) {
        large[0] = (char)i;
        swprintf(name, ARRAYSIZE(name), L"RawCRL.%d", i);
        fake_ca_bytes(name, large, 60 << 10);
    }
    fake_ca_bytes(L"RawCRL.11", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "{\"index\":11,\"RawCRL\":{\"size\":3,");
    check_line(2, "\"missing\":[]}");
    check_line(3, "{\"index\":11,\"RawCRL\":{\"unchanged\":");
    fake_ca_long(L"CertCount", 14);
    for (int i = 11; i < 14; i++) {
        large[0] = (char)(i + 100);
        swprintf(name, ARRAYSIZE(name), L"RawCRL.%d", i);
        fake_ca_bytes(name, large, 60 << 10);
    }
    for (int i = 0; i < 11; i++) {
        large[0] = (char)(i + 100);
        swprintf(name, ARRAYSIZE(name), L"RawCRL.%d", i);
        fake_ca_bytes(name, large, 60 << 10);
    }
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(4, "\"missing\":[{\"name\":\"keys.11\",\"hresult\":\"0x8007006f\"},{\"name\":\"keys.12\",");
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(5, "{\"index\":10,\"RawCRL\":{\"unchanged\":\"");
    check_line(5, "{\"index\":11,\"RawCRL\":{\"size\":61440,");
    check_line(5, "\"missing\":[]}");
    end();
    free(large);
}

TEST(when_nothing_can_be_read_of_very_many_keys_the_list_says_that_it_is_not_whole)
{
    static const WCHAR *const names[] = {L"CertState", L"CRLIndex", L"CRLState", L"RawCRL", L"RawDeltaCRL"};
    WCHAR name[32];

    begin();
    initialize();
    fake_ca_long(L"CertCount", 256);
    for (int i = 0; i < 256; i++) {
        for (size_t n = 0; n < ARRAYSIZE(names); n++) {
            swprintf(name, ARRAYSIZE(name), L"%ls.%d", names[n], i);
            fake_ca_variant(name, VT_I8, 5);
        }
    }
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "\"missing\":[{\"name\":\"CertState.0\",\"hresult\":\"0x80020005\",\"variant\":20},");
    check_line(2, "{\"name\":\"RawDeltaCRL.200\",\"hresult\":\"0x80020005\",\"variant\":20},");
    check_line(2, ",{\"name\":\"missing\",\"hresult\":\"0x8007006f\"}]}");
    end();
}

TEST(a_ca_that_does_not_tell_how_many_certificates_it_has_is_asked_for_the_first)
{
    begin();
    initialize();
    fake_ca_error(L"CertCount", E_FAIL);
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "\"ca\":{\"keys\":[{\"index\":0,\"RawCRL\":{\"size\":3,");
    check_line(2, "\"missing\":[{\"name\":\"CertCount\",\"hresult\":\"0x80004005\"}]");
    end();
}

TEST(ca_certificates_that_do_not_fit_into_the_first_line_are_named_by_their_hash)
{
    char *large = calloc(1, 100 << 10);

    begin();
    fake_ca_long(L"CertCount", 300);
    fake_ca_bytes(L"RawCACertificate.0", large, 100 << 10);
    fake_ca_bytes(L"RawCACertificate.1", large, 100 << 10);
    fake_ca_bytes(L"RawCACertificate.2", "abc", 3);
    fake_ca_garbage(L"RawCACertificate.3", E_FAIL);
    initialize();
    check_line(1, "{\"index\":0,\"RawCACertificate\":{\"size\":102400,\"sha256\":\"");
    check_line(1, "\",\"base64\":\"AAAA");
    check_line(1, "{\"index\":1,\"RawCACertificate\":{\"size\":102400,\"sha256\":\"f627ca4c2c322f15db26152df306bd4f983f0146409b81a4341b9b340c365a16\"}},"
                  "{\"index\":2,\"RawCACertificate\":{\"size\":3,\"sha256\":\"" ABC "\",\"base64\":\"YWJj\"}},{\"index\":3,\"hresult\":\"0x80004005\"},{\"index\":4},");
    check_line(1, "{\"index\":255}]");
    end();
    free(large);
}

TEST(a_crl_above_64_kib_is_recorded_as_size_and_hash)
{
    char *large = calloc(1, 65537);

    begin();
    initialize();
    fake_ca_long(L"CertCount", 1);
    fake_ca_bytes(L"RawCRL.0", large, 65537);
    fake_ca_bytes(L"RawDeltaCRL.0", large, 65536);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "\"RawCRL\":{\"size\":65537,\"sha256\":\"");
    check_line(2, "\"},\"RawDeltaCRL\":{\"size\":65536,\"sha256\":\"");
    end();
    free(large);
}

TEST(a_ca_that_claims_two_billion_certificates_is_not_believed)
{
    begin();
    initialize();
    fake_ca_long(L"CertCount", 0x7fffffff);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(2, "{\"index\":255}]}");
    check_line(2, "\"missing\":[{\"name\":\"keys\",\"hresult\":\"0x8007006f\"}]");
    fake_ca_long(L"CertCount", -5);
    check_hr(notify(EXITEVENT_CRLISSUED), S_OK);
    check_line(3, "\"keys\":[]");
    end();
}

TEST(a_second_object_for_the_same_ca_stands_aside)
{
    ICertExit2 *second;
    LONG mask = -1;

    begin();
    initialize();
    second = module_exit(module);
    check_hr(ICertExit2_Initialize(second, NULL, &mask), S_OK);
    check_int(mask, 0);
    check_hr(ICertExit2_Notify(second, EXITEVENT_CERTISSUED, FAKE_CONTEXT), S_OK);
    check_int(ICertExit2_Release(second), 0);
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_line(2, "certwitness.certificate.denied");
    end();
    check_line(3, "certwitness.module.stopped");
}

TEST(the_next_object_goes_on_with_the_journal)
{
    begin();
    initialize();
    check_int(ICertExit2_Release(exit_module), 0);
    exit_module = module_exit(module);
    initialize();
    check_line(3, "certwitness.module.started");
    check_line(3, "\"endedCleanly\":true");
    end();
}

/* In the journal's folder. NULL: it cannot be had so. */
static HANDLE hold(const WCHAR *file, DWORD share)
{
    WCHAR path[600];
    HANDLE handle;

    wcscpy(path, journal_file);
    wcscpy(wcsrchr(path, '\\') + 1, file);
    handle = CreateFileW(path, GENERIC_READ, share, NULL, OPEN_EXISTING, 0, NULL);
    return handle == INVALID_HANDLE_VALUE ? NULL : handle;
}

/* It leaves after a while, or when it is told. */
struct visitor { HANDLE file, told; DWORD ms; };

static DWORD WINAPI let_go(void *context)
{
    struct visitor *visitor = context;

    WaitForSingleObject(visitor->told, visitor->ms);
    CloseHandle(visitor->file);
    return 0;
}

/* How many lines of the journal's first file have this in them. */
static int count_lines(const char *part)
{
    int count = 0, number = 1;

    for (const char *text = line(number); *text; text = line(++number)) count += strstr(text, part) != NULL;
    return count;
}

/* A journal that was closed, and that nobody has covered: with `head` it would begin a new file. */
static void leave_a_journal(void)
{
    WCHAR head[600];

    initialize();
    check_int(ICertExit2_Release(exit_module), 0);
    wcscpy(head, journal_file);
    wcscpy(wcsrchr(head, '\\') + 1, L"head");
    check(DeleteFileW(head));
    exit_module = module_exit(module);
}

/* MaxWaitMs is 5000 by default. */
static void notify_five_beside_a_visitor(const WCHAR *file, DWORD ms, int may_fail)
{
    struct visitor visitor = {.told = CreateEventW(NULL, TRUE, FALSE, NULL), .ms = ms};
    LONG mask = -1;
    HANDLE thread;
    DWORD begun;
    int failed = 0;

    begin();
    leave_a_journal();
    check((visitor.file = hold(file, 0)) != NULL);
    thread = CreateThread(NULL, 0, let_go, &visitor, 0, NULL);
    begun = GetTickCount();
    check_hr(ICertExit2_Initialize(exit_module, NULL, &mask), S_OK);
    check_int(mask, 0x3ff);
    for (int i = 0; i < 5; i++) {
        HRESULT hr = notify(EXITEVENT_CERTISSUED);

        failed += FAILED(hr);
        check(hr == S_OK || hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT));
    }
    begun = GetTickCount() - begun;
    if (!check(failed <= may_fail)) test_note("    %d of 5 failed within %lu ms", failed, begun);
    check(begun < 2 * 5000);            /* one wait, of Initialize or of the first Notify, and then none */
    SetEvent(visitor.told);
    check_int(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(visitor.told);
    for (int i = 0; i < 100 && notify(EXITEVENT_CERTDENIED) != S_OK; i++) Sleep(100);
    check_int(count_lines("certwitness.certificate.issued"), 5);
    end();
}

TEST(a_program_that_has_a_file_of_the_journal_for_itself_for_a_while_fails_no_notify)
{
    notify_five_beside_a_visitor(L"lock", 1000, 0);
    notify_five_beside_a_visitor(L"00000000000000000001.jsonl", 1000, 0);
}

TEST(one_that_has_it_for_longer_costs_one_wait_and_no_event)
{
    notify_five_beside_a_visitor(L"lock", INFINITE, 5);
}

static DWORD WINAPI notify_many(void *unused)
{
    (void)unused;
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    for (int i = 0; i < 50; i++) check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    CoUninitialize();
    return 0;
}

TEST(events_from_many_threads_at_once_are_all_recorded)
{
    HANDLE threads[8];

    begin();
    initialize();
    fake_ca_long(L"RequestID", 1);
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) threads[i] = CreateThread(NULL, 0, notify_many, NULL, 0, NULL);
    check_int(WaitForMultipleObjects(ARRAYSIZE(threads), threads, TRUE, 60000), WAIT_OBJECT_0);
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) CloseHandle(threads[i]);
    check_line(401, "certwitness.certificate.issued");
    end();
    check_line(402, "certwitness.module.stopped");
}

/* How much is free where the journals of this program lie, in MiB. */
static DWORD free_mib(void)
{
    ULARGE_INTEGER bytes = {.QuadPart = 0};

    check(GetDiskFreeSpaceExW(L"build", &bytes, NULL, NULL));
    return (DWORD)(bytes.QuadPart >> 20);
}

static void begin_with_free(DWORD mib)
{
    begin();
    set_number(L"MinFreeMiB", mib);
    fake_ca_text(L"ModuleRegistryLocation", SETTINGS);
    initialize();
}

static void end_with_settings(void)
{
    end();
    check_int(RegDeleteTreeW(HKEY_LOCAL_MACHINE, SETTINGS), ERROR_SUCCESS);
}

/* What an enrollee can send at the most: 64 KiB of request, 32 KiB of attributes. */
static void send_much(const WCHAR *requester)
{
    static WCHAR attributes[16384];
    static char request[65536];

    for (size_t i = 0; i < ARRAYSIZE(attributes) - 1; i++) attributes[i] = L'a';
    wmemcpy(attributes, L"Challenge:s3cret\nccm:", 21);
    memset(request, 'x', sizeof request);
    fake_ca_text(L"RequesterName", requester);
    fake_ca_text(L"RequestAttributes", attributes);
    fake_ca_bytes(L"RawRequest", request, sizeof request);
}

static LONGLONG size_of_journal(void)
{
    WIN32_FILE_ATTRIBUTE_DATA data = {0};

    check(GetFileAttributesExW(journal_file, GetFileExInfoStandard, &data));
    return ((LONGLONG)data.nFileSizeHigh << 32) | data.nFileSizeLow;
}

#define X65536 "1f8745f0d2d1387ec1af2211a3cf417b2e9e885e853472649c1d979d0e9370e3"          /* SHA-256 of 65536 times "x" */

TEST(after_100_denied_requests_of_one_requester_his_long_values_are_hashes_and_those_of_others_are_not)
{
    begin_with_free(0);
    send_much(L"CORP\\mallory");
    for (int i = 0; i < 400; i++) {
        fake_ca_long(L"RequestID", i);
        check_hr(notify(i % 2 ? EXITEVENT_CERTDENIED : EXITEVENT_CERTPENDING), S_OK);
    }
    if (!check(size_of_journal() < 16 << 20)) test_note("%lld bytes", size_of_journal());      /* 400 of 120 KiB are 47 MiB */
    check_line(101, "\"RawRequest\":\"eHh4");
    check_line(101, "\"missing\":[]");
    check_not(102, "\"RawRequest\":\"");
    check_not(102, "s3cret");
    check_line(102, "\"RequestAttributes\":\"Challenge:\\nccm:aaaaaaaa");
    check_line(102, "\"missing\":[{\"name\":\"RequestAttributes\",\"offset\":1024,\"size\":31730,\"sha256\":\"");
    check_line(102, "\",\"why\":\"flood\"},{\"name\":\"RawRequest\",\"size\":65536,\"sha256\":\"" X65536 "\",\"why\":\"flood\"}]");
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(402, "\"RawRequest\":\"eHh4");
    send_much(L"CORP\\alice");
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_line(403, "\"RawRequest\":\"eHh4");
    end_with_settings();
}

TEST(below_twice_min_free_mib_the_first_denied_request_holds_hashes_and_what_is_left_out_has_none)
{
    begin_with_free(free_mib() / 3 * 2);
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, SETTINGS, L"Properties", REG_SZ, L"", 2), ERROR_SUCCESS);
    send_much(L"CORP\\mallory");
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_line(2, "{\"name\":\"RawRequest\",\"size\":65536,\"sha256\":\"" X65536 "\",\"why\":\"lowSpace\"}]");
    check_hr(notify(EXITEVENT_CERTISSUED), S_OK);
    check_line(3, "\"RawRequest\":\"eHh4");
    end();
    begin();
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, SETTINGS, L"Properties", REG_SZ, L"!RawRequest\n!RequesterName", 56), ERROR_SUCCESS);
    fake_ca_text(L"ModuleRegistryLocation", SETTINGS);
    initialize();
    send_much(L"CORP\\mallory");
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_line(2, "\"why\":\"lowSpace\"}]");
    check_not(2, "RawRequest");
    check_not(2, "mallory");
    end_with_settings();
}

TEST(a_challenge_is_blanked_before_what_it_stands_in_is_hashed)
{
    WCHAR text[2000];

    begin_with_free(free_mib() / 3 * 2);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 1999; k++) text[k] = L'b';
        text[1999] = 0;
        wmemcpy(text + 700, i ? L"\nChallenge:public\n" : L"\nChallenge:s3cret\n", 18);
        fake_ca_text(L"RequestAttributes", text);
        check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    }
    check_line(2, "\"offset\":1024,\"size\":2962,\"sha256\":\"");
    check_text(missing_of(2), missing_of(3));
    end_with_settings();
}

TEST(a_pair_of_surrogates_stays_together_where_a_text_is_cut)
{
    WCHAR text[600];

    begin_with_free(free_mib() / 3 * 2);
    for (int i = 0; i < 599; i++) text[i] = i % 2 ? 0xd83d : 0xdd11;
    text[0] = L'a';
    text[599] = 0;
    fake_ca_text(L"RequestAttributes", text);
    check_hr(notify(EXITEVENT_CERTDENIED), S_OK);
    check_line(2, "\"offset\":1022,\"size\":176,\"sha256\":\"");
    check_not(2, "\xef\xbf\xbd");
    end_with_settings();
}

TEST(below_min_free_mib_denied_requests_are_counted_by_requester_and_all_else_is_recorded)
{
    static const LONG others[] = {EXITEVENT_CERTISSUED, EXITEVENT_CERTREVOKED, EXITEVENT_CERTIMPORTED, EXITEVENT_CRLISSUED, EXITEVENT_SHUTDOWN};
    DWORD started;

    begin_with_free(free_mib() / 2 * 3);
    send_much(L"CORP\\mallory");
    started = GetTickCount();
    for (int i = 0; i < 200; i++) check_hr(notify(EXITEVENT_CERTDENIED), HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    check(GetTickCount() - started < 20000);            /* nobody waits MaxWaitMs for it */
    fake_ca_text(L"RequesterName", L"CORP\\eve");
    check_hr(notify(EXITEVENT_CERTPENDING), HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    check_explained(L"LOST: ");
    check_hr(notify(EXITEVENT_CERTRETRIEVEPENDING), HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    for (size_t i = 0; i < ARRAYSIZE(others); i++) check_hr(notify(others[i]), S_OK);
    end_with_settings();
    check_any("\"type\":\"certwitness.certificate.issued\"");
    check_any("\"type\":\"certwitness.ca.stopping\"");
    check_any("\"requesters\":[{\"name\":\"CORP\\\\mallory\",");
    check_any("\"name\":\"CORP\\\\eve\",\"events\":2}],\"why\":{\"lowSpace\":");
}
