/*
 * The rooms behind ICertServerExit where scenarios cannot reach: many threads at once, dates of every century, bytes of
 * every length, and contexts that come round again.
 */
#include "stubca/host/property_answers.h"
#include "stubca/ca/ca.h"
#include "stubca/ca/ca_name.h"
#include "stubca/host/contexts.h"
#include "stubca/host/pool.h"
#include "stubca/ca/properties.h"
#include "stubca/host/server_exit.h"
#include "lib/test.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A CA without a key: its database is all that is asked for here. */
static struct ca ca;

static struct row *begin(void)
{
    memset(&ca, 0, sizeof ca);
    ca.rows = rows_open();
    property_answers_serve(&ca, NULL, NULL);
    return rows_add(ca.rows);
}

static void end(void)
{
    property_answers_serve(NULL, NULL, NULL);
    rows_close(ca.rows);
}

static ICertServerExit *server_of(LONG context)
{
    ICertServerExit *server = NULL;

    check_hr(server_exit_create(&IID_ICertServerExit, (void **)&server), S_OK);
    check_hr(ICertServerExit_SetContext(server, context), S_OK);
    return server;
}

static HRESULT ask(ICertServerExit *server, const WCHAR *name, LONG type, VARIANT *value)
{
    BSTR text = SysAllocString(name);
    HRESULT hr;

    memset(value, 0xCC, sizeof *value);
    hr = ICertServerExit_GetRequestProperty(server, text, type, value);
    SysFreeString(text);
    return hr;
}

TEST(dates_before_1900_count_their_hours_forward)
{
    static const struct { int64_t seconds; SYSTEMTIME time; } dates[] = {
        {0, {.wYear = 1970, .wMonth = 1, .wDay = 1}},
        {-1, {.wYear = 1969, .wMonth = 12, .wDay = 31, .wHour = 23, .wMinute = 59, .wSecond = 59}},
        {-2209161600 + 3600, {.wYear = 1899, .wMonth = 12, .wDay = 30, .wHour = 1}},
        {-2209161600 - 3600, {.wYear = 1899, .wMonth = 12, .wDay = 29, .wHour = 23}},
        {-5364662400 + 21600, {.wYear = 1800, .wMonth = 1, .wDay = 1, .wHour = 6}},
        {253402300799, {.wYear = 9999, .wMonth = 12, .wDay = 31, .wHour = 23, .wMinute = 59, .wSecond = 59}},
    };
    struct row *row = begin();
    LONG context = context_open(row->id);
    ICertServerExit *server = server_of(context);

    for (size_t i = 0; i < ARRAYSIZE(dates); i++) {
        SYSTEMTIME time = {0}, want = dates[i].time;
        VARIANT value;

        row_set_date(row, HALF_REQUEST, "SubmittedWhen", dates[i].seconds);
        check_hr(ask(server, L"SubmittedWhen", PROPTYPE_DATE, &value), S_OK);
        check_int(V_VT(&value), VT_DATE);
        check(VariantTimeToSystemTime(V_DATE(&value), &time));
        time.wDayOfWeek = 0;
        check_bytes(&time, sizeof time, &want, sizeof want);
    }
    ICertServerExit_Release(server);
    context_close(context);
    end();
}

TEST(bytes_keep_their_number_odd_ones_and_zeros_too)
{
    static const unsigned char bytes[] = {0, 1, 0, 0, 0xFF, 0xD8, 0};
    struct row *row = begin();
    LONG context = context_open(row->id);
    ICertServerExit *server = server_of(context);
    VARIANT value;

    for (size_t size = 1; size <= sizeof bytes; size++) {
        row_set_bytes(row, HALF_REQUEST, "RawRequest", bytes, size);
        check_hr(ask(server, L"RawRequest", PROPTYPE_BINARY, &value), S_OK);
        check_int(V_VT(&value), VT_BSTR);
        check_bytes(V_BSTR(&value), SysStringByteLen(V_BSTR(&value)), bytes, size);
        VariantClear(&value);
    }
    row_set_bytes(row, HALF_REQUEST, "RawRequest", NULL, 0);
    check_hr(ask(server, L"RawRequest", PROPTYPE_BINARY, &value), CERTSRV_E_PROPERTY_EMPTY);
    check_int(V_VT(&value), VT_EMPTY);
    row_set_text(row, HALF_REQUEST, "DispositionMessage", "");
    check_hr(ask(server, L"DispositionMessage", PROPTYPE_STRING, &value), S_OK);
    check(V_BSTR(&value) && !SysStringLen(V_BSTR(&value)));     /* there, and empty */
    VariantClear(&value);
    ICertServerExit_Release(server);
    context_close(context);
    end();
}

TEST(an_enumeration_goes_on_as_it_began_whatever_becomes_of_the_row)
{
    struct row *row = begin();
    LONG context = context_open(row->id);
    ICertServerExit *server = server_of(context);
    BSTR name = NULL;

    row_add_attributes(row, "one:1\r\n-t wo- : 2 \r\n:x\nnothing\nThree:3:3\nONE:4\n");
    check_hr(ICertServerExit_EnumerateAttributesSetup(server, 0), S_OK);
    row_add_attributes(row, "four:4");
    check_hr(ICertServerExit_EnumerateAttributes(server, &name), S_OK);
    check_wide(name, L"ONE");
    SysFreeString(name);
    check_hr(ICertServerExit_EnumerateAttributes(server, &name), S_OK);
    check_wide(name, L"two");
    SysFreeString(name);
    check_hr(ICertServerExit_EnumerateAttributes(server, &name), S_OK);
    check_wide(name, L"Three");
    check_hr(ICertServerExit_GetRequestAttribute(server, name, &name), S_OK);   /* the old one leaks, as A.4 has it */
    check_wide(name, L"3:3");
    SysFreeString(name);
    check_hr(ICertServerExit_EnumerateAttributes(server, &name), S_FALSE);
    check_int(ICertServerExit_Release(server), 0);
    context_close(context);
    end();
}

TEST(extensions_can_be_had_as_text_numbers_and_dates)
{
    struct row *row = begin();
    LONG context = context_open(row->id), flags = 0;
    ICertServerExit *server = server_of(context);
    BSTR number = SysAllocString(L"1.1"), text = SysAllocString(L"1.2"), date = SysAllocString(L"1.3");
    VARIANT value;

    row_set_extension(row, "1.1", EXTENSION_ORIGIN_ADMIN, "\x02\x02\x01\x00", 4);
    row_set_extension(row, "1.2", EXTENSION_ORIGIN_POLICY | EXTENSION_CRITICAL_FLAG, "\x16\x03""abc", 5);
    row_set_extension(row, "1.3", EXTENSION_ORIGIN_REQUEST | EXTENSION_DISABLE_FLAG, "\x17\x0D""700102000000Z", 15);
    check_hr(ICertServerExit_GetCertificateExtension(server, number, PROPTYPE_LONG, &value), S_OK);
    check(V_VT(&value) == VT_I4 && V_I4(&value) == 256);
    check_hr(ICertServerExit_GetCertificateExtensionFlags(server, &flags), S_OK);
    check_int(flags, 0x30000);
    check_hr(ICertServerExit_GetCertificateExtension(server, text, PROPTYPE_STRING, &value), S_OK);
    check_wide(V_BSTR(&value), L"abc");
    VariantClear(&value);
    check_hr(ICertServerExit_GetCertificateExtensionFlags(server, &flags), S_OK);
    check_int(flags, 0x20001);
    check_hr(ICertServerExit_GetCertificateExtension(server, date, PROPTYPE_DATE, &value), S_OK);
    check(V_VT(&value) == VT_DATE && V_DATE(&value) == 25570.0);
    check_hr(ICertServerExit_GetCertificateExtension(server, date, PROPTYPE_LONG, &value), E_INVALIDARG);
    check_int(V_VT(&value), VT_EMPTY);
    SysFreeString(number);
    SysFreeString(text);
    SysFreeString(date);
    ICertServerExit_Release(server);
    context_close(context);
    end();
}

TEST(a_context_is_dead_from_its_close_until_its_number_comes_round)
{
    LONG first = context_open(7), id = 0, other;
    bool alive = false;

    check(first != 0);
    check(context_request(first, &id) && id == 7);
    context_close(first);
    check(!context_request(first, &id));
    check(context_lingers(first, &id) && id == 7);         /* who lets them linger */
    for (int i = 0; i < 100000 && !alive; i++) {
        other = context_open(8);
        check(other != 0);
        alive = other != first && context_request(first, &id);
        context_close(other);
    }
    check(!alive);
    check(!context_lingers(0, &id) && !context_lingers(-1, &id) && !context_lingers(0x7FFFFFFF, &id));
    context_close(first);               /* twice: nothing */
}

TEST(a_server_without_a_ca_says_it_is_suspended)
{
    ICertServerExit *server = NULL;
    VARIANT value;

    property_answers_serve(NULL, NULL, NULL);
    check_hr(server_exit_create(&IID_ICertServerExit, (void **)&server), S_OK);
    check_hr(ask(server, L"RequestID", PROPTYPE_LONG, &value), CERTSRV_E_SERVER_SUSPENDED);
    check_int(V_VT(&value), VT_EMPTY);
    check_hr(ICertServerExit_EnumerateExtensionsSetup(server, 0), CERTSRV_E_SERVER_SUSPENDED);
    check_int(ICertServerExit_Release(server), 0);
}

TEST(a_long_name_is_shortened_to_what_a_directory_takes)
{
    char *sanitized = ca_name_sanitized("\xC3\xA4\xF0\x9F\x94\x92 A&B"), *name;

    check_text(sanitized, "!00e4!d83d!dd12 A!0026B");
    free(sanitized);
    name = ca_name_short("123456789012345678901234567890123456789012345678901234567");
    check_text(name, "123456789012345678901234567890123456789012345678901234567");
    free(name);
    name = ca_name_short("1234567890123456789012345678901234567890123456789012345!00e4");
    check_int(strlen(name), 55 + 6);    /* not cut through the !00e4 */
    check(!strncmp(name, "1234567890123456789012345678901234567890123456789012345-", 56));
    free(name);
}

/* Readers bind, ask and enumerate while a writer changes every row; each value must be one that some change wrote. */

enum { READERS = 8, ROWS = 2, ROUNDS = 300, LONGEST = 100000 };   /* long enough to be caught half copied */

static volatile LONG stop_readers, wrong, answers;

static void read_row(ICertServerExit *server, LONG context)
{
    VARIANT text, bytes;
    BSTR name = NULL;

    if (ICertServerExit_SetContext(server, context) != S_OK) InterlockedIncrement(&wrong);
    if (ask(server, L"DispositionMessage", PROPTYPE_STRING, &text) != S_OK
        || ask(server, L"RawRequest", PROPTYPE_BINARY, &bytes) != S_OK) {
        InterlockedIncrement(&wrong);
        return;
    }
    for (UINT i = 1; i < SysStringLen(V_BSTR(&text)); i++) {
        if (V_BSTR(&text)[i] != V_BSTR(&text)[0]) InterlockedIncrement(&wrong);
    }
    for (UINT i = 1; i < SysStringByteLen(V_BSTR(&bytes)); i++) {
        if (((char *)V_BSTR(&bytes))[i] != ((char *)V_BSTR(&bytes))[0]) InterlockedIncrement(&wrong);
    }
    if (ICertServerExit_EnumerateAttributesSetup(server, 0) != S_OK) InterlockedIncrement(&wrong);
    while (ICertServerExit_EnumerateAttributes(server, &name) == S_OK) SysFreeString(name);
    VariantClear(&text);
    VariantClear(&bytes);
    InterlockedIncrement(&answers);
}

static DWORD WINAPI reader(void *argument)
{
    ICertServerExit *shared = argument, *own = NULL;

    if (FAILED(server_exit_create(&IID_ICertServerExit, (void **)&own))) return 1;
    for (LONG n = 0; !stop_readers; n++) {
        LONG context = context_open(n % ROWS + 1);

        read_row(own, context);
        if (ICertServerExit_SetContext(shared, context) != S_OK) InterlockedIncrement(&wrong);   /* all of us on one */
        context_close(context);
    }
    ICertServerExit_Release(own);
    return 0;
}

static void change(struct row *row, int round)
{
    static char text[LONGEST + 3];
    size_t size = (size_t)(round * 37013LL % LONGEST + 1);

    memset(text, 'a' + round % 26, size);
    text[size] = '\0';
    row_set_text(row, HALF_REQUEST, "DispositionMessage", text);
    row_set_bytes(row, HALF_REQUEST, "RawRequest", text, size);
    text[size < 9 ? size : 9] = '\0';
    strcat(text, ":x");
    row_add_attributes(row, text);
}

TEST(many_threads_read_while_rows_change_and_see_nothing_torn)
{
    HANDLE threads[READERS];
    ICertServerExit *shared = NULL;

    begin();
    check_hr(server_exit_create(&IID_ICertServerExit, (void **)&shared), S_OK);
    rows_write_lock(ca.rows);
    while (rows_last(ca.rows) < ROWS) rows_add(ca.rows);
    for (LONG id = 1; id <= ROWS; id++) change(rows_find(ca.rows, id), 0);
    rows_write_unlock(ca.rows);
    for (int i = 0; i < READERS; i++) threads[i] = CreateThread(NULL, 0, reader, shared, 0, NULL);
    for (int round = 1; round <= ROUNDS || answers < 1000; round++) {
        for (LONG id = 1; id <= ROWS; id++) {
            rows_write_lock(ca.rows);
            change(rows_find(ca.rows, id), round);
            if (id == 1 && round < 200) rows_add(ca.rows);      /* the table of rows moves */
            rows_write_unlock(ca.rows);
        }
    }
    stop_readers = 1;
    for (int i = 0; i < READERS; i++) {
        check_int(WaitForSingleObject(threads[i], 30000), WAIT_OBJECT_0);
        CloseHandle(threads[i]);
    }
    check_int(wrong, 0);
    test_note("%ld answers", answers);
    check_int(ICertServerExit_Release(shared), 0);
    end();
}

/* Jobs from many threads at once, on few. */

enum { CALLERS = 16, JOBS = 100 };

static volatile LONG jobs_done, jobs_at_once, most_at_once, jobs_wrong;

static void job(void *argument)
{
    LONG now = InterlockedIncrement(&jobs_at_once), most = most_at_once;
    APTTYPE type;
    APTTYPEQUALIFIER qualifier;

    while (now > most && InterlockedCompareExchange(&most_at_once, now, most) != most) most = most_at_once;
    if (FAILED(CoGetApartmentType(&type, &qualifier)) || type != APTTYPE_MTA) InterlockedIncrement(&jobs_wrong);
    if (pool_calling() != -1) InterlockedIncrement(&jobs_wrong);
    pool_call_begins(3, "Some.Exit", "Notify");
    if (pool_calling() != 3) InterlockedIncrement(&jobs_wrong);
    if (jobs_done % 50 == 0) Sleep(1);
    pool_call_ends();
    *(LONG *)argument += 1;
    InterlockedDecrement(&jobs_at_once);
    InterlockedIncrement(&jobs_done);
}

static DWORD WINAPI caller(void *pool)
{
    LONG own = 0;

    for (int i = 0; i < JOBS; i++) {
        pool_run(pool, job, &own);
        if (own != i + 1) InterlockedIncrement(&jobs_wrong);    /* it has run when pool_run returns, and once */
    }
    return 0;
}

TEST(a_pool_runs_every_job_once_on_its_own_threads_and_several_at_a_time)
{
    struct pool *pool = pool_open(4, 60000);
    HANDLE threads[CALLERS];

    for (int i = 0; i < CALLERS; i++) threads[i] = CreateThread(NULL, 0, caller, pool, 0, NULL);
    for (int i = 0; i < CALLERS; i++) {
        check_int(WaitForSingleObject(threads[i], 60000), WAIT_OBJECT_0);
        CloseHandle(threads[i]);
    }
    pool_close(pool);
    check_int(jobs_done, CALLERS * JOBS);
    check_int(jobs_wrong, 0);
    check(most_at_once > 1 && most_at_once <= 4);
    test_note("%ld at once", most_at_once);
    check_int(pool_calling(), -1);
}
