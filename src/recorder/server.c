#include "server.h"

#include <math.h>

#define DAYS_1899_TO_1970 25569.0               /* from 30 December 1899, where a DATE begins */
#define FIRST_DATE        (-109205.0)           /* 1601-01-01 */
#define LAST_DATE         2958466.0             /* 10000-01-01 */

HRESULT server_open(LONG context, ICertServerExit **out)
{
    ICertServerExit *server = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER, &IID_ICertServerExit, (void **)&server);

    *out = NULL;
    if (FAILED(hr)) return hr;
    if (!server) return E_NOINTERFACE;
    if (context && FAILED(hr = server_bind(server, context))) {
        ICertServerExit_Release(server);
        return hr;
    }
    *out = server;
    return S_OK;
}

HRESULT server_bind(ICertServerExit *server, LONG context)
{
    return ICertServerExit_SetContext(server, context);
}

/* Days and a fraction of a day whose sign is not that of the days: -1.25 is a quarter past midnight of the day before the first. */
static HRESULT time_of(DATE date, int64_t *micros)
{
    double day = trunc(date), fraction = fabs(date - day);

    if (!(date >= FIRST_DATE && date < LAST_DATE)) return DISP_E_OVERFLOW;      /* catches NaN too */
    *micros = (int64_t)(day - DAYS_1899_TO_1970) * 86400000000LL + (int64_t)llround(fraction * 86400000.0) * 1000;
    return S_OK;
}

/* Take the value over from `variant`, whatever the CA put there. */
static HRESULT take(VARIANT *variant, LONG type, struct server_value *out)
{
    static const VARTYPE promised[] = {0, VT_I4, VT_DATE, VT_BSTR, VT_BSTR};
    VARTYPE vt = V_VT(variant);

    out->type = type;
    if (vt == VT_EMPTY || vt == VT_NULL) return S_FALSE;
    if (vt != promised[type]) return DISP_E_TYPEMISMATCH;
    if (vt == VT_I4) {
        out->number = V_I4(variant);
        return S_OK;
    }
    if (vt == VT_DATE) return time_of(V_DATE(variant), &out->time);
    out->bstr = V_BSTR(variant);
    V_VT(variant) = VT_EMPTY;           /* ours now */
    return S_OK;
}

HRESULT server_get(ICertServerExit *server, enum server_table table, const WCHAR *name, LONG type, struct server_value *out)
{
    BSTR asked = SysAllocString(name);
    VARIANT variant;
    HRESULT hr;

    memset(out, 0, sizeof *out);
    VariantInit(&variant);
    if (!asked) return E_OUTOFMEMORY;
    if (table == SERVER_REQUEST) hr = ICertServerExit_GetRequestProperty(server, asked, type, &variant);
    else hr = ICertServerExit_GetCertificateProperty(server, asked, type, &variant);
    if (hr == CERTSRV_E_PROPERTY_EMPTY) hr = S_FALSE;
    else if (SUCCEEDED(hr)) hr = take(&variant, type, out);
    VariantClear(&variant);
    SysFreeString(asked);
    return hr;
}

void server_value_free(struct server_value *value)
{
    SysFreeString(value->bstr);
    value->bstr = NULL;
}
