/*
 * The properties that an exit module may ask for: name, type and place of each.
 *
 * One table contains all names of the contract, including those without a value here: a known but
 * empty property is answered differently from an unknown one.
 */
#ifndef STUBCA_PROPERTIES_H
#define STUBCA_PROPERTIES_H

#include <stdbool.h>
#include <windows.h>

/* The place of a property, and the ways to ask for it. */
enum {
    IN_REQUEST     = 1 << 0,            /* the request's half of a row */
    IN_CERTIFICATE = 1 << 1,            /* the certificate's half */
    IN_CA          = 1 << 2,            /* the CA itself */
    IS_NAME        = 1 << 3,            /* part of a subject: in both halves, accepts `Subject.` */
    IS_INDEXED     = 1 << 4,            /* accepts `.#` */
    IS_SETTABLE    = 1 << 5,            /* set by policy modules; reading finds nothing */
    BOTH_WAYS      = 1 << 6,            /* both getters read it, although it is in one place only */
};

struct property {
    const char *name;
    LONG type;                          /* PROPTYPE_* */
    unsigned place;
    const char *aliases[5];             /* of names, such as CN and 2.5.4.3: these do not accept
                                         * `Subject.` */
};

/* A property's number is its index in this table. */
extern const struct property properties[];
extern const int property_count;

/* Find a property by its plain name or an alias; case is ignored; -1: none. */
int property_find(const char *name);

/* An exit module's question, interpreted. */
struct question {
    int property;                       /* number */
    unsigned place;                     /* IN_REQUEST, IN_CERTIFICATE, IN_CA; 0: known, but not
                                         * available through this getter */
    bool indexed;                       /* asked with `.#` */
    bool plain_name;                    /* part of a subject, asked for in the request without a
                                         * prefix */
    unsigned index;
};

/*
 * Interpret a name as GetRequestProperty (`getter` IN_REQUEST) or GetCertificateProperty
 * (IN_CERTIFICATE) does:
 *
 *   X, alias           the getter's own half, for names in both
 *   Subject.X          the same, for names only and not for aliases
 *   Request.X          the request's half, through GetRequestProperty
 *   X.#                an index, if the property accepts one
 *
 * Returns false if there is no such property.
 */
bool question_read(const WCHAR *name, unsigned getter, struct question *question);

#endif
