/*
 * ICertServerExit: the callback object by which a module asks the CA about an event. The answers
 * come from property_answers.h.
 *
 * The class is CLSID_CCertServerExit, which on a real machine is in certcli.dll. Here the exe's
 * manifest declares that it is in stubca.exe, whose exported DllGetClassObject creates it. Objects
 * are created on any thread, in any apartment, at any time, and may be used from any other thread:
 * they aggregate the free-threaded marshaler. Each begins as the CA itself (context 0).
 */
#ifndef STUBCA_SERVER_EXIT_H
#define STUBCA_SERVER_EXIT_H

#include <objbase.h>
#include <oleauto.h>

HRESULT server_exit_create(REFIID iid, void **out);

/* The kinds of calls. */
enum server_call {
    SERVER_SET_CONTEXT,
    SERVER_REQUEST_PROPERTY,
    SERVER_CERTIFICATE_PROPERTY,
    SERVER_ATTRIBUTE,
    SERVER_EXTENSION,
    SERVER_NEXT,  /* Next of an enumeration */
    SERVER_OTHER, /* begin and end of an enumeration, flags of an extension */
};

struct asked {
    enum server_call call;
    const WCHAR *name;                  /* NULL: none */
    LONG type;                          /* type of a property or extension, else 0 */
    LONG context;                       /* the context that the object is bound to, or with
                                         * SERVER_SET_CONTEXT will be */
    LONG users;                         /* number of threads in a call of this object, including
                                         * this one */
};

/*
 * An observer between modules and the CA's answers. Each function may be NULL. They are called on
 * the asking thread, any, several at once; pointers are valid until they return.
 */
struct server_watch {
    HRESULT (*creating)(void);          /* an object is about to be created; a failure is
                                         * returned instead */
    /* a result other than S_OK is returned by the call, without a value */
    HRESULT (*asked)(const struct asked *asked);
    /* Receives the answer for a property or an extension. Its result, and the value that it
     * leaves, replace the answer. It owns the value meanwhile, which is VT_EMPTY if there is none.
     */
    HRESULT (*answered)(const struct asked *asked, HRESULT hr, VARIANT *value);
};

/* Set the observer, which is copied. Only while no module calls. */
void server_exit_watch(const struct server_watch *watch);

#endif
