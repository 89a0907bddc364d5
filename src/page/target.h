/* What the sheet is about: a CA, the machine it runs on, and the module's key in that machine's
 * registry. */
#ifndef TARGET_H
#define TARGET_H

#include "registration/page_door.h"
#include "settings/settings.h"

struct target {
    WCHAR ca[256];                      /* sanitized name: the one that its key has */
    WCHAR machine[256]; /* as the snap-in names it; this machine's name where it names none */
    WCHAR key[SETTINGS_PATH_MAX]; /* of the module, below HKLM: what ModuleRegistryLocation tells
                                     the recorder */
    bool local;
    HKEY root;                          /* owned: HKLM of that machine */
    bool may_write;                     /* whoever runs this process may change settings */
};

/*
 * Find it from what Configure was given: `config` is MACHINE\CA name, `storage` the module's key.
 * Neither is believed: the key is composed here, of the one part that names the CA, and only for a
 * CA that has a key. Where they name none, the CA that `Active` names is meant; where they name two
 * that are there, nothing is. Blocks for at most some twenty seconds where the machine is another
 * one.
 *
 * On S_OK `*out` is the caller's, for target_close. Else `why` (PAGE_WHY_MAX) says what is wrong,
 * and there is nothing to close.
 */
HRESULT target_open(const WCHAR *config, const WCHAR *storage, struct target *out, WCHAR *why);
void target_close(struct target *target);

/* Whether CertWitness.Exit stands among the CA's active modules, ExitModules\Active. */
bool target_is_active(const struct target *target);

#endif
