#include "cas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The size is asked for and the bytes are read in one call, so that nobody can change the value in
 * between. */
static void read_active(struct ca *ca)
{
    HKEY key;

    if ((ca->error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, ca->modules_key, 0,
                                   KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key)))
        return;
    if (!(ca->active.data = calloc(1, EXIT_MODULE_LIST_SIZE_MAX + 4 * sizeof(WCHAR)))) {
        ca->error = ERROR_NOT_ENOUGH_MEMORY;
    } else {
        ca->active.size = EXIT_MODULE_LIST_SIZE_MAX;
        ca->error = RegQueryValueExW(key, L"Active", NULL, &ca->active.type,
                                     (BYTE *)ca->active.data, &ca->active.size);
        if (ca->error == ERROR_FILE_NOT_FOUND) {
            ca->error = 0;
            ca->active.type = REG_NONE;
            ca->active.size = 0;
        }
    }
    RegCloseKey(key);
}

static void read_common_name(struct ca *ca)
{
    WCHAR path[CAS_KEY_MAX];
    DWORD size = sizeof ca->common_name;

    swprintf(path, ARRAYSIZE(path), CAS_CONFIGURATION L"\\%ls", ca->name);
    path[ARRAYSIZE(path) - 1] = 0;
    if (RegGetValueW(HKEY_LOCAL_MACHINE, path, L"CommonName", RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY,
                     NULL, ca->common_name, &size))
        ca->common_name[0] = 0;
}

static bool read_ca(struct ca *ca, const WCHAR *name)
{
    wcscpy(ca->name, name);
    swprintf(ca->modules_key, CAS_KEY_MAX, CAS_CONFIGURATION L"\\%ls\\ExitModules", name);
    swprintf(ca->module_key, CAS_KEY_MAX, L"%ls\\" CAS_MODULE, ca->modules_key);
    read_common_name(ca);
    read_active(ca);
    return settings_read(ca->module_key, ca->name, NULL, NULL, &ca->settings);
}

static bool is_ca(HKEY configuration, const WCHAR *name)
{
    WCHAR below[CAS_NAME_MAX + 16];
    HKEY key = NULL;

    swprintf(below, ARRAYSIZE(below), L"%ls\\ExitModules", name);
    if (RegOpenKeyExW(configuration, below, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key) ==
        ERROR_FILE_NOT_FOUND)
        return false;
    if (key) RegCloseKey(key);          /* none where it may not be read: a CA all the same */
    return true;
}

static HRESULT cas_read_all(HKEY configuration, struct cas *out)
{
    WCHAR name[CAS_NAME_MAX];
    DWORD size = ARRAYSIZE(name);
    struct ca *list;

    for (DWORD i = 0;
         !(out->error = RegEnumKeyExW(configuration, i, name, &size, NULL, NULL, NULL, NULL));
         i++, size = ARRAYSIZE(name)) {
        if (!is_ca(configuration, name)) continue;
        if (!(list = realloc(out->list, (out->count + 1) * sizeof *list))) return E_OUTOFMEMORY;
        out->list = list;
        memset(&list[out->count], 0, sizeof *list);
        if (!read_ca(&list[out->count++], name)) return E_OUTOFMEMORY;
    }
    if (out->error == ERROR_NO_MORE_ITEMS) out->error = 0;
    return S_OK;
}

HRESULT cas_read(struct cas *out)
{
    HKEY key;
    HRESULT hr;

    *out = (struct cas){0};
    out->error =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, CAS_CONFIGURATION, 0, KEY_READ | KEY_WOW64_64KEY, &key);
    if (out->error == ERROR_FILE_NOT_FOUND || out->error == ERROR_PATH_NOT_FOUND) out->error = 0;
    else if (!out->error) {
        hr = cas_read_all(key, out);
        RegCloseKey(key);
        if (FAILED(hr)) cas_free(out);
        return hr;
    }
    return S_OK;
}

void cas_free(struct cas *cas)
{
    for (size_t i = 0; i < cas->count; i++) exit_module_list_free(&cas->list[i].active);
    free(cas->list);
    *cas = (struct cas){0};
}

struct ca *cas_find(const struct cas *cas, const WCHAR *name)
{
    if (!*name) return NULL;            /* it would be every CA whose common name is not known */
    for (size_t i = 0; i < cas->count; i++)
        if (!_wcsicmp(cas->list[i].name, name)) return &cas->list[i];
    for (size_t i = 0; i < cas->count; i++)
        if (!_wcsicmp(cas->list[i].common_name, name)) return &cas->list[i];
    return NULL;
}
