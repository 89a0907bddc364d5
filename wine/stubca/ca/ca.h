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
#include "open_questions.h"
#include "parent.h"
#include "rows.h"
#include "templates.h"

struct ca_settings {
    const char *name;                   /* as entered at setup; UTF-8, 1 to 64 characters */
    const char *dns_name;               /* of the machine */
    const char *folder;                 /* for certificates and CRLs */
    const char *crl_url;                /* distribution point for certificates; NULL: none */
    const char *issuer_url;             /* where its own certificate lies; NULL: nowhere */
    unsigned interface_flags;           /* IF_*: only IF_ENABLEEXITKEYRETRIEVAL does anything */
    int days;                           /* validity of its own certificate */
    bool delta_crls;
    const char *parent;                 /* the name of the CA that certifies it; NULL: it signs its own certificate */
    const char *parent_crl_url, *parent_issuer_url;     /* what its certificate says of that one; NULL: nothing */
};

/* One certificate of the CA, by its index. The index of a key is that of its first certificate. */
struct ca_certificate {
    struct authority *authority;        /* owned */
    unsigned key;
    struct crls *crls;                  /* what has been published for the key (revocation.c); owned, NULL where the key is
                                         * an earlier certificate's */
};

struct ca {
    char *name, *sanitized, *short_name, *dns_name, *folder, *crl_url, *issuer_url;
    int days;
    bool delta_crls;
    unsigned interface_flags;
    struct open_questions choices;             /* not changed while modules are loaded */
    struct parent *parent;              /* NULL: a root */
    struct authority *authority;        /* the newest of the certificates' */
    struct templates *templates;
    struct rows *rows;                  /* its lock is the lock of the certificates and CRLs, too */
    struct ca_certificate *certificates;
    unsigned certificate_count;
    unsigned crl_number;                /* of the last CRL of any kind */

    void (*tell)(void *listener, LONG event, LONG request_id);
    void *listener;
};

/* Makes a key and a certificate and writes the folder's ca.cer; where it has a parent that one's, too (parent.h). */
HRESULT ca_open(const struct ca_settings *settings, struct ca **ca, struct reason *reason);
void ca_close(struct ca *ca);           /* takes NULL */

/* Renew the CA's certificate, with the same key or a new one, for as many days as the first, if the parent lasts as long.
 * Writes ca(1).cer and so on. With a new key a root and its former self certify each other: ca(0-1).cer is the certificate of
 * the new key, index 1, signed with the old one, index 0, and ca(1-0).cer the other way round. The modules must not be loaded: the service is stopped for it. */
HRESULT ca_renew(struct ca *ca, bool new_key, struct reason *reason);

/* What the CA above has to do. Its own certificate of that index is revoked; CRLs are published anew (parent.crl). E_INVALIDARG, with
 * the reason: there is no CA above, no certificate of that index, or it is revoked already. */
HRESULT ca_revoke_own(struct ca *ca, unsigned index, int reason_code, struct reason *reason);
HRESULT ca_publish_parent(struct ca *ca, struct reason *reason);

/* The newest certificate of that key: who signs its CRLs. Callers hold the database's lock. */
struct authority *ca_signer(const struct ca *ca, unsigned key);

/* "" for 0, else "(n)": what file names and distribution points have for an index. The caller frees. */
char *ca_suffix(unsigned index);

/* A URL with <CertificateName>, <CRLNameSuffix> and <DeltaCRLAllowed> replaced: by the suffixes of the certificate and
 * its key, and for a delta CRL by "+". NULL gives NULL. The caller frees. */
char *ca_url(const char *url, unsigned certificate, unsigned key, bool delta);

/* One EXITEVENT_* bit; request 0 is the CA itself. */
void ca_tell(const struct ca *ca, LONG event, LONG request_id);

/* The time it works by: seconds since 1970, UTC. ca_advance puts it forward, of every CA in this program; it goes back to
 * what the machine says with ca_open. */
int64_t ca_now(void);
void ca_advance(int64_t seconds);

/*
 * A property of the CA (IN_CA). `index` counts from 0; where it was not `indexed`, the current. The value's data is the
 * caller's, for free(). ModuleRegistryLocation is not known here: who asks is (modules.h).
 *   CERTSRV_E_PROPERTY_EMPTY                       no value
 *   HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)       no such CRL: delta CRLs are off, or it is another certificate's
 */
HRESULT ca_property(const struct ca *ca, int property, bool indexed, unsigned index, struct value *value);
bool ca_has_index(const struct ca *ca, int property, bool indexed, unsigned index);

/* What became of an operation. */
enum outcome {
    OUTCOME_ERROR,                      /* could not be tried: a file that cannot be read, and the like */
    OUTCOME_REFUSED,                    /* the CA would not; nothing was changed, nobody told */
    OUTCOME_ISSUED, OUTCOME_PENDING, OUTCOME_DENIED, OUTCOME_FAILED,
    OUTCOME_REVOKED, OUTCOME_RELEASED, OUTCOME_PUBLISHED, OUTCOME_IMPORTED, OUTCOME_CHANGED, OUTCOME_DELETED,
    OUTCOME_RECOVERED, OUTCOME_STARTED,
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
