#include "former.h"

#include "purge.h"

#include <stdio.h>
#include <wchar.h>

static bool is_written(const struct cas *cas, const WCHAR *path)
{
    for (size_t i = 0; i < cas->count; i++)
        if (!_wcsicmp(cas->list[i].settings.journal_directory, path)) return true;
    return false;
}

static bool former_is_folder(const WIN32_FIND_DATAW *found)
{
    DWORD kind =
        found->dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT);

    return kind == FILE_ATTRIBUTE_DIRECTORY && wcscmp(found->cFileName, L".") &&
           wcscmp(found->cFileName, L"..");
}

void former_each(const struct cas *cas, void (*each)(void *context, const WCHAR *path),
                 void *context)
{
    WCHAR top[SETTINGS_PATH_MAX], path[2 * SETTINGS_PATH_MAX];
    DWORD size = ExpandEnvironmentStringsW(L"%ProgramData%\\CertWitness", top, ARRAYSIZE(top));
    WIN32_FIND_DATAW found;
    HANDLE find;

    if (!size || size > ARRAYSIZE(top)) return;
    swprintf(path, ARRAYSIZE(path), L"%ls\\*", top);
    if ((find = FindFirstFileW(path, &found)) == INVALID_HANDLE_VALUE) return;
    do {
        if (!former_is_folder(&found)) continue;
        swprintf(path, ARRAYSIZE(path), L"%ls\\%ls", top, found.cFileName);
        if (wcslen(path) < SETTINGS_PATH_MAX && !is_written(cas, path) && purge_count(path))
            each(context, path);
    } while (FindNextFileW(find, &found));
    FindClose(find);
}
