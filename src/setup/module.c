#include "module.h"

#include "base/error_windows.h"
#include "registration/registration.h"
#include "settings/event_log.h"

#include <certsrv.h>
#include <certwitness.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define CLASSES L"Software\\Classes\\"

static void read_path(const WCHAR *key, const WCHAR *name, WCHAR out[MODULE_PATH_MAX])
{
    DWORD size = MODULE_PATH_MAX * sizeof *out;

    if (RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY, NULL,
                     out, &size))
        *out = 0;
}

static void read_class(const CLSID *clsid, WCHAR out[MODULE_PATH_MAX])
{
    WCHAR guid[39], key[128];

    StringFromGUID2(clsid, guid, ARRAYSIZE(guid));
    swprintf(key, ARRAYSIZE(key), CLASSES L"CLSID\\%ls\\InprocServer32", guid);
    read_path(key, NULL, out);
}

/* Another file's path in the folder of the one in `path`; "" where there is no room for it. */
static void module_put_name(WCHAR path[MODULE_PATH_MAX], const WCHAR *file)
{
    WCHAR *name = wcsrchr(path, '\\');

    if (!name || name + 2 + wcslen(file) > path + MODULE_PATH_MAX) *path = 0;
    else wcscpy(name + 1, file);
}

static void beside_program(WCHAR out[MODULE_PATH_MAX])
{
    DWORD size = GetModuleFileNameW(NULL, out, MODULE_PATH_MAX);

    if (size >= MODULE_PATH_MAX) *out = 0;
    module_put_name(out, MODULE_FILE);
}

static bool module_is_file(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return *path && attributes != INVALID_FILE_ATTRIBUTES &&
           !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

void module_file_version(const WCHAR *path, WCHAR out[32])
{
    DWORD nothing, size = GetFileVersionInfoSizeW(path, &nothing);
    void *data = size ? malloc(size) : NULL;
    VS_FIXEDFILEINFO *info;
    UINT length;

    *out = 0;
    if (data && GetFileVersionInfoW(path, 0, size, data) &&
        VerQueryValueW(data, L"\\", (void **)&info, &length) && length >= sizeof *info)
        swprintf(out, 32, L"%u.%u.%u", HIWORD(info->dwFileVersionMS), LOWORD(info->dwFileVersionMS),
                 HIWORD(info->dwFileVersionLS));
    free(data);
}

void module_read(const WCHAR *dll, struct module *out)
{
    memset(out, 0, sizeof *out);
    if (!dll) beside_program(out->dll);
    else if (wcslen(dll) < MODULE_PATH_MAX) wcscpy(out->dll, dll);
    out->is_there = module_is_file(out->dll);
    out->has_page = module_has_page(out->dll, out->page);
    module_file_version(out->dll, out->version);
    read_class(&CLSID_Exit, out->exit);
    read_class(&CLSID_ExitManage, out->manage);
    read_path(EVENT_SOURCE_KEY, L"EventMessageFile", out->source);
    read_path(EVENT_OLD_SOURCE_KEY, L"EventMessageFile", out->old_source);
}

bool module_has_page(const WCHAR *dll, WCHAR page[MODULE_PATH_MAX])
{
    WCHAR own[32], its[32];

    wcscpy(page, wcslen(dll) < MODULE_PATH_MAX ? dll : L"");
    module_put_name(page, PAGE_FILE);
    module_file_version(dll, own);
    module_file_version(page, its);
    return module_is_file(page) && !wcscmp(own, its);
}

bool module_same_file(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

bool module_is_registered(const struct module *module, bool console_only)
{
    if (!module_same_file(module->manage, module->dll)) return false;
    return console_only || (module_same_file(module->exit, module->dll) &&
                            module_same_file(module->source, module->dll) &&
                            module_same_file(module->old_source, module->dll));
}

const WCHAR *module_other(const struct module *module)
{
    if (*module->exit && !module_same_file(module->exit, module->dll)) return module->exit;
    return *module->manage && !module_same_file(module->manage, module->dll) ? module->manage : L"";
}

/* The DLL's imports are looked for in System32 alone, not in the DLL's folder. */
HRESULT module_register(const struct module *module, bool console_only)
{
    HMODULE dll = LoadLibraryExW(module->dll, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    HRESULT hr;
    FARPROC function;

    if (!dll) return last_error();
    if (!(function = GetProcAddress(dll, console_only ? "DllInstall" : "DllRegisterServer")))
        hr = last_error();
    else if (console_only)
        hr = ((HRESULT(WINAPI *)(BOOL, const WCHAR *))(void *)function)(TRUE, L"console");
    else hr = ((HRESULT (WINAPI *)(void))(void *)function)();
    FreeLibrary(dll);
    return hr;
}

/* A page that is missing, or a folder in its place, stays so: what holds it is judged with the
 * module. */
enum folder_answer module_judge_place(const WCHAR *dll, struct folder_held *held,
                                      WCHAR why[FOLDER_WHY_MAX])
{
    WCHAR page[MODULE_PATH_MAX];
    enum folder_answer answer;
    DWORD attributes;

    if (!wcsncmp(dll, L"\\\\", 2)) {
        swprintf(why, FOLDER_WHY_MAX, L"%.511ls: It is no file on a drive of this machine.", dll);
        return FOLDER_UNFIT;
    }
    if ((answer = folder_judge_file(dll, held, why)) != FOLDER_FIT) return answer;
    module_has_page(dll, page);
    attributes = GetFileAttributesW(page);
    if (attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY)
        return FOLDER_FIT;
    answer = folder_judge_file(page, held, why);
    return folder_is_refused(answer) ? answer : FOLDER_FIT;
}

bool module_log_file(WCHAR out[MODULE_PATH_MAX])
{
    DWORD size = ExpandEnvironmentStringsW(EVENT_LOG_FILE, out, MODULE_PATH_MAX);

    return size && size <= MODULE_PATH_MAX && GetFileAttributesW(out) != INVALID_FILE_ATTRIBUTES;
}

HRESULT module_unregister(void)
{
    return registration_remove();
}

const WCHAR *module_key(unsigned index, bool console_only, WCHAR out[128])
{
    static const WCHAR *const names[] = {
        CLASSES L"CertWitness.ExitManage",
        CLASSES L"CertWitness.ExitManage.1",
        CLASSES L"CertWitness.Exit",
        CLASSES L"CertWitness.Exit.1",
        EVENT_LOG_KEY,
        EVENT_OLD_SOURCE_KEY,
    };
    const CLSID *clsids[] = {&CLSID_ExitManage, &CLSID_Exit};
    unsigned classes = console_only ? 1 : 2, count = console_only ? 2 : ARRAYSIZE(names);
    WCHAR guid[39];

    if (index >= classes) return index - classes < count ? names[index - classes] : NULL;
    StringFromGUID2(clsids[index], guid, ARRAYSIZE(guid));
    swprintf(out, 128, CLASSES L"CLSID\\%ls", guid);
    return out;
}
