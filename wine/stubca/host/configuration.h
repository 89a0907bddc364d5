/*
 * The CA's registry keys, and its folder CertEnroll (cert_enroll.h), as exit modules find them:
 *
 *   HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration
 *     Active                  REG_SZ         the sanitized name of the running CA
 *     <sanitized CA>\ExitModules
 *       Active                REG_MULTI_SZ   the modules' ProgIDs, in the order of their calls
 *       <ProgID>              their own values
 *
 * They exist while the stub CA runs. Their removal removes everything that it created and leaves
 * everything else unchanged.
 */
#ifndef STUBCA_CONFIGURATION_H
#define STUBCA_CONFIGURATION_H

#include "stubca/ca/subject.h"

/*
 * A value in a module's own key: REG_DWORD if `text` is a number (decimal, or hex after 0x), else
 * REG_SZ.
 */
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
 * Write the keys of the CA with this sanitized name, after removing those of a stub CA that was
 * killed. E_ACCESSDENIED: the machine has a CA of its own, whose keys these would be; nothing is
 * changed.
 */
HRESULT configuration_write(const char *sanitized, const struct module_entry *modules, size_t count,
                            struct configuration **configuration, struct reason *reason);

/* Write a REG_DWORD to the CA's key. A failure is ignored: only modules read it. */
void configuration_put_number(const struct configuration *configuration, const char *name,
                              unsigned number);

void configuration_remove(struct configuration *configuration); /* takes NULL */

/*
 * The path of a module's own key, below HKLM; and `Active` of ExitModules as the CA reads it at
 * start, a double-NUL-terminated list, NULL if there is none. The caller frees the result.
 */
char *configuration_module_path(const char *sanitized, const char *progid);
WCHAR *configuration_active_modules(const char *sanitized);

#endif
