/*
 * The exit modules of a CA: loaded from the registry, notified of events, unloaded. I-1 to I-36 are
 * the open questions about Microsoft's CA in wine/README.md; CHOICE_… are in open_questions.h.
 *
 * All calls into modules are made on threads of a pool (pool.h), members of the multi-threaded
 * apartment; COM marshals them to modules that are registered for an apartment of their own. The
 * functions that call modules are for other threads, except modules_notify_here. A module that
 * fails or throws is reported in the CA's event log (event_log.h), and nothing else changes.
 * Whether a module that threw receives further events is a choice (CHOICE_THROWN); it is released
 * with the others in any case.
 */
#ifndef STUBCA_MODULES_H
#define STUBCA_MODULES_H

#include "stubca/ca/ca.h"

struct modules_settings {
    bool startup;                       /* EXITEVENT_STARTUP is raised (I-5: it is not known
                                         * whether modules ever get it) */
    bool raw_name;                      /* Initialize gets the CA's name as entered, not the
                                         * sanitized one (I-1) */
    DWORD call_ms;                      /* the longest time for a call into a module, in
                                         * milliseconds; after it the program ends */
    DWORD stop_ms;                      /* the same for all calls of modules_stop together; 0: no
                                         * such limit */
    int threads;                        /* threads for calls, which limits the number of
                                         * concurrent events (I-15); 0: four */
};

struct modules;

/*
 * Load the modules in ExitModules\Active, in that order or the reverse (CHOICE_LOAD_ORDER), in
 * which they are later notified: create, Initialize, GetDescription. A module that cannot be
 * created or fails to initialize is logged and left out. A module that calls itself "Windows
 * default", as only the CA's own may, is logged and is named by its ProgID. The CA then notifies
 * the modules of its events.
 *
 * `settings` is copied; `ca` is kept and has to live until modules_stop, which frees `*modules`.
 * S_FALSE: at least one module was left out. E_FAIL, with the reason: the threads cannot be
 * started; `*modules` is NULL.
 */
HRESULT modules_start(struct ca *ca, const struct modules_settings *settings,
                      struct modules **modules, struct reason *reason);

/*
 * Raise SHUTDOWN, release the modules, wait for their DLLs to be unloaded, and free `modules`.
 * Takes NULL. The wait for the DLLs takes at most ten seconds, call_ms, or what is left of stop_ms,
 * whichever is least; DLLs of modules registered for an apartment of their own are not waited for.
 * E_FAIL, with the reason: a DLL is still loaded; `modules` is freed all the same.
 */
HRESULT modules_stop(struct modules *modules, struct reason *reason);

/* What the modules were told of, in the events that one thread has raised. */
struct told {
    int events;                         /* number of events that at least one module wanted */
    double least_ms;                    /* time of the quickest event, in milliseconds: the sum of
                                         * all modules' Notify; 0 if there are no events */
    HRESULT returned;                   /* the first result of Notify that was not S_OK; S_OK:
                                         * none */
};
/* The results since this thread's last call of modules_told, without modules_notify_here. */
struct told modules_told(void);

/*
 * Run `run` `count` times on the pool's threads, each time with its own element of `arguments`
 * (elements of `size` bytes), and wait for all: see pool_run_each. For use with
 * modules_notify_here.
 */
void modules_run(struct modules *modules, void (*run)(void *argument), void *arguments, size_t size,
                 int count);

/*
 * Notify the modules of one event on this thread, which has to be one of the pool's, inside
 * modules_run. `request_id` is not 0: the event is a request's. Several threads may call it at
 * once. Returns the first result that was not S_OK; of all calls, only the first failure is logged.
 * `*ticks` is the time in the modules' Notify, in units of QueryPerformanceCounter.
 */
HRESULT modules_notify_here(struct modules *modules, LONG event, LONG request_id, LONGLONG *ticks);

/*
 * Call GetDescription of the module with that ProgID on all of the pool's threads at once. S_OK:
 * the caller frees the text. E_FAIL, with the reason, and `*text` is NULL: the module is not loaded
 * (`modules` may be NULL), a call failed or threw, or two calls gave different texts. A call that
 * failed or threw is also logged.
 */
HRESULT modules_describe(struct modules *modules, const char *progid, char **text,
                         struct reason *reason);

/*
 * The values of CR_PROP_EXITCOUNT and CR_PROP_EXITDESCRIPTION for the CA's clients. Which modules
 * count is a choice (CHOICE_EXIT_COUNT). The index is from 0, in the order of notification. A
 * module that counts and is not loaded has an empty description. S_OK: the caller frees the text.
 * After a failure, which comes with the reason, `*text` is NULL:
 * HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), there is no module with that index; E_FAIL,
 * GetDescription failed.
 */
int modules_count(const struct modules *modules);
HRESULT modules_description(struct modules *modules, int index, char **text, struct reason *reason);

/* The events that at least one of the loaded modules wants, as EXITEVENT_… bits. */
LONG modules_mask(const struct modules *modules);

#endif
