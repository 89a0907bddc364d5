/* Reading a CA's settings from the registry. */
#include "settings.h"

#include "directory.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define DATA_MAX 16384 /* bytes that are looked at, beyond what any setting may have */
/* EXITEVENT_SHUTDOWN: without it a run's clean end could not be told from a crash */
#define SHUTDOWN 0x40

struct listener {
    settings_refused *refused;
    void *context;
};

static void registry_tell(const struct listener *listener, const WCHAR *name, const WCHAR *value,
                          const WCHAR *reason)
{
    if (listener->refused) listener->refused(listener->context, name, value, reason);
}

static void set_number(struct settings *out, enum setting_id id, uint32_t number)
{
    switch (id) {
    case SETTING_EVENT_MASK:   out->event_mask = number | SHUTDOWN; break;
    case SETTING_SEGMENT_MIB:  out->segment_mib = number; break;
    case SETTING_QUEUE_MIB:    out->queue_mib = number; break;
    case SETTING_MAX_WAIT_MS:  out->max_wait_ms = number; break;
    case SETTING_MIN_FREE_MIB: out->min_free_mib = number; break;
    case SETTING_RETAIN_DAYS:  out->retain_days = number; break;
    default:                   break;
    }
}

static void set(struct settings *out, enum setting_id id, const struct value *value)
{
    switch (id) {
    case SETTING_JOURNAL_DIRECTORY:
        memcpy(out->journal_directory, value->path, sizeof value->path);
        break;
    case SETTING_PROPERTIES:        memcpy(out->properties, value->list, sizeof value->list); break;
    default:                        set_number(out, id, value->number); break;
    }
}

static void set_defaults(const WCHAR *ca_name, struct settings *out)
{
    memset(out, 0, sizeof *out);
    for (int id = 0; id < SETTINGS_COUNT; id++)
        set_number(out, (enum setting_id)id, settings_table[id].number);
    directory_default(ca_name, out->journal_directory);
}

/* The bytes and their type. The size is asked for and given in one call, so that nobody can change
 * the value in between. */
static LSTATUS registry_read_data(HKEY key, const WCHAR *name, DWORD *type, void *data, DWORD *size)
{
    LSTATUS error;

    *size = DATA_MAX;
    error = RegQueryValueExW(key, name, NULL, type, data, size);
    return !error && *size > DATA_MAX ? ERROR_MORE_DATA : error;
}

static void registry_refuse(const struct listener *listener, struct settings *out,
                            enum setting_id id, const WCHAR *value, const WCHAR *why)
{
    out->source[id] = SETTING_REFUSED;
    registry_tell(listener, settings_table[id].name, value, why);
}

static void refuse_error(const struct listener *listener, struct settings *out, enum setting_id id,
                         LSTATUS error, DWORD size)
{
    WCHAR shown[SETTINGS_TEXT_MAX];

    if (error == ERROR_MORE_DATA) {
        swprintf(shown, ARRAYSIZE(shown), L"%lu bytes", size);
        registry_refuse(listener, out, id, shown,
                        L"It is longer than any value that would be right.");
    } else {
        swprintf(shown, ARRAYSIZE(shown), L"error %ld", error);
        registry_refuse(listener, out, id, shown, L"It cannot be read from the registry.");
    }
}

/* What one value is read into: too much for the CA's stack. */
struct room {
    WCHAR data[DATA_MAX / sizeof(WCHAR)], shown[SETTINGS_TEXT_MAX], why[SETTINGS_TEXT_MAX];
    struct value value;
};

static void read_setting(HKEY key, enum setting_id id, struct room *room,
                         const struct listener *listener, struct settings *out)
{
    DWORD type = REG_NONE, size;
    LSTATUS error;

    memset(&room->value, 0, sizeof room->value);        /* what another setting left in it */
    error = registry_read_data(key, settings_table[id].name, &type, room->data, &size);

    if (error == ERROR_FILE_NOT_FOUND) return;
    if (error) {
        refuse_error(listener, out, id, error, size);
    } else if (value_of_data(&settings_table[id], type, room->data, size, &room->value,
                             room->why)) {
        set(out, id, &room->value);
        out->source[id] = SETTING_FROM_REGISTRY;
    } else {
        value_show(type, room->data, size, room->shown);
        registry_refuse(listener, out, id, room->shown, room->why);
    }
}

static bool registry_read_all(HKEY key, const struct listener *listener, struct settings *out)
{
    struct room *room = calloc(1, sizeof *room);

    for (int id = 0; room && id < SETTINGS_COUNT; id++)
        read_setting(key, (enum setting_id)id, room, listener, out);
    free(room);
    return room != NULL;
}

bool settings_read(const WCHAR *key, const WCHAR *ca_name, settings_refused *refused, void *context,
                   struct settings *out)
{
    return settings_read_at(HKEY_LOCAL_MACHINE, key, ca_name, refused, context, out);
}

bool settings_read_at(HKEY root, const WCHAR *key, const WCHAR *ca_name, settings_refused *refused,
                      void *context, struct settings *out)
{
    const struct listener listener = {refused, context};
    WCHAR shown[32];
    LSTATUS error;
    HKEY handle;
    bool read;

    set_defaults(ca_name, out);
    if (!*key) return true;
    error = RegOpenKeyExW(root, key, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &handle);
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) return true;
    if (error) {
        swprintf(shown, ARRAYSIZE(shown), L"error %ld", error);
        registry_tell(&listener, key, shown,
                      L"The key cannot be opened: every setting has its default.");
        return true;
    }
    read = registry_read_all(handle, &listener, out);
    RegCloseKey(handle);
    return read;
}
