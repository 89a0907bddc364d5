/*
 * The callback objects of a module under examination: observed, and made to misbehave.
 *
 * In effect from check_server_serve on, in the whole process. Any thread.
 */
#ifndef STUBCA_CHECK_SERVER_H
#define STUBCA_CHECK_SERVER_H

#include <stdbool.h>
#include <windows.h>

/* How the callback object behaves. */
enum server_mood {
    SERVER_HONEST,
    SERVER_EMPTY,   /* CERTSRV_E_PROPERTY_EMPTY for every property of a request, no attributes, no
                       extensions */
    SERVER_ODD,     /* values of odd kinds, different each time: 0, 1, 3 or 100000
                     * bytes; NULL for "" */
    SERVER_FAILING, /* one call in four fails, as in a CA short of resources;
                     * creation too */
    SERVER_SLOW,    /* each call yields to other threads */
};

/* Observations of the module: numbers of calls. */
struct digest_set {
    LONG calls;                 /* of any kind */
    LONG dead;                  /* asked about an event whose Notify had returned */
    LONG crossed;               /* during the Notify of one event, asked about another event */
    LONG shared;                /* one object was used by two threads at the same time */
    LONG unbound;               /* asked about a request or its certificate without SetContext,
                                 * during its event */
};

/* `location` is the value of ModuleRegistryLocation; kept by pointer. */
void check_server_serve(const WCHAR *location);
void check_server_mood(enum server_mood mood, unsigned seed);
struct digest_set check_server_seen(void);
void check_server_forget(void);         /* sets all counts to 0 */

/* Mark that this thread is inside Notify for that context; 0: no longer. */
void check_server_notifying(LONG context);

#endif
