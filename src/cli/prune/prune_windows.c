#include "prune_system.h"

#include "base/folder_windows.h"
#include "settings/settings.h"
#include "base/utf16_windows.h"
#include "delivery/place/state_path.h"
#include "delivery/place/usual.h"
#include "journal/disk.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define CONFIGURATION L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration"
#define MODULE_KEY    L"ExitModules\\CertWitness.Exit"
#define DELIVERY      L"SYSTEM\\CurrentControlSet\\Services\\CertWitnessDelivery\\Parameters"
#define NAME_MAX_HERE 128
#define ACCOUNT_MAX   200               /* bytes */

static bool add_wide(struct bytes *out, const WCHAR *text)
{
    char utf8[(2 * NAME_MAX_HERE + 2) * 3];

    if (!utf16_put_utf8(text, utf8, sizeof utf8) || strlen(utf8) > ACCOUNT_MAX) return false;
    bytes_add_text(out, utf8);
    return !out->failed;
}

static bool prune_look_up(PSID sid, WCHAR out[2 * NAME_MAX_HERE + 2])
{
    WCHAR name[NAME_MAX_HERE], domain[NAME_MAX_HERE];
    DWORD names = ARRAYSIZE(name), domains = ARRAYSIZE(domain);
    SID_NAME_USE use;

    if (!LookupAccountSidW(NULL, sid, name, &names, domain, &domains, &use) || !*name) return false;
    swprintf(out, 2 * NAME_MAX_HERE + 2, *domain ? L"%ls\\%ls" : L"%ls%ls", domain, name);
    return true;
}

/* A value in the service's key, which removing the service removes. */
static HRESULT prune_parameter(const WCHAR *name, WCHAR out[FOLDER_PATH_MAX])
{
    DWORD size = FOLDER_PATH_MAX * sizeof *out;
    LSTATUS status =
        RegGetValueW(HKEY_LOCAL_MACHINE, DELIVERY, name, RRF_RT_REG_SZ, NULL, out, &size);

    if (status == ERROR_FILE_NOT_FOUND) return S_FALSE;
    return HRESULT_FROM_WIN32(status);
}

static HRESULT prune_add_path(struct bytes *out, const WCHAR *path)
{
    char utf8[FOLDER_PATH_MAX * 3];

    if (!utf16_put_utf8(path, utf8, sizeof utf8)) return E_INVALIDARG;
    bytes_add(out, utf8, strlen(utf8) + 1);
    return out->failed ? E_OUTOFMEMORY : S_OK;
}

static HRESULT prune_told_by_key(struct bytes *by, struct bytes *out)
{
    static const char key[] = "the registry key of the service CertWitnessDelivery";
    WCHAR path[FOLDER_PATH_MAX];
    HRESULT hr = prune_parameter(L"State", path);

    bytes_add(by, key, sizeof key);
    return hr == S_OK ? prune_add_path(out, path) : hr;
}

/* A folder that the delivery has not made yet, or that somebody has removed with what was in it. */
static bool prune_is_unmade(const char *folder)
{
    struct disk_folder *found = NULL;
    WCHAR path[FOLDER_PATH_MAX];
    HRESULT hr = disk_view_folder(folder, &found);

    disk_close_folder(found);
    return (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
            hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND)) &&
           utf16_from_utf8(folder, path, ARRAYSIZE(path)) && path[1] == ':' &&
           folder_has_drive(path);
}

/* `by` has the configuration. */
static HRESULT prune_told_in(const struct bytes *by, struct bytes *out)
{
    HRESULT hr = by->failed ? E_OUTOFMEMORY : state_path_read(by->data, out);

    if (hr != S_OK || !prune_is_unmade(out->data)) return hr;
    bytes_reset(out, 0);
    return S_FALSE;
}

static HRESULT prune_told_by_service(struct bytes *by, struct bytes *out)
{
    WCHAR file[FOLDER_PATH_MAX];
    HRESULT hr = prune_parameter(L"Configuration", file);

    if (hr == S_OK) hr = prune_add_path(by, file);
    return hr == S_OK ? prune_told_in(by, out) : hr;
}

static HRESULT prune_told_as_usual(struct bytes *by, struct bytes *out)
{
    bytes_add(by, usual_configuration, strlen(usual_configuration) + 1);
    return prune_told_in(by, out);
}

HRESULT prune_told_folder(unsigned which, struct bytes *by, struct bytes *out)
{
    switch (which) {
    case 0:  return prune_told_by_key(by, out);
    case 1:  return prune_told_by_service(by, out);
    default: return prune_told_as_usual(by, out);
    }
}

bool prune_account(struct bytes *out)
{
    union { TOKEN_USER user; BYTE room[256]; } token = {0};
    WCHAR text[2 * NAME_MAX_HERE + 2] = L"";
    DWORD size = sizeof token;
    HANDLE handle;
    bool known;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &handle)) return false;
    known = GetTokenInformation(handle, TokenUser, &token, size, &size) &&
            prune_look_up(token.user.User.Sid, text);
    CloseHandle(handle);
    return known && add_wide(out, text);
}

unsigned prune_each_ca(void (*each)(void *context, const char *path, uint32_t days), void *context)
{
    WCHAR name[256], key[SETTINGS_PATH_MAX];
    char path[SETTINGS_PATH_MAX * 3];
    struct settings settings;
    unsigned count = 0;
    HKEY cas;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, CONFIGURATION, 0, KEY_READ, &cas)) return 0;
    for (DWORD i = 0, size = ARRAYSIZE(name);
         !RegEnumKeyExW(cas, i, name, &size, NULL, NULL, NULL, NULL); i++, size = ARRAYSIZE(name)) {
        _snwprintf(key, ARRAYSIZE(key), CONFIGURATION L"\\%ls\\" MODULE_KEY, name);
        key[ARRAYSIZE(key) - 1] = 0;
        if (!settings_read(key, name, NULL, NULL, &settings))
            continue; /* without memory: nothing is removed by guess */
        if (!utf16_put_utf8(settings.journal_directory, path, sizeof path)) continue;
        each(context, path, settings.retain_days);
        count++;
    }
    RegCloseKey(cas);
    return count;
}

/* A journal that is missing is left for what follows. */
bool prune_folder_is_fit(const char *path, struct bytes *why)
{
    static struct folder_held held;
    WCHAR wide[FOLDER_PATH_MAX], sentence[FOLDER_WHY_MAX];
    char text[FOLDER_WHY_MAX] = "";

    if (!utf16_from_utf8(path, wide, ARRAYSIZE(wide))) *wide = 0;
    if (!folder_is_refused(folder_judge(wide, &held, sentence))) return true;
    utf16_put_utf8(sentence, text, sizeof text);
    bytes_add(why, text, strlen(text) + 1);
    return false;
}

bool prune_whole_path(const char *path, struct bytes *out)
{
    bytes_add(out, path, strlen(path) + 1);             /* journal_path has made it so */
    return !out->failed;
}

bool prune_same_path(const char *one, const char *other)
{
    return !_stricmp(one, other);
}
