/* Rules about the class, its DLL and its objects. */
#include "check_rules.h"

#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POISON ((void *)(uintptr_t)0xCCCCCCCCCCCCCCCC)

enum { HELD = 8 }; /* references that keep an object alive, whatever it miscounts */

/* Any interface that nobody has. */
static const IID IID_nobodys = {
    0x7e0c4a1d, 0x55aa, 0x4b52, {0x9f, 0x10, 0x6d, 0x2c, 0x31, 0x8b, 0x77, 0xe4}};

/* Registration. */

enum finding rule_progid(struct examined *it)
{
    size_t length = strlen(it->progid);

    if (length > 5 && !_stricmp(it->progid + length - 5, ".Exit")) return HOLDS;
    return broken_tidily(
        it, "%s does not end in .Exit: the CA's snap-in will not find its ...Manage class",
        it->progid);
}

static bool leads_back(const struct examined *it, const WCHAR *below)
{
    WCHAR *name = exit_class_value(&it->clsid, below, NULL);
    CLSID clsid;
    bool same =
        !name || (SUCCEEDED(CLSIDFromProgID(name, &clsid)) && IsEqualCLSID(&clsid, &it->clsid));

    free(name);
    return same;
}

enum finding rule_registered(struct examined *it)
{
    WCHAR found[MAX_PATH];

    if (!it->dll) return broken_tidily(it, "the class has no InprocServer32");
    if (!SearchPathW(NULL, it->dll, L".dll", MAX_PATH, found, NULL))
        return broken_tidily(it, "there is no file %ls", it->dll);
    if (!leads_back(it, L"\\ProgID"))
        return broken_tidily(it, "the class's ProgID leads to another class");
    if (!leads_back(it, L"\\VersionIndependentProgID")) {
        return broken_tidily(it, "the class's VersionIndependentProgID leads to another class");
    }
    return HOLDS;
}

enum finding rule_threading(struct examined *it)
{
    if (it->threading && !_wcsicmp(it->threading, L"Both")) return HOLDS;
    return broken_tidily(it,
                         "ThreadingModel is %ls: the CA's threads have to wait for each other, or "
                         "COM stands between",
                         it->threading ? it->threading : L"missing");
}

enum finding rule_exports(struct examined *it)
{
    static const char *const names[] = {"DllGetClassObject", "DllCanUnloadNow", "DllRegisterServer",
                                        "DllUnregisterServer"};
    HMODULE dll = LoadLibraryExW(it->dll, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);

    if (!dll) return broken(it, "%ls cannot be loaded (error %lu)", it->dll, GetLastError());
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        if (!GetProcAddress(dll, names[i])) return broken(it, "%s is missing", names[i]);
    }
    FreeLibrary(dll);
    return HOLDS;
}

/* Objects. */

/* For rules that look closer than exit_object does. NULL: `why` tells. */
static IUnknown *check_com_create(struct examined *it)
{
    IUnknown *unknown = NULL;
    HRESULT hr;

    check_ca(it);
    hr = CoCreateInstance(&it->clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&unknown);
    if (FAILED(hr) || !unknown) broken(it, "CoCreateInstance returned 0x%08lx", (unsigned long)hr);
    return FAILED(hr) ? NULL : unknown;
}

enum finding rule_created(struct examined *it)
{
    struct exit_object object;
    struct outcome_of_call outcome;

    if (!session_create(it, &object)) return BROKEN;
    exit_object_release(&object, &outcome);
    return call_went_well(it, "Release", &outcome) ? HOLDS : BROKEN;
}

static bool answers(IUnknown *unknown, const IID *iid)
{
    IUnknown *other = NULL;

    if (FAILED(IUnknown_QueryInterface(unknown, iid, (void **)&other)) || !other) return false;
    IUnknown_Release(other);
    return true;
}

enum finding rule_interfaces(struct examined *it)
{
    IUnknown *unknown = check_com_create(it);
    bool direct, more, late;

    if (!unknown) return BROKEN;
    direct = answers(unknown, &IID_ICertExit);
    more = answers(unknown, &IID_ICertExit2);
    late = answers(unknown, &IID_IDispatch);
    if (!answers(unknown, &IID_IUnknown)) return broken(it, "it does not answer IUnknown");
    IUnknown_Release(unknown);
    if (!direct && !more && late) {
        snprintf(it->why, sizeof it->why,
                 "it is called by name"); /* a note: session_create saw the names */
        return HOLDS;
    }
    if (!direct) return broken_tidily(it, "it does not answer ICertExit");
    if (!more) return broken_tidily(it, "it does not answer ICertExit2");
    if (!late)
        return broken_tidily(it, "it does not answer IDispatch, from which ICertExit derives");
    return HOLDS;
}

/* What IDispatch says of its own accord has to be what the interface says. */
static enum finding compare_ways(struct examined *it, struct exit_object *object,
                                 struct exit_object *by_name)
{
    struct outcome_of_call outcome;
    BSTR direct, late;
    bool same;

    exit_object_describe(object, &direct, &outcome);
    if (!call_went_well(it, "GetDescription", &outcome)) return BROKEN;
    exit_object_describe(by_name, &late, &outcome);
    if (!call_went_well(it, "GetDescription, by name,", &outcome)) return BROKEN;
    same = SysStringLen(direct) == SysStringLen(late) &&
           !memcmp(direct, late, SysStringByteLen(direct));
    SysFreeString(direct);
    SysFreeString(late);
    return same ? HOLDS : broken(it, "GetDescription says something else by name than directly");
}

static bool know_names(struct exit_object *by_name)
{
    for (int i = 0; i < EXIT_METHODS; i++) {
        WCHAR *name = (WCHAR *)exit_method_names[i];

        if (FAILED(IDispatch_GetIDsOfNames(by_name->dispatch, &IID_NULL, &name, 1,
                                           LOCALE_SYSTEM_DEFAULT, &by_name->ids[i])))
            return false;
    }
    return true;
}

enum finding rule_late(struct examined *it)
{
    struct exit_object object, by_name = {0};
    struct outcome_of_call outcome;
    enum finding finding = HOLDS;

    if (!session_create(it, &object)) return BROKEN;
    if (object.exit && SUCCEEDED(IUnknown_QueryInterface(object.unknown, &IID_IDispatch,
                                                         (void **)&by_name.dispatch))) {
        if (know_names(&by_name)) finding = compare_ways(it, &object, &by_name);
        else finding = not_examined(it, "its IDispatch knows no names; the CA calls it directly");
        exit_object_release(&by_name, &outcome);
    }
    exit_object_release(&object, &outcome);
    return finding;
}

/* QueryInterface. */

static const struct { const IID *iid; const char *name;
} known[] = {
    {&IID_IUnknown, "IUnknown"},
    {&IID_IDispatch, "IDispatch"},
    {&IID_ICertExit, "ICertExit"},
    {&IID_ICertExit2, "ICertExit2"},
    {&IID_ISupportErrorInfo, "ISupportErrorInfo"},
    {&IID_IMarshal, "IMarshal"},
    {&IID_IAgileObject, "IAgileObject"},
};
enum { KNOWN = ARRAYSIZE(known) };

/* From each interface that there is each other one can be had, and the same IUnknown. */
static enum finding look_from(struct examined *it, IUnknown *const interfaces[KNOWN], int from)
{
    for (int to = 0; to < KNOWN; to++) {
        IUnknown *other = NULL;
        HRESULT hr = IUnknown_QueryInterface(interfaces[from], known[to].iid, (void **)&other);
        bool got = SUCCEEDED(hr) && other;

        if (got != !!interfaces[to]) {
            return broken(it, "asked through %s it %s %s, asked through IUnknown it %s",
                          known[from].name, got ? "answers" : "does not answer", known[to].name,
                          interfaces[to] ? "does" : "does not");
        }
        if (got && !to && other != interfaces[0]) {
            return broken(it, "IUnknown asked through %s is another one", known[from].name);
        }
        if (got) IUnknown_Release(other);
    }
    return HOLDS;
}

enum finding rule_identity(struct examined *it)
{
    IUnknown *unknown = check_com_create(it), *interfaces[KNOWN] = {NULL}, *nobodys = NULL;
    enum finding finding = HOLDS;

    if (!unknown) return BROKEN;
    for (int i = 0; i < KNOWN; i++) {
        if (FAILED(IUnknown_QueryInterface(unknown, known[i].iid, (void **)&interfaces[i])))
            interfaces[i] = NULL;
    }
    if (!interfaces[0]) return broken(it, "it does not answer IUnknown");
    for (int i = 0; i < KNOWN && finding == HOLDS; i++) {
        if (interfaces[i]) finding = look_from(it, interfaces, i);
    }
    if (finding == HOLDS &&
        SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_nobodys, (void **)&nobodys))) {
        finding = broken(it, "it answers an interface that there is not");
    }
    if (finding != HOLDS) return finding;
    for (int i = 0; i < KNOWN; i++) if (interfaces[i]) IUnknown_Release(interfaces[i]);
    IUnknown_Release(unknown);
    return HOLDS;
}

/* The count, as AddRef and Release tell it. */
static ULONG check_com_count_of(IUnknown *unknown)
{
    IUnknown_AddRef(unknown);
    return IUnknown_Release(unknown);
}

static enum finding count_through(struct examined *it, IUnknown *unknown, int i)
{
    ULONG before = check_com_count_of(unknown), after;
    IUnknown *other = NULL;

    if (FAILED(IUnknown_QueryInterface(unknown, known[i].iid, (void **)&other)) || !other)
        return HOLDS;
    IUnknown_Release(other);
    after = check_com_count_of(unknown);
    if (after == before) return HOLDS;
    return broken(it, "QueryInterface for %s and Release leave %lu references where there were %lu",
                  known[i].name, after, before);
}

enum finding rule_counts(struct examined *it)
{
    IUnknown *unknown = check_com_create(it);
    enum finding finding = HOLDS;
    ULONG one, left = 0;

    if (!unknown) return BROKEN;
    one = check_com_count_of(unknown);
    if (one != 1) return broken(it, "a new object has %lu references", one);
    for (ULONG i = 0; i < HELD; i++) {
        ULONG count = IUnknown_AddRef(unknown);

        if (count != one + i + 1)
            return broken(it, "AddRef returned %lu, expected %lu", count, one + i + 1);
    }
    for (int i = 0; i < KNOWN && finding == HOLDS; i++) finding = count_through(it, unknown, i);
    if (finding != HOLDS) return finding;
    for (ULONG i = 0; i <= HELD; i++) {
        left = IUnknown_Release(unknown);
        if (left != HELD - i)
            return broken(it, "Release returned %lu, expected %lu", left, HELD - i);
    }
    return HOLDS;
}

/* Outputs. The factory as the DLL hands it out. */

static IClassFactory *factory_of(struct examined *it)
{
    IClassFactory *factory = NULL;
    HRESULT hr;

    check_ca(it);
    hr = CoGetClassObject(&it->clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory,
                          (void **)&factory);
    if (FAILED(hr)) broken(it, "its class object cannot be had: 0x%08lx", (unsigned long)hr);
    return FAILED(hr) ? NULL : factory;
}

static enum finding outputs_of_factory(struct examined *it)
{
    IClassFactory *factory = factory_of(it);
    void *out = POISON;
    IUnknown *outer;

    if (!factory) return BROKEN;
    if (SUCCEEDED(IClassFactory_CreateInstance(factory, NULL, &IID_nobodys, &out))) {
        return broken(it, "the class object makes an object of an interface that there is not");
    }
    if (out) return broken(it, "CreateInstance failed and left its output as it was");
    out = POISON;
    outer = (IUnknown *)factory; /* to be refused, with any interface but IUnknown in any case */
    if (SUCCEEDED(IClassFactory_CreateInstance(factory, outer, &IID_ICertExit, &out))) {
        return broken(it, "it was aggregated with an interface other than IUnknown");
    }
    if (out) return broken(it, "CreateInstance refused to aggregate and left its output as it was");
    IClassFactory_Release(factory);
    return HOLDS;
}

static enum finding outputs_of_dispatch(struct examined *it, IUnknown *unknown)
{
    IDispatch *dispatch = NULL;
    ITypeInfo *info = POISON;
    HRESULT hr;

    if (FAILED(IUnknown_QueryInterface(unknown, &IID_IDispatch, (void **)&dispatch))) return HOLDS;
    hr = IDispatch_GetTypeInfo(dispatch, 7, LOCALE_SYSTEM_DEFAULT,
                               &info); /* there is at most that of index 0 */
    if (SUCCEEDED(hr) && info && info != POISON) ITypeInfo_Release(info);
    else if (info)
        return broken(it, "GetTypeInfo returned 0x%08lx and left its output as it was",
                      (unsigned long)hr);
    IDispatch_Release(dispatch);
    return HOLDS;
}

static enum finding outputs_of_object(struct examined *it, IUnknown *unknown)
{
    void *out = POISON;
    LONG mask = 0x55555555;
    ICertExit *exit = NULL;
    ICertExit2 *exit2 = NULL;
    ICertManageModule *manage = POISON;
    BSTR config = SysAllocString(L"Check CA");
    HRESULT hr;

    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_nobodys, &out)) || out) {
        return broken(it, "QueryInterface failed and left its output as it was");
    }
    if (FAILED(IUnknown_QueryInterface(unknown, &IID_ICertExit, (void **)&exit))) return HOLDS;
    ICertExit_Initialize(exit, config, &mask);
    mask = 0x55555555;
    hr = ICertExit_Initialize(exit, config, &mask);     /* a second time: many refuse */
    if (mask == 0x55555555)
        return broken(it, "Initialize returned 0x%08lx and left the mask as it was",
                      (unsigned long)hr);
    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_ICertExit2, (void **)&exit2))) {
        hr = ICertExit2_GetManageModule(exit2, &manage);
        if (FAILED(hr) && manage)
            return broken(it, "GetManageModule failed and left its output as it was");
        if (SUCCEEDED(hr) && manage && manage != POISON) ICertManageModule_Release(manage);
        ICertExit2_Release(exit2);
    }
    ICertExit_Release(exit);
    SysFreeString(config);
    return HOLDS;
}

enum finding rule_outputs(struct examined *it)
{
    IUnknown *unknown = check_com_create(it);
    enum finding finding;

    if (!unknown) return BROKEN;
    finding = outputs_of_object(it, unknown);
    if (finding == HOLDS) finding = outputs_of_dispatch(it, unknown);
    if (finding == HOLDS) finding = outputs_of_factory(it);
    if (finding == HOLDS) IUnknown_Release(unknown);
    return finding;
}

/* Arguments. */

static enum finding late_arguments(struct examined *it, IDispatch *dispatch)
{
    DISPPARAMS none = {NULL, NULL, 0, 0};
    WCHAR *name = (WCHAR *)L"NoSuchMethod";
    DISPID id = DISPID_UNKNOWN;

    if (SUCCEEDED(
            IDispatch_GetIDsOfNames(dispatch, &IID_NULL, &name, 1, LOCALE_SYSTEM_DEFAULT, &id)) &&
        id != DISPID_UNKNOWN) {
        return broken(it, "IDispatch knows a method that there is not");
    }
    name = (WCHAR *)exit_method_names[EXIT_NOTIFY];
    if (FAILED(IDispatch_GetIDsOfNames(dispatch, &IID_NULL, &name, 1, LOCALE_SYSTEM_DEFAULT, &id)))
        return HOLDS;
    if (SUCCEEDED(IDispatch_Invoke(dispatch, id, &IID_NULL, LOCALE_SYSTEM_DEFAULT, DISPATCH_METHOD,
                                   &none, NULL, NULL, NULL))) {
        return broken(it, "Notify, by name, succeeds without arguments");
    }
    return HOLDS;
}

enum finding rule_arguments(struct examined *it)
{
    IUnknown *unknown = check_com_create(it);
    IDispatch *dispatch = NULL;
    ICertExit *exit = NULL;
    ICertExit2 *exit2 = NULL;
    BSTR config = SysAllocString(L"Check CA");
    const char *accepted = NULL;
    enum finding finding = HOLDS;
    LONG mask;

    if (!unknown) return BROKEN;
    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_IDispatch, (void **)&dispatch))) {
        finding = late_arguments(it, dispatch);
        IDispatch_Release(dispatch);
    }
    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_ICertExit, (void **)&exit))) {
        if (SUCCEEDED(ICertExit_Initialize(exit, config, NULL)))
            accepted = "Initialize without a place for the mask";
        if (SUCCEEDED(ICertExit_GetDescription(exit, NULL)))
            accepted = "GetDescription without a place for the text";
        ICertExit_Initialize(exit, NULL,
                             &mask); /* may succeed: the name may be of no use to the module */
        ICertExit_Release(exit);
    }
    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_ICertExit2, (void **)&exit2))) {
        if (SUCCEEDED(ICertExit2_GetManageModule(exit2, NULL)))
            accepted = "GetManageModule without a place for the object";
        ICertExit2_Release(exit2);
    }
    IUnknown_Release(unknown);
    SysFreeString(config);
    return accepted ? broken(it, "%s succeeds", accepted) : finding;
}

/* The module's description for the CA's snap-in. */

struct manage_texts {
    char *name, *description;
};

static char *manage_text(ICertManageModule *manage, const WCHAR *name)
{
    BSTR config = SysAllocString(L"CA01\\Check CA"), storage = SysAllocString(L""),
         property = SysAllocString(name);
    VARIANT value;
    char *text = NULL;

    VariantInit(&value);
    if (SUCCEEDED(ICertManageModule_GetProperty(manage, config, storage, property, 0, &value)) &&
        V_VT(&value) == VT_BSTR && SysStringLen(V_BSTR(&value)))
        text = text_utf8(V_BSTR(&value));
    VariantClear(&value);
    ICertManageModule_GetProperty(manage, config, NULL, property, 0, &value);
    VariantClear(&value);
    SysFreeString(config);
    SysFreeString(storage);
    SysFreeString(property);
    return text;
}

/* Name and Description are there, and odd questions and CMM_REFRESHONLY do no harm. */
static enum finding look_at_manage(struct examined *it, const char *way, ICertManageModule *manage,
                                   char **name)
{
    BSTR config = SysAllocString(L"CA01\\Check CA"), storage = SysAllocString(L""),
         odd = SysAllocString(L"No such name");
    char *description = manage_text(manage, L"Description");
    VARIANT value;
    HRESULT hr;

    *name = manage_text(manage, L"Name");
    if (!*name) return broken(it, "%s: GetProperty has no Name", way);
    if (!description) return broken(it, "%s: GetProperty has no Description", way);
    VariantInit(&value);
    ICertManageModule_GetProperty(manage, config, storage, odd, 0, &value);
    VariantClear(&value);
    hr = ICertManageModule_GetProperty(manage, config, storage, odd, 0, NULL);
    if (SUCCEEDED(hr))
        return broken(it, "%s: GetProperty without a place for the value succeeds", way);
    ICertManageModule_Configure(manage, config, storage, 1 /* CMM_REFRESHONLY */);
    SysFreeString(config);
    SysFreeString(storage);
    SysFreeString(odd);
    free(description);
    return HOLDS;
}

static ICertManageModule *manage_by_name(const struct examined *it, bool *registered)
{
    char *progid = text_format("%sManage", it->progid);
    ICertManageModule *manage = NULL;
    CLSID clsid;

    if ((*registered = SUCCEEDED(exit_class(progid, &clsid)))) {
        if (FAILED(CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_ICertManageModule,
                                    (void **)&manage)))
            manage = NULL;
    }
    free(progid);
    return manage;
}

/* NULL with S_OK: ICertExit2 is not there, or has none to give. */
static ICertManageModule *manage_by_method(struct examined *it, HRESULT *hr)
{
    IUnknown *unknown = check_com_create(it);
    ICertExit2 *exit2 = NULL;
    ICertManageModule *manage = NULL;

    *hr = unknown ? S_OK : E_FAIL;
    if (!unknown) return NULL;
    if (SUCCEEDED(IUnknown_QueryInterface(unknown, &IID_ICertExit2, (void **)&exit2))) {
        if (SUCCEEDED(ICertExit2_GetManageModule(exit2, &manage)) && !manage) {
            broken_tidily(it, "GetManageModule succeeds and gives nothing");
            *hr = E_FAIL;
        }
        ICertExit2_Release(exit2);
    }
    IUnknown_Release(unknown);
    return manage;
}

enum finding rule_manage(struct examined *it)
{
    bool registered;
    ICertManageModule *by_name = manage_by_name(it, &registered), *by_method;
    char *name = NULL, *other = NULL;
    enum finding finding = HOLDS;
    HRESULT hr;

    by_method = manage_by_method(it, &hr);
    if (FAILED(hr) && by_name) ICertManageModule_Release(by_name);
    if (FAILED(hr)) return BROKEN;
    if (registered && !by_name)
        return broken(it, "the class %sManage is registered, and no object can be created",
                      it->progid);
    if (!by_name && !by_method)
        return not_examined(it, "there is neither a class %sManage nor a GetManageModule",
                            it->progid);
    if (by_method) finding = look_at_manage(it, "GetManageModule", by_method, &name);
    if (finding == HOLDS && by_name)
        finding = look_at_manage(it, "the Manage class", by_name, &other);
    if (finding == HOLDS && name && other && strcmp(name, other)) {
        finding = broken(it, "it has two names, \"%s\" by GetManageModule, \"%s\" by its class",
                         name, other);
    }
    if (by_name) ICertManageModule_Release(by_name);
    if (by_method) ICertManageModule_Release(by_method);
    free(name);
    free(other);
    return finding;
}

/* Unloading. */

static bool loaded(const struct examined *it)
{
    HMODULE dll;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, it->dll, &dll);
}

static HRESULT can_unload(const struct examined *it)
{
    HMODULE dll = GetModuleHandleW(it->dll);
    HRESULT (WINAPI *ask)(void) = (void *)GetProcAddress(dll, "DllCanUnloadNow");

    return ask ? ask() : E_NOTIMPL;
}

enum finding rule_unload(struct examined *it)
{
    struct session session;
    ULONGLONG start, limit_ms = it->limit_ms / 2;

    if (!session_begin(it, &session) || !session_round(&session, true)) return BROKEN;
    if (!loaded(it)) return not_examined(it, "%ls is not the DLL that runs", it->dll);
    if (can_unload(it) == S_OK)
        return broken(it, "DllCanUnloadNow says S_OK while an object lives");
    if (!session_end(&session)) return BROKEN;
    start = GetTickCount64();
    while (can_unload(it) != S_OK) {
        if (GetTickCount64() - start > limit_ms)
            return broken(it, "DllCanUnloadNow does not say S_OK after the last Release");
        check_goes_on();
        Sleep(20);
    }
    while (loaded(it)) {
        CoFreeUnusedLibrariesEx(0, 0);
        if (GetTickCount64() - start > limit_ms)
            return broken(it, "the DLL stays loaded, though DllCanUnloadNow says S_OK");
        check_goes_on();
        Sleep(20);
    }
    Sleep(100);                         /* a thread that is still in it would fall over now */
    return HOLDS;
}
