/*
 * The exit modules of a CA: loaded from the registry, notified of events, unloaded.
 *
 * All calls are made on threads of a pool (pool.h), members of the multi-threaded apartment; COM
 * marshals them to modules that are registered for an apartment of their own. A module that fails
 * or throws is reported in the CA's event log (event_log.h), and nothing else changes. Whether a
 * module that threw receives further events is a choice (CHOICE_THROWN); it is released with the
 * others in any case.
 */
#ifndef STUBCA_MODULES_H
#define STUBCA_MODULES_H

#include "stubca/ca/ca.h"

struct modules_settings {
    bool startup;                       /* EXITEVENT_STARTUP is raised (I-5: it is not known
                                         * whether modules ever get it) */
    bool raw_name;                      /* Initialize gets the CA's name as entered, not the
                                         * sanitized one (I-1) */
    DWORD call_ms;                      /* the longest time for a call into a module; after it
                                         * the program ends */
    DWORD stop_ms;                      /* the same for the whole of modules_stop; 0: no such
                                         * limit */
    int threads;                        /* threads for calls, which limits the number of
                                         * concurrent events (I-15); 0: four */
};

struct modules;

/*
 * Load the modules in ExitModules\Active, in that order or the reverse (CHOICE_LOAD_ORDER), in
 * which they are later notified: create, Initialize, GetDescription. A module that cannot be
 * created or fails to initialize is logged and left out. A module that calls itself "Windows
 * default", as only the CA's own may, is logged and is named by its ProgID. The CA then notifies
 * the modules of its events. S_FALSE: at least one module was left out.
 */
HRESULT modules_start(struct ca *ca, const struct modules_settings *settings,
                      struct modules **modules, struct reason *reason);

/*
 * Raise SHUTDOWN, release the modules and wait for their DLLs to be unloaded, for at most ten
 * seconds, or call_ms if that is less; DLLs of modules registered for an apartment of their own
 * are not waited for. E_FAIL, with the reason: a DLL is still loaded. Frees `modules` in any case;
 * takes NULL.
 */
HRESULT modules_stop(struct modules *modules, struct reason *reason);

/* The results of the events raised by this thread since its last call. */
struct told {
    int events;                         /* number of events that at least one module wanted */
    double least_ms;                    /* time of the quickest one: in all modules' Notify, one
                                         * after the other */
    HRESULT returned;                   /* the first result of Notify that was not S_OK; S_OK:
                                         * none */
};
struct told modules_told(void);

/*
 * Run `run` on `count` of the threads for calls to modules, with one argument each, and wait for
 * all: see pool_run_each. For use with modules_notify_here.
 */
void modules_run(struct modules *modules, void (*run)(void *argument), void *arguments, size_t size,
                 int count);

/*
 * Notify the modules of one event on this thread. Returns the first result that was not S_OK; only
 * the first failure of all is logged. `*ticks` is the time in the modules' Notify, in units of
 * QueryPerformanceCounter.
 */
HRESULT modules_notify_here(struct modules *modules, LONG event, LONG request_id, LONGLONG *ticks);

/*
 * GetDescription of the module with that ProgID, on all threads for calls at once. The caller
 * frees the text. A failure, which is also logged: the module is not loaded, a call failed or
 * threw, or two calls gave different texts.
 */
HRESULT modules_describe(struct modules *modules, const char *progid, char **text,
                         struct reason *reason);

/*
 * The values of CR_PROP_EXITCOUNT and CR_PROP_EXITDESCRIPTION for the CA's clients. Which modules
 * count is a choice (CHOICE_EXIT_COUNT). A module that counts and is not loaded has an empty
 * description. HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND): there is no module with that index. The
 * caller frees the text.
 */
int modules_count(const struct modules *modules);
HRESULT modules_description(struct modules *modules, int index, char **text, struct reason *reason);

/* The events that at least one of the modules wants. */
LONG modules_mask(const struct modules *modules);

#endif
