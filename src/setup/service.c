#include "service.h"

#include "base/error_windows.h"

#include <stdlib.h>
#include <wchar.h>

#define NAME    L"CertSvc"
#define WAIT_MS 120000
#define ROUND_MS 200

enum ca_service service_look(void)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT), service;
    enum ca_service state = CA_SERVICE_UNKNOWN;
    SERVICE_STATUS status;

    if (!manager) return state;
    if (!(service = OpenServiceW(manager, NAME, SERVICE_QUERY_STATUS))) {
        if (GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST) state = CA_SERVICE_MISSING;
    } else {
        if (QueryServiceStatus(service, &status))
            state =
                status.dwCurrentState == SERVICE_STOPPED ? CA_SERVICE_STOPPED : CA_SERVICE_RUNNING;
        CloseServiceHandle(service);
    }
    CloseServiceHandle(manager);
    return state;
}

/* HKLM\Cluster is the cluster's database, which its service loads on every node; a resource says
 * which service it runs. */
bool service_is_clustered(void)
{
    WCHAR id[256], below[ARRAYSIZE(id) + 16],
        name[64]; /* a key's name has at most 255 characters */
    DWORD size = ARRAYSIZE(id), bytes;
    bool found = false;
    HKEY resources;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Cluster\\Resources", 0, KEY_READ | KEY_WOW64_64KEY,
                      &resources))
        return false;
    for (DWORD i = 0; !found && !RegEnumKeyExW(resources, i, id, &size, NULL, NULL, NULL, NULL);
         i++, size = ARRAYSIZE(id)) {
        _snwprintf(below, ARRAYSIZE(below), L"%ls\\Parameters", id);
        below[ARRAYSIZE(below) - 1] = 0;
        bytes = sizeof name;
        found =
            !RegGetValueW(resources, below, L"ServiceName", RRF_RT_REG_SZ, NULL, name, &bytes) &&
            !_wcsicmp(name, NAME);
    }
    RegCloseKey(resources);
    return found;
}

static HRESULT wait_for(SC_HANDLE service, DWORD wanted)
{
    SERVICE_STATUS status;

    for (DWORD waited = 0; waited < WAIT_MS; waited += ROUND_MS) {
        if (!QueryServiceStatus(service, &status)) return last_error();
        if (status.dwCurrentState == wanted) return S_OK;
        if (wanted == SERVICE_RUNNING && status.dwCurrentState == SERVICE_STOPPED)
            return HRESULT_FROM_WIN32(status.dwWin32ExitCode ? status.dwWin32ExitCode
                                                             : ERROR_SERVICE_NOT_ACTIVE);
        Sleep(ROUND_MS);
    }
    return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
}

static HRESULT service_change(SC_HANDLE manager, const WCHAR *name, bool start,
                              const struct listener *listener)
{
    SC_HANDLE service =
        OpenServiceW(manager, name, SERVICE_QUERY_STATUS | (start ? SERVICE_START : SERVICE_STOP));
    SERVICE_STATUS status;
    HRESULT hr = service ? S_OK : last_error();

    if (service && !(start ? StartServiceW(service, 0, NULL)
                           : ControlService(service, SERVICE_CONTROL_STOP, &status))) {
        DWORD code = GetLastError();

        if (code != (start ? ERROR_SERVICE_ALREADY_RUNNING : ERROR_SERVICE_NOT_ACTIVE))
            hr = HRESULT_FROM_WIN32(code);
    }
    if (SUCCEEDED(hr)) hr = wait_for(service, start ? SERVICE_RUNNING : SERVICE_STOPPED);
    if (FAILED(hr))
        listener_tell(listener, TONE_REFUSED,
                      L"The service %ls could not be %ls (error 0x%08lx). Look at it with "
                      L"\"Get-Service %ls\".",
                      name, start ? L"started" : L"stopped", hr, name);
    if (service) CloseServiceHandle(service);
    return hr;
}

/* The services that run and need the CA's; freed by the caller. NULL and a count of 0 where there
 * are none, or where they cannot be had. */
static ENUM_SERVICE_STATUSW *read_dependents(SC_HANDLE manager, DWORD *count)
{
    SC_HANDLE service = OpenServiceW(manager, NAME, SERVICE_ENUMERATE_DEPENDENTS);
    ENUM_SERVICE_STATUSW *list = NULL;
    DWORD size = 0;

    *count = 0;
    if (!service) return NULL;
    EnumDependentServicesW(service, SERVICE_ACTIVE, NULL, 0, &size, count);
    if (size && (list = malloc(size)) &&
        !EnumDependentServicesW(service, SERVICE_ACTIVE, list, size, &size, count))
        *count = 0;
    CloseServiceHandle(service);
    return list;
}

HRESULT service_restart(const struct listener *listener)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    ENUM_SERVICE_STATUSW *dependents;
    HRESULT hr = S_OK, again;
    DWORD count, stopped = 0;

    if (!manager) return last_error();
    dependents = read_dependents(manager, &count);
    while (stopped < count && SUCCEEDED(hr))
        hr = service_change(manager, dependents[stopped++].lpServiceName, false, listener);
    if (SUCCEEDED(hr)) hr = service_change(manager, NAME, false, listener);
    if (SUCCEEDED(hr)) hr = service_change(manager, NAME, true, listener);
    while (stopped) {                   /* in reverse: what needs others was stopped before them */
        again = service_change(manager, dependents[--stopped].lpServiceName, true, listener);
        if (SUCCEEDED(hr)) hr = again;
    }
    free(dependents);
    CloseServiceHandle(manager);
    return hr;
}
