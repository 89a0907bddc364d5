/* The DLL's exports for COM and regsvr32: two class factories, and registration. */
#include "dll.h"

#include "exit.h"
#include "manage.h"
#include "registration/registration.h"

#include <certsrv.h>
#include <certwitness.h>
#include <stdbool.h>
#include <stdlib.h>
#include <wchar.h>

/*
 * A class factory. There is one for each class, it needs no memory and no count of its own: it
 * counts as the DLL does.
 */
struct factory {
    IClassFactory IClassFactory_iface;
    const CLSID *clsid;
    HRESULT (*create)(REFIID iid, void **out);
};

static HRESULT WINAPI dll_exports_factory_QueryInterface(IClassFactory *iface, REFIID iid,
                                                         void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IClassFactory))
        return E_NOINTERFACE;
    *out = iface;
    IClassFactory_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI dll_exports_factory_AddRef(IClassFactory *iface)
{
    (void)iface;
    dll_hold();
    return 2;
}

static ULONG WINAPI dll_exports_factory_Release(IClassFactory *iface)
{
    (void)iface;
    dll_let_go();
    return 1;
}

static HRESULT WINAPI dll_exports_factory_CreateInstance(IClassFactory *iface, IUnknown *outer,
                                                         REFIID iid, void **out)
{
    struct factory *factory = CONTAINING_RECORD(iface, struct factory, IClassFactory_iface);

    if (!out) return E_POINTER;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    return factory->create(iid, out);
}

static HRESULT WINAPI dll_exports_factory_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface;
    if (lock) dll_hold();
    else dll_let_go();
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    dll_exports_factory_QueryInterface, dll_exports_factory_AddRef, dll_exports_factory_Release,
    dll_exports_factory_CreateInstance, dll_exports_factory_LockServer,
};

static struct factory factories[] = {
    {{&factory_vtbl}, &CLSID_Exit, exit_create},
    {{&factory_vtbl}, &CLSID_ExitManage, manage_create},
};

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    for (size_t i = 0; i < ARRAYSIZE(factories); i++) {
        IClassFactory *factory = &factories[i].IClassFactory_iface;

        if (IsEqualCLSID(clsid, factories[i].clsid))
            return IClassFactory_QueryInterface(factory, iid, out);
    }
    return CLASS_E_CLASSNOTAVAILABLE;
}

static HRESULT dll_exports_add(enum registration_scope scope)
{
    WCHAR *path;
    HRESULT hr = dll_path(&path);

    if (FAILED(hr)) return hr;
    hr = registration_add(path, scope);
    free(path);
    return hr;
}

HRESULT WINAPI DllRegisterServer(void)
{
    return dll_exports_add(REGISTRATION_ALL);
}

HRESULT WINAPI DllUnregisterServer(void)
{
    return registration_remove();
}

/* regsvr32 /n /i:console registers what the snap-in needs and nothing else; `what` is the text
 * behind the colon. */
HRESULT WINAPI DllInstall(BOOL install, const WCHAR *what)
{
    bool console = what && !wcscmp(what, L"console");

    if (what && *what && !console) return E_INVALIDARG;
    if (!install) return registration_remove();
    return dll_exports_add(console ? REGISTRATION_CONSOLE : REGISTRATION_ALL);
}
