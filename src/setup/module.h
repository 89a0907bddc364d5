/*
 * The module's DLL: whether it is there, which version it is, and which file is registered.
 *
 * There is one list of keys, src/registration/registration.c; what is here of the registry only looks.
 */
#ifndef MODULE_H
#define MODULE_H

#include "base/folder_windows.h"

#include <windows.h>
#include <stdbool.h>

#define MODULE_FILE     L"certwitness.dll"
#define MODULE_PATH_MAX 1024            /* characters with the zero */

struct module {
    WCHAR dll[MODULE_PATH_MAX];         /* the file that this is about, absolute */
    bool is_there;
    WCHAR page[MODULE_PATH_MAX];        /* the file that its Configure loads: beside it */
    bool has_page;                      /* it is there, and of the same version */
    WCHAR version[32];                  /* of that file; "" where it does not tell */
    /* The files that the registry names: for the CA, for its snap-in, for the event viewer; "" where it names none. */
    WCHAR exit[MODULE_PATH_MAX], manage[MODULE_PATH_MAX], source[MODULE_PATH_MAX], old_source[MODULE_PATH_MAX];
};

/* `dll` NULL: the one beside this program. */
void module_read(const WCHAR *dll, struct module *out);

/* Whether this very file is registered: for all, or for the snap-in alone. */
bool module_is_registered(const struct module *module, bool console_only);
/* A file that is registered for the CA or its snap-in and is not this one, "" where there is none. */
const WCHAR *module_other(const struct module *module);

/* Load the DLL and have it register itself, which shows that it can be loaded. Fails as it does, or as loading it does. */
HRESULT module_register(const struct module *module, bool console_only);
/* As registration_remove: the DLL need not be there any more. */
HRESULT module_unregister(void);

/* Whether there are entries of the module's event log on disk: the file stays when the log is unregistered. */
bool module_log_file(WCHAR out[MODULE_PATH_MAX]);

/* The keys below HKLM that registration_add writes to, each with all below it; NULL behind the last. */
const WCHAR *module_key(unsigned index, bool console_only, WCHAR out[128]);

/* The version in a file's resource, "1.2.3"; "" where there is none. */
void module_file_version(const WCHAR *path, WCHAR out[32]);
bool module_same_file(const WCHAR *a, const WCHAR *b);

/* The same of a file that is registered, which may not be the one in `module`. */
bool module_has_page(const WCHAR *dll, WCHAR page[MODULE_PATH_MAX]);

/*
 * Whether somebody besides the machine's administrators could put another file in the place of `dll`, whom the CA would then run, or of the
 * page beside it. As folder_judge_file, which judges both; on a share or a drive that can be taken out no file is safe.
 */
enum folder_answer module_judge_place(const WCHAR *dll, struct folder_held *held, WCHAR why[FOLDER_WHY_MAX]) MUST_CHECK;

#endif
