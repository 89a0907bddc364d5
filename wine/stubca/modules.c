/* The exit modules of a CA. */
#include "modules.h"

#include "configuration.h"
#include "contexts.h"
#include "event_log.h"
#include "heap.h"
#include "pool.h"
#include "server_exit.h"
#include "tap.h"
#include "text.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, UNLOAD_MS = 10000 };

struct module {
    int number;
    char *progid;
    char *description;                  /* what it calls itself; NULL until it has */
    WCHAR *dll;                         /* from its registration; NULL where there is none */
    ICertExit *exit;                    /* NULL: left out */
    LONG mask;
};

struct modules {
    struct ca *ca;
    struct modules_settings settings;
    struct pool *pool;
    struct module *modules;
    int count;
    struct reason reason;               /* of unloading */
    LONG failed_here;                   /* modules_notify_here has logged a failure */
};

/* What the module itself says of its failure, through IErrorInfo; "" where it says nothing. The caller frees. */
static char *error_text(ICertExit *exit)
{
    ISupportErrorInfo *support = NULL;
    IErrorInfo *info = NULL;
    BSTR description = NULL;
    char *text = NULL;

    if (exit && SUCCEEDED(ICertExit_QueryInterface(exit, &IID_ISupportErrorInfo, (void **)&support))) {
        if ((ISupportErrorInfo_InterfaceSupportsErrorInfo(support, &IID_ICertExit) == S_OK
             || ISupportErrorInfo_InterfaceSupportsErrorInfo(support, &IID_ICertExit2) == S_OK)
            && GetErrorInfo(0, &info) == S_OK) IErrorInfo_GetDescription(info, &description);
    }
    text = description ? text_utf8(description) : heap_text("");
    SysFreeString(description);
    if (info) IErrorInfo_Release(info);
    if (support) ISupportErrorInfo_Release(support);
    return text;
}

static void log_failure(const struct module *module, const char *method, HRESULT hr)
{
    char *detail = error_text(module->exit);

    event_log_exit_error(module->description ? module->description : module->progid, method, hr, detail);
    free(detail);
}

static void call_begins(const struct module *module, const char *method)
{
    SetErrorInfo(0, NULL);              /* what an earlier call left there is not this one's */
    pool_call_begins(module->number, module->progid, method);
}

/* Loading. */

/* The DLL that the class is registered with, to see later whether it has gone. */
static WCHAR *registered_dll(const CLSID *clsid)
{
    WCHAR id[40], path[100], *dll = heap_take(MAX_PATH * sizeof *dll);
    DWORD size = MAX_PATH * sizeof *dll;

    StringFromGUID2(clsid, id, ARRAYSIZE(id));
    wcscpy(path, L"CLSID\\");
    wcscat(path, id);
    wcscat(path, L"\\InprocServer32");
    if (!RegGetValueW(HKEY_CLASSES_ROOT, path, NULL, RRF_RT_REG_SZ, NULL, dll, &size)) return dll;
    free(dll);
    return NULL;
}

static HRESULT create(struct module *module)
{
    WCHAR *progid = text_wide(module->progid);
    CLSID clsid;
    HRESULT hr = CLSIDFromProgID(progid, &clsid);

    free(progid);
    if (FAILED(hr)) return hr;
    module->dll = registered_dll(&clsid);
    call_begins(module, "CoCreateInstance");
    hr = CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_ICertExit, (void **)&module->exit);
    pool_call_ends();
    return hr;
}

static HRESULT initialize(struct modules *modules, struct module *module)
{
    WCHAR *name = text_wide(modules->settings.raw_name ? modules->ca->name : modules->ca->sanitized);
    BSTR config = SysAllocString(name);
    HRESULT hr;

    call_begins(module, "Initialize");
    hr = ICertExit_Initialize(module->exit, config, &module->mask);
    pool_call_ends();
    SysFreeString(config);
    free(name);
    return hr;
}

static void describe(struct module *module)
{
    BSTR description = NULL;
    HRESULT hr;

    call_begins(module, "GetDescription");
    hr = ICertExit_GetDescription(module->exit, &description);
    pool_call_ends();
    if (FAILED(hr)) log_failure(module, "GetDescription", hr);
    else module->description = description ? text_utf8(description) : heap_text("");
    SysFreeString(description);
}

static void release(struct module *module)
{
    if (!module->exit) return;
    pool_call_begins(module->number, module->progid, "Release");
    ICertExit_Release(module->exit);
    pool_call_ends();
    module->exit = NULL;
}

static void load(struct modules *modules, struct module *module)
{
    HRESULT hr = create(module);

    if (FAILED(hr)) {
        log_failure(module, "CoCreateInstance", hr);
    } else if (FAILED(hr = initialize(modules, module))) {
        log_failure(module, "Initialize", hr);
        release(module);
    } else {
        describe(module);
        tap_note("%s: \"%s\", wants events 0x%lx", module->progid, module->description ? module->description : "",
                 (unsigned long)module->mask);
    }
}

static void load_all(void *argument)
{
    struct modules *modules = argument;

    for (int i = 0; i < modules->count; i++) load(modules, &modules->modules[i]);
}

static void list_active(struct modules *modules)
{
    WCHAR *active = configuration_active_modules(modules->ca->sanitized);

    for (const WCHAR *progid = active; progid && *progid; progid += wcslen(progid) + 1) {
        modules->modules = heap_grow(modules->modules, (size_t)(modules->count + 1) * sizeof *modules->modules);
        modules->modules[modules->count] = (struct module){.number = modules->count, .progid = text_utf8(progid)};
        modules->count++;
    }
    free(active);
}

static void modules_free(struct modules *modules)
{
    pool_close(modules->pool);
    for (int i = 0; i < modules->count; i++) {
        free(modules->modules[i].progid);
        free(modules->modules[i].description);
        free(modules->modules[i].dll);
    }
    free(modules->modules);
    free(modules);
}

static void tell(void *listener, LONG event, LONG request_id)
{
    modules_notify(listener, event, request_id);
}

HRESULT modules_start(struct ca *ca, const struct modules_settings *settings, struct modules **out,
                      struct reason *reason)
{
    struct modules *modules = heap_take(sizeof *modules);
    HRESULT hr = S_OK;

    *out = NULL;
    modules->ca = ca;
    modules->settings = *settings;
    if (!(modules->pool = pool_open(settings->threads ? settings->threads : THREADS, settings->call_ms))) {
        modules_free(modules);
        return text_reason(reason, E_FAIL, "threads cannot be made");
    }
    list_active(modules);
    server_exit_serve(ca, modules);
    pool_run(modules->pool, load_all, modules);
    for (int i = 0; i < modules->count; i++) {
        if (!modules->modules[i].exit) hr = S_FALSE;
    }
    ca->tell = tell;
    ca->listener = modules;
    *out = modules;
    if (settings->startup) modules_notify(modules, EXITEVENT_STARTUP, 0);
    return hr;
}

/* Events. */

struct notice {
    struct modules *modules;
    LONG event, context;
};

static void notify(struct module *module, LONG event, LONG context)
{
    HRESULT hr;

    call_begins(module, "Notify");
    hr = ICertExit_Notify(module->exit, event, context);
    pool_call_ends();
    if (FAILED(hr)) log_failure(module, "Notify", hr);
}

static void notify_all(void *argument)
{
    const struct notice *notice = argument;

    for (int i = 0; i < notice->modules->count; i++) {
        struct module *module = &notice->modules->modules[i];

        if (module->exit && module->mask & notice->event) notify(module, notice->event, notice->context);
    }
}

void modules_notify(struct modules *modules, LONG event, LONG request_id)
{
    LONG of_ca = modules->ca->choices.chosen[CHOICE_CA_CONTEXT] ? CONTEXT_OF_CA : 0;
    LONG subject = request_id ? request_id : of_ca;
    struct notice notice = {modules, event, subject ? context_open(subject) : 0};

    pool_run(modules->pool, notify_all, &notice);
    context_close(notice.context);
}

void modules_run(struct modules *modules, void (*run)(void *argument), void *arguments, size_t size, int count)
{
    pool_run_each(modules->pool, run, arguments, size, count);
}

static HRESULT timed_notify(struct module *module, LONG event, LONG context, LONGLONG *ticks)
{
    LARGE_INTEGER before, after;
    HRESULT hr;

    call_begins(module, "Notify");
    QueryPerformanceCounter(&before);
    hr = ICertExit_Notify(module->exit, event, context);
    QueryPerformanceCounter(&after);
    pool_call_ends();
    *ticks += after.QuadPart - before.QuadPart;
    return hr;
}

HRESULT modules_notify_here(struct modules *modules, LONG event, LONG request_id, LONGLONG *ticks)
{
    LONG context = context_open(request_id);
    HRESULT first = S_OK, hr;

    *ticks = 0;
    for (int i = 0; i < modules->count; i++) {
        struct module *module = &modules->modules[i];

        if (!module->exit || !(module->mask & event)) continue;
        hr = timed_notify(module, event, context, ticks);
        if (FAILED(hr) && !InterlockedExchange(&modules->failed_here, 1)) log_failure(module, "Notify", hr);
        if (first == S_OK) first = hr;
    }
    context_close(context);
    return first;
}

LONG modules_mask(const struct modules *modules)
{
    LONG mask = 0;

    for (int i = 0; i < modules->count; i++) mask |= modules->modules[i].exit ? modules->modules[i].mask : 0;
    return mask;
}

/* Unloading. */

static const struct module *still_loaded(const struct modules *modules)
{
    HMODULE dll;

    for (int i = 0; i < modules->count; i++) {
        const WCHAR *path = modules->modules[i].dll;

        if (path && GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, path, &dll)) {
            return &modules->modules[i];
        }
    }
    return NULL;
}

static void unload_all(void *argument)
{
    struct modules *modules = argument;
    ULONGLONG start = GetTickCount64(), limit_ms = min(modules->settings.call_ms, UNLOAD_MS);
    const struct module *left;

    for (int i = modules->count - 1; i >= 0; i--) release(&modules->modules[i]);
    do {
        pool_call_begins(-1, "COM", "CoFreeUnusedLibraries");   /* asks each DLL whether it can be unloaded */
        CoFreeUnusedLibrariesEx(0, 0);
        pool_call_ends();
        if (!(left = still_loaded(modules))) return;
        Sleep(10);
    } while (GetTickCount64() - start < limit_ms);
    text_reason(&modules->reason, E_FAIL, "the DLL of %s is still loaded %lu s after its last Release", left->progid,
                (unsigned long)limit_ms / 1000);
}

HRESULT modules_stop(struct modules *modules, struct reason *reason)
{
    HRESULT hr = S_OK;

    if (!modules) return S_OK;
    modules_notify(modules, EXITEVENT_SHUTDOWN, 0);
    server_exit_shut_down();
    modules->ca->tell = NULL;
    pool_run(modules->pool, unload_all, modules);
    server_exit_serve(NULL, NULL);
    if (*modules->reason.text) hr = text_reason(reason, E_FAIL, "%s", modules->reason.text);
    modules_free(modules);
    return hr;
}

char *modules_registry_location(const struct modules *modules, int module)
{
    if (module < 0) module = 0;
    if (module >= modules->count) return NULL;
    return configuration_module_path(modules->ca->sanitized, modules->modules[module].progid);
}
