#include "former.h"

#include "purge.h"
#include "settings/directory.h"

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

void former_folders(const struct cas *cas, const WCHAR *place,
                    bool (*each)(void *context, const WCHAR *path), void *context)
{
    WCHAR path[FOLDER_LONG_SIZE + SETTINGS_PATH_MAX + MAX_PATH];
    WIN32_FIND_DATAW found;
    bool goes_on = true;
    HANDLE find;

    swprintf(path, ARRAYSIZE(path), FOLDER_LONG_PATH L"%.511ls\\*", place);
    if ((find = FindFirstFileW(path, &found)) == INVALID_HANDLE_VALUE) return;
    do {
        if (!former_is_folder(&found)) continue;
        swprintf(path, ARRAYSIZE(path), L"%.511ls\\%ls", place, found.cFileName);
        if (wcslen(path) < SETTINGS_PATH_MAX && !is_written(cas, path))
            goes_on = each(context, path);
    } while (goes_on && FindNextFileW(find, &found));
    FindClose(find);
}

/* Whom to tell. */
struct listing {
    void (*each)(void *context, const WCHAR *path);
    void *context;
};

static bool tell_journal(void *context, const WCHAR *path)
{
    const struct listing *listing = context;

    if (purge_finds_any(path)) listing->each(listing->context, path);
    return true;
}

void former_each(const struct cas *cas, void (*each)(void *context, const WCHAR *path),
                 void *context)
{
    struct listing listing = {each, context};
    WCHAR place[SETTINGS_PATH_MAX];

    if (directory_place(place)) former_folders(cas, place, tell_journal, &listing);
}
