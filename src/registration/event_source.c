#include "event_source.h"

#include "settings/event_log.h"

#include <stdbool.h>
#include <wchar.h>

enum { VALUES_OF_SOURCE = 2 };

static bool has_value(const WCHAR *key, const WCHAR *name)
{
    return !RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_ANY | RRF_NOEXPAND, NULL, NULL,
                         NULL);
}

/* Only what is not there yet. */
LSTATUS event_source_write_log(struct changes *changes)
{
    DWORD size = EVENT_LOG_BYTES, retention = 0;
    LSTATUS error = ERROR_SUCCESS;

    if (!has_value(EVENT_LOG_KEY, L"File"))
        error = changes_write_text(changes, EVENT_LOG_KEY, L"", L"File", REG_EXPAND_SZ,
                                   EVENT_LOG_FILE);
    if (!error && !has_value(EVENT_LOG_KEY, L"MaxSize"))
        error = changes_write(changes, EVENT_LOG_KEY, L"", L"MaxSize", REG_DWORD, &size,
                              sizeof size);
    if (!error && !has_value(EVENT_LOG_KEY, L"Retention"))
        error = changes_write(changes, EVENT_LOG_KEY, L"", L"Retention", REG_DWORD, &retention,
                              sizeof retention);
    return error;
}

/*
 * EventMessageFile is by custom a REG_EXPAND_SZ. A path in which a percent sign stands is written
 * as REG_SZ: it says what it says. A semicolon would end it, and nothing can be done about that:
 * entries then show their inserts without our text.
 */
LSTATUS event_source_write(struct changes *changes, const WCHAR *key, const WCHAR *path)
{
    DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
    LSTATUS error = changes_write_text(changes, key, L"", L"EventMessageFile",
                                       wcschr(path, '%') ? REG_SZ : REG_EXPAND_SZ, path);

    if (error) return error;
    return changes_write(changes, key, L"", L"TypesSupported", REG_DWORD, &types, sizeof types);
}

/* What others put beside our values or below our key is theirs, and keeps the key. */
LSTATUS event_source_remove(const WCHAR *source)
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
LSTATUS event_source_remove_log(void)
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

HRESULT event_source_add_delivery(const WCHAR *path)
{
    struct changes *changes = changes_begin();
    LSTATUS error;

    if (!changes) return E_OUTOFMEMORY;
    error = event_source_write_log(changes);
    if (!error) error = event_source_write(changes, EVENT_DELIVERY_SOURCE_KEY, path);
    changes_end(changes, error);
    return HRESULT_FROM_WIN32(error);
}

HRESULT event_source_remove_delivery(void)
{
    LSTATUS error = event_source_remove(EVENT_DELIVERY_SOURCE_KEY), log = event_source_remove_log();

    return HRESULT_FROM_WIN32(error ? error : log);
}
