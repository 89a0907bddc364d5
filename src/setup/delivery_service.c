#include "delivery_service.h"

#include "grant.h"
#include "service_account.h"

#include "base/error_windows.h"
#include "base/folder_guard_windows.h"
#include "base/folder_windows.h"
#include "registration/event_source.h"

#include <stdlib.h>
#include <wchar.h>

#define KEY        L"SYSTEM\\CurrentControlSet\\Services\\" DELIVERY_SERVICE
#define PARAMETERS KEY L"\\Parameters"
#define ACCOUNT    L"NT SERVICE\\" DELIVERY_SERVICE
#define TITLE      L"CertWitness Delivery"
#define COMMAND_MAX (2 * DELIVERY_SERVICE_PATH + 32)
#define GRANTS_MAX  16
#define GRANTED_MAX (GRANTS_MAX * (DELIVERY_SERVICE_PATH + 2) + 1)
#define STOP_MS     60000
#define ROUND_MS    200

/* What is on its way: a service that is being made or removed. */
struct delivery_setup {
    const struct listener *listener;
    SC_HANDLE manager, service;         /* owned; NULL: not open, none */
    BYTE account[SECURITY_MAX_SID_SIZE];
    bool is_new;
};

static HRESULT delivery_service_refuse(const struct delivery_setup *setup, HRESULT hr,
                                       const WCHAR *what)
{
    if (hr == E_ACCESSDENIED)
        listener_tell(setup->listener, TONE_REFUSED,
                      L"%ls: access is denied. Open a prompt with \"Run as administrator\" and run "
                      L"this again.",
                      what);
    else listener_tell(setup->listener, TONE_REFUSED, L"%ls (error 0x%08lx).", what, hr);
    return hr;
}

static void delivery_service_leave(struct delivery_setup *setup)
{
    if (setup->service) CloseServiceHandle(setup->service);
    if (setup->manager) CloseServiceHandle(setup->manager);
}

/* S_FALSE: there is no such service. */
static HRESULT delivery_service_open(struct delivery_setup *setup, DWORD of_manager, DWORD access)
{
    HRESULT hr;

    setup->manager = OpenSCManagerW(NULL, NULL, of_manager);
    if (!setup->manager)
        return delivery_service_refuse(setup, last_error(), L"The services cannot be opened");
    setup->service = OpenServiceW(setup->manager, DELIVERY_SERVICE, access);
    if (setup->service) return S_OK;
    hr = last_error();
    if (hr == HRESULT_FROM_WIN32(ERROR_SERVICE_DOES_NOT_EXIST)) return S_FALSE;
    return delivery_service_refuse(setup, hr, L"The service cannot be opened");
}

/* --- what is noted --- */

static bool parameter_read(const WCHAR *name, DWORD type, WCHAR *out, DWORD characters)
{
    DWORD size = characters * sizeof *out;

    if (!RegGetValueW(HKEY_LOCAL_MACHINE, PARAMETERS, name, type, NULL, out, &size)) return true;
    *out = 0;
    return false;
}

static HRESULT parameter_write(const WCHAR *name, DWORD type, const WCHAR *text, size_t characters)
{
    return HRESULT_FROM_WIN32(RegSetKeyValueW(HKEY_LOCAL_MACHINE, PARAMETERS, name, type, text,
                                              (DWORD)(characters * sizeof *text)));
}

static HRESULT parameter_write_text(const WCHAR *name, const WCHAR *text)
{
    return parameter_write(name, REG_SZ, text, wcslen(text) + 1);
}

static size_t granted_size(const WCHAR *granted)
{
    size_t size = 0;

    while (granted[size]) size += wcslen(granted + size) + 1;
    return size;
}

static HRESULT granted_write(const WCHAR *granted)
{
    return parameter_write(L"Granted", REG_MULTI_SZ, granted, granted_size(granted) + 1);
}

/* --- rights --- */

static struct grant grant_of(struct delivery_setup *setup, WCHAR letter)
{
    return (struct grant){setup->account, letter == 's' ? GRANT_CHANGE : GRANT_READ,
                          letter == 'f' ? 0 : GRANT_BELOW};
}

/* What was there before stays when the service is removed: it is not noted. */
static HRESULT delivery_service_grant(struct delivery_setup *setup, WCHAR letter,
                                      const WCHAR *path, WCHAR granted[GRANTED_MAX])
{
    const struct grant grant = grant_of(setup, letter);
    size_t size = granted_size(granted);
    WCHAR what[DELIVERY_SERVICE_PATH + 64];
    HRESULT hr;

    if (size + wcslen(path) + 4 > GRANTED_MAX) return E_OUTOFMEMORY;
    granted[size + swprintf(granted + size, GRANTED_MAX - size, L"%lc|%ls", letter, path) + 1] = 0;
    if (FAILED(hr = granted_write(granted))) return hr;
    hr = grant_add(path, &grant);
    if (hr == S_OK) {
        listener_tell(setup->listener, TONE_TOUCHED, L"%ls: %ls for " ACCOUNT, path,
                      letter == 's' ? L"read and change" : L"read");
        return S_OK;
    }
    granted[size] = 0;
    if (hr == S_FALSE) return granted_write(granted);
    swprintf(what, ARRAYSIZE(what), L"%ls: its permissions cannot be changed", path);
    return delivery_service_refuse(setup, hr, what);
}

/* The last one first. A path that is gone needs nothing. */
static HRESULT delivery_service_revoke(struct delivery_setup *setup)
{
    WCHAR *granted = calloc(GRANTED_MAX, sizeof *granted), *items[GRANTS_MAX];
    HRESULT first = granted ? S_OK : E_OUTOFMEMORY, hr;
    size_t count = 0;

    if (granted && parameter_read(L"Granted", RRF_RT_REG_MULTI_SZ, granted, GRANTED_MAX))
        for (WCHAR *item = granted; *item && count < GRANTS_MAX; item += wcslen(item) + 1)
            if (wcslen(item) > 2) items[count++] = item;
    while (count) {
        const WCHAR *item = items[--count];
        const struct grant grant = grant_of(setup, *item);

        if (FAILED(hr = grant_remove(item + 2, &grant))) {
            delivery_service_refuse(setup, hr, item + 2);
            if (SUCCEEDED(first)) first = hr;
        }
    }
    free(granted);
    return first;
}

/* The folders below %ProgramData% that lead to the state; the delivery reads their lists. */
static HRESULT delivery_service_grant_way(struct delivery_setup *setup, const WCHAR *state,
                                          WCHAR granted[GRANTED_MAX])
{
    WCHAR path[DELIVERY_SERVICE_PATH], root[MAX_PATH];
    DWORD size = ExpandEnvironmentStringsW(L"%ProgramData%\\", root, ARRAYSIZE(root));
    HRESULT hr = S_OK;

    if (!size || size > ARRAYSIZE(root) || _wcsnicmp(state, root, size - 1)) return S_OK;
    wcscpy(path, state);
    for (WCHAR *at = path + size - 1; *at && SUCCEEDED(hr); at++) {
        if (*at != '\\') continue;
        *at = 0;
        hr = delivery_service_grant(setup, 'f', path, granted);
        *at = '\\';
    }
    return hr;
}

static HRESULT delivery_service_grant_all(struct delivery_setup *setup,
                                          const struct delivery_service *service)
{
    WCHAR *granted = calloc(GRANTED_MAX, sizeof *granted);
    HRESULT hr = granted ? S_OK : E_OUTOFMEMORY;

    if (SUCCEEDED(hr)) hr = delivery_service_grant_way(setup, service->state, granted);
    if (SUCCEEDED(hr)) hr = delivery_service_grant(setup, 's', service->state, granted);
    if (SUCCEEDED(hr)) hr = delivery_service_grant(setup, 'f', service->configuration, granted);
    if (SUCCEEDED(hr) && wcsncmp(service->journal, L"\\\\", 2))
        hr = delivery_service_grant(setup, 'j', service->journal, granted);
    else if (SUCCEEDED(hr))
        listener_tell(setup->listener, TONE_NOTE,
                      L"The journal is on another machine. There the service is this machine's "
                      L"account: give that one read access to %ls",
                      service->journal);
    free(granted);
    return hr;
}

/* --- what is refused --- */

static bool delivery_service_judge(const struct delivery_setup *setup, const WCHAR *file,
                                   const WCHAR *means)
{
    WCHAR why[FOLDER_WHY_MAX];

    if (!folder_is_refused(folder_judge_file(file, NULL, why))) return true;
    listener_tell(setup->listener, TONE_REFUSED, L"%ls %ls", why, means);
    return false;
}

static HRESULT delivery_service_make_state(const struct delivery_setup *setup, const WCHAR *state)
{
    WCHAR path[DELIVERY_SERVICE_PATH + FOLDER_LONG_SIZE], why[FOLDER_WHY_MAX];
    HANDLE held = NULL;
    HRESULT hr;

    swprintf(path, ARRAYSIZE(path), FOLDER_LONG_PATH L"%ls", state);
    hr = folder_hold(path, &held);
    if (held) CloseHandle(held);
    if (SUCCEEDED(hr)) return hr;
    if (folder_is_refused(folder_judge(state, NULL, why)))
        listener_tell(setup->listener, TONE_REFUSED, L"The folder of the state is refused. %ls",
                      why);
    else delivery_service_refuse(setup, hr, L"The folder of the state cannot be made");
    return hr;
}

/* S_FALSE: refused. */
static HRESULT delivery_service_check(struct delivery_setup *setup,
                                      const struct delivery_service *service)
{
    HRESULT hr = service_account_sid(DELIVERY_SERVICE, setup->account);

    if (FAILED(hr)) return delivery_service_refuse(setup, hr, L"The account has no identifier");
    folder_guard_trust(setup->account);
    if (!delivery_service_judge(setup, service->program,
                                L"The service would run whatever is put there. Copy CertWitness to "
                                L"a folder that only administrators can write to, such as "
                                L"C:\\Program Files\\CertWitness, and run this again there.") ||
        !delivery_service_judge(setup, service->configuration,
                                L"Whoever changes the configuration says where the journal goes. "
                                L"Put it into a folder that only administrators can write to."))
        return S_FALSE;
    return S_OK;
}

/* --- the service --- */

static const WCHAR privileges[] = L"SeChangeNotifyPrivilege\0";
static const WCHAR description[] =
    L"Hands the events of a CertWitness journal on to other systems. It reads the journal and "
    L"never changes it; the CA does not need this service.";

/* What a system does not know (Wine) is left out. */
static HRESULT delivery_service_set(SC_HANDLE service, DWORD level, void *info)
{
    if (ChangeServiceConfig2W(service, level, info)) return S_OK;
    return GetLastError() == ERROR_INVALID_LEVEL ? S_FALSE : last_error();
}

/* A failure of any kind, a wrong configuration too: the service is started again after 1, then 5,
 * then each 15 minutes. */
static HRESULT delivery_service_set_all(SC_HANDLE service)
{
    SC_ACTION restarts[] = {{SC_ACTION_RESTART, 60000},
                            {SC_ACTION_RESTART, 300000},
                            {SC_ACTION_RESTART, 900000}};
    SERVICE_DESCRIPTIONW text = {(WCHAR *)description};
    SERVICE_FAILURE_ACTIONSW actions = {86400, NULL, NULL, ARRAYSIZE(restarts), restarts};
    SERVICE_FAILURE_ACTIONS_FLAG any = {TRUE};
    SERVICE_DELAYED_AUTO_START_INFO delayed = {TRUE};
    SERVICE_SID_INFO sid = {SERVICE_SID_TYPE_UNRESTRICTED};
    SERVICE_REQUIRED_PRIVILEGES_INFOW required = {(WCHAR *)privileges};
    struct { DWORD level; void *info; } all[] = {
        {SERVICE_CONFIG_DESCRIPTION, &text},
        {SERVICE_CONFIG_FAILURE_ACTIONS, &actions},
        {SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &any},
        {SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed},
        {SERVICE_CONFIG_SERVICE_SID_INFO, &sid},
        {SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &required},
    };
    HRESULT hr = S_OK;

    for (size_t i = 0; i < ARRAYSIZE(all) && SUCCEEDED(hr); i++)
        hr = delivery_service_set(service, all[i].level, all[i].info);
    return hr;
}

static HRESULT delivery_service_put(struct delivery_setup *setup,
                                    const struct delivery_service *service)
{
    WCHAR command[COMMAND_MAX];
    HRESULT hr = S_OK;

    swprintf(command, COMMAND_MAX, L"\"%ls\" run --config \"%ls\"", service->program,
             service->configuration);
    setup->is_new = !setup->service;
    if (setup->is_new)
        setup->service = CreateServiceW(setup->manager, DELIVERY_SERVICE, TITLE, SERVICE_ALL_ACCESS,
                                        SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START,
                                        SERVICE_ERROR_NORMAL, command, NULL, NULL, NULL, ACCOUNT,
                                        NULL);
    else if (!ChangeServiceConfigW(setup->service, SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START,
                                   SERVICE_ERROR_NORMAL, command, NULL, NULL, NULL, ACCOUNT, NULL,
                                   TITLE))
        hr = last_error();
    if (!setup->service) {
        setup->is_new = false;
        hr = last_error();
    }
    if (SUCCEEDED(hr)) hr = delivery_service_set_all(setup->service);
    if (FAILED(hr)) return delivery_service_refuse(setup, hr, L"The service cannot be made");
    listener_tell(setup->listener, TONE_DONE, L"The service " DELIVERY_SERVICE L" runs %ls",
                  command);
    return S_OK;
}

/* The note of an earlier configuration is used up first. */
static HRESULT delivery_service_note(struct delivery_setup *setup,
                                     const struct delivery_service *service)
{
    HRESULT hr = delivery_service_revoke(setup);

    if (SUCCEEDED(hr)) hr = parameter_write_text(L"Configuration", service->configuration);
    if (SUCCEEDED(hr)) hr = parameter_write_text(L"Journal", service->journal);
    if (SUCCEEDED(hr)) hr = parameter_write_text(L"State", service->state);
    if (FAILED(hr)) delivery_service_refuse(setup, hr, L"The service's key cannot be written");
    return hr;
}

static HRESULT delivery_service_register(const struct delivery_setup *setup, const WCHAR *program)
{
    HRESULT hr = event_source_add_delivery(program);

    if (FAILED(hr))
        delivery_service_refuse(setup, hr, L"The source in the event log cannot be registered");
    return hr;
}

static HRESULT delivery_service_start(const struct delivery_setup *setup)
{
    if (StartServiceW(setup->service, 0, NULL) || GetLastError() == ERROR_SERVICE_ALREADY_RUNNING)
        return S_OK;
    return delivery_service_refuse(setup, last_error(), L"The service cannot be started");
}

HRESULT delivery_service_install(const struct delivery_service *service,
                                 const struct listener *listener)
{
    struct delivery_setup setup = {.listener = listener};
    HRESULT hr = delivery_service_check(&setup, service);

    if (hr != S_OK) return hr;
    hr = delivery_service_open(&setup, SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE,
                               SERVICE_ALL_ACCESS);
    if (SUCCEEDED(hr)) hr = delivery_service_make_state(&setup, service->state);
    if (SUCCEEDED(hr)) hr = delivery_service_put(&setup, service);
    if (SUCCEEDED(hr)) hr = delivery_service_note(&setup, service);
    if (SUCCEEDED(hr)) hr = delivery_service_grant_all(&setup, service);
    if (SUCCEEDED(hr)) hr = delivery_service_register(&setup, service->program);
    if (SUCCEEDED(hr) && service->runs) hr = delivery_service_start(&setup);
    else if (SUCCEEDED(hr))
        listener_tell(listener, TONE_NEXT,
                      setup.is_new ? L"Start it: Start-Service " DELIVERY_SERVICE
                                   : L"If it runs, restart it: Restart-Service " DELIVERY_SERVICE);
    delivery_service_leave(&setup);
    if (FAILED(hr) && setup.is_new) delivery_service_remove(false, listener);
    return hr;
}

/* --- away --- */

static HRESULT delivery_service_await_end(struct delivery_setup *setup)
{
    SERVICE_STATUS status = {0};
    HRESULT hr = S_FALSE;

    if (!ControlService(setup->service, SERVICE_CONTROL_STOP, &status)) {
        if (GetLastError() == ERROR_SERVICE_NOT_ACTIVE) return S_FALSE;
        if (GetLastError() != ERROR_SERVICE_CANNOT_ACCEPT_CTRL)
            return delivery_service_refuse(setup, last_error(), L"The service cannot be stopped");
    }
    for (DWORD waited = 0; waited < STOP_MS; waited += ROUND_MS) {
        if (!QueryServiceStatus(setup->service, &status)) break;
        if (status.dwCurrentState == SERVICE_STOPPED) return S_OK;
        Sleep(ROUND_MS);
    }
    hr = HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    return delivery_service_refuse(setup, hr, L"The service does not stop");
}

HRESULT delivery_service_stop(const struct listener *listener)
{
    struct delivery_setup setup = {.listener = listener};
    HRESULT hr = delivery_service_open(&setup, SC_MANAGER_CONNECT,
                                       SERVICE_STOP | SERVICE_QUERY_STATUS);

    if (hr == S_OK) hr = delivery_service_await_end(&setup);
    delivery_service_leave(&setup);
    return hr;
}

static bool is_of_the_state(const WCHAR *name)
{
    static const WCHAR *const ends[] = {L".state", L".parked", L".status", L".secret",
                                        L".rate",  L".new",    L".part"};
    size_t size = wcslen(name);

    if (!wcscmp(name, L"lock") || wcsstr(name, L".damaged-") || wcsstr(name, L".discarded-"))
        return true;
    for (size_t i = 0; i < ARRAYSIZE(ends); i++)
        if (size > wcslen(ends[i]) && !wcscmp(name + size - wcslen(ends[i]), ends[i])) return true;
    return false;
}

/* The folder is held, so nobody puts another one in its place; links and folders in it stay. */
static void delivery_service_empty(const WCHAR *state, const struct listener *listener)
{
    WCHAR path[2 * DELIVERY_SERVICE_PATH];
    WIN32_FIND_DATAW found;
    HANDLE search;

    swprintf(path, ARRAYSIZE(path), L"%ls\\*", state);
    search = FindFirstFileW(path, &found);
    if (search == INVALID_HANDLE_VALUE) return;
    do {
        swprintf(path, ARRAYSIZE(path), L"%ls\\%ls", state, found.cFileName);
        if (found.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT) ||
            !is_of_the_state(found.cFileName))
            continue;
        if (!DeleteFileW(path))
            listener_tell(listener, TONE_REFUSED, L"%ls could not be removed (error %lu).", path,
                          GetLastError());
    } while (FindNextFileW(search, &found));
    FindClose(search);
}

static void delivery_service_purge(const WCHAR *state, const struct listener *listener)
{
    WCHAR why[FOLDER_WHY_MAX];
    struct folder_held *held = calloc(1, sizeof *held);

    if (!held || folder_judge(state, held, why) != FOLDER_FIT)
        listener_tell(listener, TONE_REFUSED, L"The state was not removed. %ls", held ? why : L"");
    else {
        delivery_service_empty(state, listener);
        folder_let_go(held);
        RemoveDirectoryW(state);        /* if nothing of others is in it */
        listener_tell(listener, TONE_DONE, L"The state was removed: %ls", state);
    }
    if (held) folder_let_go(held);
    free(held);
}

static HRESULT delivery_service_take_away(struct delivery_setup *setup)
{
    HRESULT hr = delivery_service_await_end(setup), revoked, source;

    if (FAILED(hr)) return hr;
    revoked = delivery_service_revoke(setup);
    source = event_source_remove_delivery();
    if (FAILED(source))
        delivery_service_refuse(setup, source, L"The source in the event log cannot be removed");
    if (!DeleteService(setup->service))
        return delivery_service_refuse(setup, last_error(), L"The service cannot be removed");
    listener_tell(setup->listener, TONE_DONE,
                  L"The service " DELIVERY_SERVICE L" was removed, and the rights of its account.");
    return FAILED(revoked) ? revoked : source;
}

HRESULT delivery_service_remove(bool purge, const struct listener *listener)
{
    struct delivery_setup setup = {.listener = listener};
    WCHAR state[DELIVERY_SERVICE_PATH] = L"";
    HRESULT hr = service_account_sid(DELIVERY_SERVICE, setup.account);

    if (SUCCEEDED(hr)) {
        folder_guard_trust(setup.account);
        parameter_read(L"State", RRF_RT_REG_SZ, state, ARRAYSIZE(state));
        hr = delivery_service_open(&setup, SC_MANAGER_CONNECT, SERVICE_ALL_ACCESS);
    }
    if (hr == S_FALSE) {
        listener_tell(listener, TONE_NOTE, L"There is no service " DELIVERY_SERVICE L".");
        hr = S_OK;
    } else if (SUCCEEDED(hr)) hr = delivery_service_take_away(&setup);
    delivery_service_leave(&setup);
    if (SUCCEEDED(hr) && *state && purge) delivery_service_purge(state, listener);
    else if (SUCCEEDED(hr) && *state)
        listener_tell(listener, TONE_NOTE, L"The state is kept: %ls", state);
    return hr;
}

/* --- what is there --- */

/* What is set: of the command line that delivery_service_put made the program. */
static void delivery_service_read_config(SC_HANDLE service, struct delivery_service *out)
{
    union {
        QUERY_SERVICE_CONFIGW config;
        BYTE room[8192];                /* the most that the service control manager returns */
    } *found = malloc(sizeof *found);
    DWORD size;
    WCHAR *end;

    if (found && QueryServiceConfigW(service, &found->config, sizeof *found, &size)) {
        out->is_disabled = found->config.dwStartType == SERVICE_DISABLED;
        if (*found->config.lpBinaryPathName == '"' &&
            (end = wcschr(found->config.lpBinaryPathName + 1, '"'))) {
            *end = 0;
            swprintf(out->program, DELIVERY_SERVICE_PATH, L"%ls",
                     found->config.lpBinaryPathName + 1);
        }
    }
    free(found);
}

static void delivery_service_read_status(SC_HANDLE service, struct delivery_service *out)
{
    SERVICE_STATUS status;

    if (!QueryServiceStatus(service, &status)) return;
    out->runs = status.dwCurrentState != SERVICE_STOPPED;
    if (!out->runs && status.dwWin32ExitCode != ERROR_SERVICE_NEVER_STARTED)
        out->ended_with = status.dwWin32ExitCode;
}

HRESULT delivery_service_read(struct delivery_service *out)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), service;
    HRESULT hr = S_OK;

    memset(out, 0, sizeof *out);
    if (!manager) return last_error();
    service = OpenServiceW(manager, DELIVERY_SERVICE, SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG);
    if (!service)
        hr = GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST ? S_FALSE : last_error();
    else {
        delivery_service_read_status(service, out);
        delivery_service_read_config(service, out);
        CloseServiceHandle(service);
    }
    CloseServiceHandle(manager);
    if (hr != S_OK) return hr;
    parameter_read(L"Configuration", RRF_RT_REG_SZ, out->configuration, DELIVERY_SERVICE_PATH);
    parameter_read(L"Journal", RRF_RT_REG_SZ, out->journal, DELIVERY_SERVICE_PATH);
    parameter_read(L"State", RRF_RT_REG_SZ, out->state, DELIVERY_SERVICE_PATH);
    return S_OK;
}
