/*
 * Every property that an exit module may ask for: its name, type and place.
 *
 * One table of all names of the contract, those without a value here included: what is known but empty must be answered
 * otherwise than what is unknown.
 */
#ifndef STUBCA_PROPERTIES_H
#define STUBCA_PROPERTIES_H

#include <stdbool.h>
#include <windows.h>

/* Where a property stands, and how it may be asked for. */
enum {
    IN_REQUEST     = 1 << 0,            /* the request's half of a row */
    IN_CERTIFICATE = 1 << 1,            /* the certificate's half */
    IN_CA          = 1 << 2,            /* the CA itself */
    IS_NAME        = 1 << 3,            /* part of a subject: stands in both halves, takes `Subject.` */
    IS_INDEXED     = 1 << 4,            /* takes `.#` */
    IS_SETTABLE    = 1 << 5,            /* for policy modules to set; reading finds nothing */
    BOTH_WAYS      = 1 << 6,            /* either getter reads it, although it stands in one place only */
};

struct property {
    const char *name;
    LONG type;                          /* PROPTYPE_* */
    unsigned place;
    const char *aliases[5];             /* of names, such as CN and 2.5.4.3: these take no `Subject.` */
};

/* Numbers of properties are indexes of this table. */
extern const struct property properties[];
extern const int property_count;

/* A property by its plain name or an alias, whatever the case; -1 where there is none. */
int property_find(const char *name);

/* What an exit module's question means. */
struct question {
    int property;                       /* number */
    unsigned place;                     /* IN_REQUEST, IN_CERTIFICATE, IN_CA; 0: known, but nothing of this getter's */
    bool indexed;                       /* asked with `.#` */
    bool plain_name;                    /* part of a subject, asked of the request with no prefix */
    unsigned index;
};

/*
 * Read a name as GetRequestProperty (`getter` IN_REQUEST) or GetCertificateProperty (IN_CERTIFICATE) does:
 *   X, alias           the getter's own half, for names in both
 *   Subject.X          the same, of names only and not of aliases
 *   Request.X          the request's half, through GetRequestProperty
 *   X.#                an index, where the property takes one
 * False: there is no such property.
 */
bool question_read(const WCHAR *name, unsigned getter, struct question *question);

#endif
