#include "task.h"

#include <initguid.h> /* the interfaces' GUIDs are in no library of MinGW-w64 */
#include <taskschd.h>
#include <stdlib.h>
#include <wchar.h>

#define TASK_SDDL L"O:BAG:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)"
#define COMMAND_MAX (6 * TASK_PATH_MAX)         /* each character may become an entity */

bool task_program(const WCHAR *file, WCHAR out[TASK_PATH_MAX])
{
    const WCHAR *name = wcsrchr(file, '\\');
    size_t size = name ? (size_t)(name + 1 - file) : 0;

    *out = 0;
    if (!size || size + ARRAYSIZE(TASK_PROGRAM) > TASK_PATH_MAX) return false;
    wmemcpy(out, file, size);
    wcscpy(out + size, TASK_PROGRAM);
    return true;
}

/* The Task Scheduler puts values in the place of %NAME% and $(Arg0): it would run another file than
 * the one that was judged. */
bool task_may_run(const WCHAR *program)
{
    return !wcschr(program, '%') && !wcsstr(program, L"$(");
}

/* A path as XML has it. No path has the other three signs. */
static void spell_path(const WCHAR *path, WCHAR out[COMMAND_MAX])
{
    for (; *path && *path != '"'; path++) {
        if (*path == '&') out = wcscpy(out, L"&amp;") + 5;
        else *out++ = *path;
    }
    *out = 0;
}

/* Daily at half past two, and soon after the machine is on again where it was off then; as SYSTEM,
 * who may write to the journal's folder. */
void task_spell(const WCHAR *program, WCHAR out[TASK_XML_MAX])
{
    WCHAR command[COMMAND_MAX];

    spell_path(program, command);
    swprintf(
        out, TASK_XML_MAX,
        L"<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n"
        L"<Task version=\"1.2\" "
        L"xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n"
        L"<RegistrationInfo><Author>CertWitness</Author><Description>Removes the files of the CA's "
        L"journal that are older than its setting RetainDays. "
        L"It is on record first, in the journal itself. certwitness install makes this task, and "
        L"certwitness uninstall removes it. It runs %ls.</Description></RegistrationInfo>\r\n"
        L"<Triggers><CalendarTrigger><StartBoundary>2026-01-01T02:30:00</"
        L"StartBoundary><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>"
        L"</CalendarTrigger></Triggers>\r\n"
        L"<Principals><Principal "
        L"id=\"System\"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></"
        L"Principal></Principals>\r\n"
        L"<Settings><MultipleInstancesPolicy>IgnoreNew</"
        L"MultipleInstancesPolicy><DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>"
        L"<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries><StartWhenAvailable>true</"
        L"StartWhenAvailable>"
        L"<ExecutionTimeLimit>PT12H</ExecutionTimeLimit></Settings>\r\n"
        L"<Actions "
        L"Context=\"System\"><Exec><Command>\"%ls\"</Command><Arguments>prune</Arguments></Exec></"
        L"Actions>\r\n"
        L"</Task>\r\n",
        command, command);
    out[TASK_XML_MAX - 1] = 0;
}

/* The root folder of this machine's tasks. */
static HRESULT open_root(ITaskFolder **out)
{
    VARIANT none = {.vt = VT_EMPTY};
    ITaskService *service = NULL;
    BSTR root = SysAllocString(L"\\");
    HRESULT hr = root ? CoCreateInstance(&CLSID_TaskScheduler, NULL, CLSCTX_INPROC_SERVER,
                                         &IID_ITaskService, (void **)&service)
                      : E_OUTOFMEMORY;

    *out = NULL;
    if (SUCCEEDED(hr)) hr = ITaskService_Connect(service, none, none, none, none);
    if (SUCCEEDED(hr)) hr = ITaskService_GetFolder(service, root, out);
    if (service) ITaskService_Release(service);
    SysFreeString(root);
    return hr;
}

static bool task_is_missing(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
           hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

static HRESULT read_xml(BSTR *xml)
{
    BSTR name = SysAllocString(TASK_NAME);
    IRegisteredTask *task = NULL;
    ITaskFolder *root = NULL;
    HRESULT hr = name ? open_root(&root) : E_OUTOFMEMORY;

    *xml = NULL;
    if (SUCCEEDED(hr)) hr = ITaskFolder_GetTask(root, name, &task);
    if (SUCCEEDED(hr)) hr = IRegisteredTask_get_Xml(task, xml);
    if (task) IRegisteredTask_Release(task);
    if (root) ITaskFolder_Release(root);
    SysFreeString(name);
    return hr;
}

/* Any user may make tasks in the root folder, and keeps his rights to one that is only changed:
 * what has the name is removed, and ours is a new one. */
static HRESULT register_xml(BSTR xml)
{
    VARIANT user = {.vt = VT_BSTR}, rights = {.vt = VT_BSTR}, none = {.vt = VT_EMPTY};
    BSTR name = SysAllocString(TASK_NAME);
    IRegisteredTask *task = NULL;
    ITaskFolder *root = NULL;
    HRESULT hr;

    user.bstrVal = SysAllocString(L"S-1-5-18");
    rights.bstrVal = SysAllocString(TASK_SDDL);
    hr = name && user.bstrVal && rights.bstrVal ? open_root(&root) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && FAILED(hr = ITaskFolder_DeleteTask(root, name, 0)) && task_is_missing(hr))
        hr = S_OK;
    if (SUCCEEDED(hr))
        hr = ITaskFolder_RegisterTask(root, name, xml, TASK_CREATE, user, none,
                                      TASK_LOGON_SERVICE_ACCOUNT, rights, &task);
    if (task) IRegisteredTask_Release(task);
    if (root) ITaskFolder_Release(root);
    SysFreeString(name);
    SysFreeString(rights.bstrVal);
    SysFreeString(user.bstrVal);
    return hr;
}

static HRESULT delete_task(void)
{
    BSTR name = SysAllocString(TASK_NAME);
    ITaskFolder *root = NULL;
    HRESULT hr = name ? open_root(&root) : E_OUTOFMEMORY;

    if (SUCCEEDED(hr)) hr = ITaskFolder_DeleteTask(root, name, 0);
    if (root) ITaskFolder_Release(root);
    SysFreeString(name);
    return task_is_missing(hr) ? S_OK : hr;
}

static bool is_systems(const WCHAR *xml)
{
    static const WCHAR *const users[] = {L"<UserId>S-1-5-18</UserId>", L"<UserId>SYSTEM</UserId>",
                                         L"<UserId>NT AUTHORITY\\SYSTEM</UserId>"};

    for (size_t i = 0; i < ARRAYSIZE(users); i++) if (wcsstr(xml, users[i])) return true;
    return false;
}

/* Wine 8 does not keep the action: there the description names the program. */
bool task_is_ours(const WCHAR *xml, const WCHAR *command)
{
    const WCHAR *action = wcsstr(xml, L"<Command>");

    if (!action) return wcsstr(xml, command) != NULL;
    if (!is_systems(xml) || !wcsstr(xml, L"<Arguments>prune</Arguments>") ||
        wcsstr(action + 1, L"<Command>"))
        return false;
    action += wcslen(L"<Command>");
    action += *action == '"';
    return !wcsncmp(action, command, wcslen(command)) &&
           (action[wcslen(command)] == '"' || action[wcslen(command)] == '<');
}

enum task_state task_look(const WCHAR *program)
{
    HRESULT entered = CoInitializeEx(NULL, COINIT_MULTITHREADED), hr;
    WCHAR *command = malloc(COMMAND_MAX * sizeof *command);
    enum task_state state = TASK_UNKNOWN;
    BSTR xml = NULL;

    hr = command ? read_xml(&xml) : E_OUTOFMEMORY;
    if (task_is_missing(hr)) state = TASK_NONE;
    else if (SUCCEEDED(hr)) {
        spell_path(program, command);
        state = task_is_ours(xml, command) ? TASK_OURS : TASK_OTHER;
    }
    SysFreeString(xml);
    free(command);
    if (SUCCEEDED(entered)) CoUninitialize();
    return state;
}

HRESULT task_make(const WCHAR *program)
{
    HRESULT entered = CoInitializeEx(NULL, COINIT_MULTITHREADED), hr = E_OUTOFMEMORY;
    WCHAR *text = malloc(TASK_XML_MAX * sizeof *text);
    BSTR xml = NULL;

    if (text) {
        task_spell(program, text);
        if ((xml = SysAllocString(text))) hr = register_xml(xml);
    }
    SysFreeString(xml);
    free(text);
    if (SUCCEEDED(entered)) CoUninitialize();
    return hr;
}

HRESULT task_remove(void)
{
    HRESULT entered = CoInitializeEx(NULL, COINIT_MULTITHREADED), hr = delete_task();

    if (SUCCEEDED(entered)) CoUninitialize();
    return hr;
}
