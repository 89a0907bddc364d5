/* A catalog of the properties that CAs are known to have: the table and the type of each. */
#ifndef PROPERTY_CATALOG_H
#define PROPERTY_CATALOG_H

#include <windows.h>
#include <certsrv.h>
#include <stdbool.h>

/* The CA's two tables. Properties of the CA itself are read as SERVER_CERTIFICATE. */
enum server_table { SERVER_REQUEST, SERVER_CERTIFICATE };

/* of a request or its certificate; of the CA; cannot be read */
enum known_of { KNOWN_OF_REQUEST, KNOWN_OF_CA, KNOWN_SETTABLE };

struct catalog_property {
    enum known_of of;
    enum server_table table;            /* the default table; with KNOWN_OF_REQUEST */
    LONG type;                          /* PROPTYPE_… */
};

/*
 * Look `name` up; case is ignored, as in the CA. A prefix Request. or Subject. is interpreted as
 * the CA does (contract C.4); an index at the end (".0") is ignored. Returns false if it is not
 * known; `*out` is then unchanged.
 */
bool property_catalog_find(const WCHAR *name, struct catalog_property *out);

/* True if two names are the same to the CA: case is ignored, independent of the language. */
bool property_catalog_same(const WCHAR *a, const WCHAR *b);

#endif
