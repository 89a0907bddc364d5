/*
 * The exit modules of a CA: loaded from the registry, told of events, unloaded.
 *
 * All calls into them are made on threads of a pool (pool.h), members of the multi-threaded apartment; COM carries them
 * to modules that are registered for an apartment of their own. A module that fails or throws is written of in the CA's
 * event log (event_log.h) and changes nothing else, as it should be. Whether one that threw is told of anything more is a choice
 * (CHOICE_THROWN); it is released with the others in any case.
 */
#ifndef STUBCA_MODULES_H
#define STUBCA_MODULES_H

#include "stubca/ca/ca.h"

struct modules_settings {
    bool startup;                       /* EXITEVENT_STARTUP is told of (I-5: do modules ever get it?) */
    bool raw_name;                      /* Initialize gets the CA's name as entered, not as sanitized (I-1) */
    DWORD call_ms;                      /* how long a call into a module may take; then the program ends */
    DWORD stop_ms;                      /* the same for all of modules_stop together; 0: no such limit */
    int threads;                        /* on which modules are called, and so how many events may be told of at a time (I-15); 0: four */
};

struct modules;

/*
 * Load what ExitModules\Active names, in that order or the reverse (CHOICE_LOAD_ORDER), in which they are notified, too: create, Initialize, GetDescription. One that cannot be had or
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

/* What became of the events that this thread has told of since it asked last. */
struct told {
    int events;                         /* that at least one module wanted */
    double least_ms;                    /* that one of them took: in all modules' Notify, one after the other; the quickest counts */
    HRESULT returned;                   /* the first return of Notify that was not S_OK; S_OK: there was none */
};
struct told modules_told(void);

/* Have `run` run on `count` of the threads on which modules are called, with an argument each, and wait for all: see
 * pool_run_each. Within, modules_notify_here. */
void modules_run(struct modules *modules, void (*run)(void *argument), void *arguments, size_t size, int count);

/* One event on this very thread. Returns what the first module returned that did not return S_OK; the first failure of
 * all is logged, later ones are not. `*ticks` is the time within the modules' Notify, as QueryPerformanceCounter counts it. */
HRESULT modules_notify_here(struct modules *modules, LONG event, LONG request_id, LONGLONG *ticks);

/* GetDescription of the module of that ProgID, on all threads at once on which modules are called. The caller frees. A failure,
 * which is logged as well: it is not loaded, a call failed or threw, or one said something else than another. */
HRESULT modules_describe(struct modules *modules, const char *progid, char **text, struct reason *reason);

/* What CR_PROP_EXITCOUNT and CR_PROP_EXITDESCRIPTION tell the CA's clients. Which modules count is a choice (CHOICE_EXIT_COUNT). One
 * that counts and is not loaded has an empty description. HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND): there is none of that
 * index. The caller frees. */
int modules_count(const struct modules *modules);
HRESULT modules_description(struct modules *modules, int index, char **text, struct reason *reason);

/* The events that at least one of the modules wants. */
LONG modules_mask(const struct modules *modules);

#endif
