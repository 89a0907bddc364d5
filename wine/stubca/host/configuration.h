/*
 * The CA's keys in the registry, and its folder CertEnroll (cert_enroll.h), as its exit modules find them:
 *
 *   HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration
 *     Active                  REG_SZ         the sanitized name of the CA that runs
 *     <sanitized CA>\ExitModules
 *       Active                REG_MULTI_SZ   the modules' ProgIDs, in the order in which they are called
 *       <ProgID>              their own values
 *
 * They are there while the stub CA runs. Taking them away leaves nothing that it made and everything else as it was.
 */
#ifndef STUBCA_CONFIGURATION_H
#define STUBCA_CONFIGURATION_H

#include "stubca/ca/subject.h"

/* A value in a module's own key: REG_DWORD where `text` is a number (decimal, or hex after 0x), else REG_SZ. */
struct module_value {
    char *name, *text;
};

struct module_entry {
    char *progid;
    struct module_value *values;
    size_t count;
};

struct configuration;

/*
 * Write the keys of the CA of this sanitized name. What a stub CA that was killed left behind is cleared away first.
 * E_ACCESSDENIED where the machine has a CA of its own, whose keys these would be: the stub CA touches none of them.
 */
HRESULT configuration_write(const char *sanitized, const struct module_entry *modules, size_t count,
                            struct configuration **configuration, struct reason *reason);

/* Put a REG_DWORD into the CA's key. What cannot be written is left out: nobody but modules reads it. */
void configuration_put_number(const struct configuration *configuration, const char *name, unsigned number);

void configuration_remove(struct configuration *configuration); /* takes NULL */

/* The path of a module's own key, below HKLM; `Active` of ExitModules as the CA reads it at start, a
 * double-NUL-terminated list, NULL where there is none. The caller frees. */
char *configuration_module_path(const char *sanitized, const char *progid);
WCHAR *configuration_active_modules(const char *sanitized);

#endif
