/*
 * A certification authority: its name, key, templates, database and CRLs.
 *
 * What it does with requests stands in requests.h, with issued certificates in revocation.h. Every operation commits
 * its changes to the database first and tells the listener then, as the CA does before it calls its exit modules. Any
 * thread, several operations at once.
 */
#ifndef STUBCA_CA_H
#define STUBCA_CA_H

#include "authority.h"
#include "rows.h"
#include "templates.h"

#define DAY ((int64_t)24 * 60 * 60)     /* in seconds */
#define CLOCK_SKEW ((int64_t)10 * 60)   /* how far back certificates and CRLs begin, for clocks that are slow */

struct ca_settings {
    const char *name;                   /* as entered at setup; UTF-8, 1 to 64 characters */
    const char *dns_name;               /* of the machine */
    const char *folder;                 /* for certificates and CRLs */
    const char *crl_url;                /* distribution point for certificates; NULL: none */
    int days;                           /* validity of its own certificate */
    bool delta_crls;
};

struct ca {
    char *name, *sanitized, *short_name, *dns_name, *folder, *crl_url;
    bool delta_crls;
    struct authority *authority;
    struct templates *templates;
    struct rows *rows;                  /* its lock is the lock of crls, too */
    struct crls *crls;                  /* what has been published: revocation.c */

    void (*tell)(void *listener, LONG event, LONG request_id);
    void *listener;
};

/* Makes a key and a certificate and writes the folder's ca.cer. */
HRESULT ca_open(const struct ca_settings *settings, struct ca **ca, struct reason *reason);
void ca_close(struct ca *ca);           /* takes NULL */

/* One EXITEVENT_* bit; request 0 is the CA itself. */
void ca_tell(const struct ca *ca, LONG event, LONG request_id);

/* The time it works by: seconds since 1970, UTC. */
int64_t ca_now(void);

/*
 * A property of the CA (IN_CA). `index` counts from 0; without one asked for, the current. The value's data is the
 * caller's, for free(). ModuleRegistryLocation is not known here: who asks is (modules.h).
 *   CERTSRV_E_PROPERTY_EMPTY                       no value
 *   HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)       no such index, or no delta CRL
 */
HRESULT ca_property(const struct ca *ca, int property, unsigned index, struct value *value);

/* What became of an operation. */
enum outcome {
    OUTCOME_ERROR,                      /* could not be tried: a file that cannot be read, and the like */
    OUTCOME_REFUSED,                    /* the CA would not; nothing was changed, nobody told */
    OUTCOME_ISSUED, OUTCOME_PENDING, OUTCOME_DENIED, OUTCOME_FAILED,
    OUTCOME_REVOKED, OUTCOME_RELEASED, OUTCOME_PUBLISHED, OUTCOME_IMPORTED,
};

struct verdict {
    enum outcome outcome;
    HRESULT status;
    LONG request_id;                    /* 0: there is none */
    struct reason reason;               /* why not, where the outcome is one of refusal; else "" */
};

struct verdict *verdict_say(struct verdict *verdict, enum outcome outcome, HRESULT status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
