/*
 * Certificate templates: what the CA puts into a certificate, and whether somebody has to approve it first.
 */
#ifndef STUBCA_TEMPLATES_H
#define STUBCA_TEMPLATES_H

#include <stdbool.h>
#include <windows.h>

struct template {
    char *name;                         /* "User" */
    char *oid;                          /* NULL: none; what the database calls templates of schema version 2 and later */
    int schema;                         /* schema version, 1 to 4 */
    unsigned major, minor;              /* its version, where it has an OID */
    int days;                           /* validity */
    int approval;                       /* how often a certificate manager has to approve */
    enum alternative_names {
        NAMES_OF_REQUEST,               /* the request's subjectAltName, bit for bit */
        NAMES_OF_REQUESTER,             /* UPN and DNS name of the requester, as the directory has them */
        NAMES_NONE,
    } alternative_names;
    bool mail;                          /* the requester's mail address is one of the alternative names, if it is known */
    char **takes;                       /* dotted, NULL-terminated; NULL: none. Extensions of the request that go into the
                                         * certificate, besides its key identifier and names */
    bool withdrawn;                     /* the CA issues it no longer */
    unsigned key_usage;                 /* KEY_USAGE_* (authority.h) */
    char **extended_key_usage;          /* dotted, NULL-terminated; NULL: none */
    LONG enrollment_flags, general_flags, private_key_flags;    /* as [MS-CRTD] has them */
};

struct templates;

struct templates *templates_open(void);
void templates_close(struct templates *templates);              /* takes NULL */

/* Takes over what the template owns. One of the same name is replaced. */
void templates_add(struct templates *templates, const struct template *template);

/* By name, whatever the case, or OID; NULL where there is none. */
const struct template *templates_find(const struct templates *templates, const char *name);

/* Words for usages, as scenarios have them. NULL or 0 where there is no such word. */
const char *extended_key_usage_oid(const char *word);           /* "clientAuth", ...; a dotted OID is one itself */
bool is_dotted_oid(const char *text);
const char *taken_extension_oid(const char *word);              /* "sid", "policies"; a dotted OID is one itself */
unsigned key_usage_bit(const char *word);                       /* "digitalSignature", ... */

#endif
