#include "server.h"

#include "base/os.h"

#include <math.h>

#define DAYS_1899_TO_1970 25569.0               /* from 30 December 1899, where a DATE begins */
#define FIRST_DATE        (-109205.0)           /* 1601-01-01 */
#define LAST_DATE         2958465.0             /* 9999-12-31 */
#define MS_A_DAY          86400000

static LONG shortages;

LONG server_shortages(void)
{
    return InterlockedCompareExchange(&shortages, 0, 0);
}

/* Hold the name that the CA is asked for. Returns false without memory. */
static bool question(struct server_held *held, const WCHAR *name)
{
    held->asked = SysAllocString(name);
    if (!held->asked) InterlockedIncrement(&shortages);
    return held->asked != NULL;
}

static void answered(struct server_held *held)
{
    SysFreeString(held->asked);
    held->asked = NULL;
}

void server_held_free(struct server_held *held)
{
    answered(held);
    SysFreeString(held->value);
    held->value = NULL;
}

static HRESULT server_bind(ICertServerExit *server, LONG context)
{
    return ICertServerExit_SetContext(server, context);
}

HRESULT server_open(LONG context, ICertServerExit **out)
{
    ICertServerExit *server = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER,
                                  &IID_ICertServerExit, (void **)&server);

    *out = NULL;
    if (is_no_memory(hr)) InterlockedIncrement(&shortages);
    if (FAILED(hr)) return hr;
    if (!server) return E_NOINTERFACE;
    if (context && FAILED(hr = server_bind(server, context))) {
        ICertServerExit_Release(server);
        return hr;
    }
    *out = server;
    return S_OK;
}

/*
 * Days and a fraction of a day whose sign is not that of the days: -1.25 is a quarter past midnight
 * of the day before the first. A fraction that rounds to a whole day at the end of the last year
 * has left the range.
 */
static HRESULT server_time_of(DATE date, int64_t *micros)
{
    double day = trunc(date);
    int64_t ms;

    if (!(day >= FIRST_DATE && day <= LAST_DATE)) return DISP_E_OVERFLOW; /* catches NaN too */
    ms = llround(fabs(date - day) * MS_A_DAY);
    if (day == LAST_DATE && ms >= MS_A_DAY) return DISP_E_OVERFLOW;
    *micros = ((int64_t)(day - DAYS_1899_TO_1970) * MS_A_DAY + ms) * 1000;
    return S_OK;
}

/* Take the value over from `variant`, whatever the CA put there. */
static HRESULT server_take(VARIANT *variant, LONG type, struct server_value *out)
{
    static const VARTYPE promised[] = {0, VT_I4, VT_DATE, VT_BSTR, VT_BSTR};
    VARTYPE vt = V_VT(variant);

    if (vt == VT_EMPTY || vt == VT_NULL) return S_FALSE;
    if (vt != promised[type]) {
        out->given = vt;
        return DISP_E_TYPEMISMATCH;
    }
    if (vt == VT_I4) {
        out->number = V_I4(variant);
        return S_OK;
    }
    if (vt == VT_DATE) return server_time_of(V_DATE(variant), &out->time);
    out->bstr = V_BSTR(variant);
    out->size = SysStringByteLen(out->bstr);
    V_VT(variant) = VT_EMPTY;           /* ours now */
    return S_OK;
}

/*
 * What the CA's `hr` and `variant` come to. After a failure the VARIANT is not touched: it should
 * be empty then, but a CA that fails half way may leave anything there, and a leak is better than a
 * free of what is no pointer.
 */
static HRESULT server_settle(HRESULT hr, VARIANT *variant, LONG type, struct server_value *out)
{
    HRESULT taken;

    if (hr == CERTSRV_E_PROPERTY_EMPTY) return S_FALSE;
    if (FAILED(hr)) return hr;
    taken = server_take(variant, type, out);
    VariantClear(variant);
    return taken == S_FALSE && hr != S_OK ? hr : taken;
}

HRESULT server_get(ICertServerExit *server, struct server_held *held, enum server_table table,
                   const WCHAR *name, LONG type, struct server_value *out)
{
    VARIANT variant;
    HRESULT hr;

    *out = (struct server_value){.type = type};
    VariantInit(&variant);
    if (!question(held, name)) return E_OUTOFMEMORY;
    if (table == SERVER_REQUEST)
        hr = ICertServerExit_GetRequestProperty(server, held->asked, type, &variant);
    else hr = ICertServerExit_GetCertificateProperty(server, held->asked, type, &variant);
    answered(held);
    return server_settle(hr, &variant, type, out);
}

/* NULL is no value here, as it is at the end of an enumeration; an attribute without text is a BSTR
 * without characters. */
HRESULT server_get_attribute(ICertServerExit *server, struct server_held *held, const WCHAR *name,
                             struct server_value *out)
{
    BSTR value = NULL;
    HRESULT hr;

    *out = (struct server_value){.type = PROPTYPE_STRING};
    if (!question(held, name)) return E_OUTOFMEMORY;
    hr = ICertServerExit_GetRequestAttribute(server, held->asked, &value);
    answered(held);
    if (hr == CERTSRV_E_PROPERTY_EMPTY) return S_FALSE;
    if (FAILED(hr)) return hr;
    out->bstr = value;
    out->size = SysStringByteLen(value);
    return value ? S_OK : hr == S_OK ? S_FALSE : hr;
}

HRESULT server_get_extension(ICertServerExit *server, struct server_held *held, const WCHAR *oid,
                             struct server_value *out, LONG *flags, bool *has_flags)
{
    VARIANT variant;
    HRESULT hr;

    *out = (struct server_value){.type = PROPTYPE_BINARY};
    *flags = 0;
    *has_flags = false;
    VariantInit(&variant);
    if (!question(held, oid)) return E_OUTOFMEMORY;
    hr = ICertServerExit_GetCertificateExtension(server, held->asked, PROPTYPE_BINARY, &variant);
    answered(held);
    hr = server_settle(hr, &variant, PROPTYPE_BINARY, out);
    if (hr != S_OK) return hr;
    held->value = out->bstr;            /* the CA is asked once more meanwhile */
    *has_flags = SUCCEEDED(ICertServerExit_GetCertificateExtensionFlags(server, flags));
    held->value = NULL;
    return hr;
}

void server_value_free(struct server_value *value)
{
    SysFreeString(value->bstr);
    value->bstr = NULL;
    value->size = 0;
}

void server_pair_open(struct server_pair *pair)
{
    *pair = (struct server_pair){0};
    if (FAILED(server_open(0, &pair->plain))) pair->plain = NULL;
}

ICertServerExit *server_pair_bound(struct server_pair *pair)
{
    ICertServerExit *server;

    if (pair->tried) return pair->bound;
    pair->tried = true;
    if (FAILED(server_open(0, &server))) return NULL;
    if (SUCCEEDED(server_bind(server, 0))) pair->bound = server;
    else ICertServerExit_Release(server);
    return pair->bound;
}

void server_pair_close(struct server_pair *pair)
{
    if (pair->plain) ICertServerExit_Release(pair->plain);
    if (pair->bound) ICertServerExit_Release(pair->bound);
    *pair = (struct server_pair){0};
}

HRESULT server_pair_get(struct server_pair *pair, const WCHAR *name, LONG type,
                        struct server_value *out)
{
    HRESULT hr = pair->plain
                     ? server_get(pair->plain, &pair->held, SERVER_CERTIFICATE, name, type, out)
                     : E_NOINTERFACE,
            bound;

    if (hr == S_OK || !server_pair_bound(pair)) return hr;
    bound = server_get(pair->bound, &pair->held, SERVER_CERTIFICATE, name, type, out);
    return bound == S_OK || FAILED(hr) ? bound : hr;
}
