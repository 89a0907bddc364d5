/*
 * Registration.
 *
 * The event log and its source, below HKLM\SYSTEM\CurrentControlSet\Services\EventLog, and the
 * source of earlier versions, by which their entries are read:
 *
 *     CertWitness-Journal                  File, its path; MaxSize = 32 MiB; Retention = 0: the
 *                                          oldest entries are overwritten. Each only if missing, as
 *                                          an administrator may have chosen another value
 *     CertWitness-Journal\CertWitness.Exit EventMessageFile, path of the DLL; TypesSupported = 7
 *     Application\CertWitness              the same
 *
 * Per class (C its CLSID, P its ProgID), below HKLM\Software\Classes:
 *
 *     CLSID\{C}                           the class's name
 *     CLSID\{C}\InprocServer32            path of the DLL; ThreadingModel = Both
 *     CLSID\{C}\ProgID                    P.1
 *     CLSID\{C}\VersionIndependentProgID  P
 *     P.1, P.1\CLSID                      the class's name; {C}
 *     P, P\CLSID, P\CurVer                the class's name; {C}; P.1
 *
 * Every value is saved before it is written, so that after a failure half way each can be
 * restored.
 */
#include "registration.h"

#include "changes.h"
#include "event_source.h"
#include "identity.h"
#include "settings/event_log.h"

#include <certsrv.h>
#include <certwitness.h>
#include <stdbool.h>
#include <stdlib.h>
#include <wchar.h>

#define CLASSES L"Software\\Classes\\"

/* the longest key of ours has 90 characters */
enum { KEY_LENGTH = 128, VALUES_PER_CLASS = 10 };

static const WCHAR *const sources[] = {EVENT_SOURCE_KEY, EVENT_OLD_SOURCE_KEY};

struct class {
    const CLSID *clsid;
    const WCHAR *progid, *title;
};

static const struct class classes[] = {
    {&CLSID_Exit, EXIT_PROGID, L"CertWitness exit module"},
    {&CLSID_ExitManage, MANAGE_PROGID, L"CertWitness exit module, management"},
};

/* The keys of one class, from HKLM on. */
struct keys {
    WCHAR guid[39], clsid[KEY_LENGTH], progid[KEY_LENGTH], versioned[KEY_LENGTH];
};

static void keys_of(const struct class *class, struct keys *keys)
{
    StringFromGUID2(class->clsid, keys->guid, ARRAYSIZE(keys->guid));
    swprintf(keys->clsid, KEY_LENGTH, CLASSES L"CLSID\\%ls", keys->guid);
    swprintf(keys->progid, KEY_LENGTH, CLASSES L"%ls", class->progid);
    swprintf(keys->versioned, KEY_LENGTH, CLASSES L"%ls.1", class->progid);
}

/* The log before its source, so that what is taken back goes the other way round. */
static LSTATUS write_event_log(struct changes *changes, const WCHAR *path)
{
    LSTATUS error = event_source_write_log(changes);

    for (size_t i = 0; i < ARRAYSIZE(sources) && !error; i++)
        error = event_source_write(changes, sources[i], path);
    return error;
}

static LSTATUS write_class(struct changes *changes, const struct class *class, const WCHAR *path)
{
    struct keys keys;
    const struct { const WCHAR *root, *below, *name, *text;
    } values[VALUES_PER_CLASS] = {
        {keys.clsid, L"", NULL, class->title},
        {keys.clsid, L"\\InprocServer32", NULL, path},
        {keys.clsid, L"\\InprocServer32", L"ThreadingModel", L"Both"},
        {keys.clsid, L"\\ProgID", NULL, keys.versioned + wcslen(CLASSES)},
        {keys.clsid, L"\\VersionIndependentProgID", NULL, class->progid},
        {keys.versioned, L"", NULL, class->title},
        {keys.versioned, L"\\CLSID", NULL, keys.guid},
        {keys.progid, L"", NULL, class->title},
        {keys.progid, L"\\CLSID", NULL, keys.guid},
        {keys.progid, L"\\CurVer", NULL, keys.versioned + wcslen(CLASSES)},
    };
    LSTATUS error = ERROR_SUCCESS;

    keys_of(class, &keys);
    for (size_t i = 0; i < VALUES_PER_CLASS && !error; i++) {
        error = changes_write_text(changes, values[i].root, values[i].below, values[i].name,
                                   REG_SZ, values[i].text);
    }
    return error;
}

HRESULT registration_add(const WCHAR *path, enum registration_scope scope)
{
    struct changes *changes = changes_begin();
    LSTATUS error;

    if (!changes) return E_OUTOFMEMORY;
    error = scope == REGISTRATION_ALL ? write_event_log(changes, path) : ERROR_SUCCESS;
    for (size_t i = 0; i < ARRAYSIZE(classes) && !error; i++)
        if (scope == REGISTRATION_ALL || classes[i].clsid == &CLSID_ExitManage)
            error = write_class(changes, &classes[i], path);
    changes_end(changes, error);
    return HRESULT_FROM_WIN32(error);
}

static LSTATUS remove_event_log(void)
{
    LSTATUS first = ERROR_SUCCESS, error;

    for (size_t i = 0; i < ARRAYSIZE(sources); i++) {
        error = event_source_remove(sources[i]);
        if (!first) first = error;
    }
    error = event_source_remove_log();
    return first ? first : error;
}

HRESULT registration_remove(void)
{
    LSTATUS first = remove_event_log();

    for (size_t i = 0; i < ARRAYSIZE(classes); i++) {
        struct keys keys;
        const WCHAR *roots[] = {keys.progid, keys.versioned, keys.clsid};

        keys_of(&classes[i], &keys);
        for (size_t k = 0; k < ARRAYSIZE(roots); k++) {
            LSTATUS error = RegDeleteTreeW(HKEY_LOCAL_MACHINE, roots[k]);

            if (error && error != ERROR_FILE_NOT_FOUND && !first) first = error;
        }
    }
    return HRESULT_FROM_WIN32(first);
}
