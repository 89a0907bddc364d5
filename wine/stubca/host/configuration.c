/*
 * The CA's keys in the registry.
 *
 * A key of ours is known by its value StubCA. Others that are missing are made on the way and
 * removed in the end, if nothing else stands in them.
 */
#include "configuration.h"

#include "cert_enroll.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE L"SYSTEM\\CurrentControlSet\\Services\\CertSvc"
#define CONFIGURATION SERVICE L"\\Configuration"
#define MARK L"StubCA"

struct configuration {
    WCHAR *path;                        /* the CA's key */
    WCHAR *former_active;               /* what Configuration\Active was; NULL: there was none */
    bool made_service, made_configuration;
    struct cert_enroll enroll;
};

static WCHAR *ca_path(const char *sanitized)
{
    WCHAR *name = text_wide(sanitized);
    size_t size = wcslen(CONFIGURATION L"\\") + wcslen(name) + 1;
    WCHAR *path = heap_take(size * sizeof *path);

    wcscpy(path, CONFIGURATION L"\\");
    wcscat(path, name);
    free(name);
    return path;
}

char *configuration_module_path(const char *sanitized, const char *progid)
{
    WCHAR *path = ca_path(sanitized);
    char *start = text_utf8(path), *whole = text_format("%s\\ExitModules\\%s", start, progid);

    free(path);
    free(start);
    return whole;
}

static bool configuration_key_exists(const WCHAR *path)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key)) return false;
    RegCloseKey(key);
    return true;
}

static bool value_exists(const WCHAR *path, const WCHAR *name)
{
    return !RegGetValueW(HKEY_LOCAL_MACHINE, path, name, RRF_RT_ANY, NULL, NULL, NULL);
}

static WCHAR *configuration_value_text(const WCHAR *path, const WCHAR *name, DWORD type)
{
    DWORD size = 0;
    WCHAR *text;

    if (RegGetValueW(HKEY_LOCAL_MACHINE, path, name, type, NULL, NULL, &size)) return NULL;
    text = heap_take(size + 2 * sizeof *text);
    if (!RegGetValueW(HKEY_LOCAL_MACHINE, path, name, type, NULL, text, &size)) return text;
    free(text);
    return NULL;
}

WCHAR *configuration_active_modules(const char *sanitized)
{
    WCHAR *path = ca_path(sanitized), *modules;

    path = heap_grow(path, (wcslen(path) + wcslen(L"\\ExitModules") + 1) * sizeof *path);
    wcscat(path, L"\\ExitModules");
    modules = configuration_value_text(path, L"Active", RRF_RT_REG_MULTI_SZ);
    free(path);
    return modules;
}

/* Is a CA set up on this machine? Its name stands in Active, and its key bears no mark of ours. */
static bool machine_has_a_ca(void)
{
    WCHAR *active = configuration_value_text(CONFIGURATION, L"Active", RRF_RT_REG_SZ), *path;
    char *name = text_utf8(active);
    bool real;

    if (!active) return false;
    path = ca_path(name);
    real = configuration_key_exists(path) && !value_exists(path, MARK);
    free(active);
    free(name);
    free(path);
    return real;
}

static LSTATUS set_value(const WCHAR *path, const WCHAR *name, DWORD type, const void *data,
                         size_t size, bool *made)
{
    DWORD disposition = 0;
    HKEY key;
    LSTATUS error = RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL,
                                    &key, &disposition);

    if (error) return error;
    if (made) *made = disposition == REG_CREATED_NEW_KEY;
    if (name) error = RegSetValueExW(key, name, 0, type, data, (DWORD)size);
    RegCloseKey(key);
    return error;
}

static LSTATUS set_text(const WCHAR *path, const WCHAR *name, const WCHAR *text)
{
    return set_value(path, name, REG_SZ, text, (wcslen(text) + 1) * sizeof *text, NULL);
}

static LSTATUS set_module_value(const WCHAR *path, const struct module_value *value)
{
    WCHAR *name = text_wide(value->name), *text = text_wide(value->text), *end;
    unsigned long number = wcstoul(text, &end, 0);
    DWORD dword = (DWORD)number;
    LSTATUS error;

    if (*text >= '0' && *text <= '9' && !*end)
        error = set_value(path, name, REG_DWORD, &dword, sizeof dword, NULL);
    else error = set_text(path, name, text);
    free(name);
    free(text);
    return error;
}

static LSTATUS write_module(const char *sanitized, const struct module_entry *module)
{
    char *utf8 = configuration_module_path(sanitized, module->progid);
    WCHAR *path = text_wide(utf8);
    LSTATUS error = ERROR_SUCCESS;

    for (size_t i = 0; i < module->count && !error; i++)
        error = set_module_value(path, &module->values[i]);
    free(utf8);
    free(path);
    return error;
}

static LSTATUS write_active(const char *sanitized, const struct module_entry *modules, size_t count)
{
    WCHAR *path = ca_path(sanitized), *list = heap_take(2 * sizeof *list);
    size_t length = 0;
    LSTATUS error;

    for (size_t i = 0; i < count; i++) {
        WCHAR *progid = text_wide(modules[i].progid);
        size_t more = wcslen(progid) + 1;

        list = heap_grow(list, (length + more + 1) * sizeof *list);
        memcpy(list + length, progid, more * sizeof *list);
        length += more;
        free(progid);
    }
    list[length] = '\0';
    if (!length) list[++length] = '\0';
    path = heap_grow(path, (wcslen(path) + wcslen(L"\\ExitModules") + 1) * sizeof *path);
    wcscat(path, L"\\ExitModules");
    error = set_value(path, L"Active", REG_MULTI_SZ, list, (length + 1) * sizeof *list, NULL);
    free(path);
    free(list);
    return error;
}

static LSTATUS configuration_write_all(struct configuration *configuration, const char *sanitized,
                                       const struct module_entry *modules, size_t count)
{
    DWORD one = 1;
    WCHAR *active = text_wide(sanitized);
    LSTATUS error;

    error = set_value(SERVICE, NULL, 0, NULL, 0, &configuration->made_service);
    if (!error)
        error = set_value(CONFIGURATION, NULL, 0, NULL, 0, &configuration->made_configuration);
    if (!error) error = set_value(configuration->path, MARK, REG_DWORD, &one, sizeof one, NULL);
    if (!error) error = set_text(CONFIGURATION, L"Active", active);
    if (!error) error = write_active(sanitized, modules, count);
    for (size_t i = 0; i < count && !error; i++) error = write_module(sanitized, &modules[i]);
    free(active);
    return error;
}

HRESULT configuration_write(const char *sanitized, const struct module_entry *modules, size_t count,
                            struct configuration **out, struct reason *reason)
{
    struct configuration *configuration;
    WCHAR *path = ca_path(sanitized);
    LSTATUS error;

    *out = NULL;
    if (machine_has_a_ca() || (configuration_key_exists(path) && !value_exists(path, MARK))) {
        free(path);
        return text_reason(reason, E_ACCESSDENIED,
                           "this machine has a CA of its own in HKLM\\%ls, which is left alone",
                           CONFIGURATION);
    }
    configuration = heap_take(sizeof *configuration);
    configuration->path = path;
    configuration->former_active =
        configuration_value_text(CONFIGURATION, L"Active", RRF_RT_REG_SZ);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, path);           /* of one that was killed */
    cert_enroll_make(&configuration->enroll);
    if (!(error = configuration_write_all(configuration, sanitized, modules, count))) {
        *out = configuration;
        return S_OK;
    }
    configuration_remove(configuration);
    return text_reason(reason, HRESULT_FROM_WIN32(error),
                       "the CA's registry keys cannot be written (error %ld)", (long)error);
}

void configuration_put_number(const struct configuration *configuration, const char *name,
                              unsigned number)
{
    WCHAR *wide = text_wide(name);
    DWORD dword = number;

    set_value(configuration->path, wide, REG_DWORD, &dword, sizeof dword, NULL);
    free(wide);
}

void configuration_remove(struct configuration *configuration)
{
    if (!configuration) return;
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, configuration->path);
    RegDeleteKeyW(HKEY_LOCAL_MACHINE, configuration->path);
    if (configuration->former_active)
        set_text(CONFIGURATION, L"Active", configuration->former_active);
    else RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, CONFIGURATION, L"Active");
    /* These two stay where somebody else has put keys into them: RegDeleteKey takes none that holds
     * others. */
    if (configuration->made_configuration) RegDeleteKeyW(HKEY_LOCAL_MACHINE, CONFIGURATION);
    if (configuration->made_service) RegDeleteKeyW(HKEY_LOCAL_MACHINE, SERVICE);
    cert_enroll_remove(&configuration->enroll);
    free(configuration->path);
    free(configuration->former_active);
    free(configuration);
}
