/*
 * Declarations that widl's proxies need beyond MinGW-w64's headers. Passed to the compiler with
 * -include, since generated files are not edited.
 */
#ifndef WIDL_H
#define WIDL_H

#include <objbase.h>
#include <oleauto.h>

/* rpcrt4 exports these; MinGW-w64 declares them only for C++. */
HRESULT WINAPI IUnknown_QueryInterface_Proxy(IUnknown *unknown, REFIID iid, void **out);
ULONG WINAPI IUnknown_AddRef_Proxy(IUnknown *unknown);
ULONG WINAPI IUnknown_Release_Proxy(IUnknown *unknown);

/* Only in the generated proxies; see odd_bytes.c. */
#ifdef PROXY_DELEGATION
#define BSTR_UserUnmarshal    exact_BSTR_UserUnmarshal
#define VARIANT_UserUnmarshal exact_VARIANT_UserUnmarshal
#endif

#endif
