/*
 * ICertServerExit: what a module asks the CA about an event. The answers are those of answers.h.
 *
 * The class is CLSID_CCertServerExit, which on a real machine lives in certcli.dll. Here the exe's manifest says that
 * it lives in stubca.exe, and DllGetClassObject, exported by the exe, hands it out. Objects are created on any thread,
 * whatever its apartment, at any time, and may be used from any other: they take the free-threaded marshaler along.
 * Each begins as the CA itself (context 0).
 */
#ifndef STUBCA_SERVER_EXIT_H
#define STUBCA_SERVER_EXIT_H

#include <objbase.h>
#include <oleauto.h>

HRESULT server_exit_create(REFIID iid, void **out);

/* What a module may ask. */
enum server_call {
    SERVER_SET_CONTEXT, SERVER_REQUEST_PROPERTY, SERVER_CERTIFICATE_PROPERTY, SERVER_ATTRIBUTE, SERVER_EXTENSION,
    SERVER_NEXT,                        /* of an enumeration */
    SERVER_OTHER,                       /* an enumeration's beginning and end, and the flags of an extension */
};

struct asked {
    enum server_call call;
    const WCHAR *name;                  /* where there is one, else NULL */
    LONG type;                          /* of a property or extension, else 0 */
    LONG context;                       /* that the object is bound to, or with SERVER_SET_CONTEXT is to be */
    LONG users;                         /* threads that are in a call of this object, this one included */
};

/*
 * Who stands between modules and the CA's answers. Each may be NULL. Called on the asking thread, any, several at once;
 * what points somewhere is good until they return.
 */
struct server_watch {
    HRESULT (*creating)(void);          /* an object is to be made; a failure is what comes of it */
    HRESULT (*asked)(const struct asked *asked);        /* anything but S_OK is what the call returns, with no value */
    /* The answer to a question for a property or an extension. What it returns, and leaves in the value, is the answer instead; it
     * owns the value meanwhile, which is VT_EMPTY where there is none. */
    HRESULT (*answered)(const struct asked *asked, HRESULT hr, VARIANT *value);
};

/* Copied. To be set while nobody asks. */
void server_exit_watch(const struct server_watch *watch);

#endif
