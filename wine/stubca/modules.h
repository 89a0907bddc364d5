/*
 * The exit modules of a CA: loaded from the registry, told of events, unloaded.
 *
 * All calls into them are made on threads of a pool (pool.h), members of the multi-threaded apartment; COM carries them
 * to modules that are registered for an apartment of their own. A module that fails or throws is written of in the CA's
 * event log (event_log.h) and changes nothing else, as it should be; one that threw stays loaded (I-17).
 */
#ifndef STUBCA_MODULES_H
#define STUBCA_MODULES_H

#include "ca.h"

struct modules_settings {
    bool startup;                       /* EXITEVENT_STARTUP is told of (I-5: do modules ever get it?) */
    bool raw_name;                      /* Initialize gets the CA's name as entered, not as sanitized (I-1) */
    DWORD call_ms;                      /* how long a call into a module may take; then the program ends */
    int threads;                        /* on which modules are called, and so how many events may be told of at a time; 0: four */
};

struct modules;

/*
 * Load what ExitModules\Active names, in that order: create, Initialize, GetDescription. One that cannot be had or
 * fails to initialize is logged and left out; one that calls itself "Windows default", as only the CA's own may, is
 * logged and goes by its ProgID. The CA then tells the modules of its events. S_FALSE: one at least was
 * left out.
 */
HRESULT modules_start(struct ca *ca, const struct modules_settings *settings, struct modules **modules,
                      struct reason *reason);

/* Tell of SHUTDOWN, release the modules and see that their DLLs have gone, for which they have ten seconds, or call_ms
 * if that is less; those that are registered for an apartment of their own are not waited for. E_FAIL, with the reason:
 * one is still loaded. Frees `modules` in any case; takes NULL. */
HRESULT modules_stop(struct modules *modules, struct reason *reason);

/* One event, all modules that want it, one after the other, on one thread. Any thread, several at once; returns when
 * the last module has. */
void modules_notify(struct modules *modules, LONG event, LONG request_id);

/* Have `run` run on `count` of the threads on which modules are called, with an argument each, and wait for all: see
 * pool_run_each. Within, modules_notify_here. */
void modules_run(struct modules *modules, void (*run)(void *argument), void *arguments, size_t size, int count);

/* One event on this very thread. Returns what the first module returned that did not return S_OK; the first failure of
 * all is logged, later ones are not. `*ticks` is the time within the modules' Notify, as QueryPerformanceCounter counts it. */
HRESULT modules_notify_here(struct modules *modules, LONG event, LONG request_id, LONGLONG *ticks);

/* GetDescription of the module of that ProgID, on all threads at once on which modules are called. The caller frees. A failure,
 * which is logged as well: it is not loaded, a call failed or threw, or one said something else than another. */
HRESULT modules_describe(struct modules *modules, const char *progid, char **text, struct reason *reason);

/* The events that at least one of the modules wants. */
LONG modules_mask(const struct modules *modules);

/* ModuleRegistryLocation of the module of that number, of the first for -1. The caller frees; NULL: there is none. */
char *modules_registry_location(const struct modules *modules, int module);

#endif
