/* Certificate templates: the content of certificates, and whether a request needs approval. */
#ifndef STUBCA_TEMPLATES_H
#define STUBCA_TEMPLATES_H

#include <stdbool.h>
#include <windows.h>

struct template {
    char *name;                         /* "User" */
    char *oid;                          /* NULL: none; used by the database for templates of
                                         * schema version 2 and later */
    int schema;                         /* schema version, 1 to 4 */
    unsigned major, minor;              /* its version, if it has an OID */
    int days;                           /* validity */
    int approval;                       /* number of approvals required from certificate managers */
    enum alternative_names {
        NAMES_OF_REQUEST,               /* the request's subjectAltName, bit for bit */
        NAMES_OF_REQUESTER,             /* UPN and DNS name of the requester, from the directory */
        NAMES_NONE,
    } alternative_names;
    bool mail;                          /* include the requester's mail address, if known, in the
                                         * alternative names */
    char **takes;                       /* dotted, NULL-terminated; NULL: none. Extensions of the
                                         * request that are copied into the certificate, besides
                                         * its key identifier and names */
    bool withdrawn;                     /* no longer issued by the CA */
    unsigned key_usage;                 /* bit n is use n of der/usage.h */
    char **extended_key_usage;          /* dotted, NULL-terminated; NULL: none */
    LONG enrollment_flags, general_flags, private_key_flags;    /* as [MS-CRTD] has them */
};

struct templates;

struct templates *templates_open(void);
void templates_close(struct templates *templates);              /* takes NULL */

/* Add a template and take ownership of its content. One of the same name is replaced. */
void templates_add(struct templates *templates, const struct template *template);

/* Find a template by name, ignoring case, or by OID; NULL: none. */
const struct template *templates_find(const struct templates *templates, const char *name);

/* The meaning of a scenario's words for usages. NULL or 0: unknown word. */
const char *
extended_key_usage_oid(const char *word); /* "clientAuth", ...; a dotted OID is one itself */
bool is_dotted_oid(const char *text);
const char *
taken_extension_oid(const char *word); /* "sid", "policies"; a dotted OID is one itself */
unsigned key_usage_bit(const char *word);                       /* "digitalSignature", ... */

#endif
