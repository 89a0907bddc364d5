/*
 * A CA's journal lies where its settings say, in the key of the exit module below CertSvc\Configuration\<CA>\ExitModules. Journals of
 * CAs that are no more lie in %ProgramData%\CertWitness, if nobody chose another place.
 */
#include "journal_path_system.h"

#include "settings/settings.h"

#include <windows.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define CONFIGURATION L"SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration"
#define MODULE_KEY    L"ExitModules\\CertWitness.Exit"

bool journal_path_absolute(const char *path, struct bytes *out)
{
    WCHAR given[MAX_PATH * 4], whole[MAX_PATH * 4];
    size_t before = out->size;
    char *room;
    int size;

    if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, given, ARRAYSIZE(given)) || !*given) return false;
    size = (int)GetFullPathNameW(given, ARRAYSIZE(whole), whole, NULL);
    if (!size || size >= (int)ARRAYSIZE(whole)) return false;
    while (size > 3 && (whole[size - 1] == L'\\' || whole[size - 1] == L'/')) whole[--size] = 0;
    size = WideCharToMultiByte(CP_UTF8, 0, whole, -1, NULL, 0, NULL, NULL);
    if (size <= 0 || !(room = bytes_reserve(out, (size_t)size))) return false;
    WideCharToMultiByte(CP_UTF8, 0, whole, -1, room, size, NULL, NULL);
    out->size = before + (size_t)size;
    return true;
}

static bool is_among(const struct bytes *list, const char *path)
{
    for (size_t at = 0; at < list->size; at += strlen(list->data + at) + 1) if (!_stricmp(list->data + at, path)) return true;
    return false;
}

static void add(struct bytes *out, const WCHAR *path)
{
    char text[SETTINGS_PATH_MAX * 3];
    WCHAR seen[SETTINGS_PATH_MAX + 4];

    _snwprintf(seen, ARRAYSIZE(seen), L"\\\\?\\%ls", path);
    seen[ARRAYSIZE(seen) - 1] = 0;
    if (GetFileAttributesW(seen) == INVALID_FILE_ATTRIBUTES && GetLastError() != ERROR_ACCESS_DENIED) return;
    if (!WideCharToMultiByte(CP_UTF8, 0, path, -1, text, sizeof text, NULL, NULL) || is_among(out, text)) return;
    bytes_add(out, text, strlen(text) + 1);
}

static void add_of_cas(struct bytes *out)
{
    WCHAR name[256], key[SETTINGS_PATH_MAX];
    struct settings settings;
    HKEY cas;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, CONFIGURATION, 0, KEY_READ, &cas)) return;
    for (DWORD i = 0, size = ARRAYSIZE(name); !RegEnumKeyExW(cas, i, name, &size, NULL, NULL, NULL, NULL); i++, size = ARRAYSIZE(name)) {
        _snwprintf(key, ARRAYSIZE(key), CONFIGURATION L"\\%ls\\" MODULE_KEY, name);
        key[ARRAYSIZE(key) - 1] = 0;
        if (settings_read(key, name, NULL, NULL, &settings) && *settings.journal_directory) add(out, settings.journal_directory);
    }
    RegCloseKey(cas);
}

static void add_of_folder(struct bytes *out)
{
    WCHAR pattern[SETTINGS_PATH_MAX], path[SETTINGS_PATH_MAX], top[SETTINGS_PATH_MAX];
    DWORD size = ExpandEnvironmentStringsW(L"%ProgramData%\\CertWitness", top, ARRAYSIZE(top));
    WIN32_FIND_DATAW found;
    HANDLE search;

    if (!size || size > ARRAYSIZE(top)) return;
    _snwprintf(pattern, ARRAYSIZE(pattern), L"%ls\\*", top);
    pattern[ARRAYSIZE(pattern) - 1] = 0;
    if ((search = FindFirstFileW(pattern, &found)) != INVALID_HANDLE_VALUE) {
        do {
            if (!(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) || *found.cFileName == L'.') continue;
            _snwprintf(path, ARRAYSIZE(path), L"%ls\\%ls", top, found.cFileName);
            path[ARRAYSIZE(path) - 1] = 0;
            add(out, path);
        } while (FindNextFileW(search, &found));
        FindClose(search);
    }
}

void journal_path_candidates(struct bytes *out)
{
    add_of_cas(out);
    add_of_folder(out);
}
