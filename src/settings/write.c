/* Writing settings to the registry, all of a set or none. */
#include "settings.h"

#include "undo.h"
#include "value.h"
#include "base/refusal_windows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* A change that has been checked, and what it replaced. */
struct write {
    const struct setting *setting;
    bool remove;
    struct value value;                 /* what is written; with `remove` nothing */
    struct undo undo;
};

static HRESULT write_cannot(LSTATUS error, const WCHAR *key, WCHAR *why)
{
    if (error == ERROR_ACCESS_DENIED)
        return refusal(error, why, SETTINGS_TEXT_MAX,
                       L"Only an administrator of the CA's machine may write to HKLM\\%.300ls.",
                       key);
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
        return refusal(error, why, SETTINGS_TEXT_MAX,
                       L"HKLM\\%.300ls cannot be made: the key above it does not exist. Is the "
                       L"CA's name right?",
                       key);
    return refusal(error, why, SETTINGS_TEXT_MAX, L"HKLM\\%.300ls cannot be written (error %ld).",
                   key, error);
}

static HRESULT check_all(const struct settings_change *changes, size_t count, struct write *writes,
                         WCHAR *why)
{
    for (size_t i = 0; i < count; i++) {
        struct write *write = &writes[i];
        WCHAR reason[SETTINGS_TEXT_MAX];

        write->setting = &settings_table[changes[i].id];
        write->remove = !changes[i].text;
        if (write->remove || value_of_text(write->setting, changes[i].text, wcslen(changes[i].text),
                                           &write->value, reason))
            continue;
        return refusal(ERROR_INVALID_DATA, why, SETTINGS_TEXT_MAX, L"%ls: %ls",
                       write->setting->name, reason);
    }
    return S_OK;
}

/* The key above has to be there: it is the CA's, and a key for a CA that does not exist would help
 * nobody. */
static LSTATUS open_key(HKEY root, const WCHAR *path, bool make, HKEY *key, bool *is_new)
{
    WCHAR above[SETTINGS_PATH_MAX] = L"";
    const WCHAR *name = wcsrchr(path, '\\');
    DWORD disposition = 0;
    LSTATUS error;
    HKEY parent;

    error = RegOpenKeyExW(root, path, 0, KEY_QUERY_VALUE | KEY_SET_VALUE | KEY_WOW64_64KEY, key);
    if (error != ERROR_FILE_NOT_FOUND || !make) return error;
    if (!name || (size_t)(name - path) >= ARRAYSIZE(above)) return ERROR_FILE_NOT_FOUND;
    wmemcpy(above, path, name - path);
    if ((error = RegOpenKeyExW(root, above, 0, KEY_CREATE_SUB_KEY | KEY_WOW64_64KEY, &parent)))
        return error;
    error =
        RegCreateKeyExW(parent, name + 1, 0, NULL, 0,
                        KEY_QUERY_VALUE | KEY_SET_VALUE | KEY_WOW64_64KEY, NULL, key, &disposition);
    RegCloseKey(parent);
    *is_new = !error && disposition == REG_CREATED_NEW_KEY;
    return error;
}

static DWORD list_size(const WCHAR *list)
{
    const WCHAR *end = list;

    while (*end) end += wcslen(end) + 1;
    return (DWORD)((end + 1 - list) * sizeof *list);
}

static LSTATUS write_put(HKEY key, const struct write *write)
{
    const WCHAR *name = write->setting->name;
    const struct value *value = &write->value;

    switch (write->setting->type) {
    case SETTING_NUMBER:
        return RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&value->number,
                              sizeof value->number);
    case SETTING_PATH:
        return RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)value->path,
                              (DWORD)((wcslen(value->path) + 1) * sizeof(WCHAR)));
    default:
        return RegSetValueExW(key, name, 0, REG_MULTI_SZ, (const BYTE *)value->list,
                              list_size(value->list));
    }
}

static LSTATUS write_one(HKEY key, struct write *write)
{
    LSTATUS error = undo_note(key, write->setting->name, &write->undo);

    if (error) return error;
    if (!write->remove) return write_put(key, write);
    return write->undo.before == UNDO_ABSENT ? ERROR_SUCCESS
                                             : RegDeleteValueW(key, write->setting->name);
}

static LSTATUS settings_write_all(HKEY key, struct write *writes, size_t count)
{
    LSTATUS error = ERROR_SUCCESS;
    size_t done = 0;

    while (!error && done < count) error = write_one(key, &writes[done++]);
    while (error && done) {
        done--;
        undo_restore(key, &writes[done].undo);
    }
    return error;
}

static bool any_put(const struct settings_change *changes, size_t count)
{
    while (count && !changes[count - 1].text) count--;
    return count;
}

static HRESULT write_checked(HKEY root, const WCHAR *path, bool make, struct write *writes,
                             size_t count, WCHAR *why)
{
    bool is_new = false;
    HKEY key;
    LSTATUS error = open_key(root, path, make, &key, &is_new);

    if (!make && (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND))
        return S_OK; /* nothing to remove */
    if (error) return write_cannot(error, path, why);
    error = settings_write_all(key, writes, count);
    RegCloseKey(key);
    if (error && is_new) RegDeleteKeyExW(root, path, KEY_WOW64_64KEY, 0);
    return error ? write_cannot(error, path, why) : S_OK;
}

HRESULT settings_write(HKEY root, const WCHAR *key, const struct settings_change *changes,
                       size_t count, WCHAR why[SETTINGS_TEXT_MAX])
{
    struct write *writes = calloc(count + 1, sizeof *writes);
    HRESULT hr;

    why[0] = 0;
    if (!writes)
        return refusal(ERROR_NOT_ENOUGH_MEMORY, why, SETTINGS_TEXT_MAX,
                       L"There is not enough memory.");
    hr = check_all(changes, count, writes, why);
    if (SUCCEEDED(hr)) hr = write_checked(root, key, any_put(changes, count), writes, count, why);
    for (size_t i = 0; i < count; i++) undo_free(&writes[i].undo);
    free(writes);
    return hr;
}

bool settings_check(enum setting_id id, const WCHAR *text, WCHAR why[SETTINGS_TEXT_MAX])
{
    struct value value;

    return value_of_text(&settings_table[id], text, wcslen(text), &value, why);
}
