/* What a CA says of itself. */
#ifndef CA_H
#define CA_H

#include "location.h"

#include <windows.h>
#include <stdbool.h>

/* Empty, or false, where it does not say. */
struct ca {
    WCHAR name[256];                    /* SanitizedCAName; SanitizedShortName where that is longer than a folder's name may be */
    WCHAR short_name[256];              /* SanitizedShortName */
    WCHAR machine[256];                 /* MachineDNSName */
    WCHAR key[LOCATION_KEY_MAX];        /* ModuleRegistryLocation */
    struct location location;           /* where the settings are */
    LONG type, cert_count;              /* CAType, CertCount */
    bool has_type, has_cert_count;
};

/*
 * Ask the CA that this thread is called by: each question first without a context, as modules commonly do, and once more after SetContext(0)
 * where that is not answered. A name that the CA does not say is taken from the path of its key, a machine's from Windows. `config` is
 * strConfig of Initialize, or NULL. Blocks for as long as the CA takes to answer.
 */
void ca_ask(const WCHAR *config, struct ca *out);

/* The CloudEvents source, with its zero: /adcs/<machine>/<name>, percent-escaped. */
void ca_add_source(struct bytes *out, const struct ca *ca);

/* The member "ca" of module.started, with the CA's certificates and where its settings are. */
void ca_add(struct json *json, const struct ca *ca);

#endif
