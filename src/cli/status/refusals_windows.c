#include "refusals.h"

#include "settings/properties.h"
#include "settings/value.h"

#include <wchar.h>

/* Whom the rooms that judge tell, on the way to whoever asked. */
struct way {
    refusals_told *told;
    void *context;
    bool any;
};

static void refusals_tell(struct way *way, const struct refusal *refusal)
{
    way->any = true;
    way->told(way->context, refusal);
}

static void tell_setting(void *context, const WCHAR *name, const WCHAR *value, const WCHAR *reason)
{
    refusals_tell(context, &(struct refusal){name, value, reason, false});
}

static void tell_item(void *context, const WCHAR *item, const WCHAR *reason)
{
    refusals_tell(context,
                  &(struct refusal){settings_table[SETTING_PROPERTIES].name, item, reason, true});
}

static void refusals_check_items(const WCHAR *list, struct way *way)
{
    struct properties *properties;

    if (FAILED(properties_parse(list, tell_item, way, &properties)))
        tell_item(way, L"", L"There is not enough memory to check it.");
    properties_free(properties);
}

void refusals_read(const struct ca *ca, refusals_told *told, void *context, struct settings *out)
{
    struct way way = {told, context, false};

    if (!settings_read(ca->module_key, ca->name, tell_setting, &way, out))
        tell_setting(&way, ca->module_key, L"",
                     L"There is not enough memory to read the settings.");
    refusals_check_items(out->properties, &way);
}

static bool is_setting(const WCHAR *name)
{
    for (int id = 0; id < SETTINGS_COUNT; id++)
        if (!_wcsicmp(settings_table[id].name, name)) return true;
    return false;
}

/* A key's default value has an empty name. */
void refusals_unread(const struct ca *ca, void (*told)(void *context, const WCHAR *name),
                     void *context)
{
    static WCHAR name[16384];           /* the longest that the registry has, with its zero */
    DWORD size = ARRAYSIZE(name);
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, ca->module_key, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY,
                      &key))
        return;
    for (DWORD i = 0; !RegEnumValueW(key, i, name, &size, NULL, NULL, NULL, NULL);
         i++, size = ARRAYSIZE(name))
        if (!is_setting(name)) told(context, name);
    RegCloseKey(key);
}

bool refusals_typed(enum setting_id id, const WCHAR *text, refusals_told *told, void *context)
{
    struct way way = {told, context, false};
    WCHAR why[SETTINGS_TEXT_MAX];
    struct value value;

    if (!settings_check(id, text, why)) tell_setting(&way, settings_table[id].name, text, why);
    else if (id == SETTING_PROPERTIES &&
             value_of_text(&settings_table[id], text, wcslen(text), &value, why))
        refusals_check_items(value.list, &way);
    return !way.any;
}
