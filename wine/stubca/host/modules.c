/* The exit modules of a CA. */
#include "modules.h"

#include "property_answers.h"
#include "configuration.h"
#include "contexts.h"
#include "event_log.h"
#include "exit_object.h"
#include "stubca/base/heap.h"
#include "pool.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"

#include <certsrv.h>
#include <stdlib.h>
#include <string.h>

static void modules_notify(struct modules *modules, LONG event, LONG request_id);
static char *modules_registry_location(const struct modules *modules, int module);

enum { THREADS = 4, UNLOAD_MS = 10000 };

struct module {
    int number;
    char *progid;
    char *description;                  /* what it calls itself; NULL until it has */
    WCHAR *dll; /* that is to be gone in the end; NULL: not known, or not to be expected */
    struct exit_object object;          /* empty: left out */
    LONG mask;
    volatile LONG threw;                /* out of any call */
};

struct modules {
    struct ca *ca;
    struct modules_settings settings;
    struct pool *pool;
    struct module *modules;
    int count;
    struct reason reason;               /* of unloading */
    ULONGLONG stopping_since;           /* GetTickCount64 */
    LONG failed_here;                   /* modules_notify_here has logged a failure */
};

static void call_begins(const struct module *module, const char *method)
{
    pool_call_begins(module->number, module->progid, method);
}

static void log_outcome(const struct module *module, const char *method,
                        const struct outcome_of_call *outcome)
{
    const char *name = module->description ? module->description : module->progid;

    if (outcome->fault.code)
        event_log_exit_exception(name, method, outcome->fault.code, outcome->fault.address);
    else if (FAILED(outcome->hr))
        event_log_exit_error(name, method, outcome->hr, outcome->detail ? outcome->detail : "");
}

/* The call is over: what went wrong is logged. False: something did. */
static bool call_ends(struct module *module, const char *method, struct outcome_of_call *outcome)
{
    bool ok = SUCCEEDED(outcome->hr);

    pool_call_ends();
    if (outcome->fault.code) InterlockedExchange(&module->threw, 1);
    log_outcome(module, method, outcome);
    outcome_free(outcome);
    return ok;
}

/* Loading. */

/* What lives in an apartment that COM made for it stays loaded as long as that does: to the end. */
static WCHAR *dll_to_unload(const CLSID *clsid)
{
    WCHAR *threading = exit_class_value(clsid, L"\\InprocServer32", L"ThreadingModel");
    bool apartment = !threading || !*threading || !_wcsicmp(threading, L"Apartment");

    free(threading);
    return apartment ? NULL : exit_class_value(clsid, L"\\InprocServer32", NULL);
}

static bool modules_create(struct module *module)
{
    struct outcome_of_call outcome = {S_OK, {0, NULL}, NULL};
    CLSID clsid;

    call_begins(module, "CoCreateInstance");
    if (SUCCEEDED(outcome.hr = exit_class(module->progid, &clsid))) {
        module->dll = dll_to_unload(&clsid);
        exit_object_create(&clsid, &module->object, &outcome);
    }
    return call_ends(module, "CoCreateInstance", &outcome);
}

static bool initialize(struct modules *modules, struct module *module)
{
    struct outcome_of_call outcome;

    call_begins(module, "Initialize");
    exit_object_initialize(&module->object,
                           modules->settings.raw_name ? modules->ca->name : modules->ca->sanitized,
                           &module->mask, &outcome);
    return call_ends(module, "Initialize", &outcome);
}

/* The name of the CA's own module is nobody else's. */
static void refuse_default(BSTR *description, struct outcome_of_call *outcome)
{
    if (FAILED(outcome->hr) || !*description || _wcsicmp(*description, L"Windows default")) return;
    SysFreeString(*description);
    *description = NULL;
    outcome->hr = HRESULT_FROM_WIN32(ERROR_INVALID_NAME);
    outcome->detail = heap_text("\"Windows default\" is the name of the CA's own exit module.");
}

/* What it calls itself. The caller frees; NULL: the call failed, and that is logged. */
static char *describe(struct module *module)
{
    struct outcome_of_call outcome;
    BSTR description;
    char *text;

    call_begins(module, "GetDescription");
    exit_object_describe(&module->object, &description, &outcome);
    refuse_default(&description, &outcome);
    if (!call_ends(module, "GetDescription", &outcome)) return NULL;
    text = description ? text_utf8(description) : heap_text("");
    SysFreeString(description);
    return text;
}

static void modules_release(struct module *module)
{
    struct outcome_of_call outcome;

    if (!module->object.unknown) return;
    call_begins(module, "Release");
    exit_object_release(&module->object, &outcome);
    call_ends(module, "Release", &outcome);
}

static void modules_load(struct modules *modules, struct module *module)
{
    if (!modules_create(module)) return;
    if (!initialize(modules, module)) {
        modules_release(module);
        return;
    }
    module->description = describe(module);
    tap_note("%s: \"%s\", wants events 0x%lx%s", module->progid,
             module->description ? module->description : "", (unsigned long)module->mask,
             module->object.exit ? "" : ", is called by name");
}

static void load_all(void *argument)
{
    struct modules *modules = argument;

    for (int i = 0; i < modules->count; i++) modules_load(modules, &modules->modules[i]);
}

static void reverse(struct module *modules, int count)
{
    for (int i = 0; i < count / 2; i++) {
        struct module module = modules[i];

        modules[i] = modules[count - 1 - i];
        modules[count - 1 - i] = module;
    }
}

static void list_active(struct modules *modules)
{
    WCHAR *active = configuration_active_modules(modules->ca->sanitized);

    for (const WCHAR *progid = active; progid && *progid; progid += wcslen(progid) + 1) {
        modules->modules =
            heap_grow(modules->modules, (size_t)(modules->count + 1) * sizeof *modules->modules);
        modules->modules[modules->count++] = (struct module){.progid = text_utf8(progid)};
    }
    if (modules->ca->choices.chosen[CHOICE_LOAD_ORDER]) reverse(modules->modules, modules->count);
    for (int i = 0; i < modules->count; i++) modules->modules[i].number = i;
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

static void modules_tell(void *listener, LONG event, LONG request_id)
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
    if (!(modules->pool =
              pool_open(settings->threads ? settings->threads : THREADS, settings->call_ms))) {
        modules_free(modules);
        return text_reason(reason, E_FAIL, "threads cannot be made");
    }
    list_active(modules);
    property_answers_serve(ca, modules_registry_location, modules);
    pool_run(modules->pool, load_all, modules);
    for (int i = 0; i < modules->count; i++) {
        if (!modules->modules[i].object.unknown) hr = S_FALSE;
    }
    ca->tell = modules_tell;
    ca->listener = modules;
    *out = modules;
    if (settings->startup) modules_notify(modules, EXITEVENT_STARTUP, 0);
    return hr;
}

/* Events. */

struct notice {
    struct modules *modules;
    LONG event, context;
    LONGLONG ticks;                     /* in Notify, of all modules together */
    int told;                           /* modules */
    HRESULT returned;                   /* as in struct told */
};

static __thread struct told told;       /* by the thread that waits in modules_notify */

struct told modules_told(void)
{
    struct told since = told;

    told = (struct told){0, 0, S_OK};
    return since;
}

static void modules_remember(const struct notice *notice)
{
    LARGE_INTEGER frequency;
    double ms;

    if (!notice->told) return;
    QueryPerformanceFrequency(&frequency);
    ms = (double)notice->ticks * 1000 / (double)frequency.QuadPart;
    if (!told.events++ || ms < told.least_ms) told.least_ms = ms;
    if (told.returned == S_OK) told.returned = notice->returned;
}

static bool wants(const struct modules *modules, const struct module *module, LONG event)
{
    bool dropped = module->threw && modules->ca->choices.chosen[CHOICE_THROWN];

    return module->object.unknown && module->mask & event && !dropped;
}

/* The outcome is the caller's. */
static void timed_notify(struct module *module, LONG event, LONG context,
                         struct outcome_of_call *outcome, LONGLONG *ticks)
{
    LARGE_INTEGER before, after;

    call_begins(module, "Notify");
    QueryPerformanceCounter(&before);
    exit_object_notify(&module->object, event, context, outcome);
    QueryPerformanceCounter(&after);
    *ticks += after.QuadPart - before.QuadPart;
}

static void notify_all(void *argument)
{
    struct notice *notice = argument;

    for (int i = 0; i < notice->modules->count; i++) {
        struct module *module = &notice->modules->modules[i];

        struct outcome_of_call outcome;

        if (!wants(notice->modules, module, notice->event)) continue;
        timed_notify(module, notice->event, notice->context, &outcome, &notice->ticks);
        notice->told++;
        if (notice->returned == S_OK) notice->returned = outcome.hr;
        call_ends(module, "Notify", &outcome);
    }
}

/* One event, all modules that want it, one after the other, on one thread. Any thread, several at
 * once; returns when the last module has. */
static void modules_notify(struct modules *modules, LONG event, LONG request_id)
{
    LONG of_ca = modules->ca->choices.chosen[CHOICE_CA_CONTEXT] ? CONTEXT_OF_CA : 0;
    LONG subject = request_id ? request_id : of_ca;
    struct notice notice = {modules, event, subject ? context_open(subject) : 0, 0, 0, S_OK};

    pool_run(modules->pool, notify_all, &notice);
    context_close(notice.context);
    modules_remember(&notice);
}

void modules_run(struct modules *modules, void (*run)(void *argument), void *arguments, size_t size,
                 int count)
{
    pool_run_each(modules->pool, run, arguments, size, count);
}

static HRESULT notify_under_load(struct modules *modules, struct module *module, LONG event,
                                 LONG context, LONGLONG *ticks)
{
    struct outcome_of_call outcome;

    timed_notify(module, event, context, &outcome, ticks);
    pool_call_ends();
    if (FAILED(outcome.hr) && !InterlockedExchange(&modules->failed_here, 1))
        log_outcome(module, "Notify", &outcome);
    outcome_free(&outcome);
    return outcome.hr;
}

HRESULT modules_notify_here(struct modules *modules, LONG event, LONG request_id, LONGLONG *ticks)
{
    LONG context = context_open(request_id);
    HRESULT first = S_OK, hr;

    *ticks = 0;
    for (int i = 0; i < modules->count; i++) {
        struct module *module = &modules->modules[i];

        if (!wants(modules, module, event)) continue;
        hr = notify_under_load(modules, module, event, context, ticks);
        if (first == S_OK) first = hr;
    }
    context_close(context);
    return first;
}

/* One thread's call. */
struct telling {
    struct module *module;
    char *text;                         /* NULL: it failed, and that is logged */
};

static void tell_description(void *argument)
{
    struct telling *telling = argument;

    telling->text = describe(telling->module);
}

static struct module *loaded_module(struct modules *modules, const char *progid)
{
    for (int i = 0; i < modules->count; i++) {
        struct module *module = &modules->modules[i];

        if (!_stricmp(module->progid, progid) && module->object.unknown) return module;
    }
    return NULL;
}

HRESULT modules_describe(struct modules *modules, const char *progid, char **text,
                         struct reason *reason)
{
    struct module *module = modules ? loaded_module(modules, progid) : NULL;
    int threads = modules ? pool_threads(modules->pool) : 0;
    struct telling *all;
    HRESULT hr = S_OK;

    *text = NULL;
    if (!module) return text_reason(reason, E_FAIL, "%s is not loaded", progid);
    all = heap_take((size_t)threads * sizeof *all);
    for (int i = 0; i < threads; i++) all[i].module = module;
    pool_run_each(modules->pool, tell_description, all, sizeof *all, threads);
    for (int i = 0; i < threads && SUCCEEDED(hr); i++) {
        if (!all[i].text) hr = text_reason(reason, E_FAIL, "GetDescription fails");
        else if (strcmp(all[i].text, all[0].text))
            hr = text_reason(reason, E_FAIL, "GetDescription says several things");
    }
    if (SUCCEEDED(hr)) *text = heap_text(all[0].text);
    for (int i = 0; i < threads; i++) free(all[i].text);
    free(all);
    return hr;
}

static bool counts(const struct modules *modules, const struct module *module)
{
    return module->object.unknown || !modules->ca->choices.chosen[CHOICE_EXIT_COUNT];
}

int modules_count(const struct modules *modules)
{
    int count = 0;

    for (int i = 0; i < modules->count; i++) count += counts(modules, &modules->modules[i]);
    return count;
}

HRESULT modules_description(struct modules *modules, int index, char **text, struct reason *reason)
{
    struct telling telling = {NULL, NULL};

    *text = NULL;
    for (int i = 0; i < modules->count && index >= 0; i++) {
        if (counts(modules, &modules->modules[i]) && !index--)
            telling.module = &modules->modules[i];
    }
    if (!telling.module)
        return text_reason(reason, HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND),
                           "there is no module of that index");
    if (!telling.module->object.unknown) telling.text = heap_text("");
    else pool_run(modules->pool, tell_description, &telling);
    *text = telling.text;
    return *text ? S_OK : text_reason(reason, E_FAIL, "GetDescription fails");
}

LONG modules_mask(const struct modules *modules)
{
    LONG mask = 0;

    for (int i = 0; i < modules->count; i++)
        mask |= modules->modules[i].object.unknown ? modules->modules[i].mask : 0;
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

/* How long the DLLs have to go; of a limit for stopping, what the rest has left. */
static ULONGLONG unload_ms(const struct modules *modules)
{
    ULONGLONG limit = min(modules->settings.call_ms, UNLOAD_MS),
              used = GetTickCount64() - modules->stopping_since;

    if (!modules->settings.stop_ms) return limit;
    return used < modules->settings.stop_ms ? min(limit, modules->settings.stop_ms - used) : 0;
}

static void unload_all(void *argument)
{
    struct modules *modules = argument;
    ULONGLONG start, limit_ms;
    const struct module *left;

    for (int i = modules->count - 1; i >= 0; i--) modules_release(&modules->modules[i]);
    pool_deadline(modules->pool, 0); /* met; from here on it is not one call that may take long */
    start = GetTickCount64();
    limit_ms = unload_ms(modules);
    do {
        pool_call_begins(-1, "COM",
                         "CoFreeUnusedLibraries"); /* asks each DLL whether it can be unloaded */
        CoFreeUnusedLibrariesEx(0, 0);
        pool_call_ends();
        if (!(left = still_loaded(modules))) return;
        Sleep(10);
    } while (GetTickCount64() - start < limit_ms);
    text_reason(&modules->reason, E_FAIL,
                "the DLL of %s is still loaded %.1f s after its last Release", left->progid,
                (double)limit_ms / 1000);
}

HRESULT modules_stop(struct modules *modules, struct reason *reason)
{
    HRESULT hr = S_OK;

    if (!modules) return S_OK;
    modules->stopping_since = GetTickCount64();
    pool_deadline(modules->pool, modules->settings.stop_ms);
    modules_notify(modules, EXITEVENT_SHUTDOWN, 0);
    property_answers_shut_down();
    modules->ca->tell = NULL;
    pool_run(modules->pool, unload_all, modules);
    property_answers_serve(NULL, NULL, NULL);
    if (*modules->reason.text) hr = text_reason(reason, E_FAIL, "%s", modules->reason.text);
    modules_free(modules);
    return hr;
}

/* ModuleRegistryLocation of the module of that number, of the first for -1. The caller frees; NULL:
 * there is none. */
static char *modules_registry_location(const struct modules *modules, int module)
{
    if (module < 0) module = 0;
    if (module >= modules->count) return NULL;
    return configuration_module_path(modules->ca->sanitized, modules->modules[module].progid);
}
