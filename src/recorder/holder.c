#include "holder.h"

#include <restartmanager.h>
#include <stdio.h>
#include <stdlib.h>

#define PROGRAMS_MAX  3                 /* that are named; more help nobody */
#define PROGRAMS_MOST 64                /* that there is memory for */

struct manager {
    HMODULE dll;
    DWORD (WINAPI *start)(DWORD *session, DWORD flags, WCHAR *key);
    DWORD(WINAPI *add)
    (DWORD session, UINT files, const WCHAR **paths, UINT programs, RM_UNIQUE_PROCESS *,
     UINT services, const WCHAR **);
    DWORD(WINAPI *list)
    (DWORD session, UINT *needed, UINT *count, RM_PROCESS_INFO *programs, DWORD *reasons);
    DWORD (WINAPI *end)(DWORD session);
};

static FARPROC function(const struct manager *manager, const char *name)
{
    return manager->dll ? GetProcAddress(manager->dll, name) : NULL;
}

static bool holder_load(struct manager *manager)
{
    manager->dll = LoadLibraryExW(L"rstrtmgr.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    manager->start = (void *)function(manager, "RmStartSession");
    manager->add = (void *)function(manager, "RmRegisterResources");
    manager->list = (void *)function(manager, "RmGetList");
    manager->end = (void *)function(manager, "RmEndSession");
    return manager->start && manager->add && manager->list && manager->end;
}

static void holder_tell(const RM_PROCESS_INFO *programs, UINT count, WCHAR *out)
{
    size_t used = 0;

    for (UINT i = 0; i < count && i < PROGRAMS_MAX && used < HOLDER_TEXT_MAX - 1; i++) {
        int size =
            swprintf(out + used, HOLDER_TEXT_MAX - used, L"%ls%.40ls (process %lu)",
                     i ? L", " : L"", programs[i].strAppName, programs[i].Process.dwProcessId);

        if (size < 0) break;
        used += (size_t)size;
    }
    out[used < HOLDER_TEXT_MAX ? used : HOLDER_TEXT_MAX - 1] = 0;
}

/* How many there are in `programs`, which the caller frees; 0: nobody is found. Where the room is
 * too small Windows need not fill any of it, so it is asked again with room for all. */
static UINT holder_list(const struct manager *manager, DWORD session, RM_PROCESS_INFO **programs)
{
    UINT room = PROGRAMS_MAX, count = 0, needed = 0;
    DWORD reasons = 0, code = ERROR_MORE_DATA;

    for (*programs = NULL; code == ERROR_MORE_DATA && room <= PROGRAMS_MOST;
         room = needed > room ? needed : PROGRAMS_MOST + 1) {
        free(*programs);
        if (!(*programs = calloc(room, sizeof **programs))) return 0;
        count = room;
        code = manager->list(session, &needed, &count, *programs, &reasons);
        if (code == ERROR_SUCCESS && count <= room) return count;
    }
    return 0;
}

static void holder_ask(const struct manager *manager, const WCHAR *path, WCHAR *out)
{
    WCHAR key[CCH_RM_SESSION_KEY + 1] = L"";
    RM_PROCESS_INFO *programs = NULL;
    UINT count = 0;
    DWORD session;

    if (manager->start(&session, 0, key) != ERROR_SUCCESS) return;
    if (manager->add(session, 1, &path, 0, NULL, 0, NULL) == ERROR_SUCCESS)
        count = holder_list(manager, session, &programs);
    for (UINT i = 0; i < count; i++) programs[i].strAppName[CCH_RM_MAX_APP_NAME] = 0;
    holder_tell(programs, count, out);
    free(programs);
    manager->end(session);
}

bool holder_find(const WCHAR *path, WCHAR out[HOLDER_TEXT_MAX])
{
    struct manager manager = {0};

    out[0] = 0;
    if (holder_load(&manager)) holder_ask(&manager, path, out);
    if (manager.dll) FreeLibrary(manager.dll);
    return out[0] != 0;
}
