/* A CA's own data: names, type, certificates, and the place of its settings. */
#ifndef CA_H
#define CA_H

#include "location.h"

#include <windows.h>
#include <stdbool.h>

/* Members are empty or false if the CA does not answer. */
struct ca {
    WCHAR name[256];                    /* SanitizedCAName; SanitizedShortName if that is too
                                         * long for a folder's name */
    WCHAR short_name[256];              /* SanitizedShortName */
    WCHAR machine[256];                 /* MachineDNSName */
    WCHAR key[LOCATION_KEY_MAX];        /* ModuleRegistryLocation */
    struct location location;           /* the place of the settings */
    LONG type, cert_count;              /* CAType, CertCount */
    bool has_type, has_cert_count;
};

/*
 * Ask the CA that calls this thread. Each property is first asked for without a context, as
 * modules commonly do, and if there is no answer again after SetContext(0). A missing CA name is
 * taken from the path of its key, a missing machine name from Windows. `config` is strConfig of
 * Initialize, or NULL. Blocks for as long as the CA takes to answer.
 */
void ca_ask(const WCHAR *config, struct ca *out);

/* Append the CloudEvents source and its zero: /adcs/<machine>/<name>, percent-escaped. */
void ca_add_source(struct bytes *out, const struct ca *ca);

/*
 * Add the member "ca" of module.started, with the CA's certificates and the place of its settings.
 */
void ca_add(struct json *json, const struct ca *ca);

#endif
