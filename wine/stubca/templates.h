/*
 * Certificate templates: what the CA puts into a certificate, and whether somebody has to approve it first.
 */
#ifndef STUBCA_TEMPLATES_H
#define STUBCA_TEMPLATES_H

#include <stdbool.h>
#include <windows.h>

struct template {
    char *name;                         /* "User" */
    char *oid;                          /* of templates from version 2 on: what the database then calls it; NULL */
    int days;                           /* validity */
    bool approval;                      /* a certificate manager has to approve */
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
unsigned key_usage_bit(const char *word);                       /* "digitalSignature", ... */

#endif
