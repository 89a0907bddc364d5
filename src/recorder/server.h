/*
 * The CA's server interface for exit modules: one CCertServerExit object, bound to a context.
 *
 * Values are copied out of the VARIANTs and BSTRs at once; nothing of the CA's is kept. One thread
 * at a time.
 */
#ifndef SERVER_H
#define SERVER_H

#include "base/bytes.h"
#include "settings/property_catalog.h"

#include <windows.h>
#include <certsrv.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Create a callback object bound to `context`: 0 for the CA itself, otherwise the value that
 * Notify was given, valid only until Notify returns.
 */
HRESULT server_open(LONG context, ICertServerExit **out);

/*
 * A property's value. `type` is PROPTYPE_LONG, _DATE, _BINARY or _STRING; only the member for that
 * type is set.
 */
struct server_value {
    LONG type;
    LONG number;
    int64_t time;                       /* microseconds since 1970, the DATE taken as UTC */
    BSTR bstr;                          /* owned. NULL is an empty value */
    size_t size;                        /* its size in bytes, also for a string */
    VARTYPE given;                      /* after DISP_E_TYPEMISMATCH: the type that the CA gave */
};

/*
 * Memory in use during a call of the CA: {0} is none. If the CA throws, another function has to
 * free it.
 */
struct server_held { BSTR asked, value; };
void server_held_free(struct server_held *held);

/*
 * Ask for a property.
 *
 * S_OK: the caller frees `*out` with server_value_free. S_FALSE: the CA has no value
 * (CERTSRV_E_PROPERTY_EMPTY, or it succeeded with VT_EMPTY or VT_NULL). DISP_E_TYPEMISMATCH: it
 * gave a VARIANT of another type than promised; DISP_E_OVERFLOW: a date outside 1601 to 9999. Any
 * other result is what the CA returned: a failure, or a success code of its own without a value.
 * Only S_OK leaves something to free.
 */
HRESULT server_get(ICertServerExit *server, struct server_held *held, enum server_table table,
                   const WCHAR *name, LONG type, struct server_value *out);

/* Ask for an attribute of the request, by name, as a string. Results as above. */
HRESULT server_get_attribute(ICertServerExit *server, struct server_held *held, const WCHAR *name,
                             struct server_value *out);

/*
 * Ask for an extension of the certificate, by OID, as the bytes of its value. `*flags` are its
 * EXTENSION_… flags if `*has_flags`. Results as above.
 */
HRESULT server_get_extension(ICertServerExit *server, struct server_held *held, const WCHAR *oid,
                             struct server_value *out, LONG *flags, bool *has_flags);

void server_value_free(struct server_value *value);

/*
 * The CA itself, for calls in Initialize: one object without a context, which modules commonly
 * use, and one after SetContext(0), for properties that the first does not answer. Which of the
 * two a CA answers is not documented.
 */
struct server_pair {
    ICertServerExit *plain, *bound;     /* NULL: not available */
    bool tried;                         /* creation of the second was tried; it is created when
                                         * first needed */
    struct server_held held;
};

void server_pair_open(struct server_pair *pair);
ICertServerExit *server_pair_bound(struct server_pair *pair);
void server_pair_close(struct server_pair *pair);

/*
 * Ask for a property of the CA, as server_get. The second object's result is returned if the first
 * gave no value.
 */
HRESULT server_pair_get(struct server_pair *pair, const WCHAR *name, LONG type,
                        struct server_value *out);

/*
 * The number of calls so far that memory did not suffice for: an object could not be created, or a
 * call not be made. The CA's own answers do not count.
 */
LONG server_shortages(void);

#endif
