/*
 * The CA, as an exit module may ask it: one CCertServerExit object, bound to a context.
 *
 * The values it gives are copied out of the VARIANTs and BSTRs at once; nothing of the CA's is kept. One thread at a time.
 */
#ifndef SERVER_H
#define SERVER_H

#include "base/bytes.h"
#include "settings/property_catalog.h"

#include <windows.h>
#include <certsrv.h>
#include <stdbool.h>
#include <stdint.h>

/* A callback object bound to `context`: 0 for the CA itself, else what Notify was given, valid only until Notify returns. */
HRESULT server_open(LONG context, ICertServerExit **out);

/* A property's value. `type` is one of PROPTYPE_LONG, _DATE, _BINARY, _STRING; only the member that belongs to it is set. */
struct server_value {
    LONG type;
    LONG number;
    int64_t time;                       /* microseconds since 1970, the DATE taken as UTC */
    BSTR bstr;                          /* owned. NULL is an empty value */
    size_t size;                        /* bytes of it that count, of a string as well */
    VARTYPE given;                      /* after DISP_E_TYPEMISMATCH: what the CA gave instead */
};

/* What a question holds while the CA is asked: {0} is nothing. Where the CA throws, it is for somebody else to free. */
struct server_held { BSTR asked, value; };
void server_held_free(struct server_held *held);

/*
 * Ask for a property.
 *
 * S_OK: `*out` is the caller's, for server_value_free. S_FALSE: the CA has no value (CERTSRV_E_PROPERTY_EMPTY, or it succeeded and
 * gave VT_EMPTY or VT_NULL). DISP_E_TYPEMISMATCH: it gave another VARIANT than it promised; DISP_E_OVERFLOW: a date outside 1601 to
 * 9999. All else is what the CA returned: a failure, or a success code of its own that came without a value. Only after S_OK is
 * there anything to free.
 */
HRESULT server_get(ICertServerExit *server, struct server_held *held, enum server_table table, const WCHAR *name, LONG type,
                   struct server_value *out);

/* Ask for an attribute of the request, by name, as a string. Results as above. */
HRESULT server_get_attribute(ICertServerExit *server, struct server_held *held, const WCHAR *name, struct server_value *out);

/* Ask for an extension of the certificate, by OID, as the bytes of its value. `*flags` are its EXTENSION_… flags where `*has_flags`.
 * Results as above. */
HRESULT server_get_extension(ICertServerExit *server, struct server_held *held, const WCHAR *oid, struct server_value *out, LONG *flags,
                             bool *has_flags);

void server_value_free(struct server_value *value);

/*
 * The CA itself, for questions in Initialize: an object without a context, which modules commonly ask, and one after SetContext(0), for
 * what that one does not answer. Which of them a CA answers is not documented.
 */
struct server_pair {
    ICertServerExit *plain, *bound;     /* NULL: not to be had */
    bool tried;                         /* to have the second, which is made when it is first needed */
    struct server_held held;
};

void server_pair_open(struct server_pair *pair);
ICertServerExit *server_pair_bound(struct server_pair *pair);
void server_pair_close(struct server_pair *pair);

/* Ask for a property of the CA, as server_get. What the second object says counts where the first one gave no value. */
HRESULT server_pair_get(struct server_pair *pair, const WCHAR *name, LONG type, struct server_value *out);

/* How often so far memory did not suffice to ask: no object could be had, or a question not be put. What the CA answers does not count. */
LONG server_shortages(void);

#endif
