/*
 * The exit module's COM object.
 *
 * It aggregates the free-threaded marshaler (and therefore answers IAgileObject), so a pointer
 * passed between apartments of one process is not wrapped in a proxy. This is safe, since nothing
 * in the object belongs to an apartment: the recorder creates its callback objects where it uses
 * them. And it is necessary, for two reasons. A proxy would need the type library of ICertExit2 to
 * be registered, and that registration is Microsoft's. And a thread of the CA that calls through a
 * proxy would wait until the thread that created the object processes its messages.
 */
#include "exit.h"

#include "dispatch.h"
#include "dll.h"
#include "error.h"
#include "manage.h"
#include "recorder.h"
#include "unwinding.h"
#include "registration/identity.h"

#include <certsrv.h>
#include <stdlib.h>
#include <wchar.h>

#define NO_MEMORY                                                                                  \
    L"There is not enough memory in the CA's process (0x8007000e): CertWitness was not started, "  \
    L"or an event is LOST, which a journal.gap counts."

enum { FRESH, STARTING, RUNNING };

/* One CA's exit module, from CoCreateInstance to the last Release. */
struct exit_module {
    ICertExit2 ICertExit2_iface;
    struct error_support errors;
    LONG ref;
    IUnknown *marshaler;                /* owned */
    IErrorInfo *no_memory; /* owned: the text for event 46 where there is no memory to make one */
    struct dispatch dispatch;
    LONG state;                         /* FRESH, STARTING or RUNNING; moves by exit_move alone */
    struct unwindings
        unwindings; /* of Initialize, by what the CA threw; it is STARTING then for good */
    struct recorder *recorder;          /* owned; to be looked at when RUNNING */
};

static const IID *const exit_iids[] = {&IID_ICertExit, &IID_ICertExit2, NULL};

static struct exit_module *impl_from_ICertExit2(ICertExit2 *iface)
{
    return CONTAINING_RECORD(iface, struct exit_module, ICertExit2_iface);
}

static HRESULT exit_fail(HRESULT hr, const WCHAR *text)
{
    return error_set(hr, &IID_ICertExit2, EXIT_PROGID, text, NULL);
}

/* The same where memory may be what failed. */
static HRESULT fail_for_sure(const struct exit_module *module, HRESULT hr, const WCHAR *text)
{
    return error_set(hr, &IID_ICertExit2, EXIT_PROGID, text, module->no_memory);
}

/* Go from one state to another, if that is where we are. A full barrier: whoever sees RUNNING sees
 * the recorder too. */
static BOOL exit_move(struct exit_module *module, LONG from, LONG to)
{
    return InterlockedCompareExchange(&module->state, to, from) == from;
}

static HRESULT WINAPI exit_QueryInterface(ICertExit2 *iface, REFIID iid, void **out)
{
    struct exit_module *module = impl_from_ICertExit2(iface);

    if (!out) return E_POINTER;
    *out = NULL;
    if (IsEqualIID(iid, &IID_IMarshal)) return IUnknown_QueryInterface(module->marshaler, iid, out);
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) ||
        IsEqualIID(iid, &IID_ICertExit) || IsEqualIID(iid, &IID_ICertExit2) ||
        IsEqualIID(iid, &IID_IAgileObject))
        *out = iface;
    if (IsEqualIID(iid, &IID_ISupportErrorInfo)) *out = &module->errors.ISupportErrorInfo_iface;
    if (!*out) return E_NOINTERFACE;
    ICertExit2_AddRef(iface);
    return S_OK;
}

static ULONG WINAPI exit_AddRef(ICertExit2 *iface)
{
    return InterlockedIncrement(&impl_from_ICertExit2(iface)->ref);
}

static void exit_free(struct exit_module *module)
{
    recorder_stop(module->recorder);
    dispatch_close(&module->dispatch);
    if (module->marshaler) IUnknown_Release(module->marshaler);
    if (module->no_memory) IErrorInfo_Release(module->no_memory);
    free(module);
    dll_let_go();
}

static ULONG WINAPI exit_Release(ICertExit2 *iface)
{
    struct exit_module *module = impl_from_ICertExit2(iface);
    ULONG ref = InterlockedDecrement(&module->ref);

    if (!ref) exit_free(module);
    return ref;
}

static HRESULT WINAPI exit_GetTypeInfoCount(ICertExit2 *iface, UINT *count)
{
    (void)iface;
    return dispatch_count(count);
}

static HRESULT WINAPI exit_GetTypeInfo(ICertExit2 *iface, UINT index, LCID locale, ITypeInfo **type)
{
    (void)locale;
    return dispatch_type(&impl_from_ICertExit2(iface)->dispatch, index, type);
}

static HRESULT WINAPI exit_GetIDsOfNames(ICertExit2 *iface, REFIID iid, OLECHAR **names, UINT count,
                                         LCID locale, DISPID *ids)
{
    (void)locale;
    return dispatch_ids(&impl_from_ICertExit2(iface)->dispatch, iid, names, count, ids);
}

static HRESULT WINAPI exit_Invoke(ICertExit2 *iface, DISPID id, REFIID iid, LCID locale, WORD flags,
                                  DISPPARAMS *arguments, VARIANT *result, EXCEPINFO *exception,
                                  UINT *wrong_argument)
{
    struct dispatch *dispatch = &impl_from_ICertExit2(iface)->dispatch;

    (void)locale;
    return dispatch_invoke(dispatch, iface, id, iid, flags, arguments, result, exception,
                           wrong_argument);
}

/* An Initialize that an exception has ended leaves a recorder that never started; whoever takes the
 * count takes it, too. */
static BOOL begin_to_start(struct exit_module *module)
{
    if (exit_move(module, FRESH, STARTING)) return TRUE;
    if (!InterlockedExchange(&module->unwindings.count, 0)) return FALSE;
    recorder_stop(module->recorder);
    module->recorder = NULL;
    return TRUE;
}

struct start {
    struct exit_module *module;
    const WCHAR *config;
    LONG *event_mask;
    HRESULT hr;
};

static void start_recorder(void *argument)
{
    struct start *start = argument;

    start->hr = recorder_start(start->config, &start->module->recorder, start->event_mask);
}

/*
 * `config` names the CA, but it is not documented in which spelling, and a registry key made of it
 * may be another CA's: the CA itself is asked first (location.h).
 */
static HRESULT WINAPI exit_Initialize(ICertExit2 *iface, const BSTR config, LONG *event_mask)
{
    struct exit_module *module = impl_from_ICertExit2(iface);
    struct start start = {module, config, event_mask, S_OK};
    WCHAR text[128];
    HRESULT hr;

    if (!event_mask)
        return exit_fail(E_POINTER, L"Initialize was called without a place for the event mask.");
    *event_mask = 0;
    if (!begin_to_start(module)) {
        return exit_fail(
            E_UNEXPECTED,
            L"Initialize was called a second time: this object already records for a CA.");
    }
    unwinding_watch(start_recorder, &start, &module->unwindings);
    if (SUCCEEDED(hr = start.hr)) {
        exit_move(module, STARTING, RUNNING);
        return S_OK;
    }
    *event_mask = 0;
    module->recorder = NULL;
    exit_move(module, STARTING, FRESH);                                 /* the CA may try again */
    swprintf(text, ARRAYSIZE(text),
             L"CertWitness could not be started (0x%08lx); it records nothing.", hr);
    return fail_for_sure(module, hr, text);
}

static HRESULT WINAPI exit_Notify(ICertExit2 *iface, LONG event, LONG context)
{
    struct exit_module *module = impl_from_ICertExit2(iface);
    WCHAR why[RECORDER_WHY_MAX] = L"";
    HRESULT hr;

    if (!exit_move(module, RUNNING, RUNNING)) {
        return exit_fail(
            E_UNEXPECTED,
            L"Notify was called before Initialize had succeeded: the event is not recorded.");
    }
    hr = recorder_notify(module->recorder, event, context, why, ARRAYSIZE(why));
    if (SUCCEEDED(hr)) return S_OK;
    return fail_for_sure(module, hr, why[0] ? why : L"CertWitness could not record the event.");
}

/* Every account that may request a certificate can read this: no version, no path, no name. */
static HRESULT WINAPI exit_GetDescription(ICertExit2 *iface, BSTR *description)
{
    (void)iface;
    if (!description)
        return exit_fail(E_POINTER,
                         L"GetDescription was called without a place for the description.");
    *description = SysAllocString(L"CertWitness: keeps a journal of what this CA does");
    return *description ? S_OK
                        : exit_fail(E_OUTOFMEMORY, L"There is no memory for the description.");
}

static HRESULT WINAPI exit_GetManageModule(ICertExit2 *iface, ICertManageModule **manage)
{
    HRESULT hr;

    (void)iface;
    if (!manage)
        return exit_fail(E_POINTER, L"GetManageModule was called without a place for the object.");
    *manage = NULL;
    hr = manage_create(&IID_ICertManageModule, (void **)manage);
    return SUCCEEDED(hr)
               ? S_OK
               : exit_fail(hr, L"The object that describes CertWitness could not be made.");
}

static const ICertExit2Vtbl exit_vtbl = {
    exit_QueryInterface, exit_AddRef, exit_Release,
    exit_GetTypeInfoCount, exit_GetTypeInfo, exit_GetIDsOfNames, exit_Invoke,
    exit_Initialize, exit_Notify, exit_GetDescription, exit_GetManageModule,
};

HRESULT exit_create(REFIID iid, void **out)
{
    struct exit_module *module = calloc(1, sizeof *module);
    IUnknown *unknown;
    HRESULT hr;

    if (!module) return E_OUTOFMEMORY;
    dll_hold();
    module->ICertExit2_iface.lpVtbl = &exit_vtbl;
    module->ref = 1;
    module->dispatch.iid = &IID_ICertExit2;
    unknown = (IUnknown *)&module->ICertExit2_iface;
    error_support_init(&module->errors, unknown, exit_iids);
    hr = CoCreateFreeThreadedMarshaler(unknown, &module->marshaler);
    if (SUCCEEDED(hr)) hr = error_make(&IID_ICertExit2, EXIT_PROGID, NO_MEMORY, &module->no_memory);
    if (SUCCEEDED(hr)) hr = ICertExit2_QueryInterface(&module->ICertExit2_iface, iid, out);
    ICertExit2_Release(&module->ICertExit2_iface);
    return hr;
}
