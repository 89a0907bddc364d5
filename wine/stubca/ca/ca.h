/*
 * Its operations on requests are in requests.h, on issued certificates in revocation.h. Every
 * operation first commits its changes to the database and then notifies the listener, as a CA does
 * before it calls its exit modules. Any thread, several operations at once.
 */
#ifndef STUBCA_CA_H
#define STUBCA_CA_H

#include "authority.h"
#include "open_questions.h"
#include "parent.h"
#include "rows.h"
#include "templates.h"

struct ca_settings {
    const char *name;                   /* as entered at setup; UTF-8, 1 to 64 characters */
    const char *dns_name;               /* DNS name of the machine */
    const char *folder;                 /* for certificates and CRLs */
    const char *crl_url;                /* distribution point for certificates; NULL: none */
    const char *issuer_url;             /* location of its own certificate; NULL: none */
    unsigned interface_flags;           /* IF_*: only IF_ENABLEEXITKEYRETRIEVAL has an effect */
    int days;                           /* validity of its own certificate */
    bool delta_crls;
    const char *parent;                 /* name of its superior CA; NULL: its certificate is
                                         * self-signed */
    /* URLs of that CA for its certificate; NULL: none */
    const char *parent_crl_url, *parent_issuer_url;
};

/* One certificate of the CA, by its index. The index of a key is that of its first certificate. */
struct ca_certificate {
    struct authority *authority;        /* owned */
    unsigned key;
    struct crls *crls;                  /* published CRLs of the key (revocation.c); owned, NULL
                                         * if the key belongs to an earlier certificate */
};

struct ca {
    char *name, *sanitized, *short_name, *dns_name, *folder, *crl_url, *issuer_url;
    int days;
    bool delta_crls;
    unsigned interface_flags;
    struct open_questions choices;             /* not changed while modules are loaded */
    struct parent *parent;              /* NULL: a root */
    struct authority *authority;        /* that of the newest certificate */
    struct templates *templates;
    struct rows *rows;                  /* its lock also protects certificates and CRLs */
    struct ca_certificate *certificates;
    unsigned certificate_count;
    unsigned crl_number;                /* number of the last CRL of any kind */

    void (*tell)(void *listener, LONG event, LONG request_id);
    void *listener;
    void (*published)(const struct ca *ca);     /* new CRLs are there, of which nobody was told yet;
                                         * called without the database's lock; NULL: none */
};

/*
 * Open a CA: generates a key and a certificate and writes ca.cer to the folder, and for a CA with
 * a parent also the parent's (parent.h).
 */
HRESULT ca_open(const struct ca_settings *settings, struct ca **ca, struct reason *reason);
void ca_close(struct ca *ca);           /* takes NULL */

/*
 * Renew the CA's certificate, with the same key or a new one, for as many days as the first,
 * limited by the parent's validity. Writes ca(1).cer and so on. With a new key a root and its
 * former self certify each other: ca(0-1).cer is the certificate of the new key, index 1, signed
 * with the old one, index 0, and ca(1-0).cer the reverse. The modules must not be loaded: the
 * service is stopped for it.
 */
HRESULT ca_renew(struct ca *ca, bool new_key, struct reason *reason);

/*
 * Operations of the parent CA: revoke the CA's own certificate with that index; publish a new CRL
 * (parent.crl). E_INVALIDARG, with the reason: there is no parent, no certificate with that index,
 * or it is revoked already.
 */
HRESULT ca_revoke_own(struct ca *ca, unsigned index, int reason_code, struct reason *reason);
HRESULT ca_publish_parent(struct ca *ca, struct reason *reason);

/* The newest certificate of that key, which signs its CRLs. Callers hold the database's lock. */
struct authority *ca_signer(const struct ca *ca, unsigned key);

/*
 * The suffix of file names and distribution points for an index: "" for 0, else "(n)". The caller
 * frees it.
 */
char *ca_suffix(unsigned index);

/*
 * A URL with <CertificateName>, <CRLNameSuffix> and <DeltaCRLAllowed> replaced by the suffixes of
 * the certificate and its key, and by "+" for a delta CRL. NULL gives NULL. The caller frees it.
 */
char *ca_url(const char *url, unsigned certificate, unsigned key, bool delta);

/* Notify the listener of an event, one EXITEVENT_* bit; request 0 is the CA itself. */
void ca_tell(const struct ca *ca, LONG event, LONG request_id);

/*
 * The CA's time: seconds since 1970, UTC. ca_advance puts it forward, for every CA in this
 * program; ca_open sets it back to the machine's time.
 */
int64_t ca_now(void);
void ca_advance(int64_t seconds);

/*
 * Get a property of the CA (IN_CA). `index` counts from 0; without `indexed` it is the current
 * one. The caller frees the value's data. ModuleRegistryLocation depends on the module that asks
 * and is handled elsewhere (modules.h).
 *
 *   CERTSRV_E_PROPERTY_EMPTY                       no value
 *   HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)       no such CRL: delta CRLs are off, or it is
 *                                                  another certificate's
 */
HRESULT ca_property(const struct ca *ca, int property, bool indexed, unsigned index,
                    struct value *value);
bool ca_has_index(const struct ca *ca, int property, bool indexed, unsigned index);

/* The outcome of an operation. */
enum outcome {
    OUTCOME_ERROR,   /* could not be tried, for instance since a file cannot
                      * be read */
    OUTCOME_REFUSED, /* the CA refused; nothing was changed, nobody notified */
    OUTCOME_ISSUED,
    OUTCOME_PENDING,
    OUTCOME_DENIED,
    OUTCOME_FAILED,
    OUTCOME_REVOKED,
    OUTCOME_RELEASED,
    OUTCOME_PUBLISHED,
    OUTCOME_IMPORTED,
    OUTCOME_CHANGED,
    OUTCOME_DELETED,
    OUTCOME_RECOVERED,
    OUTCOME_STARTED,
};

struct verdict {
    enum outcome outcome;
    HRESULT status;
    LONG request_id;                    /* 0: none */
    struct reason reason;               /* the reason if the outcome is a refusal; else "" */
};

struct verdict *verdict_say(struct verdict *verdict, enum outcome outcome, HRESULT status,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
