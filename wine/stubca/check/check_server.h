/*
 * The callback objects as a module under examination gets them: watched, and made to misbehave.
 *
 * From check_server_serve on, in the whole process. Any thread.
 */
#ifndef STUBCA_CHECK_SERVER_H
#define STUBCA_CHECK_SERVER_H

#include <stdbool.h>
#include <windows.h>

/* How the callback object behaves. */
enum server_mood {
    SERVER_HONEST,
    SERVER_EMPTY,               /* CERTSRV_E_PROPERTY_EMPTY for every property of a request, no attributes, no extensions */
    SERVER_ODD,                 /* values of odd kinds, each time another: no bytes, one, three, 100000; NULL for "" */
    SERVER_FAILING,             /* one call in four fails, as a CA short of something does; creation too */
    SERVER_SLOW,                /* each call lets other threads go first */
};

/* What was seen of the module. */
struct digest_set {
    LONG calls;                 /* of any kind */
    LONG dead;                  /* asked about an event whose Notify had returned */
    LONG crossed;               /* within one event's Notify, asked about another event */
    LONG shared;                /* one object was used by two threads at the same time */
    LONG unbound;               /* asked about a request or its certificate without SetContext, while told of one */
};

/* `location` is what ModuleRegistryLocation says; kept by pointer. */
void check_server_serve(const WCHAR *location);
void check_server_mood(enum server_mood mood, unsigned seed);
struct digest_set check_server_seen(void);
void check_server_forget(void);         /* all counts 0 */

/* This thread is inside Notify for that context; 0: no more. */
void check_server_notifying(LONG context);

#endif
