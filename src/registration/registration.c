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

#include "identity.h"
#include "settings/event_log.h"
#include "settings/undo.h"

#include <certsrv.h>
#include <certwitness.h>
#include <stdbool.h>
#include <stdlib.h>
#include <wchar.h>

#define CLASSES L"Software\\Classes\\"

enum {
    KEY_LENGTH = 128,
    VALUES_PER_CLASS = 10,
    VALUES_OF_LOG = 3,
    VALUES_OF_SOURCE = 2
}; /* the longest key of ours has 90 characters */

static const WCHAR *const sources[] = {EVENT_SOURCE_KEY, EVENT_OLD_SOURCE_KEY};

struct class {
    const CLSID *clsid;
    const WCHAR *progid, *title;
};

static const struct class classes[] = {
    {&CLSID_Exit, EXIT_PROGID, L"CertWitness exit module"},
    {&CLSID_ExitManage, MANAGE_PROGID, L"CertWitness exit module, management"},
};

/* One value as it was before we wrote it. */
struct change {
    WCHAR key[KEY_LENGTH];
    bool key_is_new;
    struct undo undo;                   /* owned */
};

struct changes {
    struct change made[VALUES_OF_LOG + ARRAYSIZE(sources) * VALUES_OF_SOURCE +
                       ARRAYSIZE(classes) * VALUES_PER_CLASS];
    size_t count;
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

static LSTATUS write_value(struct changes *changes, const WCHAR *root, const WCHAR *below,
                           const WCHAR *name, DWORD type, const void *data, DWORD size)
{
    struct change *change = &changes->made[changes->count];
    DWORD disposition;
    LSTATUS error;
    HKEY key;

    swprintf(change->key, KEY_LENGTH, L"%ls%ls", root, below);
    error = RegCreateKeyExW(HKEY_LOCAL_MACHINE, change->key, 0, NULL, 0,
                            KEY_QUERY_VALUE | KEY_SET_VALUE, NULL, &key, &disposition);
    if (error) return error;
    changes->count++; /* from here on there is something to take back: the key may be new */
    change->key_is_new = disposition == REG_CREATED_NEW_KEY;
    error = undo_note(key, name, &change->undo);
    if (!error) error = RegSetValueExW(key, name, 0, type, data, size);
    RegCloseKey(key);
    return error;
}

static LSTATUS registration_write_text(struct changes *changes, const WCHAR *root,
                                       const WCHAR *below, const WCHAR *name, DWORD type,
                                       const WCHAR *text)
{
    return write_value(changes, root, below, name, type, text,
                       (DWORD)((wcslen(text) + 1) * sizeof *text));
}

static bool has_value(const WCHAR *key, const WCHAR *name)
{
    return !RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_ANY | RRF_NOEXPAND, NULL, NULL,
                         NULL);
}

/* Only what is not there yet. */
static LSTATUS write_log(struct changes *changes)
{
    DWORD size = EVENT_LOG_BYTES, retention = 0;
    LSTATUS error = ERROR_SUCCESS;

    if (!has_value(EVENT_LOG_KEY, L"File"))
        error = registration_write_text(changes, EVENT_LOG_KEY, L"", L"File", REG_EXPAND_SZ,
                                        EVENT_LOG_FILE);
    if (!error && !has_value(EVENT_LOG_KEY, L"MaxSize"))
        error = write_value(changes, EVENT_LOG_KEY, L"", L"MaxSize", REG_DWORD, &size, sizeof size);
    if (!error && !has_value(EVENT_LOG_KEY, L"Retention"))
        error = write_value(changes, EVENT_LOG_KEY, L"", L"Retention", REG_DWORD, &retention,
                            sizeof retention);
    return error;
}

/*
 * EventMessageFile is by custom a REG_EXPAND_SZ. A path in which a percent sign stands is written
 * as REG_SZ: it says what it says. A semicolon would end it, and nothing can be done about that:
 * entries then show their inserts without our text.
 */
static LSTATUS write_source(struct changes *changes, const WCHAR *key, const WCHAR *path)
{
    DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
    LSTATUS error = registration_write_text(changes, key, L"", L"EventMessageFile",
                                            wcschr(path, '%') ? REG_SZ : REG_EXPAND_SZ, path);

    return error
               ? error
               : write_value(changes, key, L"", L"TypesSupported", REG_DWORD, &types, sizeof types);
}

/* The log before its source, so that what is taken back goes the other way round. */
static LSTATUS write_event_log(struct changes *changes, const WCHAR *path)
{
    LSTATUS error = write_log(changes);

    for (size_t i = 0; i < ARRAYSIZE(sources) && !error; i++)
        error = write_source(changes, sources[i], path);
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
        error = registration_write_text(changes, values[i].root, values[i].below, values[i].name,
                                        REG_SZ, values[i].text);
    }
    return error;
}

/* A failure here leaves nothing to be done about it: the first one is what the caller hears of. */
static void registration_take_back(const struct change *change)
{
    HKEY key;

    if (change->key_is_new) {
        RegDeleteKeyW(HKEY_LOCAL_MACHINE, change->key); /* what we put below it went before */
        return;
    }
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, change->key, 0, KEY_SET_VALUE, &key)) return;
    undo_restore(key, &change->undo);
    RegCloseKey(key);
}

HRESULT registration_add(const WCHAR *path, enum registration_scope scope)
{
    struct changes *changes = calloc(1, sizeof *changes);
    LSTATUS error;

    if (!changes) return E_OUTOFMEMORY;
    error = scope == REGISTRATION_ALL ? write_event_log(changes, path) : ERROR_SUCCESS;
    for (size_t i = 0; i < ARRAYSIZE(classes) && !error; i++)
        if (scope == REGISTRATION_ALL || classes[i].clsid == &CLSID_ExitManage)
            error = write_class(changes, &classes[i], path);
    while (changes->count) {
        struct change *change = &changes->made[--changes->count];

        if (error) registration_take_back(change);
        undo_free(&change->undo);
    }
    free(changes);
    return HRESULT_FROM_WIN32(error);
}

/* What others put beside our values or below our key is theirs, and keeps the key. */
static LSTATUS remove_source(const WCHAR *source)
{
    static const WCHAR *const names[VALUES_OF_SOURCE] = {L"EventMessageFile", L"TypesSupported"};
    DWORD keys = 1, values = 1;
    HKEY key;
    LSTATUS error =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, source, 0, KEY_QUERY_VALUE | KEY_SET_VALUE, &key);

    if (error) return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        LSTATUS gone = RegDeleteValueW(key, names[i]);

        if (gone && gone != ERROR_FILE_NOT_FOUND && !error) error = gone;
    }
    if (!error)
        error = RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL,
                                 NULL, NULL);
    RegCloseKey(key);
    return error || keys || values ? error : RegDeleteKeyW(HKEY_LOCAL_MACHINE, source);
}

/* The log stays where somebody else's source is in it, or something of somebody's in ours. Its
 * values are about this log alone. */
static LSTATUS remove_log(void)
{
    DWORD keys = 1;
    HKEY key;
    LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, EVENT_LOG_KEY, 0, KEY_QUERY_VALUE, &key);

    if (error) return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
    error =
        RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    RegCloseKey(key);
    return error || keys ? error : RegDeleteKeyW(HKEY_LOCAL_MACHINE, EVENT_LOG_KEY);
}

static LSTATUS remove_event_log(void)
{
    LSTATUS first = ERROR_SUCCESS, error;

    for (size_t i = 0; i < ARRAYSIZE(sources); i++) {
        error = remove_source(sources[i]);
        if (!first) first = error;
    }
    error = remove_log();
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
