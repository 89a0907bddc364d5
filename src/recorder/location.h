/*
 * The registry key with this CA's settings.
 *
 * It is found without depending on one answer of the CA. Published native modules read
 * ModuleRegistryLocation in Initialize, and one of them notes that this fails; without the key
 * every setting would be ignored silently. The ways to the key, in this order:
 *
 *   1. ModuleRegistryLocation, as the CA answers it to an object without a context;
 *   2. ModuleRegistryLocation after SetContext(0);
 *   3. Configuration\<SanitizedCAName>\ExitModules\CertWitness.Exit, if
 *      Configuration\<SanitizedCAName> exists;
 *   4. the same with the name that Initialize was given, sanitized, if that key exists.
 *
 * A ModuleRegistryLocation that ends in another ProgID belongs to another module: only its CA's
 * name is used, for way 3. A key that the CA answers is used even if it does not exist: every
 * setting then has its default. Nothing else is tried.
 */
#ifndef LOCATION_H
#define LOCATION_H

#include "base/json.h"

#include <windows.h>
#include <stdbool.h>

#define LOCATION_NAME_MAX                                                                          \
    256 /* characters with the zero: one component of a registry key's path has 255 at most */
#define LOCATION_KEY_MAX  512

enum location_way {
    LOCATION_NONE, /* no way found a key */
    LOCATION_ANSWERED,
    LOCATION_ANSWERED_BOUND,
    LOCATION_OTHER_MODULE,
    LOCATION_BY_NAME,
    LOCATION_BY_CONFIG,
    LOCATION_CONTRADICTED, /* two ways name different CAs */
};

/* What is known about the CA. Texts are empty if it did not answer. */
struct location_hints {
    const WCHAR *answered,
        *answered_bound; /* ModuleRegistryLocation, without a context and after SetContext(0) */
    const WCHAR *name;                                  /* SanitizedCAName, not shortened */
    const WCHAR *config;                                /* strConfig of Initialize; may be NULL */
};

struct location {
    enum location_way way;
    WCHAR
        key[LOCATION_KEY_MAX]; /* below HKLM; empty with LOCATION_NONE and LOCATION_CONTRADICTED */
    WCHAR ca[LOCATION_NAME_MAX];        /* the CA's component of the key; empty where it has none */
    WCHAR other[LOCATION_NAME_MAX];     /* with LOCATION_CONTRADICTED: `ca` and `other` are the two
                                           names */
};

/* Whether a ModuleRegistryLocation ends in our ProgID. */
bool location_is_ours(const WCHAR *path);

/*
 * Find the key. Reads this machine's registry, no network and no disk. The texts may contain
 * anything.
 */
void location_find(const struct location_hints *hints, struct location *out);

/*
 * Add the member "settingsKey": the way ("ModuleRegistryLocation", "SanitizedCAName" and so on),
 * and the key if one was found.
 */
void location_add(struct json *json, const struct location *location);

#endif
