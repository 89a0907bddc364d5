#include "location.h"

#include "base/utf16_windows.h"
#include "registration/identity.h"

#include <stdio.h>
#include <wchar.h>

#define CONFIGURATION L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\"
#define MODULES       L"ExitModules"

/* A part of a path, between backslashes. */
struct component {
    const WCHAR *text;
    size_t size;
};

static bool component_is(struct component component, const WCHAR *text)
{
    return CompareStringOrdinal(component.text, (int)component.size, text, -1, TRUE) == CSTR_EQUAL;
}

/* Cut the last component off the first `*size` characters of a path. */
static struct component component_cut(const WCHAR *path, size_t *size)
{
    struct component last;

    while (*size && path[*size - 1] == '\\') --*size;
    last.size = *size;
    while (*size && path[*size - 1] != '\\') --*size;
    last.text = path + *size;
    last.size -= *size;
    return last;
}

static bool name_is_component(const WCHAR *name)
{
    return *name && wcslen(name) < LOCATION_NAME_MAX && !wcschr(name, '\\');
}

/* Reads …\<CA>\ExitModules\<ProgID>. `ca` is left empty where the path does not have that form.
 * Returns whether the ProgID is ours. */
static bool path_is_ours(const WCHAR *path, WCHAR ca[LOCATION_NAME_MAX])
{
    size_t size = wcslen(path);
    bool ours = component_is(component_cut(path, &size), EXIT_PROGID);
    struct component name;

    ca[0] = 0;
    if (!component_is(component_cut(path, &size), MODULES)) return ours;
    name = component_cut(path, &size);
    if (name.size && name.size < LOCATION_NAME_MAX) {
        wmemcpy(ca, name.text, name.size);
        ca[name.size] = 0;
    }
    return ours;
}

bool location_is_ours(const WCHAR *path)
{
    WCHAR ca[LOCATION_NAME_MAX];

    return path_is_ours(path, ca);
}

/* A key that may not be read exists: what is wrong with it is said when the settings are read. */
static bool location_key_exists(const WCHAR *key)
{
    HKEY handle;
    LSTATUS error =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, key, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &handle);

    if (!error) RegCloseKey(handle);
    return error != ERROR_FILE_NOT_FOUND && error != ERROR_PATH_NOT_FOUND &&
           error != ERROR_BAD_PATHNAME && error != ERROR_INVALID_NAME;
}

static bool ca_exists(const WCHAR *name)
{
    WCHAR key[LOCATION_KEY_MAX];

    if (!name_is_component(name)) return false;
    swprintf(key, ARRAYSIZE(key), CONFIGURATION L"%ls", name);
    return location_key_exists(key);
}

/*
 * The first way that leads to a key is taken; every later one has to name the same CA. After a
 * contradiction nothing is taken any more. `key` is NULL for the key that the name makes.
 */
static void propose(struct location *location, enum location_way way, const WCHAR *name,
                    const WCHAR *key)
{
    if (location->way == LOCATION_CONTRADICTED) return;
    if (location->way == LOCATION_NONE) {
        location->way = way;
        wcscpy(location->ca, name);
        swprintf(location->key, LOCATION_KEY_MAX,
                 key ? L"%ls" : CONFIGURATION L"%ls\\" MODULES L"\\" EXIT_PROGID, key ? key : name);
    } else if (!*location->ca) {
        wcscpy(location->ca, name);
    } else if (*name && CompareStringOrdinal(location->ca, -1, name, -1, TRUE) != CSTR_EQUAL) {
        location->way = LOCATION_CONTRADICTED;
        location->key[0] = 0;
        wcscpy(location->other, name);
    }
}

/* `others_ca` keeps the CA of the first location that is another module's. */
static void propose_answer(struct location *location, enum location_way way, const WCHAR *answer,
                           WCHAR others_ca[LOCATION_NAME_MAX])
{
    WCHAR ca[LOCATION_NAME_MAX];
    bool ours = path_is_ours(answer, ca);

    if (!ours && !*others_ca) wcscpy(others_ca, ca);
    if (ours && wcslen(answer) < LOCATION_KEY_MAX) propose(location, way, ca, answer);
}

static void propose_name(struct location *location, enum location_way way, const WCHAR *name)
{
    if (ca_exists(name)) propose(location, way, name, NULL);
}

/* What is no printable ASCII, and the characters below, becomes !xxxx: ICertConfig documents it.
 * False where the result is no component. */
static bool location_sanitize(const WCHAR *name, WCHAR out[LOCATION_NAME_MAX])
{
    size_t size = 0;

    for (; *name; name++) {
        bool plain =
            *name >= ' ' && *name <= '~' && !wcschr(L"&'*\\{}[]^:,=!`><#()%|+?\";/", *name);

        if (size + (plain ? 1 : 5) >= LOCATION_NAME_MAX) return false;
        size += plain ? (out[size] = *name, 1) : (size_t)swprintf(out + size, 6, L"!%04x", *name);
    }
    out[size] = 0;
    return size > 0;
}

/*
 * Nobody documents whether the name comes as it was entered or sanitized. Where another way has
 * named the CA already, the name as it came agrees with it too.
 */
static void propose_config(struct location *location, const WCHAR *config)
{
    WCHAR name[LOCATION_NAME_MAX];

    if (!config || wcsnlen(config, LOCATION_NAME_MAX) == LOCATION_NAME_MAX) return;
    if (*location->ca && CompareStringOrdinal(location->ca, -1, config, -1, TRUE) == CSTR_EQUAL)
        return;
    if (location_sanitize(config, name)) propose_name(location, LOCATION_BY_CONFIG, name);
}

void location_find(const struct location_hints *hints, struct location *out)
{
    WCHAR others_ca[LOCATION_NAME_MAX] = L"";

    *out = (struct location){.way = LOCATION_NONE};
    propose_answer(out, LOCATION_ANSWERED, hints->answered, others_ca);
    propose_answer(out, LOCATION_ANSWERED_BOUND, hints->answered_bound, others_ca);
    propose_name(out, LOCATION_OTHER_MODULE, others_ca);
    propose_name(out, LOCATION_BY_NAME, hints->name);
    propose_config(out, hints->config);
}

static const char *way_name(enum location_way way)
{
    static const char *const names[] = {
        [LOCATION_NONE] = "none",
        [LOCATION_ANSWERED] = "ModuleRegistryLocation",
        [LOCATION_ANSWERED_BOUND] = "ModuleRegistryLocation after SetContext(0)",
        [LOCATION_OTHER_MODULE] = "ModuleRegistryLocation of another module",
        [LOCATION_BY_NAME] = "SanitizedCAName",
        [LOCATION_BY_CONFIG] = "strConfig",
        [LOCATION_CONTRADICTED] = "contradiction",
    };

    return names[way];
}

void location_add(struct json *json, const struct location *location)
{
    json_object(json, "settingsKey");
    json_text(json, "way", way_name(location->way));
    utf16_add_json(json, "key", location->key);
    json_end(json);
}
