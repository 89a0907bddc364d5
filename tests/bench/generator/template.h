/* The certificate templates of the CA that is made up. */
#ifndef GENERATOR_TEMPLATE_H
#define GENERATOR_TEMPLATE_H

#include "keys.h"

#define EKU_CLIENT      "1.3.6.1.5.5.7.3.2"
#define EKU_SERVER      "1.3.6.1.5.5.7.3.1"
#define EKU_SMARTCARD   "1.3.6.1.4.1.311.20.2.2"
#define EKU_AGENT       "1.3.6.1.4.1.311.20.2.1"
#define EKU_RECOVERY    "1.3.6.1.4.1.311.21.6"
#define EKU_OCSP        "1.3.6.1.5.5.7.3.9"
#define EKU_ANY         "2.5.29.37.0"
#define TEMPLATE_OID    "1.3.6.1.4.1.311.21.8.7638.1389."

/* Where the names of a certificate come from. */
enum naming {
    NAMING_USER,                        /* the directory: UPN and mail address */
    NAMING_MACHINE,                     /* the directory: DNS name */
    NAMING_SUPPLIED,                    /* the request: DNS names */
    NAMING_NONE,                        /* subject only */
};

struct template {
    const char *name;
    const char *oid;                    /* NULL: schema version 1, known by its name */
    const char *eku;                    /* OIDs with one blank between them; NULL: no such extension */
    unsigned days;
    enum key_kind key;
    enum naming naming;
    bool sid;                           /* the CA puts the requester's SID into certificates */
    bool automatic;                     /* clients enroll and renew without anybody doing anything */
    bool approval;                      /* pends until a manager approves */
    bool agent;                         /* requested by agents on behalf of others */
    unsigned weight;                    /* how many of the plain holders have it */
    const char *policies;               /* certificatePolicies; NULL: none */
};

extern const struct template templates[];
extern const unsigned template_count;

/* By its name; ends the program if there is none. */
const struct template *template_find(const char *name);
/* By weight; `draw` is any number. */
const struct template *template_choose(uint64_t draw);
const char *template_id(const struct template *template);

#endif
