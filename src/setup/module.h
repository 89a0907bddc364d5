/*
 * The module's DLL: whether the file exists, its version, and which file is registered.
 *
 * The list of registry keys is in src/registration/registration.c only; the functions here only
 * read the registry.
 */
#ifndef MODULE_H
#define MODULE_H

#include "base/folder_windows.h"

#include <windows.h>
#include <stdbool.h>

#define MODULE_FILE     L"certwitness.dll"
#define MODULE_PATH_MAX 1024            /* characters with the zero */

struct module {
    WCHAR dll[MODULE_PATH_MAX];         /* the file described here, absolute */
    bool is_there;
    WCHAR page[MODULE_PATH_MAX];        /* the file that its Configure loads, in the same folder */
    bool has_page;                      /* that file exists and has the same version */
    WCHAR version[32];                  /* version of `dll`; "" if it has none */
    /* The registered files: for the CA, for its snap-in, for the event viewer; "" if there is
     * none. */
    WCHAR exit[MODULE_PATH_MAX], manage[MODULE_PATH_MAX], source[MODULE_PATH_MAX],
        old_source[MODULE_PATH_MAX];
};

/* NULL for `dll`: the one in this program's folder. */
void module_read(const WCHAR *dll, struct module *out);

/* True if this file is registered: for everything, or for the snap-in only. */
bool module_is_registered(const struct module *module, bool console_only);
/* Another file that is registered for the CA or its snap-in; "" if there is none. */
const WCHAR *module_other(const struct module *module);

/*
 * Load the DLL and call its registration, which also shows that it can be loaded. Returns the
 * failure of either.
 */
HRESULT module_register(const struct module *module, bool console_only);
/* As registration_remove. The DLL may be missing. */
HRESULT module_unregister(void);

/* True if the file of the module's event log exists: it stays when the log is unregistered. */
bool module_log_file(WCHAR out[MODULE_PATH_MAX]);

/*
 * The keys below HKLM that registration_add writes, each with everything below it; NULL after the
 * last.
 */
const WCHAR *module_key(unsigned index, bool console_only, WCHAR out[128]);

/* The version in a file's resource, "1.2.3"; "" if it has none. */
void module_file_version(const WCHAR *path, WCHAR out[32]);
bool module_same_file(const WCHAR *a, const WCHAR *b);

/* As `page` and `has_page`, for any registered file. */
bool module_has_page(const WCHAR *dll, WCHAR page[MODULE_PATH_MAX]);

/*
 * Check whether any account but the machine's administrators could replace `dll`, which the CA
 * would then run, or the page in the same folder. Both are judged as by folder_judge_file; no file
 * on a share or a removable drive is safe.
 */
enum folder_answer module_judge_place(const WCHAR *dll, struct folder_held *held,
                                      WCHAR why[FOLDER_WHY_MAX]) MUST_CHECK;

#endif
