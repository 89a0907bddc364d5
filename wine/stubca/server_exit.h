/*
 * ICertServerExit: what a module asks the CA about an event, answered out of the database.
 *
 * The class is CLSID_CCertServerExit, which on a real machine lives in certcli.dll. Here the exe's manifest says that
 * it lives in stubca.exe, and DllGetClassObject, exported by the exe, hands it out. Objects are created on any thread,
 * whatever its apartment, at any time, and may be used from any other: they take the free-threaded marshaler along.
 * Each begins as the CA itself (context 0).
 */
#ifndef STUBCA_SERVER_EXIT_H
#define STUBCA_SERVER_EXIT_H

#include <objbase.h>

struct ca;
struct modules;

/* Whom the objects speak for; NULL: nobody, they answer CERTSRV_E_SERVER_SUSPENDED. Returns when no question to the
 * former one is being answered any more. Both must live until the next call. */
void server_exit_serve(struct ca *ca, struct modules *modules);

/* SHUTDOWN has been told of; what that means is a choice (CHOICE_AFTER_SHUTDOWN). Until the next server_exit_serve. */
void server_exit_shut_down(void);

/* What the class hands out instead of objects of its own; NULL: nothing. Set once, before the first module is loaded. */
extern HRESULT (*server_exit_instead)(REFIID iid, void **out);

HRESULT server_exit_create(REFIID iid, void **out);

/* What a module may ask. */
enum server_call {
    SERVER_SET_CONTEXT, SERVER_REQUEST_PROPERTY, SERVER_CERTIFICATE_PROPERTY, SERVER_ATTRIBUTE, SERVER_EXTENSION,
    SERVER_ENUMERATION,                 /* and the flags of an extension */
};

/* Have `hear` called at the beginning of every such call, on its thread, with the name and type asked for, where there
 * are any. NULL: nobody listens. To be set while nobody asks. */
void server_exit_listen(void (*hear)(enum server_call call, const WCHAR *name, LONG type));

#endif
