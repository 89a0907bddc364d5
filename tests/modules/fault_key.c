/* Breaks `key`: it does not begin without its registry key. */
#include "base.h"

static HRESULT initialize(LONG *mask)
{
    ICertServerExit *server;
    VARIANT path;
    HKEY key;
    LSTATUS error = ERROR_INVALID_FUNCTION;
    HRESULT hr = server_open(0, &server);

    if (FAILED(hr)) return hr;
    if (SUCCEEDED(server_ask(server, false, L"ModuleRegistryLocation", PROPTYPE_STRING, &path))) {
        error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, V_BSTR(&path), 0, KEY_READ, &key);
        if (!error) RegCloseKey(key);
    }
    VariantClear(&path);
    ICertServerExit_Release(server);
    *mask = 0x2FF;
    return HRESULT_FROM_WIN32(error);
}

const struct module module = {.progid = L"FaultKey.Exit", .number = 24, .initialize = initialize};
