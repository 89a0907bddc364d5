/*
 * The generated headers and the type library against the contract between CA and exit module, which is written out here
 * once more, on purpose: GUIDs (A.1), attributes (A.2), vtables, parameters and DISPIDs (A.3), constants (B.4, D.1, D.3
 * and those that MinGW-w64 lacks, A.5). Run from the repository's root, where gen/certwitness.tlb is.
 */
#include <certsrv.h>
#include <certwitness.h>

#include <stdio.h>
#include <string.h>

#include "lib/test.h"

/*
 * Interface, slot, DISPID, method, type in C, parameters in the type library. A slot counts from QueryInterface, 0. The
 * slots and DISPIDs of what an interface inherits are its base's.
 */
#define CONTRACT(METHOD)                                                                                               \
    METHOD(ICertExit, 7, 0x60020000, Initialize, (ICertExit *, const BSTR, LONG *),                                    \
           "[in] BSTR strConfig; [out,retval] LONG* pEventMask")                                                       \
    METHOD(ICertExit, 8, 0x60020001, Notify, (ICertExit *, LONG, LONG),                                                \
           "[in] LONG ExitEvent; [in] LONG Context")                                                                   \
    METHOD(ICertExit, 9, 0x60020002, GetDescription, (ICertExit *, BSTR *),                                            \
           "[out,retval] BSTR* pstrDescription")                                                                       \
                                                                                                                       \
    METHOD(ICertExit2, 10, 0x60030000, GetManageModule, (ICertExit2 *, ICertManageModule **),                          \
           "[out,retval] ICertManageModule** ppManageModule")                                                          \
                                                                                                                       \
    METHOD(ICertManageModule, 7, 0x60020000, GetProperty,                                                              \
           (ICertManageModule *, const BSTR, BSTR, BSTR, LONG, VARIANT *),                                             \
           "[in] BSTR strConfig; [in] BSTR strStorageLocation; [in] BSTR strPropertyName; [in] LONG Flags; "           \
           "[out,retval] VARIANT* pvarProperty")                                                                       \
    METHOD(ICertManageModule, 8, 0x60020001, SetProperty,                                                              \
           (ICertManageModule *, const BSTR, BSTR, BSTR, LONG, const VARIANT *),                                       \
           "[in] BSTR strConfig; [in] BSTR strStorageLocation; [in] BSTR strPropertyName; [in] LONG Flags; "           \
           "[in] VARIANT* pvarProperty")                                                                               \
    METHOD(ICertManageModule, 9, 0x60020002, Configure, (ICertManageModule *, const BSTR, BSTR, LONG),                 \
           "[in] BSTR strConfig; [in] BSTR strStorageLocation; [in] LONG Flags")                                       \
                                                                                                                       \
    METHOD(ICertServerExit, 7, 0x60020000, SetContext, (ICertServerExit *, LONG),                                      \
           "[in] LONG Context")                                                                                        \
    METHOD(ICertServerExit, 8, 0x60020001, GetRequestProperty, (ICertServerExit *, const BSTR, LONG, VARIANT *),       \
           "[in] BSTR strPropertyName; [in] LONG PropertyType; [out,retval] VARIANT* pvarPropertyValue")               \
    METHOD(ICertServerExit, 9, 0x60020002, GetRequestAttribute, (ICertServerExit *, const BSTR, BSTR *),               \
           "[in] BSTR strAttributeName; [out,retval] BSTR* pstrAttributeValue")                                        \
    METHOD(ICertServerExit, 10, 0x60020003, GetCertificateProperty, (ICertServerExit *, const BSTR, LONG, VARIANT *),  \
           "[in] BSTR strPropertyName; [in] LONG PropertyType; [out,retval] VARIANT* pvarPropertyValue")               \
    METHOD(ICertServerExit, 11, 0x60020004, GetCertificateExtension, (ICertServerExit *, const BSTR, LONG, VARIANT *), \
           "[in] BSTR strExtensionName; [in] LONG Type; [out,retval] VARIANT* pvarValue")                              \
    METHOD(ICertServerExit, 12, 0x60020005, GetCertificateExtensionFlags, (ICertServerExit *, LONG *),                 \
           "[out,retval] LONG* pExtFlags")                                                                             \
    METHOD(ICertServerExit, 13, 0x60020006, EnumerateExtensionsSetup, (ICertServerExit *, LONG),                       \
           "[in] LONG Flags")                                                                                          \
    METHOD(ICertServerExit, 14, 0x60020007, EnumerateExtensions, (ICertServerExit *, BSTR *),                          \
           "[out,retval] BSTR* pstrExtensionName")                                                                     \
    METHOD(ICertServerExit, 15, 0x60020008, EnumerateExtensionsClose, (ICertServerExit *),                             \
           "")                                                                                                         \
    METHOD(ICertServerExit, 16, 0x60020009, EnumerateAttributesSetup, (ICertServerExit *, LONG),                       \
           "[in] LONG Flags")                                                                                          \
    METHOD(ICertServerExit, 17, 0x6002000a, EnumerateAttributes, (ICertServerExit *, BSTR *),                          \
           "[out,retval] BSTR* pstrAttributeName")                                                                     \
    METHOD(ICertServerExit, 18, 0x6002000b, EnumerateAttributesClose, (ICertServerExit *),                             \
           "")                                                                                                         \
                                                                                                                       \
    METHOD(ICertServerPolicy, 7, 0x60020000, SetContext, (ICertServerPolicy *, LONG),                                  \
           "[in] LONG Context")                                                                                        \
    METHOD(ICertServerPolicy, 8, 0x60020001, GetRequestProperty, (ICertServerPolicy *, const BSTR, LONG, VARIANT *),   \
           "[in] BSTR strPropertyName; [in] LONG PropertyType; [out,retval] VARIANT* pvarPropertyValue")               \
    METHOD(ICertServerPolicy, 9, 0x60020002, GetRequestAttribute, (ICertServerPolicy *, const BSTR, BSTR *),           \
           "[in] BSTR strAttributeName; [out,retval] BSTR* pstrAttributeValue")                                        \
    METHOD(ICertServerPolicy, 10, 0x60020003, GetCertificateProperty,                                                  \
           (ICertServerPolicy *, const BSTR, LONG, VARIANT *),                                                         \
           "[in] BSTR strPropertyName; [in] LONG PropertyType; [out,retval] VARIANT* pvarPropertyValue")               \
    METHOD(ICertServerPolicy, 11, 0x60020004, SetCertificateProperty,                                                  \
           (ICertServerPolicy *, const BSTR, LONG, const VARIANT *),                                                   \
           "[in] BSTR strPropertyName; [in] LONG PropertyType; [in] VARIANT* pvarPropertyValue")                       \
    METHOD(ICertServerPolicy, 12, 0x60020005, GetCertificateExtension,                                                 \
           (ICertServerPolicy *, const BSTR, LONG, VARIANT *),                                                         \
           "[in] BSTR strExtensionName; [in] LONG Type; [out,retval] VARIANT* pvarValue")                              \
    METHOD(ICertServerPolicy, 13, 0x60020006, GetCertificateExtensionFlags, (ICertServerPolicy *, LONG *),             \
           "[out,retval] LONG* pExtFlags")                                                                             \
    METHOD(ICertServerPolicy, 14, 0x60020007, SetCertificateExtension,                                                 \
           (ICertServerPolicy *, const BSTR, LONG, LONG, const VARIANT *),                                             \
           "[in] BSTR strExtensionName; [in] LONG Type; [in] LONG ExtFlags; [in] VARIANT* pvarValue")                  \
    METHOD(ICertServerPolicy, 15, 0x60020008, EnumerateExtensionsSetup, (ICertServerPolicy *, LONG),                   \
           "[in] LONG Flags")                                                                                          \
    METHOD(ICertServerPolicy, 16, 0x60020009, EnumerateExtensions, (ICertServerPolicy *, BSTR *),                      \
           "[out,retval] BSTR* pstrExtensionName")                                                                     \
    METHOD(ICertServerPolicy, 17, 0x6002000a, EnumerateExtensionsClose, (ICertServerPolicy *),                         \
           "")                                                                                                         \
    METHOD(ICertServerPolicy, 18, 0x6002000b, EnumerateAttributesSetup, (ICertServerPolicy *, LONG),                   \
           "[in] LONG Flags")                                                                                          \
    METHOD(ICertServerPolicy, 19, 0x6002000c, EnumerateAttributes, (ICertServerPolicy *, BSTR *),                      \
           "[out,retval] BSTR* pstrAttributeName")                                                                     \
    METHOD(ICertServerPolicy, 20, 0x6002000d, EnumerateAttributesClose, (ICertServerPolicy *),                         \
           "")

/*
 * A parameter of another type, or one too many, does not compile. That BSTRs are const is no part of a function's
 * type.
 */
#define SAME_TYPE(type, slot, dispid, method, parameters, text)                                                        \
    _Static_assert(__builtin_types_compatible_p(__typeof__(((type##Vtbl *)NULL)->method),                              \
                                                HRESULT(WINAPI *)parameters), #type "::" #method);
CONTRACT(SAME_TYPE)

struct method {
    const char *type, *name, *parameters;
    unsigned slot;
    DISPID dispid;
    size_t place;                               /* in the vtable of the header */
};

#define ROW(owner, slot, dispid, method, parameters, text)                                                             \
    {#owner, #method, text, slot, dispid, offsetof(owner##Vtbl, method)},
static const struct method methods[] = {CONTRACT(ROW)};

static const struct contract {
    const char *name, *guid, *base;
    const IID *iid;
    unsigned count;                             /* of its own methods */
    size_t size;                                /* of the header's vtable */
} interfaces[] = {
    {"ICertExit", "{E19AE1A0-7364-11D0-8816-00A0C903B83C}", "IDispatch", &IID_ICertExit, 3, sizeof(ICertExitVtbl)},
    {"ICertExit2", "{0ABF484B-D049-464D-A7ED-552E7529B0FF}", "ICertExit", &IID_ICertExit2, 1, sizeof(ICertExit2Vtbl)},
    {"ICertManageModule", "{E7D7AD42-BD3D-11D1-9A4D-00C04FC297EB}", "IDispatch", &IID_ICertManageModule, 3,
     sizeof(ICertManageModuleVtbl)},
    {"ICertServerExit", "{4BA9EB90-732C-11D0-8816-00A0C903B83C}", "IDispatch", &IID_ICertServerExit, 12,
     sizeof(ICertServerExitVtbl)},
    {"ICertServerPolicy", "{AA000922-FFBE-11CF-8800-00A0C903B83C}", "IDispatch", &IID_ICertServerPolicy, 14,
     sizeof(ICertServerPolicyVtbl)},
};

static const char *guid_text(REFGUID guid, char out[40])
{
    WCHAR wide[40];

    StringFromGUID2(guid, wide, ARRAYSIZE(wide));
    for (int i = 0; i < 40; i++) out[i] = (char)wide[i];
    return out;
}

static bool check_guid(REFGUID got, const char *want, const char *of)
{
    char text[40];

    if (check_text(guid_text(got, text), want)) return true;
    test_note("    of %s", of);
    return false;
}

/* The library as a stranger opens it: out of the file, without registering anything. */
static ITypeLib *open_library(void)
{
    static WCHAR path[MAX_PATH];
    ITypeLib *library = NULL;

    GetFullPathNameW(L"gen\\certwitness.tlb", ARRAYSIZE(path), path, NULL);
    check_hr(LoadTypeLibEx(path, REGKIND_NONE, &library), S_OK);
    return library;
}

/*
 * An interface of the library as IDispatch sees it (`dual` makes two of one) or as a vtable; NULL where there is none.
 */
static ITypeInfo *dispatch_view(ITypeLib *library, REFGUID guid)
{
    ITypeInfo *info = NULL;

    if (library) check_hr(ITypeLib_GetTypeInfoOfGuid(library, guid, &info), S_OK);
    return info;
}

static ITypeInfo *vtable_view(ITypeInfo *dispatch)
{
    ITypeInfo *info = NULL;
    HREFTYPE reference;

    if (!dispatch) return NULL;
    check_hr(ITypeInfo_GetRefTypeOfImplType(dispatch, (UINT)-1, &reference), S_OK);
    check_hr(ITypeInfo_GetRefTypeInfo(dispatch, reference, &info), S_OK);
    return info;
}

static void let_go(void *unknown)
{
    if (unknown) IUnknown_Release((IUnknown *)unknown);
}

/* The name of a type or, with its memid, of a method, as ASCII. */
static const char *name_of(ITypeInfo *info, MEMBERID id, char *out, size_t size)
{
    BSTR name = NULL;

    snprintf(out, size, "?");
    if (SUCCEEDED(ITypeInfo_GetDocumentation(info, id, &name, NULL, NULL, NULL)) && name) {
        snprintf(out, size, "%ls", name);
    }
    SysFreeString(name);
    return out;
}

static void type_text(ITypeInfo *info, const TYPEDESC *type, char *out, size_t size)
{
    ITypeInfo *other = NULL;

    switch (type->vt) {
    case VT_I4:      snprintf(out, size, "LONG"); break;
    case VT_BSTR:    snprintf(out, size, "BSTR"); break;
    case VT_VARIANT: snprintf(out, size, "VARIANT"); break;
    case VT_VOID:    snprintf(out, size, "void"); break;
    case VT_HRESULT: snprintf(out, size, "HRESULT"); break;
    case VT_PTR:
        type_text(info, type->lptdesc, out, size);
        snprintf(out + strlen(out), size - strlen(out), "*");
        break;
    case VT_USERDEFINED:
        if (FAILED(ITypeInfo_GetRefTypeInfo(info, type->hreftype, &other))) snprintf(out, size, "unknown type");
        else name_of(other, MEMBERID_NIL, out, size);
        let_go(other);
        break;
    default: snprintf(out, size, "VARTYPE %u", type->vt);
    }
}

/* Parameters as the contract's tables spell them: "[in] LONG Flags; [out,retval] BSTR* pstrValue". */
static void parameters_text(ITypeInfo *info, const FUNCDESC *function, char *out, size_t size)
{
    BSTR names[16] = {NULL};
    UINT count = 0;
    char type[64];

    *out = 0;
    ITypeInfo_GetNames(info, function->memid, names, ARRAYSIZE(names), &count);
    for (int i = 0; i < function->cParams; i++) {
        const ELEMDESC *parameter = &function->lprgelemdescParam[i];
        USHORT flags = parameter->paramdesc.wParamFlags;
        size_t used = strlen(out);

        type_text(info, &parameter->tdesc, type, sizeof type);
        snprintf(out + used, size - used, "%s[%s%s%s%s] %s %ls", i ? "; " : "", flags & PARAMFLAG_FIN ? "in" : "",
                 flags & PARAMFLAG_FOUT ? "out" : "", flags & PARAMFLAG_FRETVAL ? ",retval" : "",
                 flags & ~(PARAMFLAG_FIN | PARAMFLAG_FOUT | PARAMFLAG_FRETVAL) ? ",more" : "", type,
                 (UINT)i + 1 < count ? names[i + 1] : L"unnamed");
    }
    for (UINT i = 0; i < count; i++) SysFreeString(names[i]);
}

/* The method of one row, looked up by its place among the interface's own methods: so the order is compared as well. */
static void check_method(ITypeInfo *info, UINT index, const struct method *want)
{
    FUNCDESC *function = NULL;
    char name[64], parameters[512], result[64];

    if (!check_hr(ITypeInfo_GetFuncDesc(info, index, &function), S_OK)) return;
    if (!check_text(name_of(info, function->memid, name, sizeof name), want->name)) test_note("    in %s", want->type);
    check_hr(function->memid, want->dispid);
    check_int(function->oVft, want->slot * sizeof(void *));
    check_int(function->oVft, want->place);
    check_int(function->invkind, INVOKE_FUNC);
    check_int(function->funckind, FUNC_PUREVIRTUAL);
    check_int(function->callconv, CC_STDCALL);
    check_int(function->cParamsOpt, 0);
    check_int(function->wFuncFlags, 0);
    parameters_text(info, function, parameters, sizeof parameters);
    if (!check_text(parameters, want->parameters)) test_note("    in %s::%s", want->type, want->name);
    type_text(info, &function->elemdescFunc.tdesc, result, sizeof result);
    check_text(result, "HRESULT");
    ITypeInfo_ReleaseFuncDesc(info, function);
}

/* What an Automation caller sees: the result is the retval, and the method is found by name. */
static void check_automation(ITypeInfo *info, const struct method *want)
{
    WCHAR wide[64];
    LPOLESTR name = wide;
    MEMBERID id = 0xdead;
    char result[64] = "none", type[64] = "void";
    const char *retval = strstr(want->parameters, "[out,retval] ");
    FUNCDESC *function = NULL;
    TYPEATTR *attributes = NULL;

    swprintf(wide, ARRAYSIZE(wide), L"%hs", want->name);
    if (!check_hr(ITypeInfo_GetIDsOfNames(info, &name, 1, &id), S_OK)) test_note("    %s::%s", want->type, want->name);
    check_hr(id, want->dispid);
    if (retval) {
        snprintf(type, sizeof type, "%s", retval + strlen("[out,retval] "));
        *strchr(type, ' ') = 0;
        type[strlen(type) - 1] = 0;             /* "LONG* pEventMask" is a result of type LONG */
    }
    if (!check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK)) return;
    for (UINT i = 0; i < attributes->cFuncs && ITypeInfo_GetFuncDesc(info, i, &function) == S_OK; i++) {
        if (function->memid == want->dispid) type_text(info, &function->elemdescFunc.tdesc, result, sizeof result);
        ITypeInfo_ReleaseFuncDesc(info, function);
    }
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    if (!check_text(result, type)) test_note("    %s::%s", want->type, want->name);
}

TEST(the_iids_are_those_of_the_contract)
{
    for (size_t i = 0; i < ARRAYSIZE(interfaces); i++) {
        check_guid(interfaces[i].iid, interfaces[i].guid, interfaces[i].name);
    }
    check_guid(&CLSID_CCertServerExit, "{4C4A5E40-732C-11D0-8816-00A0C903B83C}", "CCertServerExit");
    check_guid(&CLSID_CCertServerPolicy, "{AA000926-FFBE-11CF-8800-00A0C903B83C}", "CCertServerPolicy");
}

TEST(our_own_guids_never_change)
{
    check_guid(&LIBID_CertWitness, "{91686CA5-803D-48CE-BE62-200D98B886C4}", "CertWitness");
    check_guid(&CLSID_Exit, "{67B52257-F818-4162-8A35-DDEFA4AC3974}", "Exit");
    check_guid(&CLSID_ExitManage, "{CC598E0D-1175-41C6-93EC-5DC9269FC593}", "ExitManage");
    check_guid(&CLSID_CertExitProxies, "{1F0A82B3-F6F2-4270-9B87-C81A9E05C534}", "CertExitProxies");
}

TEST(every_method_of_the_headers_has_the_slot_of_the_contract)
{
    for (size_t i = 0; i < ARRAYSIZE(methods); i++) {
        if (!check_int(methods[i].place, methods[i].slot * sizeof(void *))) {
            test_note("    %s::%s", methods[i].type, methods[i].name);
        }
    }
}

TEST(no_vtable_of_the_headers_has_a_method_more)
{
    static const unsigned slots[] = {10, 11, 10, 19, 21};

    for (size_t i = 0; i < ARRAYSIZE(interfaces); i++) {
        if (!check_int(interfaces[i].size, slots[i] * sizeof(void *))) test_note("    %s", interfaces[i].name);
    }
}

TEST(an_exit2_can_be_called_as_the_exit_that_it_is)
{
    check_int(offsetof(ICertExit2Vtbl, Initialize), offsetof(ICertExitVtbl, Initialize));
    check_int(offsetof(ICertExit2Vtbl, Notify), offsetof(ICertExitVtbl, Notify));
    check_int(offsetof(ICertExit2Vtbl, GetDescription), offsetof(ICertExitVtbl, GetDescription));
}

TEST(the_library_is_ours_in_version_1_0_for_64_bits)
{
    ITypeLib *library = open_library();
    TLIBATTR *attributes = NULL;
    BSTR name = NULL;

    if (!library) return;
    check_hr(ITypeLib_GetLibAttr(library, &attributes), S_OK);
    check(IsEqualGUID(&attributes->guid, &LIBID_CertWitness));
    check_int(attributes->wMajorVerNum, 1);
    check_int(attributes->wMinorVerNum, 0);
    check_int(attributes->lcid, 0);
    check_int(attributes->syskind, SYS_WIN64);
    ITypeLib_ReleaseTLibAttr(library, attributes);
    check_hr(ITypeLib_GetDocumentation(library, -1, &name, NULL, NULL, NULL), S_OK);
    check_wide(name, L"CertWitness");
    SysFreeString(name);
    check_int(ITypeLib_GetTypeInfoCount(library), 5 + 2);
    check_int(ITypeLib_Release(library), 0);
}

TEST(every_interface_of_the_library_has_the_attributes_of_the_contract)
{
    ITypeLib *library = open_library();

    for (size_t i = 0; i < ARRAYSIZE(interfaces); i++) {
        ITypeInfo *dispatch = dispatch_view(library, interfaces[i].iid);
        TYPEATTR *attributes = NULL;
        char name[64];

        if (!check(dispatch != NULL)) continue;
        if (check_hr(ITypeInfo_GetTypeAttr(dispatch, &attributes), S_OK)) {
            check_guid(&attributes->guid, interfaces[i].guid, interfaces[i].name);
            check_int(attributes->typekind, TKIND_DISPATCH);
            check_int(attributes->wTypeFlags, 0x1040);          /* dual, dispatchable */
            ITypeInfo_ReleaseTypeAttr(dispatch, attributes);
        }
        check_text(name_of(dispatch, MEMBERID_NIL, name, sizeof name), interfaces[i].name);
        let_go(dispatch);
    }
    let_go(library);
}

TEST(every_vtable_of_the_library_is_that_of_the_contract_method_by_method)
{
    ITypeLib *library = open_library();
    const struct method *want = methods;

    for (size_t i = 0; i < ARRAYSIZE(interfaces); i++) {
        ITypeInfo *dispatch = dispatch_view(library, interfaces[i].iid), *vtable = vtable_view(dispatch), *base = NULL;
        TYPEATTR *attributes = NULL;
        HREFTYPE reference;
        char name[64];

        if (check(vtable != NULL) && check_hr(ITypeInfo_GetTypeAttr(vtable, &attributes), S_OK)) {
            check_int(attributes->typekind, TKIND_INTERFACE);
            check_int(attributes->cFuncs, interfaces[i].count);
            check_int(attributes->cbSizeVft, interfaces[i].size);
            check_hr(ITypeInfo_GetRefTypeOfImplType(vtable, 0, &reference), S_OK);
            check_hr(ITypeInfo_GetRefTypeInfo(vtable, reference, &base), S_OK);
            if (base) check_text(name_of(base, MEMBERID_NIL, name, sizeof name), interfaces[i].base);
            for (UINT m = 0; m < interfaces[i].count; m++) {
                check_text(want[m].type, interfaces[i].name);
                check_method(vtable, m, &want[m]);
            }
            ITypeInfo_ReleaseTypeAttr(vtable, attributes);
        }
        want += interfaces[i].count;
        let_go(base);
        let_go(vtable);
        let_go(dispatch);
    }
    check(want == methods + ARRAYSIZE(methods));
    let_go(library);
}

TEST(automation_finds_every_method_by_name_and_gets_its_result_as_a_return_value)
{
    ITypeLib *library = open_library();

    for (size_t i = 0; i < ARRAYSIZE(interfaces); i++) {
        ITypeInfo *dispatch = dispatch_view(library, interfaces[i].iid);

        for (size_t m = 0; dispatch && m < ARRAYSIZE(methods); m++) {
            if (!strcmp(methods[m].type, interfaces[i].name)) check_automation(dispatch, &methods[m]);
        }
        let_go(dispatch);
    }
    let_go(library);
}

/* What a class of the library lists: "Exit: ICertExit2 default, ICertExit". */
static void class_text(ITypeLib *library, REFCLSID clsid, char *out, size_t size)
{
    ITypeInfo *info = dispatch_view(library, clsid), *other = NULL;
    TYPEATTR *attributes = NULL;
    char name[64];
    HREFTYPE reference;
    INT flags;

    snprintf(out, size, "none");
    if (!info || !check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK)) return;
    check_int(attributes->typekind, TKIND_COCLASS);
    check_int(attributes->wTypeFlags, TYPEFLAG_FCANCREATE);
    snprintf(out, size, "%s:", name_of(info, MEMBERID_NIL, name, sizeof name));
    for (UINT i = 0; i < attributes->cImplTypes; i++) {
        size_t used = strlen(out);

        if (ITypeInfo_GetRefTypeOfImplType(info, i, &reference) || ITypeInfo_GetImplTypeFlags(info, i, &flags)) break;
        if (ITypeInfo_GetRefTypeInfo(info, reference, &other)) break;
        snprintf(out + used, size - used, "%s %s%s", i ? "," : "", name_of(other, MEMBERID_NIL, name, sizeof name),
                 flags == IMPLTYPEFLAG_FDEFAULT ? " default" : flags ? " with strange flags" : "");
        let_go(other);
    }
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    let_go(info);
}

TEST(the_classes_of_the_library_have_the_clsids_of_the_header_and_the_right_default_interface)
{
    ITypeLib *library = open_library();
    char text[256];

    class_text(library, &CLSID_Exit, text, sizeof text);
    check_text(text, "Exit: ICertExit2 default, ICertExit");
    class_text(library, &CLSID_ExitManage, text, sizeof text);
    check_text(text, "ExitManage: ICertManageModule default");
    let_go(library);
}

TEST(automation_finds_what_is_inherited_and_parameters_by_name)
{
    ITypeLib *library = open_library();
    ITypeInfo *dispatch = dispatch_view(library, &IID_ICertExit2), *vtable = vtable_view(dispatch);
    WCHAR *names[] = {L"Initialize", L"strConfig"};
    MEMBERID ids[2] = {0, 0};

    if (vtable) check_hr(DispGetIDsOfNames(vtable, names, 2, ids), S_OK);
    check_hr(ids[0], 0x60020000);                /* found in the base */
    check_int(ids[1], 0);                        /* the first parameter, by name */
    let_go(vtable);
    let_go(dispatch);
    let_go(library);
}

TEST(the_events_have_the_values_of_the_contract)
{
    static const struct { const char *name; LONG got, want; } events[] = {
        {"INVALID", EXITEVENT_INVALID, 0x0},
        {"CERTISSUED", EXITEVENT_CERTISSUED, 0x1},
        {"CERTPENDING", EXITEVENT_CERTPENDING, 0x2},
        {"CERTDENIED", EXITEVENT_CERTDENIED, 0x4},
        {"CERTREVOKED", EXITEVENT_CERTREVOKED, 0x8},
        {"CERTRETRIEVEPENDING", EXITEVENT_CERTRETRIEVEPENDING, 0x10},
        {"CRLISSUED", EXITEVENT_CRLISSUED, 0x20},
        {"SHUTDOWN", EXITEVENT_SHUTDOWN, 0x40},
        {"STARTUP", EXITEVENT_STARTUP, 0x80},
        {"CERTIMPORTED", EXITEVENT_CERTIMPORTED, 0x200},
    };

    for (size_t i = 0; i < ARRAYSIZE(events); i++) {
        if (!check_int(events[i].got, events[i].want)) test_note("    EXITEVENT_%s", events[i].name);
    }
}

TEST(the_flags_have_the_values_of_the_contract)
{
    check_int(CMM_REFRESHONLY, 1);
    check_int(CMM_READONLY, 2);
    check_int(ENUMEXT_OBJECTID, 1);
    check_int(EXTENSION_CRITICAL_FLAG, 1);
    check_int(EXTENSION_DISABLE_FLAG, 2);
    check_int(EXTENSION_DELETE_FLAG, 4);
    check_hr(CERTSRV_E_ADMIN_DENIED_REQUEST, 0x80094014);
    check_hr(CERTSRV_E_PROPERTY_EMPTY, 0x80094004);
}

TEST(the_names_of_a_modules_properties_are_those_of_the_contract)
{
    check_wide(wszCMM_PROP_NAME, L"Name");
    check_wide(wszCMM_PROP_DESCRIPTION, L"Description");
    check_wide(wszCMM_PROP_COPYRIGHT, L"Copyright");
    check_wide(wszCMM_PROP_FILEVER, L"File Version");
    check_wide(wszCMM_PROP_PRODUCTVER, L"Product Version");
    check_wide(wszCMM_PROP_DISPLAY_HWND, L"HWND");
    check_wide(wszCMM_PROP_ISMULTITHREADED, L"IsMultiThreaded");
    check_int(sizeof(wszCMM_PROP_FILEVER), 13 * sizeof(WCHAR));     /* with its zero, as the published array has it */
}

TEST(the_names_that_mingw_lacks_are_there)
{
    check_wide(wszPROPPUBLISHEXPIREDCERTINCRL, L"PublishExpiredCertInCRL");
    check_wide(wszPROPREQUESTERNAMEFROMOLDCERTIFICATE, L"RequesterNameFromOldCertificate");
    check_wide(wszPROPATTESTATIONCHALLENGE, L"AttestationChallenge");
    check_wide(wszPROPENDORSEMENTKEYHASH, L"EndorsementKeyHash");
    check_wide(wszPROPENDORSEMENTCERTIFICATEHASH, L"EndorsementCertificateHash");
    check_wide(wszPROPRAWPRECERTIFICATE, L"RawPrecertificate");
    check_wide(wszPROPCRLPARTITIONINDEX, L"CRLPartitionIndex");
    check_wide(wszPROPLINTERCERTIFICATE, L"LinterCertificate");
    check_wide(wszPROPCERTIFICATEPRIVATEKEYFLAGS, L"PrivatekeyFlags");
    check_wide(wszPROPVOLATILEMODE, L"VolatileMode");
    check_wide(wszPROPCROSSFOREST, L"CrossForest");
    check_wide(wszPROPREQUESTERSAMNAME, L"RequesterSAMName");
    check_wide(wszPROPREQUESTERUPN, L"RequesterUPN");
    check_wide(wszPROPREQUESTERDN, L"RequesterDN");
    check_wide(wszREGEXITIMPORTEDKEY, L"Imported");
}

TEST(the_names_a_module_registers_under_are_made_of_the_contracts_pieces)
{
    check_wide(L"CertWitness" wszCERTEXITMODULE_POSTFIX, L"CertWitness.Exit");
    check_wide(L"CertWitness" wszCERTMANAGEEXIT_POSTFIX, L"CertWitness.ExitManage");
    check_wide(wszCLASS_CERTEXIT, L"CertificateAuthority_MicrosoftDefault.Exit");
    check_wide(wszCLASS_CERTMANAGEEXITMODULE, L"CertificateAuthority_MicrosoftDefault.ExitManage");
}
