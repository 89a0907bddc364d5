/* Which program has a file open: what the Restart Manager is asked, what becomes of each answer, and what is said of it. The manager is this file's. */
#include "lib/test.h"

#include "recorder/holder.h"
#include "recorder/reason.h"

#include <restartmanager.h>
#include <stdlib.h>
#include <wchar.h>

#define SESSION 4711
#define MANAGER ((HMODULE)0x5eed)

/* --- a Restart Manager --- */

static struct {
    bool missing;                       /* the DLL */
    const char *lacks;                  /* a function that it does not have */
    DWORD start, add, list;             /* what these return; list: once all is filled in */
    UINT programs, grows;               /* so many have the file open, and so many more each time that somebody asks */
    WCHAR name[CCH_RM_MAX_APP_NAME + 2];
    bool boasts;                        /* it says that there are more than it was given room for */
    /* what was asked */
    unsigned loaded, freed, started, ended, asked;
    WCHAR path[600];
} manager;

static DWORD WINAPI start(DWORD *session, DWORD flags, WCHAR *key)
{
    check(!flags && key);
    manager.started++;
    *session = SESSION;
    if (manager.start) manager.started--;
    return manager.start;
}

static DWORD WINAPI add(DWORD session, UINT files, const WCHAR **paths, UINT programs, RM_UNIQUE_PROCESS *none, UINT services, const WCHAR **no)
{
    check(session == SESSION && files == 1 && !programs && !none && !services && !no);
    wcscpy(manager.path, paths[0]);
    return manager.add;
}

static DWORD WINAPI list(DWORD session, UINT *needed, UINT *count, RM_PROCESS_INFO *programs, DWORD *reasons)
{
    UINT there = manager.programs + manager.grows * manager.asked++, room = *count;

    check(session == SESSION && reasons);
    *needed = there;
    if (there > room) return ERROR_MORE_DATA;           /* and nothing is filled in */
    for (UINT i = 0; i < there; i++) {
        programs[i].Process.dwProcessId = 100 + i;
        wmemcpy(programs[i].strAppName, manager.name, CCH_RM_MAX_APP_NAME + 1);
    }
    *count = manager.boasts ? room + 1 : there;
    return manager.list;
}

static DWORD WINAPI end(DWORD session)
{
    check(session == SESSION);
    manager.ended++;
    return ERROR_SUCCESS;
}

/* --- in place of kernel32's: what the linker finds here it does not look for there --- */

static void *real(const char *name)
{
    static FARPROC (WINAPI *get)(HMODULE, const char *);
    static HMODULE kernel;

    if (!kernel) kernel = GetModuleHandleW(L"kernel32.dll");
    for (BYTE *base = (BYTE *)kernel; !get;) {          /* its own table: GetProcAddress is ours */
        IMAGE_NT_HEADERS *headers = (void *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
        IMAGE_EXPORT_DIRECTORY *exports = (void *)(base + headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress);
        DWORD *names = (void *)(base + exports->AddressOfNames), *functions = (void *)(base + exports->AddressOfFunctions);
        WORD *ordinals = (void *)(base + exports->AddressOfNameOrdinals);

        for (DWORD i = 0; i < exports->NumberOfNames; i++)
            if (!strcmp((char *)base + names[i], "GetProcAddress")) get = (void *)(base + functions[ordinals[i]]);
    }
    return (void *)get(kernel, name);
}

static HMODULE WINAPI load_library(const WCHAR *name, HANDLE file, DWORD flags)
{
    if (wcscmp(name, L"rstrtmgr.dll")) return ((HMODULE (WINAPI *)(const WCHAR *, HANDLE, DWORD))real("LoadLibraryExW"))(name, file, flags);
    check_int(flags, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (manager.missing) return NULL;
    manager.loaded++;
    return MANAGER;
}

static FARPROC WINAPI get_address(HMODULE dll, const char *name)
{
    static const struct { const char *name; void *function; } functions[] = {
        {"RmStartSession", start}, {"RmRegisterResources", add}, {"RmGetList", list}, {"RmEndSession", end},
    };

    if (dll != MANAGER) return ((FARPROC (WINAPI *)(HMODULE, const char *))real("GetProcAddress"))(dll, name);
    for (size_t i = 0; i < ARRAYSIZE(functions); i++)
        if (!strcmp(name, functions[i].name)) return manager.lacks && !strcmp(name, manager.lacks) ? NULL : (FARPROC)functions[i].function;
    check(!"a function that nobody needs");
    return NULL;
}

static BOOL WINAPI free_library(HMODULE dll)
{
    if (dll != MANAGER) return ((BOOL (WINAPI *)(HMODULE))real("FreeLibrary"))(dll);
    manager.freed++;
    return TRUE;
}

HMODULE (WINAPI *__imp_LoadLibraryExW)(const WCHAR *, HANDLE, DWORD) = load_library;
FARPROC (WINAPI *__imp_GetProcAddress)(HMODULE, const char *) = get_address;
BOOL (WINAPI *__imp_FreeLibrary)(HMODULE) = free_library;

static void begin(UINT programs)
{
    memset(&manager, 0, sizeof manager);
    manager.programs = programs;
    wcscpy(manager.name, L"Backup");
}

/* What is found; all that was begun has been ended. */
static const WCHAR *found(void)
{
    static WCHAR text[HOLDER_TEXT_MAX];
    bool any;

    wmemset(text, 'x', HOLDER_TEXT_MAX);
    any = holder_find(L"C:\\Journal\\lock", text);
    check(wcsnlen(text, HOLDER_TEXT_MAX) < HOLDER_TEXT_MAX);
    check(any == (text[0] != 0));
    check_int(manager.ended, manager.started);
    check_int(manager.freed, manager.loaded);
    return text;
}

TEST(a_program_is_named_with_its_process)
{
    begin(1);
    check_wide(found(), L"Backup (process 100)");
    check_wide(manager.path, L"C:\\Journal\\lock");
    check_int(manager.started, 1);
    check_int(manager.asked, 1);
}

TEST(of_several_three_are_named)
{
    static const WCHAR three[] = L"Backup (process 100), Backup (process 101), Backup (process 102)";

    for (UINT count = 3; count <= 64; count += 1 + count / 2) {
        begin(count);
        check_wide(found(), three);
        check(manager.asked <= 2);
    }
}

TEST(where_nobody_is_found_or_the_manager_fails_nobody_is_named)
{
    begin(0);
    check_wide(found(), L"");
    begin(65);                          /* more than there is memory for */
    check_wide(found(), L"");
    begin(4);
    manager.grows = 1;                  /* more each time: asked for ever it would never have enough */
    check_wide(found(), L"");
    check(manager.asked < 70);
    begin(1);
    manager.boasts = true;
    check_wide(found(), L"");
    begin(1);
    manager.list = ERROR_SEM_TIMEOUT;
    check_wide(found(), L"");
    begin(1);
    manager.add = ERROR_OUTOFMEMORY;
    check_wide(found(), L"");
    check_int(manager.asked, 0);
    begin(1);
    manager.start = 353;                /* ERROR_MAX_SESSIONS_REACHED */
    check_wide(found(), L"");
    begin(1);
    manager.missing = true;
    check_wide(found(), L"");
}

TEST(a_manager_that_lacks_a_function_is_not_used)
{
    static const char *const functions[] = {"RmStartSession", "RmRegisterResources", "RmGetList", "RmEndSession"};

    for (size_t i = 0; i < ARRAYSIZE(functions); i++) {
        begin(1);
        manager.lacks = functions[i];
        check_wide(found(), L"");
        check_int(manager.started, 0);
        check_int(manager.loaded, 1);
    }
}

TEST(a_name_of_any_length_is_cut)
{
    begin(3);
    wmemset(manager.name, 'n', ARRAYSIZE(manager.name));                /* without an end */
    check_int(wcslen(found()), 3 * wcslen(L"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn (process 100)") + 2 * wcslen(L", "));
}

TEST(whoever_waits_for_the_journal_is_told_the_program)
{
    struct journal_report shared = {.kind = JOURNAL_CANNOT_OPEN, .directory = "C:\\Shared", .file = "00000000000000000001.jsonl",
                                    .hr = HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)};
    WCHAR why[REASON_MAX];

    begin(2);
    reason_note(&shared);
    check(reason_of(L"C:\\Shared", why));
    check_wide(why, L"The file 00000000000000000001.jsonl is held open by Backup (process 100), Backup (process 101) (0x80070020).");
    check_wide(manager.path, L"C:\\Shared\\00000000000000000001.jsonl");
    reason_note(&shared);               /* once a second: nobody is asked again */
    check_int(manager.loaded, 1);
}
