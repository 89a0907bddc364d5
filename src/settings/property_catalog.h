/* The properties that a CA is known to have, by name: where each is asked for, and of which type it is. */
#ifndef PROPERTY_CATALOG_H
#define PROPERTY_CATALOG_H

#include <windows.h>
#include <certsrv.h>
#include <stdbool.h>

/* The CA's two tables. Properties of the CA itself are asked for as SERVER_CERTIFICATE. */
enum server_table { SERVER_REQUEST, SERVER_CERTIFICATE };

enum known_of { KNOWN_OF_REQUEST, KNOWN_OF_CA, KNOWN_SETTABLE };        /* of a request or its certificate; of the CA; not to be read */

struct catalog_property {
    enum known_of of;
    enum server_table table;            /* where it is asked for, if nobody says otherwise; with KNOWN_OF_REQUEST */
    LONG type;                          /* PROPTYPE_… */
};

/*
 * Look `name` up, without case, as the CA does. A prefix Request. or Subject. is taken as the CA takes it (contract C.4); an index
 * at the end (".0") is passed over. False: it is not known, and `*out` unchanged.
 */
bool property_catalog_find(const WCHAR *name, struct catalog_property *out);

/* Whether two names are the same to the CA: without case, in no language. */
bool property_catalog_same(const WCHAR *a, const WCHAR *b);

#endif
