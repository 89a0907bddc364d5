/* Breaks `bound`: it asks for attribute, extension and certificate of nobody's request. */
#include "base.h"

static HRESULT also(LONG event, LONG context, ICertServerExit *server)
{
    BSTR attribute, extension, text = NULL;
    ICertServerExit *unbound;
    VARIANT value;

    (void)server;
    if (!is_of_request(event) || !context || FAILED(server_open(0, &unbound))) return S_OK;
    attribute = SysAllocString(L"ccm");
    extension = SysAllocString(L"2.5.29.14");
    VariantInit(&value);
    ICertServerExit_GetRequestAttribute(unbound, attribute, &text);
    SysFreeString(text);
    ICertServerExit_GetCertificateExtension(unbound, extension, PROPTYPE_BINARY, &value);
    VariantClear(&value);
    server_ask(unbound, false, L"SerialNumber", PROPTYPE_STRING, &value);
    VariantClear(&value);
    SysFreeString(attribute);
    SysFreeString(extension);
    ICertServerExit_Release(unbound);
    return S_OK;
}

const struct module module = {.progid = L"FaultUnbound.Exit", .number = 50, .also = also};
