/* One request with its certificate, described: what is made of it follows from this alone. */
#ifndef GENERATOR_ISSUE_H
#define GENERATOR_ISSUE_H

#include "template.h"

enum form {
    FORM_PKCS10,
    FORM_PKCS7_RENEWAL,                 /* signed with the certificate that it renews */
    FORM_CMC,
    FORM_CMC_RENEWAL,
    FORM_PKCS7_BEHALF,                  /* signed with an agent's certificate */
    FORM_CMC_BEHALF,
    FORM_SEVERAL,                       /* a PKCS #10 with an attribute extensionRequest for each extension */
    FORM_UNREADABLE,                    /* bytes that are no request */
    FORM_ABSENT,                        /* the journal has its hash alone */
};

enum { CLIENT_NONE = 0, CLIENT_AUTOENROLL = 6, CLIENT_WIZARD = 7, CLIENT_CERTREQ = 9 };

/* Names are lines "type:value", the types being upn, dns, email, ip and uri. Texts that are empty are not there. */
struct issue {
    uint64_t number;                    /* its own among all; the serial number follows from it */
    const char *case_name;
    const struct template *template;
    char requester[80], caller[80];
    char cn[96], ou[32];                /* of the certificate: CN, OU, DC=corp, DC=example; without `ou` CN, O=Corp */
    char request_cn[96];                /* of the request */
    char names[400], request_names[400];
    char sid[64], request_sid[64];      /* in the extension for it */
    char attributes[400];               /* RequestAttributes */
    const char *eku, *application_policies, *policies;  /* of the certificate: OIDs with blanks between; NULL: no such extension */
    const char *request_application_policies;
    enum key_kind key_kind;
    uint64_t key_number;
    bool sha1;                          /* the request's signature */
    bool basic_constraints, is_ca;
    int64_t not_before, not_after;      /* seconds since 1970 */
    enum form form;
    const struct issue *other;          /* the certificate that is renewed, or the agent's; NULL: none */
    unsigned client;
    char machine[64], user[80];         /* of the client */
    const char *process;
};

static inline bool form_is_renewal(enum form form)
{
    return form == FORM_PKCS7_RENEWAL || form == FORM_CMC_RENEWAL;
}

static inline bool form_is_behalf(enum form form)
{
    return form == FORM_PKCS7_BEHALF || form == FORM_CMC_BEHALF;
}

#endif
