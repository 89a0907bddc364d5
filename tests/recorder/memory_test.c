/*
 * The module with memory that runs out: allocation n of a whole life fails, once, or it and all after it.
 *
 * A life is CoCreateInstance, Initialize, Notify of four kinds, one more, Release and FreeLibrary. What the DLL imports to get memory with is
 * replaced in its import table. All lives write one journal, which a reader reads on from life to life, and tests/recorder/memory.t at the end: so each life
 * also opens what the one before has left. Every position takes minutes: CERTWITNESS_SWEEP is the number of seconds to spend on each way to
 * fail, "all" is no limit; 25 if not said. Where they do not suffice the positions tried are spread over all.
 */
#include "lib/test.h"
#include "lib/module.h"

#include "lib/fake_ca.h"

#include "journal/reader.h"

#include <bcrypt.h>
#include <certwitness.h>
#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define KEY L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\Memory\\ExitModules\\CertWitness.Exit"
#define STRIDE 61                       /* of positions tried in turn: prime, so that each is met once */

/* --- allocations: counted, refused, and what is left of them --- */

static volatile LONG count, refused, heap_live, local_live, com_live;
static volatile LONG fail_from, fail_to;        /* refused where fail_from <= n < fail_to */

static bool refuse(void)
{
    LONG n = InterlockedIncrement(&count);

    if (n < fail_from || n >= fail_to) return false;
    InterlockedIncrement(&refused);
    return true;
}

static void *counted(void *memory)
{
    if (memory) InterlockedIncrement(&heap_live);
    return memory;
}

static void *my_malloc(size_t size)             { return refuse() ? NULL : counted(malloc(size)); }
static void *my_calloc(size_t n, size_t size)   { return refuse() ? NULL : counted(calloc(n, size)); }
static WCHAR *my_wcsdup(const WCHAR *text)      { return refuse() ? NULL : counted(_wcsdup(text)); }

static void *my_realloc(void *memory, size_t size)
{
    void *grown = refuse() ? NULL : realloc(memory, size);

    return memory ? grown : counted(grown);
}

static void my_free(void *memory)
{
    if (memory) InterlockedDecrement(&heap_live);
    free(memory);
}

static BSTR WINAPI my_SysAllocString(const OLECHAR *text)                   { return refuse() ? NULL : SysAllocString(text); }
static HRESULT WINAPI my_CreateErrorInfo(ICreateErrorInfo **out)            { return refuse() ? E_OUTOFMEMORY : CreateErrorInfo(out); }

static HRESULT WINAPI my_CoCreateFreeThreadedMarshaler(IUnknown *outer, IUnknown **out)
{
    return refuse() ? E_OUTOFMEMORY : CoCreateFreeThreadedMarshaler(outer, out);
}

static HRESULT WINAPI my_CoCreateInstance(REFCLSID clsid, IUnknown *outer, DWORD context, REFIID iid, void **out)
{
    *out = NULL;
    return refuse() ? E_OUTOFMEMORY : CoCreateInstance(clsid, outer, context, iid, out);
}

static BOOL no_memory(void)
{
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return FALSE;
}

static HANDLE WINAPI my_CreateThread(SECURITY_ATTRIBUTES *security, SIZE_T stack, LPTHREAD_START_ROUTINE run, void *context, DWORD flags, DWORD *id)
{
    if (refuse()) { no_memory(); return NULL; }
    return CreateThread(security, stack, run, context, flags, id);
}

static NTSTATUS WINAPI my_BCryptHash(BCRYPT_ALG_HANDLE algorithm, UCHAR *secret, ULONG secret_size, UCHAR *data, ULONG size, UCHAR *out, ULONG out_size)
{
    return refuse() ? (NTSTATUS)STATUS_NO_MEMORY : BCryptHash(algorithm, secret, secret_size, data, size, out, out_size);
}

static BOOL WINAPI my_ConvertDescriptor(const WCHAR *text, DWORD revision, PSECURITY_DESCRIPTOR *out, ULONG *size)
{
    if (refuse()) return no_memory();
    InterlockedIncrement(&local_live);
    return ConvertStringSecurityDescriptorToSecurityDescriptorW(text, revision, out, size);
}

static BOOL WINAPI my_ConvertSid(PSID sid, WCHAR **out)
{
    if (refuse()) return no_memory();
    InterlockedIncrement(&local_live);
    return ConvertSidToStringSidW(sid, out);
}

static DWORD WINAPI my_GetSecurityInfo(HANDLE handle, SE_OBJECT_TYPE type, SECURITY_INFORMATION which, PSID *owner, PSID *group, PACL *dacl, PACL *sacl,
                                       PSECURITY_DESCRIPTOR *out)
{
    if (refuse()) return ERROR_NOT_ENOUGH_MEMORY;
    InterlockedIncrement(&local_live);
    return GetSecurityInfo(handle, type, which, owner, group, dacl, sacl, out);
}

static HLOCAL WINAPI my_LocalFree(HLOCAL memory)
{
    if (memory) InterlockedDecrement(&local_live);
    return LocalFree(memory);
}

static const struct { const char *name; void *mine; } imports[] = {
    {"malloc", my_malloc}, {"calloc", my_calloc}, {"realloc", my_realloc}, {"_wcsdup", my_wcsdup}, {"free", my_free},
    {"SysAllocString", my_SysAllocString}, {"CreateErrorInfo", my_CreateErrorInfo},
    {"CoCreateFreeThreadedMarshaler", my_CoCreateFreeThreadedMarshaler}, {"CoCreateInstance", my_CoCreateInstance},
    {"CreateThread", my_CreateThread}, {"BCryptHash", my_BCryptHash}, {"ConvertSidToStringSidW", my_ConvertSid},
    {"ConvertStringSecurityDescriptorToSecurityDescriptorW", my_ConvertDescriptor}, {"GetSecurityInfo", my_GetSecurityInfo},
    {"LocalFree", my_LocalFree},
};

static unsigned replace(const char *name, IMAGE_THUNK_DATA *place)
{
    DWORD before;

    for (size_t i = 0; i < ARRAYSIZE(imports); i++) {
        if (strcmp(name, imports[i].name)) continue;
        check(VirtualProtect(place, sizeof *place, PAGE_READWRITE, &before));
        place->u1.Function = (ULONGLONG)imports[i].mine;
        return 1;
    }
    return 0;
}

/* Of a DLL that was just loaded. */
static void replace_imports(HMODULE dll)
{
    BYTE *base = (BYTE *)dll;
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_IMPORT_DESCRIPTOR *from =
        (IMAGE_IMPORT_DESCRIPTOR *)(base + headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress);
    unsigned found = 0;

    for (; from->Name; from++) {
        IMAGE_THUNK_DATA *name = (IMAGE_THUNK_DATA *)(base + from->OriginalFirstThunk), *place = (IMAGE_THUNK_DATA *)(base + from->FirstThunk);

        for (; name->u1.AddressOfData; name++, place++) {
            if (IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)) continue;
            found += replace((char *)((IMAGE_IMPORT_BY_NAME *)(base + name->u1.AddressOfData))->Name, place);
        }
    }
    check_int(found, ARRAYSIZE(imports));
}

/* COM's own memory, every BSTR in the process among it. */
static HRESULT WINAPI spy_QueryInterface(IMallocSpy *iface, REFIID iid, void **out)
{
    *out = IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IMallocSpy) ? iface : NULL;
    return *out ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI spy_AddRef(IMallocSpy *iface)   { (void)iface; return 2; }
static ULONG WINAPI spy_Release(IMallocSpy *iface)  { (void)iface; return 1; }
static SIZE_T WINAPI spy_PreAlloc(IMallocSpy *iface, SIZE_T size)                   { (void)iface; return size; }
static void *WINAPI spy_PostAlloc(IMallocSpy *iface, void *memory)                  { (void)iface; if (memory) InterlockedIncrement(&com_live); return memory; }
static void *WINAPI spy_PreFree(IMallocSpy *iface, void *memory, BOOL spied)        { (void)iface; if (memory && spied) InterlockedDecrement(&com_live); return memory; }
static void WINAPI spy_PostFree(IMallocSpy *iface, BOOL spied)                      { (void)iface; (void)spied; }
static SIZE_T WINAPI spy_PreRealloc(IMallocSpy *iface, void *memory, SIZE_T size, void **out, BOOL spied)
{
    (void)iface; (void)spied;
    *out = memory;
    return size;
}
static void *WINAPI spy_PostRealloc(IMallocSpy *iface, void *memory, BOOL spied)    { (void)iface; (void)spied; return memory; }
static void *WINAPI spy_PreGetSize(IMallocSpy *iface, void *memory, BOOL spied)     { (void)iface; (void)spied; return memory; }
static SIZE_T WINAPI spy_PostGetSize(IMallocSpy *iface, SIZE_T size, BOOL spied)    { (void)iface; (void)spied; return size; }
static void *WINAPI spy_PreDidAlloc(IMallocSpy *iface, void *memory, BOOL spied)    { (void)iface; (void)spied; return memory; }
static int WINAPI spy_PostDidAlloc(IMallocSpy *iface, void *memory, BOOL spied, int actual) { (void)iface; (void)memory; (void)spied; return actual; }
static void WINAPI spy_PreHeapMinimize(IMallocSpy *iface)   { (void)iface; }
static void WINAPI spy_PostHeapMinimize(IMallocSpy *iface)  { (void)iface; }

static const IMallocSpyVtbl spy_vtbl = {
    spy_QueryInterface, spy_AddRef, spy_Release, spy_PreAlloc, spy_PostAlloc, spy_PreFree, spy_PostFree, spy_PreRealloc, spy_PostRealloc,
    spy_PreGetSize, spy_PostGetSize, spy_PreDidAlloc, spy_PostDidAlloc, spy_PreHeapMinimize, spy_PostHeapMinimize,
};
static IMallocSpy spy = {&spy_vtbl};

/* --- the journal, read on from life to life --- */

static char journal_path[700];
static struct reader *reader;

static const struct { LONG event; const char *type; } kinds[] = {
    {EXITEVENT_CERTISSUED, "certwitness.certificate.issued"}, {EXITEVENT_CERTDENIED, "certwitness.certificate.denied"},
    {EXITEVENT_CERTREVOKED, "certwitness.certificate.revoked"}, {EXITEVENT_CRLISSUED, "certwitness.crl.issued"},
    {EXITEVENT_CERTPENDING, "certwitness.certificate.pending"},         /* the next event, with memory again */
};
#define KINDS ((int)ARRAYSIZE(kinds))

struct found {
    int lines[KINDS], gap, started, other;
};

static void count_line(const struct line *line, struct found *found)
{
    static const char events[] = "{\"events\":";

    if (span_is(line->type, "certwitness.module.started")) { found->started++; return; }
    if (span_is(line->type, "certwitness.module.stopped")) return;
    if (span_is(line->type, "certwitness.journal.gap")) { found->gap += atoi(line->data.text + sizeof events - 1); return; }
    for (int i = 0; i < KINDS; i++) if (span_is(line->type, kinds[i].type)) { found->lines[i]++; return; }
    found->other++;
    test_note("    a line of type %.*s", (int)line->type.size, line->type.text);
}

static bool read_on(struct found *found)
{
    struct reader_item item;
    enum reader_result result;

    memset(found, 0, sizeof *found);
    if (!reader && !check_hr(reader_open(journal_path, 0, &reader), S_OK)) return false;
    while ((result = reader_next(reader, &item)) == READER_LINE) count_line(&item.line, found);
    if (result == READER_FAULT) test_note("    %s at %s:%llu", reader_kind_text(item.kind), item.place.file, item.place.number);
    return check_int(result, READER_END);
}

/* --- a life --- */

static HMODULE module;
static ICertExit2 *exit_module;

static void set_number(const WCHAR *name, DWORD number)
{
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, KEY, name, REG_DWORD, &number, sizeof number), ERROR_SUCCESS);
}

static HRESULT create(void)
{
    IClassFactory *factory = module_factory(module);
    HRESULT hr;

    hr = IClassFactory_CreateInstance(factory, NULL, &IID_ICertExit2, (void **)&exit_module);
    IClassFactory_Release(factory);
    check(SUCCEEDED(hr) == (exit_module != NULL));
    return hr;
}

/* What failed has a sentence for event 46. */
static void check_text_of(HRESULT hr)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;

    if (SUCCEEDED(hr)) return;
    if (check_hr(GetErrorInfo(0, &info), S_OK)) {
        check_hr(IErrorInfo_GetDescription(info, &text), S_OK);
        check(SysStringLen(text) > 40);
        IErrorInfo_Release(info);
    }
    SysFreeString(text);
}

static HRESULT initialize(void)
{
    BSTR config = SysAllocString(L"Memory");
    LONG mask = -1;
    HRESULT hr = ICertExit2_Initialize(exit_module, config, &mask);

    SysFreeString(config);
    check_int(mask, SUCCEEDED(hr) ? 0x3ff : 0);
    check_text_of(hr);
    return hr;
}

static HRESULT notify(int kind)
{
    HRESULT hr = ICertExit2_Notify(exit_module, kinds[kind].event, FAKE_CONTEXT);

    check_text_of(hr);
    return hr;
}

static void memory_is_back(void)
{
    fail_from = fail_to = 0;
}

/* What one life has come to. */
struct life {
    LONG needed;                        /* allocations */
    bool counted;                       /* all that was lost could still be told */
    int notified, acknowledged[KINDS];
};

static void tell_event(struct life *life, int kind)
{
    HRESULT hr = notify(kind);

    life->notified++;
    life->acknowledged[kind] += hr == S_OK;
}

/* Up to the last event; the object is there. */
static void live_on(struct life *life, bool once)
{
    LONG before = refused;
    HRESULT hr = initialize();

    if (once) check_hr(hr, S_OK);
    if (FAILED(hr)) {
        check_hr(hr, E_OUTOFMEMORY);
        check(refused > before);
        memory_is_back();
        check_hr(initialize(), S_OK);
    }
    for (int kind = 0; kind + 1 < KINDS; kind++) tell_event(life, kind);
    if (refused) memory_is_back();
    life->counted = refused || !fail_from;
    before = refused;
    for (int i = 0; i < 300 && !life->acknowledged[KINDS - 1]; i++) {           /* a writer without memory tries again after a second */
        tell_event(life, KINDS - 1);
        if (life->acknowledged[KINDS - 1] || refused > before) break;
        Sleep(50);
    }
    check(life->acknowledged[KINDS - 1] || refused > before);
}

static void judge(const struct life *life)
{
    struct found found;
    int lines = 0;

    if (!read_on(&found)) return;
    check_int(found.other, 0);          /* journal.broken and journal.recovered above all */
    check_int(found.started, 1);
    for (int kind = 0; kind < KINDS; kind++) {
        check(found.lines[kind] >= life->acknowledged[kind]);
        lines += found.lines[kind];
    }
    if (life->counted) check_int(lines + found.gap, life->notified);
    else check(lines + found.gap <= life->notified);
}

static struct life live(LONG from, LONG to)
{
    HRESULT (WINAPI *can_unload)(void);
    bool once = to == from + 1;
    LONG com = com_live;
    struct life life = {0};
    HRESULT hr;

    module = LoadLibraryW(L"build\\bin\\certwitness.dll");
    if (!check(module != NULL)) return life;
    replace_imports(module);
    can_unload = (void *)GetProcAddress(module, "DllCanUnloadNow");
    count = refused = heap_live = local_live = 0;
    fail_from = from;
    fail_to = to;
    exit_module = NULL;
    if (FAILED(hr = create())) {
        check_hr(hr, E_OUTOFMEMORY);
        check(refused);
        memory_is_back();
        check_hr(create(), S_OK);
    }
    live_on(&life, once);
    check_int(ICertExit2_Release(exit_module), 0);
    life.needed = count;
    memory_is_back();
    SetErrorInfo(0, NULL);
    check_hr(can_unload(), S_OK);
    check_int(heap_live, 0);
    check_int(local_live, 0);
    check_int(com_live, com);
    check(FreeLibrary(module));
    check(!GetModuleHandleW(L"certwitness.dll"));
    judge(&life);
    return life;
}

/* --- the sweep --- */

static void begin(void)
{
    static const WCHAR list[] = L"Officer\0attribute:ccm\0extension:1.2.3\0SomeColumn:string\0certificate:Zo\x00eb:long\0!RequestFlags\0"
                                L"Nonsense\0Challenge\0!Nothing\0";
    static const char large[20000];
    WCHAR here[MAX_PATH], root[MAX_PATH];
    void (WINAPI *no_cache)(void);
    char narrow[MAX_PATH];

    check(GetCurrentDirectoryW(ARRAYSIZE(here), here) != 0);
    swprintf(root, ARRAYSIZE(root), L"%ls\\build\\tmp\\memory-%lu", here, GetCurrentProcessId() ^ GetTickCount());
    check(SetEnvironmentVariableW(L"ProgramData", root));
    check(WideCharToMultiByte(CP_UTF8, 0, root, -1, narrow, ARRAYSIZE(narrow), NULL, NULL) != 0);
    snprintf(journal_path, sizeof journal_path, "%s\\CertWitness\\Memory", narrow);
    fake_ca_begin();
    fake_ca_text(L"SanitizedCAName", L"Memory");
    fake_ca_text(L"MachineDNSName", L"ca.example");
    fake_ca_text(L"ModuleRegistryLocation", KEY);
    fake_ca_long(L"CAType", 3);
    fake_ca_long(L"CertCount", 2);
    fake_ca_bytes(L"RawCACertificate.0", large, 900);
    fake_ca_error(L"RawCACertificate.1", E_FAIL);
    fake_ca_long(L"RequestID", 42);
    fake_ca_long(L"Disposition", 21);
    fake_ca_text(L"RequesterName", L"CORP\\Zo\x00eb");
    fake_ca_text(L"RequestAttributes", L"CertificateTemplate:User\nChallenge:secret\nccm:pc17");
    fake_ca_error(L"CallerName", E_ACCESSDENIED);
    fake_ca_error(L"StatusCode", E_FAIL);
    fake_ca_text(L"DispositionMessage", L"Issued");
    fake_ca_date(L"SubmittedWhen", 46000.5);
    fake_ca_bytes(L"RawRequest", large, 5000);
    fake_ca_bytes(L"RawCertificate", large, sizeof large);
    fake_ca_text(L"Officer", L"CORP\\officer");
    fake_ca_error(L"SomeColumn", E_INVALIDARG);
    fake_ca_attribute(L"ccm", L"pc17");
    fake_ca_extension(L"1.2.3", "abc", 3, 1);
    fake_ca_bytes(L"RawCRL.0", large, 700);
    fake_ca_error(L"RawCRL.1", E_FAIL);
    check_int(RegSetKeyValueW(HKEY_LOCAL_MACHINE, KEY, L"Properties", REG_MULTI_SZ, list, sizeof list), ERROR_SUCCESS);
    set_number(L"SegmentMiB", 1);
    set_number(L"MinFreeMiB", 0);
    set_number(L"RetainDays", 99999);                   /* refused */
    no_cache = (void *)GetProcAddress(GetModuleHandleW(L"oleaut32.dll"), "SetOaNoCache");
    if (check(no_cache != NULL)) no_cache();            /* freed BSTRs would count as living */
    check_hr(CoRegisterMallocSpy(&spy), S_OK);
    live(0, 0);                                         /* what COM and Wine make once */
}

static void end(void)
{
    reader_close(reader);
    reader = NULL;
    check_hr(CoRevokeMallocSpy(), S_OK);
    fake_ca_end();
    check_int(RegDeleteTreeW(HKEY_LOCAL_MACHINE, KEY), ERROR_SUCCESS);
}

static ULONGLONG seconds_allowed(void)
{
    const char *text = getenv("CERTWITNESS_SWEEP");

    if (text && !strcmp(text, "all")) return ULLONG_MAX / 1000;
    return text && *text ? strtoull(text, NULL, 10) : 25;
}

static void sweep(const char *way, bool once, DWORD wait_ms)
{
    ULONGLONG begun = GetTickCount64(), most = 1000 * seconds_allowed();
    LONG positions, tried = 0;
    int wrong = 0;
    DWORD handles = 0, after = 0;

    begin();
    set_number(L"MaxWaitMs", wait_ms);
    positions = live(0, 0).needed;
    GetProcessHandleCount(GetCurrentProcess(), &handles);
    for (; tried < positions && GetTickCount64() - begun < most; tried++) {
        LONG n = positions % STRIDE ? tried * STRIDE % positions + 1 : tried + 1;
        int failures = test_failures();

        live(n, once ? n + 1 : LONG_MAX);
        if (test_failures() == failures) continue;
        test_note("    allocation %ld, %s", n, way);
        if (++wrong == 20) break;
    }
    GetProcessHandleCount(GetCurrentProcess(), &after);
    check(after <= handles);
    test_note("%ld of %ld allocations refused, %s: %llu s", tried, positions, way, (GetTickCount64() - begun) / 1000);
    end();
}

TEST(any_allocation_may_fail_once)
{
    sweep("once", true, 20000);
}

TEST(any_allocation_and_all_after_it_may_fail)
{
    sweep("it and all after it", false, 2000);           /* less, and on a busy machine a writer is left behind, whose lines the next life finds */
}
