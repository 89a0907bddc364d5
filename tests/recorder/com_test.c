/*
 * certwitness.dll as a COM server, asked as a stranger would: through CoCreateInstance and the CA's published
 * interfaces.
 *
 * The CA itself is a small class object in this program, which has just enough names for Initialize and knows no
 * request. What the module records is the business of other tests; this one is about objects, threads, errors and
 * unloading.
 */
#include "lib/test.h"
#include "lib/module.h"

#include <certsrv.h>
#include <certwitness.h>

#include <shlobj.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>
#include <wchar.h>

#define POISON ((void *)0xdeadbeefdeadbeef)
#define CA_NAME L"CertWitness com_test"

static const CLSID server_clsid = {0x4c4a5e40, 0x732c, 0x11d0, {0x88, 0x16, 0x00, 0xa0, 0xc9, 0x03, 0xb8, 0x3c}};
static const IID strange_iid = {0x12345678, 0x1234, 0x1234, {1, 2, 3, 4, 5, 6, 7, 8}};

/* --- the module under test --- */

static FARPROC module_export(HMODULE module, const char *name)
{
    FARPROC function = GetProcAddress(module, name);

    if (!function) test_note("%s is not exported", name);
    return function;
}

static ICertExit2 *new_exit(void)
{
    ICertExit2 *exit = POISON;

    check_hr(CoCreateInstance(&CLSID_Exit, NULL, CLSCTX_INPROC_SERVER, &IID_ICertExit2, (void **)&exit), S_OK);
    return exit;
}

static ICertManageModule *new_manage(void)
{
    ICertManageModule *manage = POISON;

    check_hr(CoCreateInstance(&CLSID_ExitManage, NULL, CLSCTX_INPROC_SERVER, &IID_ICertManageModule, (void **)&manage),
             S_OK);
    return manage;
}

static IClassFactory *factory_of(HMODULE module, const CLSID *clsid)
{
    HRESULT (WINAPI *get)(REFCLSID, REFIID, void **) = (void *)module_export(module, "DllGetClassObject");
    IClassFactory *factory = POISON;

    check_hr(get(clsid, &IID_IClassFactory, (void **)&factory), S_OK);
    return factory;
}

static HRESULT can_unload(HMODULE module)
{
    HRESULT (WINAPI *ask)(void) = (void *)module_export(module, "DllCanUnloadNow");

    return ask();
}

/*
 * Run on a thread of its own; what the thread makes of COM is its own affair. False where it did not end within a
 * minute.
 */
static bool on_thread(DWORD (WINAPI *run)(void *), void *argument)
{
    HANDLE thread = CreateThread(NULL, 0, run, argument, 0, NULL);
    bool ended = WaitForSingleObject(thread, 60000) == WAIT_OBJECT_0;

    CloseHandle(thread);
    return ended;
}

/* What the last failed call on this thread left behind: its text ("" if there is none). Takes it away. */
static const WCHAR *error_text(WCHAR *source, GUID *guid)
{
    static WCHAR text[1024];
    IErrorInfo *info = NULL;
    BSTR string = NULL;

    text[0] = 0;
    if (GetErrorInfo(0, &info) != S_OK) return text;
    if (SUCCEEDED(IErrorInfo_GetDescription(info, &string)) && string) swprintf(text, ARRAYSIZE(text), L"%ls", string);
    SysFreeString(string);
    string = NULL;
    if (source && SUCCEEDED(IErrorInfo_GetSource(info, &string))) swprintf(source, 100, L"%ls", string);
    SysFreeString(string);
    if (guid) IErrorInfo_GetGUID(info, guid);
    IErrorInfo_Release(info);
    return text;
}

/* --- a CA --- */

static HRESULT WINAPI server_QueryInterface(ICertServerExit *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_ICertServerExit)) return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI server_AddRef(ICertServerExit *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI server_Release(ICertServerExit *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI server_GetTypeInfoCount(ICertServerExit *iface, UINT *count)
{
    (void)iface, (void)count;
    return E_NOTIMPL;
}

static HRESULT WINAPI server_GetTypeInfo(ICertServerExit *iface, UINT index, LCID locale, ITypeInfo **type)
{
    (void)iface, (void)index, (void)locale, (void)type;
    return E_NOTIMPL;
}

static HRESULT WINAPI server_GetIDsOfNames(ICertServerExit *iface, REFIID iid, LPOLESTR *names, UINT count, LCID locale,
                                           DISPID *ids)
{
    (void)iface, (void)iid, (void)names, (void)count, (void)locale, (void)ids;
    return E_NOTIMPL;
}

static HRESULT WINAPI server_Invoke(ICertServerExit *iface, DISPID id, REFIID iid, LCID locale, WORD flags,
                                    DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception, UINT *wrong)
{
    (void)iface, (void)id, (void)iid, (void)locale, (void)flags, (void)arguments;
    (void)result, (void)exception, (void)wrong;
    return E_NOTIMPL;
}

/* No request is ever open in this CA. */
static HRESULT WINAPI server_SetContext(ICertServerExit *iface, LONG context)
{
    (void)iface;
    return context ? E_INVALIDARG : S_OK;
}

static HRESULT WINAPI server_Property(ICertServerExit *iface, const BSTR name, LONG type, VARIANT *value)
{
    static const WCHAR *const known[][2] = {
        {L"SanitizedCAName", CA_NAME},
        {L"SanitizedShortName", CA_NAME},
        {L"MachineDNSName", L"ca.example"},
        {L"ModuleRegistryLocation", L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\" CA_NAME
                                    L"\\ExitModules\\CertWitness.Exit"},
    };

    (void)iface, (void)type;
    V_VT(value) = VT_EMPTY;
    for (size_t i = 0; i < ARRAYSIZE(known); i++) {
        if (_wcsicmp(name, known[i][0])) continue;
        V_VT(value) = VT_BSTR;
        V_BSTR(value) = SysAllocString(known[i][1]);
        return S_OK;
    }
    return CERTSRV_E_PROPERTY_EMPTY;
}

static HRESULT WINAPI server_GetRequestAttribute(ICertServerExit *iface, const BSTR name, BSTR *value)
{
    (void)iface, (void)name;
    *value = NULL;
    return CERTSRV_E_PROPERTY_EMPTY;
}

static HRESULT WINAPI server_GetCertificateExtensionFlags(ICertServerExit *iface, LONG *flags)
{
    (void)iface;
    *flags = 0;
    return CERTSRV_E_PROPERTY_EMPTY;
}

static HRESULT WINAPI server_Setup(ICertServerExit *iface, LONG flags)
{
    (void)iface, (void)flags;
    return S_OK;
}

static HRESULT WINAPI server_Next(ICertServerExit *iface, BSTR *name)
{
    (void)iface;
    *name = NULL;
    return S_FALSE;
}

static HRESULT WINAPI server_Close(ICertServerExit *iface)
{
    (void)iface;
    return S_OK;
}

static const ICertServerExitVtbl server_vtbl = {
    server_QueryInterface, server_AddRef, server_Release,
    server_GetTypeInfoCount, server_GetTypeInfo, server_GetIDsOfNames, server_Invoke,
    server_SetContext, server_Property, server_GetRequestAttribute, server_Property, server_Property,
    server_GetCertificateExtensionFlags,
    server_Setup, server_Next, server_Close, server_Setup, server_Next, server_Close,
};

static ICertServerExit server = {&server_vtbl};

static HRESULT WINAPI ca_QueryInterface(IClassFactory *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IClassFactory)) return E_NOINTERFACE;
    *out = iface;
    return S_OK;
}

static ULONG WINAPI ca_AddRef(IClassFactory *iface)
{
    (void)iface;
    return 2;
}

static ULONG WINAPI ca_Release(IClassFactory *iface)
{
    (void)iface;
    return 1;
}

static HRESULT WINAPI ca_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **out)
{
    (void)iface;
    *out = NULL;
    return outer ? CLASS_E_NOAGGREGATION : ICertServerExit_QueryInterface(&server, iid, out);
}

static HRESULT WINAPI ca_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface, (void)lock;
    return S_OK;
}

static const IClassFactoryVtbl ca_vtbl = {ca_QueryInterface, ca_AddRef, ca_Release, ca_CreateInstance, ca_LockServer};
static IClassFactory ca = {&ca_vtbl};

/* The CA is there between open and close, for every thread of the MTA. */
static DWORD ca_open(void)
{
    DWORD cookie = 0;

    check_hr(CoRegisterClassObject(&server_clsid, (IUnknown *)&ca, CLSCTX_INPROC_SERVER, REGCLS_MULTIPLEUSE, &cookie),
             S_OK);
    return cookie;
}

static void ca_close(DWORD cookie)
{
    check_hr(CoRevokeClassObject(cookie), S_OK);
}

/* --- what the process holds --- */

struct handle_entry {
    void *object;
    ULONG_PTR process, handle;
    ULONG access;
    USHORT trace, type;
    ULONG attributes, reserved;
};

struct handle_list {
    ULONG_PTR count, reserved;
    struct handle_entry entries[];
};

/* GetProcessHandleCount answers 0 under Wine 8, so this counts in the list of all handles of the system. */
static int handles_open(void)
{
    enum { SYSTEM_EXTENDED_HANDLES = 64, TOO_SMALL = (int)0xc0000004 };
    LONG (WINAPI *query)(int, void *, ULONG, ULONG *) = (void *)module_export(GetModuleHandleW(L"ntdll"),
                                                                              "NtQuerySystemInformation");
    int count = 0;

    for (ULONG size = 1 << 16; size < 1 << 28; size *= 2) {
        struct handle_list *list = malloc(size);
        LONG status = query(SYSTEM_EXTENDED_HANDLES, list, size, NULL);

        for (ULONG_PTR i = 0; !status && i < list->count; i++) {
            count += list->entries[i].process == GetCurrentProcessId();
        }
        free(list);
        if (status != TOO_SMALL) return status ? -1 : count;
    }
    return -1;
}

static int threads_running(void)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    int count = 0;

    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry)) {
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    }
    CloseHandle(snapshot);
    return count;
}

static int modules_loaded(void)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, GetCurrentProcessId());
    MODULEENTRY32W entry = {.dwSize = sizeof entry};
    int count = 0;

    for (BOOL more = Module32FirstW(snapshot, &entry); more; more = Module32NextW(snapshot, &entry)) count++;
    CloseHandle(snapshot);
    return count;
}

/*
 * Blocks of memory in use, in all heaps of the process: those of the C library, of COM and of oleaut32 are among them.
 */
static int blocks_in_use(void)
{
    HANDLE heaps[64];
    DWORD count = GetProcessHeaps(ARRAYSIZE(heaps), heaps);
    int blocks = 0;

    for (DWORD i = 0; i < count && i < ARRAYSIZE(heaps); i++) {
        PROCESS_HEAP_ENTRY entry = {0};

        HeapLock(heaps[i]);
        while (HeapWalk(heaps[i], &entry)) blocks += !!(entry.wFlags & PROCESS_HEAP_ENTRY_BUSY);
        HeapUnlock(heaps[i]);
    }
    return blocks;
}

struct held { int handles, threads, modules; };

static struct held held_now(void)
{
    return (struct held){handles_open(), threads_running(), modules_loaded()};
}

static void check_held(struct held got, struct held want)
{
    check_int(got.handles, want.handles);
    check_int(got.threads, want.threads);
    check_int(got.modules, want.modules);
}

/* --- the tests --- */

TEST(the_module_registers_itself)
{
    HMODULE module = LoadLibraryW(module_path());
    HRESULT (WINAPI *enter)(void);

    if (!check(module != NULL)) return;
    enter = (void *)module_export(module, "DllRegisterServer");
    check_hr(enter(), S_OK);
    check(FreeLibrary(module));
    check(GetModuleHandleW(L"certwitness.dll") == NULL);
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);         /* this thread stays in the MTA from here on */
}
TEST(both_classes_are_made_by_either_of_their_progids)
{
    static const struct { const WCHAR *progid; const CLSID *clsid; } names[] = {
        {L"CertWitness.Exit", &CLSID_Exit},
        {L"CertWitness.Exit.1", &CLSID_Exit},
        {L"CertWitness.ExitManage", &CLSID_ExitManage},
        {L"CertWitness.ExitManage.1", &CLSID_ExitManage},
    };

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        IUnknown *object = POISON;
        CLSID clsid;

        check_hr(CLSIDFromProgID(names[i].progid, &clsid), S_OK);
        check(IsEqualCLSID(&clsid, names[i].clsid));
        check_hr(CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&object), S_OK);
        check(IUnknown_Release(object) == 0);
    }
}

TEST(a_class_object_is_made_for_our_two_classes_alone)
{
    HMODULE module = LoadLibraryW(module_path());
    HRESULT (WINAPI *get)(REFCLSID, REFIID, void **) = (void *)module_export(module, "DllGetClassObject");
    void *out = POISON;

    check_hr(get(&strange_iid, &IID_IClassFactory, &out), CLASS_E_CLASSNOTAVAILABLE);
    check(out == NULL);
    out = POISON;
    check_hr(get(&CLSID_Exit, &IID_ICertExit, &out), E_NOINTERFACE);
    check(out == NULL);
    check_hr(get(&CLSID_Exit, &IID_IClassFactory, NULL), E_POINTER);
    check_hr(get(&strange_iid, &IID_IClassFactory, NULL), E_POINTER);
    check_hr(can_unload(module), S_OK);                                 /* none of that holds anything */
    check(FreeLibrary(module));
}

TEST(a_class_factory_makes_only_what_is_asked_for_properly)
{
    HMODULE module = LoadLibraryW(module_path());
    const CLSID *classes[] = {&CLSID_Exit, &CLSID_ExitManage};

    for (size_t i = 0; i < ARRAYSIZE(classes); i++) {
        IClassFactory *factory = factory_of(module, classes[i]);
        void *out = POISON;
        IUnknown *same;

        check_hr(IClassFactory_CreateInstance(factory, (IUnknown *)&ca, &IID_IUnknown, &out), CLASS_E_NOAGGREGATION);
        check(out == NULL);
        out = POISON;
        check_hr(IClassFactory_CreateInstance(factory, NULL, &strange_iid, &out), E_NOINTERFACE);
        check(out == NULL);
        check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_IUnknown, NULL), E_POINTER);

        check_hr(IClassFactory_QueryInterface(factory, &IID_IUnknown, (void **)&same), S_OK);
        check(same == (IUnknown *)factory);
        IUnknown_Release(same);
        out = POISON;
        check_hr(IClassFactory_QueryInterface(factory, &IID_ICertExit, &out), E_NOINTERFACE);
        check(out == NULL);
        check_hr(IClassFactory_QueryInterface(factory, &IID_IUnknown, NULL), E_POINTER);
        IClassFactory_Release(factory);
    }
    check_hr(can_unload(module), S_OK);                                 /* a refused creation leaves nothing behind */
    check(FreeLibrary(module));
}

TEST(the_dll_stays_as_long_as_anything_of_it_is_held)
{
    HMODULE module = LoadLibraryW(module_path());
    IClassFactory *factory = factory_of(module, &CLSID_Exit);
    ICertManageModule *manage = POISON;
    ISupportErrorInfo *support = POISON;
    IMarshal *marshal = POISON;
    ICertExit2 *exit = POISON;

    check_hr(can_unload(module), S_FALSE);                              /* the factory */
    check_hr(IClassFactory_LockServer(factory, TRUE), S_OK);
    IClassFactory_Release(factory);
    check_hr(can_unload(module), S_FALSE);                              /* the lock */
    factory = factory_of(module, &CLSID_Exit);
    check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_ICertExit2, (void **)&exit), S_OK);
    check_hr(IClassFactory_LockServer(factory, FALSE), S_OK);
    IClassFactory_Release(factory);
    check_hr(can_unload(module), S_FALSE);                              /* the object */
    check_hr(ICertExit2_QueryInterface(exit, &IID_ISupportErrorInfo, (void **)&support), S_OK);
    if (!check_hr(ICertExit2_QueryInterface(exit, &IID_IMarshal, (void **)&marshal), S_OK)) return;
    check_hr(ICertExit2_GetManageModule(exit, &manage), S_OK);
    check(ICertExit2_Release(exit) == 2);
    check(ISupportErrorInfo_Release(support) == 1);
    check_hr(can_unload(module), S_FALSE);                              /* another interface of it */
    check(IMarshal_Release(marshal) == 0);
    check_hr(can_unload(module), S_FALSE);                              /* the object it made */
    check(ICertManageModule_Release(manage) == 0);
    check_hr(can_unload(module), S_OK);
    check(FreeLibrary(module));
}

/* Whatever interface one has, each of `iids` can be had from it, and the same ones lead to the same object. */
static void check_identity(IUnknown *object, const IID *const *iids, size_t count)
{
    IUnknown *self, *from, *to, *back;
    void *out;

    check_hr(IUnknown_QueryInterface(object, &IID_IUnknown, (void **)&self), S_OK);
    for (size_t i = 0; i < count; i++) {
        from = POISON;
        if (!check_hr(IUnknown_QueryInterface(object, iids[i], (void **)&from), S_OK)) continue;
        for (size_t k = 0; k < count; k++) {
            to = back = POISON;
            if (!check_hr(IUnknown_QueryInterface(from, iids[k], (void **)&to), S_OK)) continue;
            check_hr(IUnknown_QueryInterface(to, &IID_IUnknown, (void **)&back), S_OK);
            check(back == self);
            IUnknown_Release(back);
            IUnknown_Release(to);
        }
        out = POISON;
        check_hr(IUnknown_QueryInterface(from, &strange_iid, &out), E_NOINTERFACE);
        check(out == NULL);
        check_hr(IUnknown_QueryInterface(from, &IID_IUnknown, NULL), E_POINTER);
        IUnknown_Release(from);
    }
    IUnknown_Release(self);
}

TEST(every_interface_leads_to_every_other_and_to_one_identity)
{
    const IID *exits[] = {&IID_IUnknown, &IID_IDispatch, &IID_ICertExit, &IID_ICertExit2, &IID_ISupportErrorInfo,
                          &IID_IMarshal, &IID_IAgileObject};
    const IID *manages[] = {&IID_IUnknown, &IID_IDispatch, &IID_ICertManageModule, &IID_ISupportErrorInfo,
                            &IID_IMarshal, &IID_IAgileObject};
    ICertManageModule *manage = new_manage();
    ICertExit2 *exit = new_exit();
    void *out = POISON;

    check_identity((IUnknown *)exit, exits, ARRAYSIZE(exits));
    check_identity((IUnknown *)manage, manages, ARRAYSIZE(manages));
    check_hr(ICertExit2_QueryInterface(exit, &IID_ICertManageModule, &out), E_NOINTERFACE);
    check_hr(ICertManageModule_QueryInterface(manage, &IID_ICertExit, &out), E_NOINTERFACE);
    check(ICertManageModule_Release(manage) == 0);
    check(ICertExit2_Release(exit) == 0);
}

TEST(the_description_is_one_line_and_our_own)
{
    ICertExit2 *exit = new_exit();
    BSTR text = POISON;

    if (check_hr(ICertExit2_GetDescription(exit, &text), S_OK)) {
        check(wcsstr(text, L"CertWitness") != NULL);
        check(_wcsicmp(text, L"Windows default") != 0);
        check(wcslen(text) < 100 && wcslen(text) == SysStringLen(text));
        for (const WCHAR *c = text; *c; c++) check(*c >= ' ' && *c < 0x7f);
        SysFreeString(text);
    }
    check_hr(ICertExit2_GetDescription(exit, NULL), E_POINTER);
    check(error_text(NULL, NULL)[0]);
    check(ICertExit2_Release(exit) == 0);
}

TEST(each_call_of_get_manage_module_makes_a_new_object)
{
    ICertExit2 *exit = new_exit();
    ICertManageModule *first = POISON, *second = POISON;

    check_hr(ICertExit2_GetManageModule(exit, &first), S_OK);
    check_hr(ICertExit2_GetManageModule(exit, &second), S_OK);
    check(first != second);
    check_hr(ICertExit2_GetManageModule(exit, NULL), E_POINTER);
    check(ICertExit2_Release(exit) == 0);                               /* they live on without it */
    check(ICertManageModule_Release(first) == 0);
    check(ICertManageModule_Release(second) == 0);
}

/* --- ICertManageModule --- */

static HRESULT property(ICertManageModule *manage, const WCHAR *name, VARIANT *value)
{
    BSTR string = SysAllocString(name);
    HRESULT hr;

    memset(value, 0xcc, sizeof *value);
    hr = ICertManageModule_GetProperty(manage, NULL, NULL, string, 0, value);
    SysFreeString(string);
    return hr;
}

/* What the version resource of the file says, read as any installer would. */
static const WCHAR *file_version_text(const WCHAR *name)
{
    static char block[8192];
    WCHAR path[100], *text = NULL;
    UINT length;

    swprintf(path, ARRAYSIZE(path), L"\\StringFileInfo\\040904b0\\%ls", name);
    if (!check(GetFileVersionInfoW(module_path(), 0, sizeof block, block))) return NULL;
    return VerQueryValueW(block, path, (void **)&text, &length) ? text : NULL;
}

TEST(the_properties_are_those_of_the_version_resource)
{
    static const struct { const WCHAR *property, *resource; } names[] = {
        {L"Name", L"ProductName"},
        {L"Description", L"FileDescription"},
        {L"Copyright", L"LegalCopyright"},
        {L"File Version", L"FileVersion"},
        {L"Product Version", L"ProductVersion"},
        {L"fILE vERSION", L"FileVersion"},
        {L"NAME", L"ProductName"},
    };
    ICertManageModule *manage = new_manage();
    VARIANT value;

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        if (!check_hr(property(manage, names[i].property, &value), S_OK)) continue;
        if (!check_int(V_VT(&value), VT_BSTR)) continue;
        check_wide(V_BSTR(&value), file_version_text(names[i].resource));
        check_int(SysStringLen(V_BSTR(&value)), wcslen(V_BSTR(&value)));
        VariantClear(&value);
    }
    check_hr(property(manage, L"ismultithreaded", &value), S_OK);
    check_int(V_VT(&value), VT_BOOL);
    check_int(V_BOOL(&value), VARIANT_TRUE);
    check(ICertManageModule_Release(manage) == 0);
}

TEST(the_version_in_numbers_is_the_version_in_words)
{
    static char block[8192];
    VS_FIXEDFILEINFO *fixed = NULL;
    WCHAR numbers[50];
    UINT length;

    check(GetFileVersionInfoW(module_path(), 0, sizeof block, block));
    if (!check(VerQueryValueW(block, L"\\", (void **)&fixed, &length))) return;
    swprintf(numbers, ARRAYSIZE(numbers), L"%u.%u.%u", HIWORD(fixed->dwFileVersionMS), LOWORD(fixed->dwFileVersionMS),
             HIWORD(fixed->dwFileVersionLS));
    check_wide(numbers, file_version_text(L"FileVersion"));
    check_int(fixed->dwProductVersionMS, fixed->dwFileVersionMS);
    check_int(fixed->dwProductVersionLS, fixed->dwFileVersionLS);
    check_wide(file_version_text(L"LegalCopyright"), L"\u00a9 The CertWitness authors, MIT licence");
}

TEST(a_property_that_nobody_knows_is_empty_and_s_false)
{
    static WCHAR endless[70000];
    const WCHAR *names[] = {L"", L"Name ", L" Name", L"Nam", L"Names", L"HWND", L"FileVersion", L"\xd800",
                            L"Name\xdc00", L"N\u0430me", L"Name\n", L"..\\Name",
                            L"\\StringFileInfo\\040904B0\\CompanyName", L"%s%n%n%n", endless};
    ICertManageModule *manage = new_manage();
    VARIANT value;

    wmemset(endless, 'N', ARRAYSIZE(endless) - 1);
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        check_hr(property(manage, names[i], &value), S_FALSE);
        check_int(V_VT(&value), VT_EMPTY);
    }
    check(ICertManageModule_Release(manage) == 0);
}

/* Something that counts what is done to it, to lie in a VARIANT that nobody may look into. */
static LONG bait_calls;

static HRESULT WINAPI bait_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    (void)iface, (void)iid;
    bait_calls++;
    *out = NULL;
    return E_NOINTERFACE;
}

static ULONG WINAPI bait_count(IUnknown *iface)
{
    (void)iface;
    return ++bait_calls;
}

static const IUnknownVtbl bait_vtbl = {bait_QueryInterface, bait_count, bait_count};
static IUnknown bait = {&bait_vtbl};

TEST(a_variant_that_comes_in_is_neither_read_nor_freed)
{
    const WCHAR *names[] = {L"Name", L"IsMultiThreaded", L"Unknown"};
    ICertManageModule *manage = new_manage();

    bait_calls = 0;
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        BSTR name = SysAllocString(names[i]);
        VARIANT value[2];

        memset(value, 0xcc, sizeof value);
        V_VT(&value[0]) = VT_UNKNOWN;
        V_UNKNOWN(&value[0]) = &bait;
        check(SUCCEEDED(ICertManageModule_GetProperty(manage, NULL, NULL, name, 0, &value[0])));
        check(V_VT(&value[0]) != VT_UNKNOWN);
        VariantClear(&value[0]);
        for (size_t b = 0; b < sizeof value[1]; b++) check_int(((BYTE *)&value[1])[b], 0xcc);
        SysFreeString(name);
    }
    check_int(bait_calls, 0);
    check(ICertManageModule_Release(manage) == 0);
}

TEST(get_property_refuses_what_makes_no_sense_and_empties_its_output_first)
{
    BSTR config = SysAllocString(L"CA\\Name & \"\u00fc\""), place = SysAllocString(L"SYSTEM\\nowhere");
    BSTR name = SysAllocString(L"Name");
    ICertManageModule *manage = new_manage();
    VARIANT value;

    check_hr(ICertManageModule_GetProperty(manage, config, place, name, 0, NULL), E_POINTER);
    check(error_text(NULL, NULL)[0]);
    check_hr(ICertManageModule_GetProperty(manage, config, place, NULL, 7, NULL), E_POINTER);
    memset(&value, 0xcc, sizeof value);
    check_hr(ICertManageModule_GetProperty(manage, config, place, NULL, 0, &value), E_INVALIDARG);
    check_int(V_VT(&value), VT_EMPTY);
    check(error_text(NULL, NULL)[0]);
    memset(&value, 0xcc, sizeof value);
    check_hr(ICertManageModule_GetProperty(manage, config, place, name, 1, &value), E_INVALIDARG);
    check_int(V_VT(&value), VT_EMPTY);
    check(error_text(NULL, NULL)[0]);
    memset(&value, 0xcc, sizeof value);
    check_hr(ICertManageModule_GetProperty(manage, config, place, name, 0, &value), S_OK);
    VariantClear(&value);
    check(ICertManageModule_Release(manage) == 0);
    SysFreeString(config);
    SysFreeString(place);
    SysFreeString(name);
}

TEST(the_window_of_the_snap_in_is_accepted_in_any_type_and_never_touched)
{
    BSTR hwnd = SysAllocString(L"hwnd"), other = SysAllocString(L"Name");
    ICertManageModule *manage = new_manage();
    const VARTYPE types[] = {VT_EMPTY, VT_NULL, VT_I4, VT_I8, VT_UI8, VT_INT, VT_BSTR, VT_BSTR | VT_BYREF, VT_UNKNOWN,
                             VT_VARIANT | VT_BYREF, VT_ARRAY | VT_UI1, 0xcccc};

    bait_calls = 0;
    for (size_t i = 0; i < ARRAYSIZE(types); i++) {
        VARIANT value, before;

        memset(&value, 0, sizeof value);
        V_VT(&value) = types[i];
        V_I8(&value) = types[i] == VT_UNKNOWN ? (LONGLONG)(INT_PTR)&bait : (LONGLONG)(INT_PTR)POISON;
        memcpy(&before, &value, sizeof value);
        check_hr(ICertManageModule_SetProperty(manage, NULL, NULL, hwnd, 0, &value), S_OK);
        check_hr(ICertManageModule_SetProperty(manage, NULL, NULL, other, 0, &value), S_FALSE);
        check_bytes(&value, sizeof value, &before, sizeof before);
    }
    check_int(bait_calls, 0);
    check_hr(ICertManageModule_SetProperty(manage, NULL, NULL, hwnd, 0, NULL), E_POINTER);
    check(error_text(NULL, NULL)[0]);
    check_hr(ICertManageModule_SetProperty(manage, NULL, NULL, NULL, 0, &(VARIANT){}), E_INVALIDARG);
    check(error_text(NULL, NULL)[0]);
    check_hr(ICertManageModule_SetProperty(manage, NULL, NULL, hwnd, 2, &(VARIANT){}), E_INVALIDARG);
    check(error_text(NULL, NULL)[0]);
    check(ICertManageModule_Release(manage) == 0);
    SysFreeString(hwnd);
    SysFreeString(other);
}

/* What it shows is page.t's to see. */
TEST(configure_refreshes_silently_and_refuses_flags_that_do_not_exist)
{
    const LONG wrong[] = {4, 0x80000000, -1, CMM_REFRESHONLY | 0x10};
    ICertManageModule *manage = new_manage();

    check_hr(ICertManageModule_Configure(manage, NULL, NULL, CMM_REFRESHONLY), S_OK);
    check_hr(ICertManageModule_Configure(manage, NULL, NULL, CMM_REFRESHONLY | CMM_READONLY), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        check_hr(ICertManageModule_Configure(manage, NULL, NULL, wrong[i]), E_INVALIDARG);
        check(error_text(NULL, NULL)[0]);
    }
    check(GetModuleHandleW(L"certwitness_page.dll") == NULL);
    check(ICertManageModule_Release(manage) == 0);
}

TEST(configure_shows_nothing_where_a_recorder_is_at_work)
{
    BSTR config = SysAllocString(L"Any CA");
    const LONG flags[] = {0, CMM_READONLY};
    ICertManageModule *manage = POISON;
    ICertExit2 *exit = new_exit();
    LONG mask;

    check_hr(ICertExit2_Initialize(exit, config, &mask), S_OK);
    check_hr(ICertExit2_GetManageModule(exit, &manage), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(flags); i++) {
        check_hr(ICertManageModule_Configure(manage, NULL, NULL, flags[i]), HRESULT_FROM_WIN32(ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION));
        check(wcsstr(error_text(NULL, NULL), L"certsrv.msc") != NULL);
    }
    check(GetModuleHandleW(L"certwitness_page.dll") == NULL);
    check(ICertManageModule_Release(manage) == 0);
    check(ICertExit2_Release(exit) == 0);
    SysFreeString(config);
}

/* --- errors --- */

static HRESULT supports(IUnknown *object, const IID *iid)
{
    ISupportErrorInfo *support = POISON;
    HRESULT hr;

    if (!check_hr(IUnknown_QueryInterface(object, &IID_ISupportErrorInfo, (void **)&support), S_OK)) return E_FAIL;
    hr = ISupportErrorInfo_InterfaceSupportsErrorInfo(support, iid);
    ISupportErrorInfo_Release(support);
    return hr;
}

TEST(error_texts_are_promised_for_the_interfaces_that_give_them)
{
    ICertManageModule *manage = new_manage();
    ICertExit2 *exit = new_exit();

    check_hr(supports((IUnknown *)exit, &IID_ICertExit), S_OK);
    check_hr(supports((IUnknown *)exit, &IID_ICertExit2), S_OK);
    check_hr(supports((IUnknown *)exit, &IID_ICertManageModule), S_FALSE);
    check_hr(supports((IUnknown *)exit, &IID_IUnknown), S_FALSE);
    check_hr(supports((IUnknown *)manage, &IID_ICertManageModule), S_OK);
    check_hr(supports((IUnknown *)manage, &IID_ICertExit), S_FALSE);
    check(ICertManageModule_Release(manage) == 0);
    check(ICertExit2_Release(exit) == 0);
}

TEST(an_event_before_initialize_is_refused_with_a_reason)
{
    ICertExit2 *exit = new_exit();
    WCHAR source[100] = L"";
    GUID guid = {0};

    check_hr(ICertExit2_Notify(exit, EXITEVENT_CERTISSUED, 7), E_UNEXPECTED);
    check(wcsstr(error_text(source, &guid), L"before Initialize") != NULL);
    check_wide(source, L"CertWitness.Exit");
    check(IsEqualGUID(&guid, &IID_ICertExit2));
    check(ICertExit2_Release(exit) == 0);
}

/* --- Initialize --- */

static ICertExit2 *initialized(void)
{
    ICertExit2 *exit = new_exit();
    BSTR config = SysAllocString(CA_NAME);
    LONG mask = 0x55555555;

    check_hr(ICertExit2_Initialize(exit, config, &mask), S_OK);
    check_int(mask, 0x3ff);
    SysFreeString(config);
    return exit;
}

TEST(initialize_asks_for_all_events_and_works_once)
{
    DWORD cookie = ca_open();
    ICertExit2 *exit = initialized();
    LONG mask = 0x55555555;

    check_hr(ICertExit2_Initialize(exit, NULL, &mask), E_UNEXPECTED);
    check_int(mask, 0);
    check(wcsstr(error_text(NULL, NULL), L"second time") != NULL);
    check_hr(ICertExit2_Initialize(exit, NULL, NULL), E_POINTER);
    check(error_text(NULL, NULL)[0]);
    check(ICertExit2_Release(exit) == 0);
    ca_close(cookie);
}

TEST(a_missing_name_of_the_ca_is_no_obstacle)
{
    DWORD cookie = ca_open();
    ICertExit2 *exit = new_exit();
    LONG mask = 0x55555555;

    check_hr(ICertExit2_Initialize(exit, NULL, &mask), S_OK);
    check_int(mask, 0x3ff);
    check(ICertExit2_Release(exit) == 0);
    ca_close(cookie);
}

TEST(an_event_that_the_ca_will_not_explain_fails_with_its_code_and_a_reason)
{
    DWORD cookie = ca_open();
    ICertExit2 *exit = initialized();

    check_hr(ICertExit2_Notify(exit, EXITEVENT_CERTISSUED, 7), E_INVALIDARG);
    check(error_text(NULL, NULL)[0]);
    check(ICertExit2_Release(exit) == 0);
    ca_close(cookie);
}

struct race {
    ICertExit2 *exit;
    volatile LONG ready, started, refused, other;
};

/* Both spin until the other is there, to reach Initialize within nanoseconds of each other; where the machine has other
 * things to do they let it. */
static DWORD WINAPI initialize_in_a_race(void *argument)
{
    struct race *race = argument;
    LONG mask = 0x55555555;
    HRESULT hr;

    InterlockedIncrement(&race->ready);
    for (int spins = 0; race->ready < 2; spins++) if (spins > 100000) SwitchToThread();
    hr = ICertExit2_Initialize(race->exit, NULL, &mask);
    if (hr == S_OK && mask == 0x3ff) InterlockedIncrement(&race->started);
    else if (hr == E_UNEXPECTED && !mask) InterlockedIncrement(&race->refused);
    else InterlockedIncrement(&race->other);
    return 0;
}

TEST(of_two_threads_that_initialize_one_object_at_once_one_succeeds)
{
    DWORD cookie = ca_open();

    for (int round = 0; round < 100; round++) {
        struct race race = {.exit = new_exit()};
        HANDLE threads[2];

        for (int i = 0; i < 2; i++) threads[i] = CreateThread(NULL, 0, initialize_in_a_race, &race, 0, NULL);
        check(WaitForMultipleObjects(2, threads, TRUE, 60000) == WAIT_OBJECT_0);
        for (int i = 0; i < 2; i++) CloseHandle(threads[i]);
        check_int(race.started, 1);
        check_int(race.refused, 1);
        check_int(race.other, 0);
        check(ICertExit2_Release(race.exit) == 0);
    }
    ca_close(cookie);
}

/* --- IDispatch --- */

static DISPID id_of(IDispatch *object, const WCHAR *name)
{
    OLECHAR *names[] = {(OLECHAR *)name};
    DISPID id = 0x55555555;

    check_hr(IDispatch_GetIDsOfNames(object, &IID_NULL, names, 1, 0, &id), S_OK);
    return id;
}

/* As scripts call: by name, arguments back to front, and with poison where results go. */
static HRESULT call(IDispatch *object, const WCHAR *name, VARIANT *arguments, UINT count, VARIANT *result,
                    EXCEPINFO *exception)
{
    DISPPARAMS parameters = {arguments, NULL, count, 0};

    if (result) memset(result, 0xcc, sizeof *result);
    if (exception) memset(exception, 0xcc, sizeof *exception);
    return IDispatch_Invoke(object, id_of(object, name), &IID_NULL, 0, DISPATCH_METHOD, &parameters, result, exception,
                            NULL);
}

static VARIANT text_variant(const WCHAR *text)
{
    return (VARIANT){.vt = VT_BSTR, .bstrVal = SysAllocString(text)};
}

static VARIANT long_variant(LONG number)
{
    return (VARIANT){.vt = VT_I4, .lVal = number};
}

static void forget(EXCEPINFO *exception)
{
    SysFreeString(exception->bstrSource);
    SysFreeString(exception->bstrDescription);
    SysFreeString(exception->bstrHelpFile);
}

TEST(the_names_of_the_methods_lead_to_the_numbers_of_the_contract)
{
    static const struct { const WCHAR *name; DISPID id; } exits[] = {
        {L"Initialize", 0x60020000}, {L"INITIALIZE", 0x60020000}, {L"Notify", 0x60020001},
        {L"GetDescription", 0x60020002}, {L"GetManageModule", 0x60030000},
    }, manages[] = {
        {L"GetProperty", 0x60020000}, {L"SetProperty", 0x60020001}, {L"Configure", 0x60020002},
    };
    IDispatch *exit = (IDispatch *)new_exit(), *manage = (IDispatch *)new_manage();
    OLECHAR *unknown[] = {(OLECHAR *)L"Format\xd800"}, *known[] = {(OLECHAR *)L"Notify"};
    DISPID id = 0x55555555;

    for (size_t i = 0; i < ARRAYSIZE(exits); i++) check_int(id_of(exit, exits[i].name), exits[i].id);
    for (size_t i = 0; i < ARRAYSIZE(manages); i++) check_int(id_of(manage, manages[i].name), manages[i].id);
    check_hr(IDispatch_GetIDsOfNames(exit, &IID_NULL, unknown, 1, 0, &id), DISP_E_UNKNOWNNAME);
    check_int(id, DISPID_UNKNOWN);
    id = 0x55555555;
    check_hr(IDispatch_GetIDsOfNames(exit, &strange_iid, known, 1, 0, &id), DISP_E_UNKNOWNINTERFACE);
    check_int(id, DISPID_UNKNOWN);
    check_hr(IDispatch_GetIDsOfNames(exit, &IID_NULL, NULL, 1, 0, &id), E_POINTER);
    check_hr(IDispatch_GetIDsOfNames(exit, &IID_NULL, known, 1, 0, NULL), E_POINTER);
    check(IDispatch_Release(exit) == 0);
    check(IDispatch_Release(manage) == 0);
}

TEST(type_information_is_there_and_is_that_of_the_interface)
{
    IDispatch *objects[] = {(IDispatch *)new_exit(), (IDispatch *)new_manage()};
    const IID *iids[] = {&IID_ICertExit2, &IID_ICertManageModule};

    for (int i = 0; i < 2; i++) {
        ITypeInfo *type = POISON, *again = POISON;
        TYPEATTR *attributes = NULL;
        UINT count = 0x55555555;

        check_hr(IDispatch_GetTypeInfoCount(objects[i], &count), S_OK);
        check_int(count, 1);
        check_hr(IDispatch_GetTypeInfoCount(objects[i], NULL), E_POINTER);
        check_hr(IDispatch_GetTypeInfo(objects[i], 1, 0, &type), DISP_E_BADINDEX);
        check(type == NULL);
        check_hr(IDispatch_GetTypeInfo(objects[i], 0, 0, NULL), E_POINTER);
        check_hr(IDispatch_GetTypeInfo(objects[i], 0, 0, &type), S_OK);
        check_hr(IDispatch_GetTypeInfo(objects[i], 0, 0, &again), S_OK);
        check(IDispatch_Release(objects[i]) == 0);
        check_hr(ITypeInfo_GetTypeAttr(type, &attributes), S_OK);       /* it outlives the object */
        check(IsEqualIID(&attributes->guid, iids[i]));
        ITypeInfo_ReleaseTypeAttr(type, attributes);
        check(ITypeInfo_Release(again) == 1);
        check(ITypeInfo_Release(type) == 0);
    }
}

TEST(a_script_can_initialize_notify_and_ask)
{
    DWORD cookie = ca_open();
    IDispatch *exit = (IDispatch *)new_exit();
    VARIANT config = text_variant(CA_NAME), backwards[] = {long_variant(7), long_variant(EXITEVENT_CERTISSUED)}, result;
    EXCEPINFO exception;

    check_hr(call(exit, L"Initialize", &config, 1, &result, NULL), S_OK);
    check_int(V_VT(&result), VT_I4);
    check_int(V_I4(&result), 0x3ff);
    check_hr(call(exit, L"GetDescription", NULL, 0, &result, NULL), S_OK);
    if (check_int(V_VT(&result), VT_BSTR)) check(wcsstr(V_BSTR(&result), L"CertWitness") != NULL);
    VariantClear(&result);
    check_hr(call(exit, L"GetManageModule", NULL, 0, &result, NULL), S_OK);
    if (check_int(V_VT(&result), VT_DISPATCH)) check(IDispatch_Release(V_DISPATCH(&result)) == 0);

    check_hr(call(exit, L"Notify", backwards, 2, NULL, &exception), DISP_E_EXCEPTION);
    check_hr(exception.scode, E_INVALIDARG);                            /* context 7 is none of this CA's */
    check(exception.bstrDescription && exception.bstrDescription[0]);
    forget(&exception);
    check(IDispatch_Release(exit) == 0);
    VariantClear(&config);
    ca_close(cookie);
}

TEST(arguments_of_other_types_are_converted_and_impossible_ones_refused)
{
    IDispatch *exit = (IDispatch *)new_exit();
    VARIANT texts[] = {text_variant(L"7"), text_variant(L"1")}, result;
    VARIANT nonsense[] = {long_variant(7), text_variant(L"\x202emany\xdc00")};
    DISPPARAMS none = {0};
    EXCEPINFO exception;

    SetErrorInfo(0, NULL);
    check_hr(call(exit, L"Notify", texts, 2, &result, &exception), DISP_E_EXCEPTION);
    check_hr(exception.scode, E_UNEXPECTED);                            /* it got there: before Initialize */
    check(exception.bstrDescription && wcsstr(exception.bstrDescription, L"before Initialize"));
    check_wide(exception.bstrSource, L"CertWitness.Exit");
    forget(&exception);
    check_hr(call(exit, L"Notify", nonsense, 2, &result, &exception), DISP_E_TYPEMISMATCH);
    check_int(V_VT(&result), VT_EMPTY);
    check(exception.bstrDescription == NULL);
    check_hr(call(exit, L"Notify", nonsense, 1, &result, &exception), DISP_E_BADPARAMCOUNT);
    check_hr(IDispatch_Invoke(exit, 0x60020001, &strange_iid, 0, DISPATCH_METHOD, &none, &result, &exception, NULL),
             DISP_E_UNKNOWNINTERFACE);
    check_hr(IDispatch_Invoke(exit, 0x60020002, &IID_NULL, 0, DISPATCH_METHOD, NULL, &result, &exception, NULL),
             E_POINTER);
    check_hr(IDispatch_Invoke(exit, 4711, &IID_NULL, 0, DISPATCH_METHOD, &none, &result, &exception, NULL),
             DISP_E_MEMBERNOTFOUND);
    check(IDispatch_Release(exit) == 0);
    for (int i = 0; i < 2; i++) VariantClear(&texts[i]), VariantClear(&nonsense[i]);
}

TEST(a_script_can_read_properties_and_is_told_why_no_page_is_shown)
{
    IDispatch *manage = (IDispatch *)new_manage();
    VARIANT backwards[] = {long_variant(0), text_variant(L"Name"), text_variant(L"SYSTEM"), text_variant(L"CA\\x")};
    VARIANT dialog[] = {long_variant(4), backwards[2], backwards[3]};
    VARIANT set[] = {long_variant(4711), backwards[0], text_variant(L"HWND"), backwards[2], backwards[3]}, result;
    EXCEPINFO exception;

    check_hr(call(manage, L"GetProperty", backwards, 4, &result, NULL), S_OK);
    if (check_int(V_VT(&result), VT_BSTR)) check_wide(V_BSTR(&result), L"CertWitness");
    VariantClear(&result);
    check_hr(call(manage, L"SetProperty", set, 5, NULL, NULL), S_OK);
    check_hr(call(manage, L"Configure", dialog, 3, NULL, &exception), DISP_E_EXCEPTION);
    check_hr(exception.scode, E_INVALIDARG);
    check(exception.bstrDescription && wcsstr(exception.bstrDescription, L"flags that do not exist"));
    check_wide(exception.bstrSource, L"CertWitness.ExitManage");
    forget(&exception);
    check(IDispatch_Release(manage) == 0);
    VariantClear(&set[2]);
    for (int i = 1; i < 4; i++) VariantClear(&backwards[i]);
}

/* --- threads --- */

struct visit {
    ICertExit2 *exit;                   /* set where the visitor gets the pointer as it is */
    IStream *stream;                    /* set where it is marshalled */
    DWORD apartment;                    /* COINIT_…, or NO_COM */
    HRESULT hr;
};

enum { NO_COM = 0x1000 };

/* Reach the object from another thread and use it by both doors. */
static DWORD WINAPI visit(void *argument)
{
    struct visit *visit = argument;
    ICertExit2 *exit = visit->exit;
    VARIANT result;
    BSTR text = NULL;

    if (visit->apartment != NO_COM) CoInitializeEx(NULL, visit->apartment);
    if (visit->stream) visit->hr = CoGetInterfaceAndReleaseStream(visit->stream, &IID_ICertExit2, (void **)&exit);
    if (SUCCEEDED(visit->hr)) visit->hr = ICertExit2_GetDescription(exit, &text);
    if (SUCCEEDED(visit->hr)) visit->hr = call((IDispatch *)exit, L"GetDescription", NULL, 0, &result, NULL);
    if (SUCCEEDED(visit->hr)) VariantClear(&result);
    if (visit->stream && exit) ICertExit2_Release(exit);
    SysFreeString(text);
    if (visit->apartment != NO_COM) CoUninitialize();
    return 0;
}

/* Made in an STA whose thread then looks at no message: a proxy would wait for ever. */
static DWORD WINAPI sta_that_never_pumps(void *argument)
{
    struct visit *visitor = argument;
    ICertExit2 *exit;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    exit = new_exit();
    if (check_hr(CoMarshalInterThreadInterfaceInStream(&IID_ICertExit2, (IUnknown *)exit, &visitor->stream), S_OK)) {
        check(on_thread(visit, visitor));
    }
    check(ICertExit2_Release(exit) == 0);
    CoUninitialize();
    return 0;
}

TEST(an_object_made_in_an_sta_serves_every_other_apartment_while_that_thread_sleeps)
{
    const DWORD apartments[] = {COINIT_MULTITHREADED, COINIT_APARTMENTTHREADED};

    for (size_t i = 0; i < ARRAYSIZE(apartments); i++) {
        struct visit visitor = {.apartment = apartments[i]};

        check(on_thread(sta_that_never_pumps, &visitor));
        check_hr(visitor.hr, S_OK);
    }
}

TEST(a_plain_pointer_works_on_any_thread_even_one_that_knows_no_com)
{
    const DWORD apartments[] = {COINIT_MULTITHREADED, COINIT_APARTMENTTHREADED, NO_COM};
    ICertExit2 *exit = new_exit();

    for (size_t i = 0; i < ARRAYSIZE(apartments); i++) {
        struct visit visitor = {.apartment = apartments[i], .exit = exit};

        check(on_thread(visit, &visitor));
        check_hr(visitor.hr, S_OK);
    }
    check(ICertExit2_Release(exit) == 0);
}

enum { CROWD = 8 };

struct traffic {
    ICertExit2 *exit;
    volatile LONG wrong;
};

static DWORD WINAPI drive(void *argument)
{
    struct traffic *traffic = argument;

    for (int i = 0; i < 200; i++) {
        ICertManageModule *manage = NULL;
        ISupportErrorInfo *support = NULL;
        ITypeInfo *type = NULL;
        VARIANT value;
        bool well = true;

        well &= ICertExit2_GetManageModule(traffic->exit, &manage) == S_OK;
        well &= property(manage, L"Name", &value) == S_OK && !wcscmp(V_BSTR(&value), L"CertWitness");
        well &= VariantClear(&value) == S_OK;
        well &= ICertExit2_QueryInterface(traffic->exit, &IID_ISupportErrorInfo, (void **)&support) == S_OK;
        well &= ICertExit2_GetTypeInfo(traffic->exit, 0, 0, &type) == S_OK;
        well &= ICertExit2_Notify(traffic->exit, 1, 7) == E_UNEXPECTED;
        well &= ICertManageModule_Release(manage) == 0;
        ISupportErrorInfo_Release(support);
        ITypeInfo_Release(type);
        if (!well) InterlockedIncrement(&traffic->wrong);
    }
    return 0;
}

TEST(many_threads_may_use_one_object_at_once)
{
    struct traffic traffic = {.exit = new_exit()};
    HANDLE threads[CROWD];

    for (int i = 0; i < CROWD; i++) threads[i] = CreateThread(NULL, 0, drive, &traffic, 0, NULL);
    check(WaitForMultipleObjects(CROWD, threads, TRUE, 60000) == WAIT_OBJECT_0);
    for (int i = 0; i < CROWD; i++) CloseHandle(threads[i]);
    check_int(traffic.wrong, 0);
    check(ICertExit2_Release(traffic.exit) == 0);
}

/* --- what is held, and letting it go --- */

static DWORD WINAPI wait_for(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

TEST(the_counts_that_follow_see_a_handle_a_key_a_thread_and_a_library)
{
    struct held before = held_now(), after;
    HANDLE go = CreateEventW(NULL, TRUE, FALSE, NULL), thread;
    HMODULE library = LoadLibraryW(L"msxml3.dll");
    HKEY key = NULL;

    thread = CreateThread(NULL, 0, wait_for, go, 0, NULL);
    check(!RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Software", 0, KEY_READ, &key));
    after = held_now();
    check(before.handles > 0 && after.handles >= before.handles + 3);
    check_int(after.threads, before.threads + 1);
    check(after.modules > before.modules);
    SetEvent(go);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(go);
    RegCloseKey(key);
    FreeLibrary(library);
}

TEST(an_object_that_was_never_initialized_opens_nothing)
{
    HMODULE module = LoadLibraryW(module_path());
    IClassFactory *factory = factory_of(module, &CLSID_Exit);
    struct held before;

    for (int round = 0; round < 2; round++) {                           /* the first one warms COM up */
        ICertManageModule *manage = POISON;
        ICertExit2 *exit = POISON;
        BSTR text = NULL;
        VARIANT value;

        before = held_now();
        check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_ICertExit2, (void **)&exit), S_OK);
        check_hr(ICertExit2_GetDescription(exit, &text), S_OK);
        check_hr(ICertExit2_GetManageModule(exit, &manage), S_OK);
        check_hr(property(manage, L"File Version", &value), S_OK);
        if (round) check_held(held_now(), before);                      /* while it lives */
        VariantClear(&value);
        SysFreeString(text);
        check(ICertManageModule_Release(manage) == 0);
        check(ICertExit2_Release(exit) == 0);
        if (round) check_held(held_now(), before);                      /* and after */
    }
    IClassFactory_Release(factory);
    check(FreeLibrary(module));
}

/* An oleaut32 that still held our library would hand the same one out, with a count above ours. */
TEST(the_type_library_is_let_go_with_the_last_object)
{
    ICertExit2 *exit = new_exit();
    ITypeLib *library = POISON;
    ITypeInfo *type = POISON;

    check_hr(ICertExit2_GetTypeInfo(exit, 0, 0, &type), S_OK);
    check_hr(LoadTypeLibEx(module_path(), REGKIND_NONE, &library), S_OK);
    check(ITypeLib_Release(library) > 0);                               /* the object's own, as long as it lives */
    ITypeInfo_Release(type);
    check(ICertExit2_Release(exit) == 0);
    library = POISON;
    check_hr(LoadTypeLibEx(module_path(), REGKIND_NONE, &library), S_OK);
    check(ITypeLib_Release(library) == 0);
}

static void use_without_initialize(IClassFactory *factory)
{
    ICertManageModule *manage = POISON;
    IMarshal *marshal = POISON;
    ICertExit2 *exit = POISON;
    VARIANT result;
    BSTR text = NULL;

    if (!check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_ICertExit2, (void **)&exit), S_OK)) return;
    if (check_hr(ICertExit2_QueryInterface(exit, &IID_IMarshal, (void **)&marshal), S_OK)) IMarshal_Release(marshal);
    check_hr(ICertExit2_GetDescription(exit, &text), S_OK);
    check_hr(ICertExit2_Notify(exit, 1, 7), E_UNEXPECTED);
    check_hr(call((IDispatch *)exit, L"GetDescription", NULL, 0, &result, NULL), S_OK);
    VariantClear(&result);
    if (check_hr(ICertExit2_GetManageModule(exit, &manage), S_OK)) {
        check_hr(property(manage, L"Description", &result), S_OK);
        VariantClear(&result);
        check_hr(ICertManageModule_Configure(manage, NULL, NULL, 4), E_INVALIDARG);
        check(ICertManageModule_Release(manage) == 0);
    }
    SysFreeString(text);
    check(ICertExit2_Release(exit) == 0);
}

/* A heap keeps a few blocks for itself as it grows; one that is forgotten each time would be seen two hundred times. */
TEST(an_object_gives_back_all_its_memory)
{
    HMODULE module = LoadLibraryW(module_path());
    IClassFactory *factory = factory_of(module, &CLSID_Exit);
    int before, after;

    for (int i = 0; i < 20; i++) use_without_initialize(factory);
    before = blocks_in_use();
    for (int i = 0; i < 200; i++) use_without_initialize(factory);
    after = blocks_in_use();
    if (!check(after < before + 50)) test_note("    %d blocks before, %d after", before, after);
    check(before > 50);
    IClassFactory_Release(factory);
    check(FreeLibrary(module));
}

/* A CA's day in short: made, initialized, called by both doors, released. */
static void live(ICertExit2 *exit)
{
    LONG mask = 0x55555555;
    VARIANT result;

    check_hr(ICertExit2_Initialize(exit, NULL, &mask), S_OK);
    check_hr(ICertExit2_Notify(exit, EXITEVENT_CERTISSUED, 7), E_INVALIDARG);
    check_hr(call((IDispatch *)exit, L"GetDescription", NULL, 0, &result, NULL), S_OK);
    VariantClear(&result);
    check(ICertExit2_Release(exit) == 0);
}

TEST(the_dll_unloads_fifty_times_and_nothing_grows)
{
    HRESULT (WINAPI *ask)(void);
    DWORD cookie = ca_open();
    struct held before;

    CoFreeUnusedLibrariesEx(0, 0);
    for (int round = 0; round < 50 && check(GetModuleHandleW(L"certwitness.dll") == NULL); round++) {
        HMODULE module = LoadLibraryW(module_path());
        IClassFactory *factory = factory_of(module, &CLSID_Exit);
        ICertExit2 *exit = POISON;

        ask = (void *)module_export(module, "DllCanUnloadNow");
        check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_ICertExit2, (void **)&exit), S_OK);
        IClassFactory_Release(factory);
        live(exit);
        check_hr(ask(), S_OK);
        check(FreeLibrary(module));
        if (!round) before = held_now();                                /* with what the system keeps for itself */
    }
    check_held(held_now(), before);
    ca_close(cookie);
}

TEST(com_unloads_the_dll_fifty_times_and_nothing_grows)
{
    DWORD cookie = ca_open();
    struct held before;

    for (int round = 0; round < 50; round++) {
        live(new_exit());
        CoFreeUnusedLibrariesEx(0, 0);
        if (!check(GetModuleHandleW(L"certwitness.dll") == NULL)) break;
        if (!round) before = held_now();
    }
    check_held(held_now(), before);
    ca_close(cookie);
}

TEST(nothing_of_the_test_is_left_behind)
{
    WCHAR folder[MAX_PATH + 2] = L"";
    SHFILEOPSTRUCTW remove = {.wFunc = FO_DELETE, .pFrom = folder, .fFlags = FOF_NO_UI};

    check_hr(SHGetFolderPathW(NULL, CSIDL_COMMON_APPDATA, NULL, 0, folder), S_OK);
    wcscat(folder, L"\\CertWitness\\" CA_NAME);
    folder[wcslen(folder) + 1] = 0;                                     /* a list of paths, which an empty one ends */
    if (GetFileAttributesW(folder) != INVALID_FILE_ATTRIBUTES) check_int(SHFileOperationW(&remove), 0);
    CoUninitialize();
}
