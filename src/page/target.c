#include "target.h"
#include "base/refusal_windows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define CONFIGURATION   L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration"
#define MODULE          L"CertWitness.Exit"
/* a machine that is switched off does not answer for longer than anybody waits */
#define CONNECT_WAIT_MS 20000
#define NAME_MAX        255

static bool target_same(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

/* The name of a key, of printable ASCII as a sanitized name is; empty where it cannot be one. */
static void target_take_name(const WCHAR *text, size_t size, WCHAR out[NAME_MAX + 1])
{
    out[0] = 0;
    if (!size || size > NAME_MAX) return;
    for (size_t i = 0; i < size; i++) if (text[i] < ' ' || text[i] > '~' || text[i] == '\\') return;
    wmemcpy(out, text, size);
    out[size] = 0;
}

/* As the CA does it (contract B.8). */
static void target_sanitize(const WCHAR *name, WCHAR out[NAME_MAX + 1])
{
    WCHAR text[NAME_MAX + 1];
    size_t size = 0;

    out[0] = 0;
    for (; *name; name++) {
        bool plain =
            *name >= ' ' && *name <= '~' && !wcschr(L"&'*\\{}[]^:,=!`><#()%|+?\";/", *name);

        if (size + (plain ? 1 : 5) > NAME_MAX) return;
        if (plain) text[size++] = *name;
        else size += swprintf(text + size, ARRAYSIZE(text) - size, L"!%04x", *name);
    }
    target_take_name(text, size, out);
}

/* The CA's part of CONFIGURATION\<CA>\ExitModules\CertWitness.Exit. Microsoft's page writes Exit
 * for ExitModules. */
static void name_of_storage(const WCHAR *storage, WCHAR out[NAME_MAX + 1])
{
    static const WCHAR *const tails[] = {L"\\ExitModules\\" MODULE, L"\\Exit\\" MODULE};
    size_t size = wcslen(CONFIGURATION L"\\"), ca;

    out[0] = 0;
    if (_wcsnicmp(storage, CONFIGURATION L"\\", size)) return;
    ca = wcscspn(storage + size, L"\\");
    for (size_t i = 0; i < ARRAYSIZE(tails); i++)
        if (target_same(storage + size + ca, tails[i])) target_take_name(storage + size, ca, out);
}

static bool target_exists(HKEY root, const WCHAR *ca)
{
    WCHAR path[SETTINGS_PATH_MAX];
    HKEY key;

    if (!*ca) return false;
    swprintf(path, ARRAYSIZE(path), CONFIGURATION L"\\%ls", ca);
    if (RegOpenKeyExW(root, path, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key)) return false;
    RegCloseKey(key);
    return true;
}

/* The name in MACHINE\name may be sanitized already or not. */
static void name_of_config(HKEY root, const WCHAR *name, WCHAR out[NAME_MAX + 1])
{
    target_take_name(name, wcslen(name), out);
    if (!target_exists(root, out)) target_sanitize(name, out);
    if (!target_exists(root, out)) out[0] = 0;
}

static void active_name(HKEY root, WCHAR out[NAME_MAX + 1])
{
    DWORD size = NAME_MAX * sizeof *out;

    if (RegGetValueW(root, CONFIGURATION, L"Active", RRF_RT_REG_SZ, NULL, out, &size)) out[0] = 0;
    if (!target_exists(root, out)) out[0] = 0;
}

static HRESULT find_ca(struct target *target, const WCHAR *config, const WCHAR *storage, WCHAR *why)
{
    WCHAR theirs[NAME_MAX + 1];

    name_of_storage(storage, target->ca);
    if (!target_exists(target->root, target->ca)) target->ca[0] = 0;
    name_of_config(target->root, config, theirs);
    if (*target->ca && *theirs && !target_same(target->ca, theirs))
        return refusal(ERROR_INVALID_DATA, why, PAGE_WHY_MAX,
                       L"The snap-in named two CAs, \"%ls\" and \"%ls\", so the settings of "
                       L"neither are shown. Nothing was changed. "
                       L"Close the snap-in, open it again, and select the CA again.",
                       target->ca, theirs);
    if (!*target->ca) wcscpy(target->ca, theirs);
    if (!*target->ca && !*config && !*storage) active_name(target->root, target->ca);
    if (!*target->ca)
        return refusal(ERROR_FILE_NOT_FOUND, why, PAGE_WHY_MAX,
                       L"The CA \"%.200ls\" was not found on %ls: there is no key for it in "
                       L"HKLM\\" CONFIGURATION L", or you "
                       L"may not read it. Nothing was changed. If the CA is installed there, run "
                       L"the snap-in as an administrator.",
                       *config ? config : L"", target->machine);
    swprintf(target->key, ARRAYSIZE(target->key), CONFIGURATION L"\\%ls\\ExitModules\\" MODULE,
             target->ca);
    return S_OK;
}

static bool is_this_machine(const WCHAR *name)
{
    static const COMPUTER_NAME_FORMAT formats[] = {ComputerNameNetBIOS,
                                                   ComputerNameDnsHostname,
                                                   ComputerNameDnsFullyQualified,
                                                   ComputerNamePhysicalNetBIOS,
                                                   ComputerNamePhysicalDnsHostname,
                                                   ComputerNamePhysicalDnsFullyQualified};

    for (size_t i = 0; i < ARRAYSIZE(formats); i++) {
        WCHAR own[NAME_MAX + 1];
        DWORD size = ARRAYSIZE(own);

        if (GetComputerNameExW(formats[i], own, &size) && target_same(own, name)) return true;
    }
    return target_same(name, L"localhost") || target_same(name, L".");
}

/* A cluster's name, or another one that clients know the CA by, is this machine's too where its CA
 * says so. */
static bool is_served_here(const WCHAR *machine, const WCHAR *ca)
{
    WCHAR names[2][NAME_MAX + 1], path[SETTINGS_PATH_MAX], server[NAME_MAX + 1];
    DWORD size = sizeof server;

    target_take_name(ca, wcslen(ca), names[0]);
    target_sanitize(ca, names[1]);
    for (int i = 0; i < 2; i++, size = sizeof server) {
        swprintf(path, ARRAYSIZE(path), CONFIGURATION L"\\%ls", names[i]);
        if (*names[i] &&
            !RegGetValueW(HKEY_LOCAL_MACHINE, path, L"CAServerName", RRF_RT_REG_SZ, NULL, server,
                          &size) &&
            target_same(server, machine))
            return true;
    }
    return false;
}

/* The other machine's registry, by a thread that may be left behind: nothing bounds how long the
 * network takes. */
struct connection {
    LONG ref;                           /* the thread's and the caller's */
    HMODULE dll;                        /* the thread's */
    WCHAR machine[NAME_MAX + 3];        /* with \\ before it */
    LSTATUS error;
    HKEY root;                          /* owned; set where `error` is 0 */
};

static void target_let_go(struct connection *connection)
{
    if (InterlockedDecrement(&connection->ref)) return;
    if (connection->root) RegCloseKey(connection->root);
    free(connection);
}

static DWORD WINAPI reach(void *context)
{
    struct connection *connection = context;
    HMODULE dll = connection->dll;

    connection->error =
        RegConnectRegistryW(connection->machine, HKEY_LOCAL_MACHINE, &connection->root);
    if (connection->error) connection->root = NULL;
    target_let_go(connection);
    FreeLibraryAndExitThread(dll, 0);
}

static LSTATUS connect_within(const WCHAR *machine, DWORD wait_ms, HKEY *root)
{
    struct connection *connection = calloc(1, sizeof *connection);
    HANDLE thread = NULL;
    LSTATUS error = ERROR_NOT_ENOUGH_MEMORY;

    if (!connection) return error;
    connection->ref = 2;
    swprintf(connection->machine, ARRAYSIZE(connection->machine), L"\\\\%ls", machine);
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (const WCHAR *)reach,
                           &connection->dll))
        thread = CreateThread(NULL, 0, reach, connection, 0, NULL);
    if (thread) {
        error = ERROR_TIMEOUT;
        if (WaitForSingleObject(thread, wait_ms) == WAIT_OBJECT_0) error = connection->error;
        if (!error) *root = connection->root, connection->root = NULL;
        CloseHandle(thread);
    } else {
        if (connection->dll) FreeLibrary(connection->dll);
        connection->ref = 1;
    }
    target_let_go(connection);
    return error;
}

static HRESULT connect_to(struct target *target, WCHAR *why)
{
    LSTATUS error;

    for (const WCHAR *c = target->machine; *c; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            wcschr(L"-._", *c))
            continue;
        return refusal(ERROR_INVALID_DATA, why, PAGE_WHY_MAX,
                       L"The machine name is not valid, so its CA cannot be opened. Nothing was "
                       L"changed.");
    }
    if (!(error = connect_within(target->machine, CONNECT_WAIT_MS, &target->root))) return S_OK;
    return refusal(error, why, PAGE_WHY_MAX,
                   L"The registry of %ls could not be opened (error %ld), so the settings of its "
                   L"CA cannot be shown. Nothing was "
                   L"changed. Check that the machine is running, that its service RemoteRegistry "
                   L"can be started, and that you are an "
                   L"administrator there. Or change the settings on the CA itself with "
                   L"\"certwitness settings set NAME=VALUE\".",
                   target->machine, error);
}

/* Making the module's key counts as writing to it. */
static bool target_may_write(const struct target *target)
{
    WCHAR above[SETTINGS_PATH_MAX];
    HKEY key;
    LSTATUS error =
        RegOpenKeyExW(target->root, target->key, 0, KEY_SET_VALUE | KEY_WOW64_64KEY, &key);

    if (error == ERROR_FILE_NOT_FOUND) {
        wcscpy(above, target->key);
        *wcsrchr(above, '\\') = 0;
        error = RegOpenKeyExW(target->root, above, 0, KEY_CREATE_SUB_KEY | KEY_WOW64_64KEY, &key);
    }
    if (!error) RegCloseKey(key);
    return !error;
}

HRESULT target_open(const WCHAR *config, const WCHAR *storage, struct target *out, WCHAR *why)
{
    const WCHAR *ca = wcschr(config, '\\');
    size_t size = ca ? (size_t)(ca - config) : 0;
    DWORD own = ARRAYSIZE(out->machine);
    HRESULT hr = S_OK;

    memset(out, 0, sizeof *out);
    ca = ca ? ca + 1 : config;
    if (size >= ARRAYSIZE(out->machine)) return refusal(ERROR_INVALID_DATA, why, PAGE_WHY_MAX,
                       L"The machine name has more than 255 characters, so its CA cannot be "
                       L"opened. Nothing was changed.");
    wmemcpy(out->machine, config, size);
    out->local = !size || is_this_machine(out->machine) || is_served_here(out->machine, ca);
    if (!size) GetComputerNameExW(ComputerNameDnsHostname, out->machine, &own);
    if (out->local) out->root = HKEY_LOCAL_MACHINE;
    else hr = connect_to(out, why);
    if (SUCCEEDED(hr)) hr = find_ca(out, ca, storage, why);
    if (FAILED(hr)) target_close(out);
    else out->may_write = target_may_write(out);
    return hr;
}

void target_close(struct target *target)
{
    if (target->root && target->root != HKEY_LOCAL_MACHINE) RegCloseKey(target->root);
    target->root = NULL;
}

bool target_is_active(const struct target *target)
{
    WCHAR path[SETTINGS_PATH_MAX], list[SETTINGS_LIST_MAX];
    DWORD size = sizeof list;

    swprintf(path, ARRAYSIZE(path), CONFIGURATION L"\\%ls\\ExitModules", target->ca);
    if (RegGetValueW(target->root, path, L"Active", RRF_RT_REG_MULTI_SZ, NULL, list, &size))
        return false;
    for (const WCHAR *item = list; *item; item += wcslen(item) + 1)
        if (target_same(item, MODULE)) return true;
    return false;
}
