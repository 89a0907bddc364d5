/* Watching the callback objects that a module under examination gets. */
#include "check_server.h"

#include "stubca/host/contexts.h"
#include "stubca/ca/properties.h"
#include "stubca/host/server_exit.h"

#include <certsrv.h>
#include <string.h>

static const WCHAR *registry_location;
static volatile LONG mood;
static volatile LONG dice;
static struct digest_set seen;
static __thread LONG notifying;

void check_server_mood(enum server_mood new_mood, unsigned seed)
{
    InterlockedExchange(&dice, (LONG)seed);
    InterlockedExchange(&mood, (LONG)new_mood);
}

struct digest_set check_server_seen(void)
{
    return seen;
}

void check_server_forget(void)
{
    memset(&seen, 0, sizeof seen);
}

void check_server_notifying(LONG context)
{
    notifying = context;
}

/* A number that looks random and is the same in every run. */
static unsigned throw_dice(void)
{
    unsigned number = (unsigned)InterlockedIncrement(&dice) * 2654435761u;

    return (number ^ number >> 15) * 2246822519u >> 8;
}

static HRESULT failure_of_the_day(void)
{
    static const HRESULT failures[] = {
        E_OUTOFMEMORY,
        CERTSRV_E_NO_DB_SESSIONS,
        CERTSRV_E_SERVER_SUSPENDED,
        CERTSRV_E_PROPERTY_EMPTY,
        E_FAIL,
        HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
    };

    if (mood != SERVER_FAILING || throw_dice() % 4) return S_OK;
    return failures[throw_dice() % ARRAYSIZE(failures)];
}

/* Properties of the CA are asked for in the same way as a certificate's. */
static bool is_of_request(const struct asked *asked)
{
    struct question question;

    if (asked->call == SERVER_ATTRIBUTE || asked->call == SERVER_EXTENSION ||
        asked->call == SERVER_REQUEST_PROPERTY)
        return true;
    return asked->call == SERVER_CERTIFICATE_PROPERTY &&
           question_read(asked->name, IN_CERTIFICATE, &question) && question.place & IN_CERTIFICATE;
}

static void check_server_note(const struct asked *asked)
{
    LONG context = asked->context, id;

    InterlockedIncrement(&seen.calls);
    if (asked->users > 1) InterlockedIncrement(&seen.shared);
    if (context && !context_request(context, &id)) InterlockedIncrement(&seen.dead);
    else if (context && notifying && context != notifying) InterlockedIncrement(&seen.crossed);
    if (!context && notifying && is_of_request(asked)) InterlockedIncrement(&seen.unbound);
}

/* What is noted is noted of questions that fail, too. */
static HRESULT check_server_hear(const struct asked *asked)
{
    HRESULT hr = failure_of_the_day();

    check_server_note(asked);
    if (mood == SERVER_SLOW) Sleep(throw_dice() % 8 ? 0 : 1);
    if (hr != S_OK || mood != SERVER_EMPTY) return hr;
    if (asked->call == SERVER_ATTRIBUTE || asked->call == SERVER_EXTENSION)
        return CERTSRV_E_PROPERTY_EMPTY;
    return asked->call == SERVER_NEXT ? S_FALSE : S_OK;
}

static HRESULT odd_value(LONG type, VARIANT *out)
{
    static const char bytes[] = {'\0', '\x30', '\xFF', '\xD8', '\0'};
    static const LONG numbers[] = {0, -1, 0x7FFFFFFF, (LONG)0x80000000};
    static const DATE dates[] = {0, -1.75, 2958465.999, -109205.0};
    unsigned pick = throw_dice();
    UINT size = (UINT[]){0, 1, 3, 100000}[pick % 4];

    VariantInit(out);
    switch (type & PROPTYPE_MASK) {
    case PROPTYPE_LONG:
        V_VT(out) = VT_I4;
        V_I4(out) = numbers[pick % ARRAYSIZE(numbers)];
        return S_OK;
    case PROPTYPE_DATE:
        V_VT(out) = VT_DATE;
        V_DATE(out) = dates[pick % ARRAYSIZE(dates)];
        return S_OK;
    }
    V_VT(out) = VT_BSTR;
    if (!size && pick & 8) V_BSTR(out) = NULL;          /* as empty text may come, too (I-26) */
    else if ((type & PROPTYPE_MASK) == PROPTYPE_STRING && size == 1)
        V_BSTR(out) = SysAllocString(L"\xD800\n\x202E\x0007");
    else if ((V_BSTR(out) = SysAllocStringByteLen(NULL, size))) {
        for (UINT i = 0; i < size; i++) ((char *)V_BSTR(out))[i] = bytes[i % sizeof bytes];
    }
    return S_OK;
}

/* Where the module's key is, it is told in every mood; the CA that is served here has no modules,
 * and could not say. */
static HRESULT check_server_change(const struct asked *asked, HRESULT hr, VARIANT *value)
{
    if (!_wcsicmp(asked->name, L"ModuleRegistryLocation") && registry_location) {
        VariantClear(value);
        V_VT(value) = VT_BSTR;
        V_BSTR(value) = SysAllocString(registry_location);
        return S_OK;
    }
    if (hr != S_OK || (mood != SERVER_EMPTY && mood != SERVER_ODD)) return hr;
    VariantClear(value);
    return mood == SERVER_EMPTY ? CERTSRV_E_PROPERTY_EMPTY : odd_value(asked->type, value);
}

void check_server_serve(const WCHAR *location)
{
    static const struct server_watch watch = {.creating = failure_of_the_day,
                                              .asked = check_server_hear,
                                              .answered = check_server_change};

    registry_location = location;
    server_exit_watch(&watch);
}
