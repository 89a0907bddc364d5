/*
 * An exit module that does what exit modules commonly do: it reads what it wants to know, and appends a line to a text file, which
 * it opens and closes for every event. Nothing is flushed. `make bench` compares it with ours; it reads the same properties.
 *
 * One class, BenchAppender.Exit. The file is the one named by APPENDER_FILE.
 */
#include "factory.h"

#include <certsrv.h>
#include <oleauto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

static const CLSID class_id = {0x3b3d9f51, 0x60b0, 0x4d47, {0x9a, 0x2e, 0x51, 0x0c, 0x6d, 0x1b, 0x7a, 0x03}};
#define PROGID L"BenchAppender.Exit"

static const struct property { const WCHAR *name; LONG type; } of_request[] = {
    {L"RequestID", PROPTYPE_LONG}, {L"Disposition", PROPTYPE_LONG}, {L"RequestType", PROPTYPE_LONG},
    {L"RequestFlags", PROPTYPE_LONG}, {L"StatusCode", PROPTYPE_LONG}, {L"DispositionMessage", PROPTYPE_STRING},
    {L"SubmittedWhen", PROPTYPE_DATE}, {L"ResolvedWhen", PROPTYPE_DATE}, {L"RequesterName", PROPTYPE_STRING},
    {L"CallerName", PROPTYPE_STRING}, {L"RequestAttributes", PROPTYPE_STRING}, {L"RawRequest", PROPTYPE_BINARY},
}, of_certificate[] = {
    {L"SerialNumber", PROPTYPE_STRING}, {L"DistinguishedName", PROPTYPE_STRING}, {L"NotBefore", PROPTYPE_DATE},
    {L"NotAfter", PROPTYPE_DATE}, {L"CertificateTemplate", PROPTYPE_STRING}, {L"CertificateHash", PROPTYPE_STRING},
    {L"UPN", PROPTYPE_STRING}, {L"RawCertificate", PROPTYPE_BINARY},
};

static HMODULE instance;
static LONG objects;
static SRWLOCK file_lock = SRWLOCK_INIT;

struct appender {
    ICertExit2 ICertExit2_iface;
    LONG ref;
};

static struct appender *impl_from_ICertExit2(ICertExit2 *iface)
{
    return CONTAINING_RECORD(iface, struct appender, ICertExit2_iface);
}

/* One value as text behind what is there; binary values as hex. */
static size_t add_value(char *line, size_t size, size_t room, VARIANT *value)
{
    const unsigned char *bytes;

    switch (V_VT(value)) {
    case VT_I4: return size + (size_t)snprintf(line + size, room - size, "%ld;", V_I4(value));
    case VT_DATE: return size + (size_t)snprintf(line + size, room - size, "%.8f;", V_DATE(value));
    case VT_BSTR:
        bytes = (const unsigned char *)V_BSTR(value);
        for (UINT i = 0; i < SysStringByteLen(V_BSTR(value)) && size + 4 < room; i++) {
            line[size++] = "0123456789abcdef"[bytes[i] >> 4];
            line[size++] = "0123456789abcdef"[bytes[i] & 15];
        }
        break;
    }
    line[size++] = ';';
    return size;
}

static size_t read_all(ICertServerExit *server, char *line, size_t room)
{
    size_t size = 0;

    for (size_t i = 0; i < ARRAYSIZE(of_request) + ARRAYSIZE(of_certificate); i++) {
        bool request = i < ARRAYSIZE(of_request);
        const struct property *property = request ? &of_request[i] : &of_certificate[i - ARRAYSIZE(of_request)];
        BSTR name = SysAllocString(property->name);
        VARIANT value;

        VariantInit(&value);
        if (request) ICertServerExit_GetRequestProperty(server, name, property->type, &value);
        else ICertServerExit_GetCertificateProperty(server, name, property->type, &value);
        if (size + 1000 < room) size = add_value(line, size, room, &value);
        VariantClear(&value);
        SysFreeString(name);
    }
    line[size++] = '\n';
    return size;
}

static HRESULT append(const char *line, size_t size)
{
    const WCHAR *path = _wgetenv(L"APPENDER_FILE");
    HRESULT hr = S_OK;
    DWORD written;
    HANDLE file;

    AcquireSRWLockExclusive(&file_lock);
    file = CreateFileW(path ? path : L"appender.txt", FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL,
                       NULL);
    if (file == INVALID_HANDLE_VALUE || !WriteFile(file, line, (DWORD)size, &written, NULL)) {
        hr = HRESULT_FROM_WIN32(GetLastError());
    }
    if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
    ReleaseSRWLockExclusive(&file_lock);
    return hr;
}

static HRESULT WINAPI exit_Notify(ICertExit2 *iface, LONG event, LONG context)
{
    static const size_t room = 64 << 10;
    ICertServerExit *server = NULL;
    HRESULT hr = S_OK;
    char *line;

    (void)iface;
    if (event != EXITEVENT_CERTISSUED) return S_OK;
    if (!(line = malloc(room))) return E_OUTOFMEMORY;
    hr = CoCreateInstance(&CLSID_CCertServerExit, NULL, CLSCTX_INPROC_SERVER, &IID_ICertServerExit, (void **)&server);
    if (SUCCEEDED(hr)) hr = ICertServerExit_SetContext(server, context);
    if (SUCCEEDED(hr)) hr = append(line, read_all(server, line, room));
    if (server) ICertServerExit_Release(server);
    free(line);
    return hr;
}

static HRESULT WINAPI exit_Initialize(ICertExit2 *iface, const BSTR config, LONG *mask)
{
    (void)iface, (void)config;
    *mask = EXITEVENT_CERTISSUED;
    return S_OK;
}

static HRESULT WINAPI exit_QueryInterface(ICertExit2 *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_ICertExit) && !IsEqualIID(iid, &IID_ICertExit2)) return E_NOINTERFACE;
    *out = iface;
    InterlockedIncrement(&impl_from_ICertExit2(iface)->ref);
    return S_OK;
}

static ULONG WINAPI exit_AddRef(ICertExit2 *iface)
{
    return InterlockedIncrement(&impl_from_ICertExit2(iface)->ref);
}

static ULONG WINAPI exit_Release(ICertExit2 *iface)
{
    ULONG ref = InterlockedDecrement(&impl_from_ICertExit2(iface)->ref);

    if (ref) return ref;
    free(impl_from_ICertExit2(iface));
    InterlockedDecrement(&objects);
    return 0;
}

static HRESULT WINAPI exit_GetTypeInfoCount(ICertExit2 *iface, UINT *count)
{
    (void)iface;
    *count = 0;
    return S_OK;
}

static HRESULT WINAPI exit_GetTypeInfo(ICertExit2 *iface, UINT index, LCID locale, ITypeInfo **info)
{
    (void)iface, (void)index, (void)locale, (void)info;
    return E_NOTIMPL;
}

static HRESULT WINAPI exit_GetIDsOfNames(ICertExit2 *iface, REFIID iid, OLECHAR **names, UINT count, LCID locale, DISPID *ids)
{
    (void)iface, (void)iid, (void)names, (void)count, (void)locale, (void)ids;
    return E_NOTIMPL;
}

static HRESULT WINAPI exit_Invoke(ICertExit2 *iface, DISPID id, REFIID iid, LCID locale, WORD flags, DISPPARAMS *arguments,
                                  VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    (void)iface, (void)id, (void)iid, (void)locale, (void)flags, (void)arguments, (void)result, (void)exception, (void)wrong;
    return E_NOTIMPL;
}

static HRESULT WINAPI exit_GetDescription(ICertExit2 *iface, BSTR *description)
{
    (void)iface;
    *description = SysAllocString(L"Appends a line to a file");
    return S_OK;
}

static HRESULT WINAPI exit_GetManageModule(ICertExit2 *iface, ICertManageModule **manage)
{
    (void)iface;
    *manage = NULL;
    return E_NOTIMPL;
}

static const ICertExit2Vtbl exit_vtbl = {
    exit_QueryInterface, exit_AddRef, exit_Release, exit_GetTypeInfoCount, exit_GetTypeInfo, exit_GetIDsOfNames, exit_Invoke,
    exit_Initialize, exit_Notify, exit_GetDescription, exit_GetManageModule,
};

/* The DLL. */

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    struct appender *appender;
    HRESULT hr;

    (void)iface;
    *out = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (!(appender = calloc(1, sizeof *appender))) return E_OUTOFMEMORY;
    InterlockedIncrement(&objects);
    appender->ICertExit2_iface.lpVtbl = &exit_vtbl;
    appender->ref = 1;
    hr = exit_QueryInterface(&appender->ICertExit2_iface, iid, out);
    exit_Release(&appender->ICertExit2_iface);
    return hr;
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface, (void)lock;
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    factory_QueryInterface, factory_AddRef, factory_Release, factory_CreateInstance, factory_LockServer,
};
static IClassFactory factory = {&factory_vtbl};

__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    *out = NULL;
    return IsEqualCLSID(clsid, &class_id) ? factory_QueryInterface(&factory, iid, out) : CLASS_E_CLASSNOTAVAILABLE;
}

__declspec(dllexport) HRESULT WINAPI DllCanUnloadNow(void)
{
    return objects ? S_FALSE : S_OK;
}

static void set_text(const WCHAR *path, const WCHAR *name, const WCHAR *text)
{
    RegSetKeyValueW(HKEY_LOCAL_MACHINE, path, name, REG_SZ, text, (DWORD)((wcslen(text) + 1) * sizeof *text));
}

__declspec(dllexport) HRESULT WINAPI DllRegisterServer(void)
{
    WCHAR dll[MAX_PATH], path[200], id[40];

    GetModuleFileNameW(instance, dll, MAX_PATH);
    StringFromGUID2(&class_id, id, 40);
    wcscat(wcscat(wcscpy(path, L"Software\\Classes\\CLSID\\"), id), L"\\InprocServer32");
    set_text(path, NULL, dll);
    set_text(path, L"ThreadingModel", L"Both");
    set_text(L"Software\\Classes\\" PROGID L"\\CLSID", NULL, id);
    return S_OK;
}

__declspec(dllexport) HRESULT WINAPI DllUnregisterServer(void)
{
    WCHAR path[200], id[40];

    StringFromGUID2(&class_id, id, 40);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, wcscat(wcscpy(path, L"Software\\Classes\\CLSID\\"), id));
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"Software\\Classes\\" PROGID);
    return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE dll, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) instance = dll;
    return TRUE;
}
