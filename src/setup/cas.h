/* The certification authorities of this machine, as their keys below CertSvc\Configuration tell of them. */
#ifndef CAS_H
#define CAS_H

#include "exit_module_list.h"
#include "settings/settings.h"

#define CAS_CONFIGURATION L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration"
#define CAS_MODULE        EXIT_MODULE_LIST_NAME           /* our key below ExitModules has the name of our entry */
#define CAS_NAME_MAX      256                   /* characters with the zero, the longest name of a key */
#define CAS_KEY_MAX       512

struct ca {
    WCHAR name[CAS_NAME_MAX];           /* sanitized, which is the name of its key */
    WCHAR common_name[CAS_NAME_MAX];    /* as people know it; "" where the key does not tell */
    WCHAR modules_key[CAS_KEY_MAX];     /* ...\ExitModules, below HKLM */
    WCHAR module_key[CAS_KEY_MAX];      /* ...\ExitModules\CertWitness.Exit, which need not be there */
    LSTATUS error;                      /* why Active cannot be read; 0: it can, or is not there */
    struct exit_module_list active;               /* owned */
    struct settings settings;           /* in force */
};

struct cas {
    struct ca *list;                    /* owned */
    size_t count;
    LSTATUS error;                      /* why there may be more: the keys cannot be read */
};

/* Reads the registry of this machine and nothing else. E_OUTOFMEMORY: nothing is in `out`. No CA is no error. */
HRESULT cas_read(struct cas *out);
void cas_free(struct cas *cas);

/* The one of that name, sanitized or not, in any case; its key's name comes first, as no two CAs share that. NULL: none. */
struct ca *cas_find(const struct cas *cas, const WCHAR *name);

#endif
