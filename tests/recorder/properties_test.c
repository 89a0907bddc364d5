/*
 * The setting Properties: what it takes and refuses, and what an event then asks the CA for.
 *
 * The recorder's rooms are linked into this program. What the events come to goes into a journal in build/tmp/properties, for the
 * tests that read every line.
 */
#include "lib/test.h"

#include "lib/fake_ca.h"

#include "journal/journal.h"
#include "recorder/event.h"
#include "settings/properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* --- what is refused --- */

static unsigned refusals;
static WCHAR refused_item[300], refused_reason[300];           /* the last one */

static void on_refused(void *context, const WCHAR *item, const WCHAR *reason)
{
    check(context == &refusals);
    refusals++;
    check(wcslen(item) <= PROPERTIES_ITEM_MAX);
    swprintf(refused_item, ARRAYSIZE(refused_item), L"%ls", item);
    swprintf(refused_reason, ARRAYSIZE(refused_reason), L"%ls", reason);
}

/* A list of items that '|' stands between; the caller frees it. */
static struct properties *parse(const WCHAR *items)
{
    size_t size = wcslen(items);
    WCHAR *list = calloc(size + 2, sizeof *list);
    struct properties *properties = (void *)0xdead;

    for (size_t i = 0; i < size; i++) list[i] = items[i] == '|' ? 0 : items[i];
    refusals = 0;
    refused_item[0] = refused_reason[0] = 0;
    check_hr(properties_parse(list, on_refused, &refusals, &properties), S_OK);
    free(list);
    return properties;
}

static void check_refused_at(const WCHAR *item, const WCHAR *reason, int line)
{
    struct properties *properties = parse(item);
    size_t count;

    test_check_int(refusals, 1, __FILE__, line, "refusals");
    test_check_wide(refused_item, item, __FILE__, line, "the item");
    if (!wcsstr(refused_reason, reason)) test_check_wide(refused_reason, reason, __FILE__, line, "the reason");
    properties_extras(properties, &count);
    test_check_int(count, 0, __FILE__, line, "what was added all the same");
    properties_free(properties);
}
#define check_refused(item, reason) check_refused_at((item), (reason), __LINE__)

static void check_extra_at(const WCHAR *item, enum property_source source, const WCHAR *name, LONG type, const char *label, int line)
{
    struct properties *properties = parse(item);
    const struct property_extra *extra;
    size_t count;

    if (!test_check_int(refusals, 0, __FILE__, line, "refusals")) test_note("%ls: %ls", refused_item, refused_reason);
    extra = properties_extras(properties, &count);
    if (test_check_int(count, 1, __FILE__, line, "extras")) {
        test_check_int(extra->source, source, __FILE__, line, "source");
        test_check_wide(extra->name, name, __FILE__, line, "name");
        test_check_int(extra->type, type, __FILE__, line, "type");
        test_check_text(extra->label, label, __FILE__, line, "label");
    }
    properties_free(properties);
}
#define check_extra(item, source, name, type, label) check_extra_at((item), (source), (name), (type), (label), __LINE__)

static bool has(const struct properties *properties, const char *name)
{
    size_t count;
    const struct property *standard = properties_standard(&count);

    for (size_t i = 0; i < count; i++) if (!strcmp(standard[i].name, name)) return properties_has(properties, i);
    return check(false);
}

TEST(an_empty_list_is_the_standard_one)
{
    struct properties *properties = NULL;
    size_t count;

    check_hr(properties_parse(NULL, NULL, NULL, &properties), S_OK);
    check(has(properties, "RawRequest") && has(properties, "UPN"));
    properties_extras(properties, &count);
    check_int(count, 0);
    properties_free(properties);
    properties_free(parse(L" |\t"));
    check_int(refusals, 0);
    check(has(NULL, "RawRequest"));
    check(properties_extras(NULL, &count) == NULL);
    check_int(count, 0);
}

TEST(a_known_name_brings_its_table_and_type_in_any_case)
{
    check_extra(L"Officer", PROPERTY_OF_REQUEST, L"Officer", PROPTYPE_LONG, "Officer");
    check_extra(L"oFFICER", PROPERTY_OF_REQUEST, L"oFFICER", PROPTYPE_LONG, "oFFICER");
    check_extra(L" Officer\t", PROPERTY_OF_REQUEST, L"Officer", PROPTYPE_LONG, "Officer");
    check_extra(L"IssuerNameId", PROPERTY_OF_CERTIFICATE, L"IssuerNameId", PROPTYPE_LONG, "IssuerNameId");
    check_extra(L"RawPublicKey", PROPERTY_OF_CERTIFICATE, L"RawPublicKey", PROPTYPE_BINARY, "RawPublicKey");
    check_extra(L"AttestationChallenge", PROPERTY_OF_REQUEST, L"AttestationChallenge", PROPTYPE_BINARY, "AttestationChallenge");
    check_extra(L"RequesterCAAccess", PROPERTY_OF_CERTIFICATE, L"RequesterCAAccess", PROPTYPE_LONG, "RequesterCAAccess");
    check_extra(L"Officer:long", PROPERTY_OF_REQUEST, L"Officer", PROPTYPE_LONG, "Officer");
}

TEST(names_of_subjects_come_as_issued_and_as_requested)
{
    check_extra(L"CommonName", PROPERTY_OF_CERTIFICATE, L"CommonName", PROPTYPE_STRING, "CommonName");
    check_extra(L"Subject.CommonName", PROPERTY_OF_CERTIFICATE, L"Subject.CommonName", PROPTYPE_STRING, "Subject.CommonName");
    check_extra(L"Request.CommonName", PROPERTY_OF_REQUEST, L"Request.CommonName", PROPTYPE_STRING, "Request.CommonName");
    check_extra(L"request.rawname", PROPERTY_OF_REQUEST, L"request.rawname", PROPTYPE_BINARY, "request.rawname");
    check_extra(L"request:DistinguishedName", PROPERTY_OF_REQUEST, L"DistinguishedName", PROPTYPE_STRING, "request:DistinguishedName");
    check_extra(L"Request.DistinguishedName", PROPERTY_OF_REQUEST, L"Request.DistinguishedName", PROPTYPE_STRING, "Request.DistinguishedName");
}

TEST(a_table_can_be_named)
{
    check_extra(L"certificate:PublicKeyLength", PROPERTY_OF_CERTIFICATE, L"PublicKeyLength", PROPTYPE_LONG, "certificate:PublicKeyLength");
    check_extra(L"Certificate : PublicKeyLength", PROPERTY_OF_CERTIFICATE, L"PublicKeyLength", PROPTYPE_LONG, "Certificate : PublicKeyLength");
    check_extra(L"certificate:PublishExpiredCertInCRL", PROPERTY_OF_CERTIFICATE, L"PublishExpiredCertInCRL", PROPTYPE_LONG, "certificate:PublishExpiredCertInCRL");
    check_extra(L"request:UserDN", PROPERTY_OF_REQUEST, L"UserDN", PROPTYPE_STRING, "request:UserDN");
    check_extra(L"attribute:ccm", PROPERTY_ATTRIBUTE, L"ccm", PROPTYPE_STRING, "attribute:ccm");
    check_extra(L"ATTRIBUTE: Request OS Version ", PROPERTY_ATTRIBUTE, L"Request OS Version", PROPTYPE_STRING, "ATTRIBUTE: Request OS Version");
    check_extra(L"extension:1.3.6.1.4.1.311.25.2", PROPERTY_EXTENSION, L"1.3.6.1.4.1.311.25.2", PROPTYPE_BINARY, "extension:1.3.6.1.4.1.311.25.2");
}

TEST(an_unknown_name_needs_a_type)
{
    check_extra(L"SomeColumn:string", PROPERTY_OF_REQUEST, L"SomeColumn", PROPTYPE_STRING, "SomeColumn");
    check_extra(L"SomeColumn : LONG", PROPERTY_OF_REQUEST, L"SomeColumn", PROPTYPE_LONG, "SomeColumn");
    check_extra(L"certificate:SomeColumn:date", PROPERTY_OF_CERTIFICATE, L"SomeColumn", PROPTYPE_DATE, "certificate:SomeColumn");
    check_extra(L"request:SomeColumn:binary", PROPERTY_OF_REQUEST, L"SomeColumn", PROPTYPE_BINARY, "request:SomeColumn");
    check_refused(L"SomeColumn", L"Say its type");
    check_refused(L"certificate:SomeColumn", L"Say its type");
    check_refused(L"request:string", L"Say its type");
    check_refused(L"SomeColumn:text", L"no such type");
    check_refused(L"SomeColumn:", L"no such type");
    check_refused(L"Officer:string", L"as a long");
    check_refused(L"RequestAttributes:binary", L"as a string");
    check_refused(L"Request.RequestAttributes:binary", L"as a string");
    check_refused(L"certificate:RequestAttributes.0:binary", L"as a string");
}

TEST(what_cannot_be_understood_is_refused_with_a_reason)
{
    check_refused(L":", L"names nothing");
    check_refused(L"!", L"names nothing");
    check_refused(L"attribute:", L"names nothing");
    check_refused(L"request::string", L"names nothing");
    check_refused(L"row:Officer:long", L"before the first colon");
    check_refused(L"request:Officer:long:x", L"too many colons");
    check_refused(L"attribute:ccm:string", L"takes no type");
    check_refused(L"extension:1.2.3:binary", L"takes no type");
    check_refused(L"extension:szOID", L"OID");
    check_refused(L"extension:1..2", L"OID");
    check_refused(L"extension:.1", L"OID");
    check_refused(L"extension:1.2.", L"OID");
    check_refused(L"extension:12", L"OID");
    check_refused(L"attribute:a\nb", L"control character");
    check_refused(L"attribute:\xd800", L"surrogate");
    check_refused(L"attribute:\xdc00\xd800", L"surrogate");
    check_refused(L"attribute:\x009b", L"control character");
    check_refused(L"CAType", L"belongs to the CA");
    check_refused(L"certificate:RawCRL.0", L"belongs to the CA");
    check_refused(L"DCName", L"policy module");
    check_refused(L"RawRequest", L"recorded anyway");
    check_refused(L"request:rawREQUEST", L"recorded anyway");
    check_refused(L"RequestID", L"recorded anyway");
}

TEST(secrets_are_refused_in_every_spelling)
{
    static const WCHAR *const items[] = {
        L"RawArchivedKey", L"rawarchivedkey", L"Request.RawArchivedKey", L"request:RawArchivedKey", L"certificate:RawArchivedKey",
        L"RawArchivedKey:binary", L"RawArchivedKey.0:binary", L"Raw-Archived Key:binary", L"request:RAWARCHIVEDKEY:string",
        L"Subject.Request.RawArchivedKey:binary", L"ArchivedKey", L"request:archivedkey", L"\xff32\x61wArchivedKey:binary",
        L"Challenge:string", L"attribute:Challenge", L"attribute:challenge", L"attribute: C-h-a l l e n g e", L"attribute:Expected-Challenge",
        L"ExpectedChallenge:binary", L"request:Challenge:string", L"Request.Challenge:string", L"attribute:challengePassword",
        L"attribute:1.2.840.113549.1.9.7", L"attribute:\x00a0" L"Challenge", L"attribute:Chal\x200blenge",
        L"attribute:\xff23\xff48\xff41\xff4c\xff4c\xff45\xff4e\xff47\xff45", L"attribute:ExpectedChallenge.1", L"attribute:RawArchivedKey",
    };

    for (size_t i = 0; i < ARRAYSIZE(items); i++) check_refused(items[i], L"secret");
}

TEST(what_is_taken_away_is_no_longer_asked_for)
{
    struct properties *properties = parse(L"!RawRequest| ! certificate : upn |!Request.DistinguishedName");

    check_int(refusals, 0);
    check(!has(properties, "RawRequest") && !has(properties, "UPN") && !has(properties, "Request.DistinguishedName"));
    check(has(properties, "RawCertificate") && has(properties, "DistinguishedName"));
    properties_free(properties);
    check_refused(L"!RequestID", L"cannot be left out");
    check_refused(L"!request:disposition", L"cannot be left out");
    check_refused(L"!Officer", L"not on the list");
    check_refused(L"!certificate:RawRequest", L"not on the list");
    check_refused(L"!attribute:RawRequest", L"not on the list");
    check_refused(L"!RawRequest:binary", L"no type");
    check_refused(L"!!RawRequest", L"not on the list");
}

TEST(a_wrong_item_is_refused_and_the_others_stay)
{
    struct properties *properties = parse(L"Officer|Nonsense|!RawRequest|officer|request:OFFICER|attribute:ccm|attribute:CCM|certificate:Officer");
    size_t count;

    check_int(refusals, 4);
    check_wide(refused_item, L"attribute:CCM");
    check_wide(refused_reason, L"It is in the list twice.");
    properties_extras(properties, &count);
    check_int(count, 3);
    check(!has(properties, "RawRequest"));
    properties_free(properties);
}

TEST(more_than_64_items_and_items_of_more_than_256_characters_are_too_many)
{
    static WCHAR list[64 * 1024];
    struct properties *properties = NULL;
    WCHAR *end = list;
    size_t count;

    for (int i = 0; i < 1000; i++) end += swprintf(end, 32, L"attribute:a%d", i) + 1;
    *end = 0;
    refusals = 0;
    check_hr(properties_parse(list, on_refused, &refusals, &properties), S_OK);
    check_int(refusals, 1);
    check_wide(refused_item, L"attribute:a64");
    check(wcsstr(refused_reason, L"more than 64") != NULL);
    properties_extras(properties, &count);
    check_int(count, 64);
    properties_free(properties);

    wmemset(list, 'x', 10000);
    wmemcpy(list, L"attribute:", 10);
    wcscpy(list + 257, L"");
    list[258] = 0;
    refusals = 0;
    check_hr(properties_parse(list, on_refused, &refusals, &properties), S_OK);
    check(wcsstr(refused_reason, L"longer than 256") != NULL);
    properties_free(properties);
    list[256] = 0;
    list[257] = 0;
    refusals = 0;
    check_hr(properties_parse(list, on_refused, &refusals, &properties), S_OK);
    check_int(refusals, 0);
    properties_extras(properties, &count);
    check_int(count, 1);
    properties_free(properties);
}

TEST(no_list_however_odd_does_harm)
{
    static const WCHAR pieces[] = L"aA!:. \t1attributerequestextensioncertificatestringRawRequest\xd800\xdc00\n\x3000";
    WCHAR list[600];
    unsigned seed = 1;

    for (int round = 0; round < 20000; round++) {
        struct properties *properties = NULL;
        size_t size = 0;

        while (size < 40 + (unsigned)round % 500) {
            seed = seed * 1103515245 + 12345;
            list[size++] = pieces[(seed >> 16) % ARRAYSIZE(pieces)];        /* its own zero ends an item */
        }
        list[size] = list[size + 1] = 0;
        check_hr(properties_parse(list, on_refused, &refusals, &properties), S_OK);
        properties_free(properties);
    }
}

/* --- what an event asks for --- */

static struct crls_memory crls;

/* Read an event with the setting `items`; its text, zero-terminated, valid until the next call, goes into the journal as well. */
static const char *read_event(const WCHAR *items, LONG event)
{
    static char text[LINE_DATA_MAX + 1];
    static char directory[MAX_PATH + 40];
    static const char start_module[] = "\"version\":\"0.0.0\",\"fileVersion\":\"0.0.0\",\"eventMask\":1023,\"dates\":\"assumed UTC\","
                                       "\"utcOffsetMinutes\":0,\"processId\":1";
    static const char start_more[] = "\"ca\":{\"certificates\":[]},\"settings\":{\"JournalDirectory\":\"x\",\"EventMask\":1023,\"Properties\":[],"
                                     "\"SegmentMiB\":64,\"QueueMiB\":4,\"MaxWaitMs\":20000,\"MinFreeMiB\":0,\"RetainDays\":0}";
    struct journal_options options = {
        .directory = directory, .source = "/adcs/ca.example/Properties", .wait_ms = 20000, .retry_ms = 100, .queue_bytes = 4 << 20,
        .segment_bytes = 64 << 20, .start_module = {start_module, sizeof start_module - 1},
        .start_more = {start_more, sizeof start_more - 1},
    };
    struct properties *properties = parse(items);
    struct journal *journal = NULL;
    struct event_record record;
    struct journal_event written;

    check(GetCurrentDirectoryA(MAX_PATH, directory) != 0);
    sprintf(directory + strlen(directory), "\\build\\tmp\\properties-%lu", GetCurrentProcessId() ^ GetTickCount());
    check_int(refusals, 0);
    check_hr(event_read(event, FAKE_CONTEXT, properties, NULL, &crls, &record), S_OK);
    written = (struct journal_event){.type = record.type, .has_request = record.has_request, .request_id = record.request_id, .time = os_now(),
                                     .data = {record.data.data, record.data.size}};
    check_hr(journal_open(&options, &journal), S_OK);
    check_hr(journal_append(journal, &written), S_OK);
    check_hr(journal_close(journal), S_OK);
    snprintf(text, sizeof text, "%.*s", (int)record.data.size, record.data.data);
    event_free(&record);
    properties_free(properties);
    return text;
}

static void check_has_at(const char *text, const char *part, int at)
{
    if (strstr(text, part)) return;
    test_check(false, __FILE__, at, part);
    test_note("    in %.2000s", text);
}
#define check_has(text, part) check_has_at((text), (part), __LINE__)

TEST(extra_values_stand_under_the_names_that_the_setting_gave)
{
    const char *text;

    fake_ca_begin();
    fake_ca_long(L"Officer", 1);
    fake_ca_text(L"Request.CommonName", L"alice");
    fake_ca_long(L"PublicKeyLength", 2048);
    fake_ca_date(L"SomeColumn", 46347.0);
    fake_ca_bytes(L"Other", "\x00\xff\x01", 3);
    fake_ca_attribute(L"ccm", L"pc17.example");
    fake_ca_attribute(L"Zo\x00eb \"x\" \x202e", L"\x0007");
    fake_ca_extension(L"1.3.6.1.4.1.311.25.2", "\x30\x00\x01", 3, 0x20000);
    text = read_event(L"officer|Request.CommonName|certificate:PublicKeyLength|SomeColumn:date|Other:binary|attribute:CCM|"
                      L"attribute:Zo\x00eb \"x\" \x202e|extension:1.3.6.1.4.1.311.25.2|attribute:absent|extension:1.2.3|UserDN", EXITEVENT_CERTISSUED);
    check_has(text, ",\"extra\":{\"officer\":1,\"Request.CommonName\":\"alice\",\"certificate:PublicKeyLength\":2048,"
                    "\"SomeColumn\":\"2026-11-21T00:00:00Z\",\"Other\":\"AP8B\",\"attribute:CCM\":\"pc17.example\","
                    "\"attribute:Zo\xc3\xab \\\"x\\\" \\u202e\":\"\\u0007\","
                    "\"extension:1.3.6.1.4.1.311.25.2\":{\"flags\":131072,\"base64\":\"MAAB\"}},\"missing\":[]}");
    fake_ca_end();
}

TEST(extra_values_that_fail_are_missing_by_that_name)
{
    const char *text;

    fake_ca_begin();
    fake_ca_error(L"Officer", E_FAIL);
    fake_ca_text(L"SomeColumn", L"no date");
    fake_ca_attribute_error(L"ccm", E_UNEXPECTED);
    fake_ca_extension_error(L"1.2.3", E_OUTOFMEMORY);
    fake_ca_extension(L"1.2.4", NULL, 0, 0);
    text = read_event(L"officer|certificate:SomeColumn:date|attribute:CCM|extension:1.2.3|extension:1.2.4", EXITEVENT_CERTPENDING);
    check_has(text, "\"extra\":{\"extension:1.2.4\":{\"flags\":0,\"base64\":\"\"}},\"missing\":[{\"name\":\"officer\",\"hresult\":\"0x80004005\"},"
                    "{\"name\":\"certificate:SomeColumn\",\"hresult\":\"0x80020005\",\"variant\":8},"
                    "{\"name\":\"attribute:CCM\",\"hresult\":\"0x8000ffff\"},{\"name\":\"extension:1.2.3\",\"hresult\":\"0x8007000e\"}]}");
    fake_ca_end();
}

TEST(extra_values_that_are_too_long_are_missing_by_that_name)
{
    char *large = calloc(1, 600 << 10);
    const char *text;

    fake_ca_begin();
    fake_ca_bytes(L"Other", large, 600 << 10);
    fake_ca_extension(L"1.2.3", large, 600 << 10, 1);
    fake_ca_extension(L"1.2.4", "abc", 3, 1);
    text = read_event(L"Other:binary|extension:1.2.3|extension:1.2.4", EXITEVENT_CERTDENIED);
    check_has(text, "\"extra\":{\"extension:1.2.4\":{\"flags\":1,\"base64\":\"YWJj\"}},\"missing\":[{\"name\":\"Other\",\"size\":614400,\"sha256\":\"");
    check_has(text, "{\"name\":\"extension:1.2.3\",\"size\":614400,\"sha256\":\"");
    fake_ca_end();
    free(large);
}

TEST(what_was_taken_away_costs_no_call_and_events_of_the_ca_have_nothing_extra)
{
    const char *text;
    LONG calls;

    fake_ca_begin();
    fake_ca_bytes(L"RawRequest", "abc", 3);
    fake_ca_long(L"Disposition", 20);
    read_event(L"", EXITEVENT_CERTISSUED);
    calls = fake_ca_calls();
    check(calls <= 24);
    text = read_event(L"!RawRequest|!UPN|!RevokedReason", EXITEVENT_CERTISSUED);
    check_int(fake_ca_calls(), calls - 2);
    check(!strstr(text, "RawRequest") && !strstr(text, "\"extra\""));
    text = read_event(L"Officer|attribute:ccm", EXITEVENT_CERTISSUED);
    check_int(fake_ca_calls(), calls + 2);
    check_has(text, "\"extra\":{},");
    text = read_event(L"Officer|attribute:ccm", EXITEVENT_STARTUP);
    check_int(fake_ca_calls(), 0);
    check(!strstr(text, "\"extra\""));
    fake_ca_end();
}

TEST(request_attributes_asked_for_otherwise_lose_their_secrets_too)
{
    static const WCHAR *const items[] = {L"Request.RequestAttributes", L"certificate:requestattributes:string"};

    for (size_t i = 0; i < ARRAYSIZE(items); i++) {
        const char *text;

        fake_ca_begin();
        fake_ca_text(L"Request.RequestAttributes", L"a:b\nChallenge:s3cret");
        fake_ca_text(L"RequestAttributes", L"a:b\nChallenge:s3cret");
        text = read_event(items[i], EXITEVENT_CERTISSUED);
        check_has(strstr(text, "\"extra\""), ":\"a:b\\nChallenge:\"}");
        check(!strstr(text, "s3cret"));
        fake_ca_end();
    }
}

TEST(a_crl_is_known_only_once_the_event_is_in_the_journal)
{
    struct crls_memory memory = {.lock = SRWLOCK_INIT};
    struct event_record record;

    fake_ca_begin();
    fake_ca_long(L"CertCount", 1);
    fake_ca_bytes(L"RawCRL.0", "abc", 3);
    for (int kept = 0; kept < 4; kept++) {
        check_hr(event_read(EXITEVENT_CRLISSUED, 0, NULL, NULL, &memory, &record), S_OK);
        bytes_add(&record.data, "", 1);
        check_has(record.data.data, kept < 2 ? "\"base64\":\"YWJj\"" : "\"unchanged\":\"ba7816bf");
        if (kept && check(record.crls != NULL)) crls_remember(&memory, record.crls);
        event_free(&record);
    }
    check_hr(event_read(EXITEVENT_CERTISSUED, FAKE_CONTEXT, NULL, NULL, &memory, &record), S_OK);
    check(record.crls == NULL);
    event_free(&record);
    fake_ca_end();
}
