/*
 * The certification authorities of this machine, read from their keys below CertSvc\Configuration.
 */
#ifndef CAS_H
#define CAS_H

#include "exit_module_list.h"
#include "settings/settings.h"

#define CAS_CONFIGURATION L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration"
/* our key below ExitModules has the same name as our list entry */
#define CAS_MODULE        EXIT_MODULE_LIST_NAME
#define CAS_NAME_MAX      256 /* characters with the zero, the longest name of a key */
#define CAS_KEY_MAX       512

struct ca {
    WCHAR name[CAS_NAME_MAX];           /* sanitized: the name of its key */
    WCHAR common_name[CAS_NAME_MAX];    /* the CA's common name; "" if the key has none */
    WCHAR modules_key[CAS_KEY_MAX];     /* ...\ExitModules, below HKLM */
    WCHAR module_key[CAS_KEY_MAX];      /* ...\ExitModules\CertWitness.Exit; it may not exist */
    LSTATUS error;                      /* why Active cannot be read; 0: it can be, or does not
                                         * exist */
    struct exit_module_list active;               /* owned */
    struct settings settings;           /* in force */
};

struct cas {
    struct ca *list;                    /* owned */
    size_t count;
    LSTATUS error;                      /* why the list may be incomplete: the keys cannot be
                                         * read */
};

/*
 * Reads the registry of this machine only. E_OUTOFMEMORY: `out` is empty. A machine without a CA
 * is not an error.
 */
HRESULT cas_read(struct cas *out);
void cas_free(struct cas *cas);

/*
 * Find a CA by its name, sanitized or not; case is ignored. A match of the key's name has
 * priority, since no two CAs share one. NULL: none.
 */
struct ca *cas_find(const struct cas *cas, const WCHAR *name);

#endif
