/*
 * The registry key with this CA's settings.
 *
 * No single answer of the CA is needed to find it. Published native modules read
 * ModuleRegistryLocation in Initialize, and one of them notes that this fails; without the key
 * every setting would be ignored silently. The first of these ways that leads to a key is taken:
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
 *
 * The later ways are still followed: each that leads to a key has to name the same CA. If one does
 * not, no key is used, since it is not known which CA this is.
 */
#ifndef LOCATION_H
#define LOCATION_H

#include "base/json.h"

#include <windows.h>
#include <stdbool.h>

/* Characters with the zero. One component of a registry key's path has 255 at most. */
#define LOCATION_NAME_MAX 256
#define LOCATION_KEY_MAX  512

enum location_way {
    LOCATION_NONE,                      /* no way found a key */
    LOCATION_ANSWERED,                  /* way 1 */
    LOCATION_ANSWERED_BOUND,            /* way 2 */
    LOCATION_OTHER_MODULE,              /* way 3, with the CA's name from another module's key */
    LOCATION_BY_NAME,                   /* way 3, with SanitizedCAName */
    LOCATION_BY_CONFIG,                 /* way 4 */
    LOCATION_CONTRADICTED,              /* two ways name different CAs */
};

/* What is known about the CA. Texts are borrowed; those that the CA did not answer are empty. */
struct location_hints {
    /* ModuleRegistryLocation, without a context and after SetContext(0) */
    const WCHAR *answered, *answered_bound;
    const WCHAR *name;                                  /* SanitizedCAName, not shortened */
    const WCHAR *config;                                /* strConfig of Initialize; may be NULL */
};

struct location {
    enum location_way way;
    /* below HKLM; empty with LOCATION_NONE and LOCATION_CONTRADICTED */
    WCHAR key[LOCATION_KEY_MAX];
    WCHAR ca[LOCATION_NAME_MAX];        /* the CA's component of the key; empty where it has none */
    WCHAR other[LOCATION_NAME_MAX];     /* with LOCATION_CONTRADICTED: `ca` and `other` are the two
                                           names */
};

/* Whether a ModuleRegistryLocation ends in our ProgID. */
bool location_is_ours(const WCHAR *path);

/*
 * Find the key. Cannot fail: LOCATION_NONE and LOCATION_CONTRADICTED are results. Any thread.
 * Reads this machine's registry, no network and no disk. The texts may contain anything.
 */
void location_find(const struct location_hints *hints, struct location *out);

/*
 * Add the member "settingsKey": the way ("ModuleRegistryLocation", "SanitizedCAName" and so on),
 * and the key if one was found.
 */
void location_add(struct json *json, const struct location *location);

#endif
