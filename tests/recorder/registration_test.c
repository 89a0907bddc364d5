/*
 * What registering and unregistering do to the registry, all of it: HKLM and HKU are read whole, every key, value, type
 * and byte, before and after, and compared. HKCR and HKCU are views of these two. A link is told as a link, and what it leads to where that
 * stands; but the control set in use is told as CurrentControlSet, by which all call it, be that a link to ControlSet001 or a key of its own.
 *
 * The module stays registered or not, as it was found.
 */
#include "lib/test.h"
#include "lib/module.h"

#include <certsrv.h>
#include <certwitness.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define CLASSES L"HKLM\\Software\\Classes\\"
#define LOG     L"HKLM\\System\\CurrentControlSet\\Services\\Eventlog\\Application"      /* as Wine spells it */
#define OUR_LOG L"HKLM\\System\\CurrentControlSet\\Services\\Eventlog\\CertWitness-Journal"
#define SYSTEM_KEY L"HKLM\\System\\"
#define SOURCE  OUR_LOG L"\\CertWitness.Exit"
#define OLD_SOURCE LOG L"\\CertWitness"
#define POISON ((void *)0xdeadbeefdeadbeef)

/* --- a picture of the registry --- */

/* One line for each key and each value. */
struct picture {
    WCHAR **lines;
    size_t count, room;
};

/*
 * What the system writes by itself, on any day, when a service, a device or a desktop comes or goes: that is no one's
 * doing here.
 */
static const WCHAR *const restless[] = {
    L"HKLM\\Hardware\\DeviceMap",
    L"HKLM\\System\\CurrentControlSet\\Control\\Class\\{4D36E968-E325-11CE-BFC1-08002BE10318}",  /* display adapters */
    L"HKLM\\System\\CurrentControlSet\\Control\\DeviceClasses",
    L"HKLM\\System\\CurrentControlSet\\Control\\ServiceCurrent",
    L"HKLM\\System\\CurrentControlSet\\Control\\Video",
    L"HKLM\\System\\CurrentControlSet\\Enum",
    L"HKLM\\System\\CurrentControlSet\\Hardware Profiles",
};

static bool is_restless(const WCHAR *path)
{
    for (size_t i = 0; i < ARRAYSIZE(restless); i++) {
        if (!_wcsicmp(path, restless[i])) return true;
    }
    return wcsstr(path, L"\\Software\\Wine\\Temporary System Parameters") != NULL;      /* of each user's desktop */
}

static void add_line(struct picture *picture, WCHAR *line)
{
    if (picture->count == picture->room) {
        picture->room = picture->room ? 2 * picture->room : 256;
        picture->lines = realloc(picture->lines, picture->room * sizeof *picture->lines);
    }
    picture->lines[picture->count++] = line;
}

/* path\\name = type:bytes */
static WCHAR *value_line(const WCHAR *path, const WCHAR *name, DWORD type, const BYTE *data, DWORD size)
{
    size_t room = wcslen(path) + wcslen(name) + 20, at;
    WCHAR *line = malloc((room + 2 * size) * sizeof *line);

    at = swprintf(line, room, L"%ls\\\\%ls = %lu:", path, name, type);
    for (DWORD i = 0; i < size; i++) {
        line[at++] = L"0123456789abcdef"[data[i] >> 4];
        line[at++] = L"0123456789abcdef"[data[i] & 15];
    }
    line[at] = 0;
    return line;
}

static void add_values(struct picture *picture, HKEY key, const WCHAR *path, DWORD count)
{
    static WCHAR name[16384];
    static BYTE data[1 << 22];

    for (DWORD i = 0; i < count; i++) {
        DWORD length = ARRAYSIZE(name), size = sizeof data, type, error;

        error = RegEnumValueW(key, i, name, &length, NULL, &type, data, &size);
        if (!check_int(error, 0)) return;
        add_line(picture, value_line(path, name, type, data, size));
    }
}

/* Where the link leads, as the kernel spells it; false: it is none. */
static bool link_target(HKEY parent, const WCHAR *name, WCHAR target[1000])
{
    DWORD size = 999 * sizeof *target, type = REG_NONE;
    bool is_link;
    HKEY key;

    if (!*name || RegOpenKeyExW(parent, name, REG_OPTION_OPEN_LINK, KEY_READ, &key)) return false;
    is_link = !RegQueryValueExW(key, L"SymbolicLinkValue", NULL, &type, (BYTE *)target, &size) && type == REG_LINK;
    target[is_link ? size / sizeof *target : 0] = 0;
    RegCloseKey(key);
    return is_link;
}

/* Whether this is what the link CurrentControlSet leads to, as which it is told. */
static bool is_current_control_set(const WCHAR *path)
{
    WCHAR target[1000], *name;

    if (_wcsnicmp(path, SYSTEM_KEY L"ControlSet", wcslen(SYSTEM_KEY L"ControlSet"))) return false;
    if (!link_target(HKEY_LOCAL_MACHINE, L"System\\CurrentControlSet", target)) return false;
    name = wcsrchr(target, '\\');
    return !_wcsicmp(name ? name + 1 : target, path + wcslen(SYSTEM_KEY));
}

static void add_key(struct picture *picture, HKEY parent, const WCHAR *name, const WCHAR *path)
{
    DWORD keys = 0, values = 0, length;
    WCHAR child[260], *below, target[1000];
    HKEY key;

    if (is_restless(path) || is_current_control_set(path)) return;
    if (_wcsicmp(path, SYSTEM_KEY L"CurrentControlSet") && link_target(parent, name, target)) {
        add_line(picture, value_line(path, L"SymbolicLinkValue", REG_LINK, (const BYTE *)target, wcslen(target) * sizeof *target));
        return;
    }
    if (RegOpenKeyExW(parent, name, 0, KEY_READ, &key)) return;         /* nothing there, or a link to nowhere */
    add_line(picture, _wcsdup(path));
    RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
    add_values(picture, key, path, values);
    for (DWORD i = 0; i < keys; i++) {
        length = ARRAYSIZE(child);
        if (!check_int(RegEnumKeyExW(key, i, child, &length, NULL, NULL, NULL, NULL), 0)) break;
        below = malloc((wcslen(path) + length + 2) * sizeof *below);
        swprintf(below, wcslen(path) + length + 2, L"%ls\\%ls", path, child);
        add_key(picture, key, child, below);
        free(below);
    }
    RegCloseKey(key);
}

static int by_text(const void *a, const void *b)
{
    return wcscmp(*(WCHAR *const *)a, *(WCHAR *const *)b);
}

static struct picture sorted(struct picture picture)
{
    qsort(picture.lines, picture.count, sizeof *picture.lines, by_text);
    return picture;
}

static struct picture whole_registry(void)
{
    struct picture picture = {0};

    add_key(&picture, HKEY_LOCAL_MACHINE, L"", L"HKLM");
    add_key(&picture, HKEY_USERS, L"", L"HKU");
    return sorted(picture);
}

static void forget(struct picture *picture)
{
    for (size_t i = 0; i < picture->count; i++) free(picture->lines[i]);
    free(picture->lines);
}

static void note(const char *mark, const WCHAR *line)
{
    char text[1000] = "";

    WideCharToMultiByte(CP_UTF8, 0, line, wcslen(line) < 300 ? -1 : 300, text, sizeof text - 1, NULL, NULL);
    test_note("    %s %s", mark, text);
}

/* In how many lines `after` is not `before` and `added` (sorted, may be NULL). Tells the first of them, if asked to. */
static size_t differences(const struct picture *before, const struct picture *after, const struct picture *added,
                          bool tell)
{
    static const struct picture nothing;
    size_t b = 0, a = 0, n = 0, wrong = 0;

    if (!added) added = &nothing;
    while (b < before->count || a < after->count || n < added->count) {
        const WCHAR *was = b < before->count ? before->lines[b] : NULL, *is = a < after->count ? after->lines[a] : NULL;
        const WCHAR *due = n < added->count ? added->lines[n] : NULL;
        bool due_next = due && (!was || wcscmp(due, was) < 0);
        const WCHAR *want = due_next ? due : was;
        int order = !want ? 1 : !is ? -1 : wcscmp(want, is);

        if (order && wrong++ < 20 && tell) note(order < 0 ? "missing:   " : "unexpected:", order < 0 ? want : is);
        if (order <= 0 && due_next) n++;
        else if (order <= 0) b++;
        if (order >= 0) a++;
    }
    return wrong;
}

static void check_added(const struct picture *before, const struct picture *after, const struct picture *added)
{
    check_int(differences(before, after, added, true), 0);
}

/* --- what ought to be there --- */

static void expect_value(struct picture *picture, const WCHAR *key, const WCHAR *name, const WCHAR *text)
{
    add_line(picture, value_line(key, name, REG_SZ, (const BYTE *)text, (wcslen(text) + 1) * sizeof *text));
}

static void expect_key(struct picture *picture, const WCHAR *root, const WCHAR *below, const WCHAR *text)
{
    WCHAR key[200];

    swprintf(key, ARRAYSIZE(key), L"%ls%ls", root, below);
    add_line(picture, _wcsdup(key));
    expect_value(picture, key, L"", text);
}

static void expect_class(struct picture *picture, const CLSID *clsid, const WCHAR *progid, const WCHAR *title,
                         const WCHAR *path)
{
    WCHAR guid[39], versioned[100], root[200];

    StringFromGUID2(clsid, guid, ARRAYSIZE(guid));
    swprintf(versioned, ARRAYSIZE(versioned), L"%ls.1", progid);

    swprintf(root, ARRAYSIZE(root), CLASSES L"CLSID\\%ls", guid);
    expect_key(picture, root, L"", title);
    expect_key(picture, root, L"\\InprocServer32", path);
    expect_key(picture, root, L"\\ProgID", versioned);
    expect_key(picture, root, L"\\VersionIndependentProgID", progid);
    wcscat(root, L"\\InprocServer32");
    expect_value(picture, root, L"ThreadingModel", L"Both");

    swprintf(root, ARRAYSIZE(root), CLASSES L"%ls", versioned);
    expect_key(picture, root, L"", title);
    expect_key(picture, root, L"\\CLSID", guid);

    swprintf(root, ARRAYSIZE(root), CLASSES L"%ls", progid);
    expect_key(picture, root, L"", title);
    expect_key(picture, root, L"\\CLSID", guid);
    expect_key(picture, root, L"\\CurVer", versioned);
}

static void expect_source(struct picture *picture, const WCHAR *source, const WCHAR *path)
{
    DWORD type = wcschr(path, '%') ? REG_SZ : REG_EXPAND_SZ, types = 7;

    add_line(picture, _wcsdup(source));
    add_line(picture, value_line(source, L"EventMessageFile", type, (const BYTE *)path, (wcslen(path) + 1) * sizeof *path));
    add_line(picture, value_line(source, L"TypesSupported", REG_DWORD, (const BYTE *)&types, sizeof types));
}

static void expect_log(struct picture *picture)
{
    static const WCHAR file[] = L"%SystemRoot%\\System32\\winevt\\Logs\\CertWitness-Journal.evtx";
    DWORD bytes = 32 << 20, retention = 0;

    add_line(picture, _wcsdup(OUR_LOG));
    add_line(picture, value_line(OUR_LOG, L"File", REG_EXPAND_SZ, (const BYTE *)file, sizeof file));
    add_line(picture, value_line(OUR_LOG, L"MaxSize", REG_DWORD, (const BYTE *)&bytes, sizeof bytes));
    add_line(picture, value_line(OUR_LOG, L"Retention", REG_DWORD, (const BYTE *)&retention, sizeof retention));
}

static struct picture expected(const WCHAR *path)
{
    struct picture picture = {0};

    expect_log(&picture);
    expect_source(&picture, SOURCE, path);
    expect_source(&picture, OLD_SOURCE, path);
    expect_class(&picture, &CLSID_Exit, L"CertWitness.Exit", L"CertWitness exit module", path);
    expect_class(&picture, &CLSID_ExitManage, L"CertWitness.ExitManage", L"CertWitness exit module, management", path);
    return sorted(picture);
}

static struct picture expected_of_console(const WCHAR *path)
{
    struct picture picture = {0};

    expect_class(&picture, &CLSID_ExitManage, L"CertWitness.ExitManage", L"CertWitness exit module, management", path);
    return sorted(picture);
}

/*
 * The places where classes of ours could be, our log and the sources of the Application log, and the user's classes: for tests that need no more,
 * since the whole takes seconds.
 */
static struct picture neighbourhood(void)
{
    static const WCHAR *const names[] = {L"CertWitness", L"CertWitness.Exit", L"CertWitness.Exit.1",
                                         L"CertWitness.Exit.10", L"CertWitness.ExitManage", L"CertWitness.ExitManage.1",
                                         L"CertWitness.ExitX"};
    const GUID *guids[] = {&CLSID_Exit, &CLSID_ExitManage};
    struct picture picture = {0};
    WCHAR path[200], guid[39];

    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        swprintf(path, ARRAYSIZE(path), CLASSES L"%ls", names[i]);
        add_key(&picture, HKEY_LOCAL_MACHINE, path + wcslen(L"HKLM\\"), path);
    }
    for (size_t i = 0; i < ARRAYSIZE(guids); i++) {
        StringFromGUID2(guids[i], guid, ARRAYSIZE(guid));
        swprintf(path, ARRAYSIZE(path), CLASSES L"CLSID\\%ls", guid);
        add_key(&picture, HKEY_LOCAL_MACHINE, path + wcslen(L"HKLM\\"), path);
    }
    add_key(&picture, HKEY_LOCAL_MACHINE, LOG + wcslen(L"HKLM\\"), LOG);
    add_key(&picture, HKEY_LOCAL_MACHINE, OUR_LOG + wcslen(L"HKLM\\"), OUR_LOG);
    add_key(&picture, HKEY_CURRENT_USER, L"Software\\Classes", L"HKCU\\Software\\Classes");
    return sorted(picture);
}

/* check_added of the machine as it is now. */
static void check_added_now(const struct picture *before, const struct picture *added)
{
    struct picture after = neighbourhood();

    check_added(before, &after, added);
    forget(&after);
}

/* --- the module under test --- */

/* Load the module that lies at `path`, call one of its functions without arguments, and unload it. */
static HRESULT ask(const WCHAR *path, const char *name)
{
    HMODULE module = LoadLibraryW(path);
    HRESULT (WINAPI *function)(void);
    HRESULT hr;

    if (!check(module != NULL)) return E_FAIL;
    function = (void *)GetProcAddress(module, name);
    hr = check(function != NULL) ? function() : E_FAIL;
    check(FreeLibrary(module));
    return hr;
}

/* How the loader spells the path of a DLL: what GetModuleFileName makes of \\?\ is not the same everywhere. */
static const WCHAR *spelled(const WCHAR *path)
{
    static WCHAR full[1000];
    HMODULE module = LoadLibraryW(path);

    full[0] = 0;
    if (check(module != NULL)) GetModuleFileNameW(module, full, ARRAYSIZE(full));
    FreeLibrary(module);
    return full;
}

static HRESULT enter(void)
{
    return ask(module_path(), "DllRegisterServer");
}

static HRESULT leave(void)
{
    return ask(module_path(), "DllUnregisterServer");
}

static DWORD regsvr32(const WCHAR *options)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    WCHAR command[600];
    DWORD code = 4711;

    swprintf(command, ARRAYSIZE(command), L"regsvr32.exe %ls \"%ls\"", options, module_path());
    if (!check(CreateProcessW(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))) return code;
    check(WaitForSingleObject(process.hProcess, 60000) == WAIT_OBJECT_0);
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
    return code;
}

/* --- keys that tests put in the way: `path` starts with HKLM\, or something as long --- */

static HKEY put_key(HKEY root, const WCHAR *path, DWORD options)
{
    HKEY key = NULL;

    check_int(RegCreateKeyExW(root, path + wcslen(L"HKLM\\"), 0, NULL, options, KEY_ALL_ACCESS, NULL, &key, NULL), 0);
    return key;
}

static void put_value(HKEY root, const WCHAR *path, const WCHAR *name, DWORD type, const void *data, DWORD size)
{
    HKEY key = put_key(root, path, 0);

    check_int(RegSetValueExW(key, name, 0, type, data, size), 0);
    RegCloseKey(key);
}

static void remove_key(HKEY root, const WCHAR *path)
{
    check_int(RegDeleteTreeW(root, path + wcslen(L"HKLM\\")), 0);
}

static WCHAR *class_path(const CLSID *clsid, const WCHAR *below)
{
    static WCHAR path[200];
    WCHAR guid[39];

    StringFromGUID2(clsid, guid, ARRAYSIZE(guid));
    swprintf(path, ARRAYSIZE(path), CLASSES L"CLSID\\%ls%ls", guid, below);
    return path;
}

/* --- the tests --- */

static struct picture found;            /* the whole registry without us in it */
static WCHAR found_path[1000];          /* where the module was registered from when we came, if it was */

/* A user who never had classes of his own gets these two keys for the time of the tests. */
static const WCHAR *const user_keys[] = {L"HKCU\\Software\\Classes", L"HKCU\\Software\\Classes\\CLSID"};
static DWORD user_keys_new[ARRAYSIZE(user_keys)];

TEST(the_user_has_classes_of_his_own)
{
    for (size_t i = 0; i < ARRAYSIZE(user_keys); i++) {
        HKEY key = NULL;

        check_int(RegCreateKeyExW(HKEY_CURRENT_USER, user_keys[i] + wcslen(L"HKCU\\"), 0, NULL, 0, KEY_READ, NULL, &key,
                                  &user_keys_new[i]), 0);
        RegCloseKey(key);
    }
}

TEST(the_comparison_sees_a_key_a_name_a_type_and_a_byte)
{
    static const struct { const WCHAR *name; DWORD type; const void *data; DWORD size; } values[] = {
        {L"n\u00e4me", REG_SZ, L"a", 4}, {L"n\u00e4me", REG_BINARY, L"a", 4}, {L"n\u00e4me", REG_BINARY, L"a", 3},
        {L"n\u00e4me", REG_BINARY, L"b", 3}, {L"n\u00e4me", REG_BINARY, NULL, 0}, {L"", REG_BINARY, NULL, 0},
    };
    const WCHAR *path = L"HKCU\\Software\\Classes\\CertWitness test";
    struct picture before = neighbourhood(), last = {0}, after, due;

    for (size_t i = 0; i < ARRAYSIZE(values); i++) {
        due = (struct picture){0};
        add_line(&due, _wcsdup(path));
        add_line(&due, value_line(path, values[i].name, values[i].type, values[i].data, values[i].size));
        put_value(HKEY_CURRENT_USER, path, values[i].name, values[i].type, values[i].data, values[i].size);
        after = neighbourhood();
        check_added(&before, &after, &due);
        check_int(differences(&before, &after, NULL, false), 2);        /* a key and a value */
        check_int(differences(&after, &before, NULL, false), 2);
        if (i) check_int(differences(&last, &after, NULL, false), 2);   /* one value gone, another there */
        remove_key(HKEY_CURRENT_USER, path);
        forget(&last);
        forget(&due);
        last = after;
    }
    check_added_now(&before, NULL);
    forget(&last);
    forget(&before);
}

static HKEY make_link(HKEY root, const WCHAR *path, const WCHAR *target)
{
    HKEY key = NULL;

    check_int(RegCreateKeyExW(root, path, 0, NULL, REG_OPTION_VOLATILE | REG_OPTION_CREATE_LINK, KEY_ALL_ACCESS, NULL, &key, NULL), 0);
    check_int(RegSetValueExW(key, L"SymbolicLinkValue", 0, REG_LINK, (const BYTE *)target, wcslen(target) * sizeof *target), 0);
    return key;
}

static size_t lines_with(const struct picture *picture, const WCHAR *part)
{
    size_t found = 0;

    for (size_t i = 0; i < picture->count; i++) found += wcsstr(picture->lines[i], part) != NULL;
    return found;
}

TEST(a_key_that_a_link_leads_to_is_told_once)
{
    static const WCHAR path[] = L"Software\\Classes\\CertWitness link", real[] = L"HKLM\\Software\\Classes\\CertWitness real";
    struct picture before = whole_registry(), after;
    NTSTATUS (WINAPI *delete_key)(HANDLE) = (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtDeleteKey");
    HKEY link = make_link(HKEY_LOCAL_MACHINE, path, L"\\Registry\\Machine\\Software\\Classes\\CertWitness real");

    put_value(HKEY_LOCAL_MACHINE, real, L"told", REG_SZ, L"once", 10);
    after = whole_registry();
    check_int(lines_with(&after, L"CertWitness real\\\\told"), 1);
    check_int(lines_with(&after, L"CertWitness link"), 1);
    check_int(differences(&before, &after, NULL, false), 3);            /* the link; the key, with its value */
    forget(&after);
    remove_key(HKEY_LOCAL_MACHINE, real);
    check(!delete_key(link));
    RegCloseKey(link);
    after = whole_registry();
    check_added(&before, &after, NULL);
    check(lines_with(&after, SYSTEM_KEY L"CurrentControlSet\\Services") > 0);
    forget(&after);
    forget(&before);
}

/* Also sees to it that the pictures to come show the same desktop, with the same programs running. */
TEST(unregistering_succeeds_whether_or_not_there_is_anything)
{
    DWORD size = sizeof found_path;

    if (RegGetValueW(HKEY_LOCAL_MACHINE, class_path(&CLSID_Exit, L"\\InprocServer32") + wcslen(L"HKLM\\"), NULL,
                     RRF_RT_REG_SZ, NULL, found_path, &size)) found_path[0] = 0;
    GetDesktopWindow();
    check_int(regsvr32(L"/s /u"), 0);
    check_hr(leave(), S_OK);
    check_hr(leave(), S_OK);
    found = whole_registry();
}

/* As a script would, which makes the module read its type library. */
static void use(const CLSID *clsid, const WCHAR *method)
{
    OLECHAR *names[] = {(OLECHAR *)method};
    IDispatch *object = NULL;
    DISPID id;

    if (!check_hr(CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&object), S_OK)) return;
    check_hr(IDispatch_GetIDsOfNames(object, &IID_NULL, names, 1, 0, &id), S_OK);
    check(IDispatch_Release(object) == 0);
}

TEST(registering_and_using_adds_our_classes_and_event_source_to_the_whole_registry_and_nothing_else)
{
    struct picture due = expected(module_path()), after;
    WCHAR guid[39], library[100];
    HKEY key;

    check_hr(enter(), S_OK);
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    use(&CLSID_Exit, L"Notify");
    use(&CLSID_ExitManage, L"Configure");
    CoUninitialize();
    after = whole_registry();
    check_added(&found, &after, &due);
    StringFromGUID2(&LIBID_CertWitness, guid, ARRAYSIZE(guid));
    swprintf(library, ARRAYSIZE(library), CLASSES L"TypeLib\\%ls", guid);
    check_int(RegOpenKeyExW(HKEY_LOCAL_MACHINE, library + wcslen(L"HKLM\\"), 0, KEY_READ, &key), ERROR_FILE_NOT_FOUND);
    forget(&after);
    forget(&due);
}

TEST(registering_again_changes_nothing)
{
    struct picture before;

    check_hr(enter(), S_OK);
    before = neighbourhood();
    check_hr(enter(), S_OK);
    check_int(regsvr32(L"/s"), 0);
    check_added_now(&before, NULL);
    forget(&before);
}

TEST(regsvr32_registers_and_unregisters_as_the_dll_does)
{
    struct picture due = expected(module_path()), before;

    check_hr(leave(), S_OK);
    before = neighbourhood();
    check_int(regsvr32(L"/s"), 0);
    check_added_now(&before, &due);
    check_int(regsvr32(L"/s /u"), 0);
    check_added_now(&before, NULL);
    forget(&before);
    forget(&due);
}

TEST(regsvr32_registers_the_snap_ins_class_alone_when_it_is_told_console)
{
    struct picture due = expected_of_console(module_path()), before;

    check_hr(leave(), S_OK);
    before = neighbourhood();
    check_int(regsvr32(L"/s /n /i:console"), 0);
    check_added_now(&before, &due);
    check(regsvr32(L"/s /n /i:Console") != 0);                          /* a word that is not known changes nothing */
    check(regsvr32(L"/s /n /i:consoles /u") != 0);
    check_added_now(&before, &due);
    check_int(regsvr32(L"/s /n /u /i:console"), 0);
    check_added_now(&before, NULL);
    forget(&before);
    forget(&due);
}

TEST(the_console_takes_nothing_from_a_module_that_is_registered_whole)
{
    struct picture before, after;

    check_hr(enter(), S_OK);
    before = neighbourhood();
    check_int(regsvr32(L"/s /n /i:console"), 0);
    after = neighbourhood();
    check_added(&before, &after, NULL);
    check_hr(leave(), S_OK);
    forget(&before);
    forget(&after);
}

/*
 * Below a volatile key only volatile ones can be made: registration gets half way, to the CLSID below the last ProgID.
 */
static const WCHAR obstacle[] = CLASSES L"CertWitness.ExitManage";

TEST(a_registration_that_fails_half_way_takes_back_what_it_wrote)
{
    struct picture before, after;

    check_hr(leave(), S_OK);
    RegCloseKey(put_key(HKEY_LOCAL_MACHINE, obstacle, REG_OPTION_VOLATILE));
    before = neighbourhood();
    check_hr(enter(), HRESULT_FROM_WIN32(ERROR_CHILD_MUST_BE_VOLATILE));
    check(regsvr32(L"/s") != 0);
    after = neighbourhood();
    check_added(&before, &after, NULL);
    remove_key(HKEY_LOCAL_MACHINE, obstacle);
    forget(&before);
    forget(&after);
}

TEST(a_failed_registration_leaves_an_older_one_as_it_was)
{
    static WCHAR long_path[5000];
    struct picture before, after;

    check_hr(enter(), S_OK);
    wmemset(long_path, L'\u00fc', ARRAYSIZE(long_path) - 1);
    put_value(HKEY_LOCAL_MACHINE, class_path(&CLSID_Exit, L"\\InprocServer32"), NULL, REG_EXPAND_SZ, long_path,
              sizeof long_path);
    put_value(HKEY_LOCAL_MACHINE, class_path(&CLSID_Exit, L"\\InprocServer32"), L"ThreadingModel", REG_DWORD, L"ab", 4);
    put_value(HKEY_LOCAL_MACHINE, class_path(&CLSID_Exit, L"\\ProgID"), NULL, REG_SZ, L"odd", 5);
    put_value(HKEY_LOCAL_MACHINE, class_path(&CLSID_ExitManage, L""), NULL, REG_BINARY, NULL, 0);
    put_value(HKEY_LOCAL_MACHINE, class_path(&CLSID_ExitManage, L""), L"AppID", REG_SZ, L"x", 4);
    put_value(HKEY_LOCAL_MACHINE, SOURCE, L"EventMessageFile", REG_MULTI_SZ, L"a\0b\0", 10);
    put_value(HKEY_LOCAL_MACHINE, SOURCE, L"TypesSupported", REG_BINARY, NULL, 0);
    remove_key(HKEY_LOCAL_MACHINE, CLASSES L"CertWitness.Exit.1\\CLSID");
    remove_key(HKEY_LOCAL_MACHINE, obstacle);
    RegCloseKey(put_key(HKEY_LOCAL_MACHINE, obstacle, REG_OPTION_VOLATILE));

    before = neighbourhood();
    check_hr(enter(), HRESULT_FROM_WIN32(ERROR_CHILD_MUST_BE_VOLATILE));
    after = neighbourhood();
    check_added(&before, &after, NULL);
    check_hr(leave(), S_OK);                                            /* takes all of that, the obstacle too */
    forget(&before);
    forget(&after);
}

TEST(classes_of_the_user_with_our_names_are_left_alone)
{
    WCHAR user[200];
    struct picture due = expected(module_path()), before, after;

    check_hr(leave(), S_OK);
    wcscpy(user, class_path(&CLSID_Exit, L"\\InprocServer32"));         /* HKCR would now lead to these */
    put_value(HKEY_CURRENT_USER, user, NULL, REG_SZ, L"C:\\user.dll", 24);
    put_value(HKEY_CURRENT_USER, CLASSES L"CertWitness.Exit", NULL, REG_SZ, L"user", 10);
    before = neighbourhood();
    check_hr(enter(), S_OK);
    check_added_now(&before, &due);
    check_hr(leave(), S_OK);
    after = neighbourhood();
    check_added(&before, &after, NULL);
    remove_key(HKEY_CURRENT_USER, class_path(&CLSID_Exit, L""));
    remove_key(HKEY_CURRENT_USER, CLASSES L"CertWitness.Exit");
    forget(&before);
    forget(&after);
    forget(&due);
}

TEST(unregistering_takes_our_keys_whole_and_leaves_names_that_look_alike)
{
    static const WCHAR *const alike[] = {CLASSES L"CertWitness", CLASSES L"CertWitness.Exit.10",
                                         CLASSES L"CertWitness.ExitX"};
    struct picture before, after;

    check_hr(leave(), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(alike); i++) put_value(HKEY_LOCAL_MACHINE, alike[i], L"n", REG_SZ, L"x", 4);
    before = neighbourhood();
    check_hr(enter(), S_OK);
    put_value(HKEY_LOCAL_MACHINE, class_path(&CLSID_Exit, L"\\Implemented Categories\\{x}"), L"n", REG_SZ, L"x", 4);
    put_value(HKEY_LOCAL_MACHINE, CLASSES L"CertWitness.Exit\\shell\\open", NULL, REG_SZ, L"x", 4);
    check_hr(leave(), S_OK);
    after = neighbourhood();
    check_added(&before, &after, NULL);
    for (size_t i = 0; i < ARRAYSIZE(alike); i++) remove_key(HKEY_LOCAL_MACHINE, alike[i]);
    forget(&before);
    forget(&after);
}

TEST(an_event_source_that_was_half_there_is_left_half_there_by_a_failed_registration)
{
    struct picture before, after;

    check_hr(leave(), S_OK);
    put_value(HKEY_LOCAL_MACHINE, SOURCE, L"TypesSupported", REG_DWORD, L"\1", 4);
    RegCloseKey(put_key(HKEY_LOCAL_MACHINE, obstacle, REG_OPTION_VOLATILE));
    before = neighbourhood();
    check_hr(enter(), HRESULT_FROM_WIN32(ERROR_CHILD_MUST_BE_VOLATILE));
    after = neighbourhood();
    check_added(&before, &after, NULL);
    check_hr(leave(), S_OK);
    forget(&before);
    forget(&after);
}

TEST(the_size_and_file_of_the_log_that_an_administrator_has_chosen_stay_when_it_is_registered_again)
{
    DWORD bytes = 256 << 20;
    struct picture before, after;

    check_hr(leave(), S_OK);
    check_hr(enter(), S_OK);
    put_value(HKEY_LOCAL_MACHINE, OUR_LOG, L"MaxSize", REG_DWORD, &bytes, sizeof bytes);
    put_value(HKEY_LOCAL_MACHINE, OUR_LOG, L"File", REG_EXPAND_SZ, L"E:\\x.evtx", 20);
    put_value(HKEY_LOCAL_MACHINE, OUR_LOG, L"AutoBackupLogFiles", REG_DWORD, L"\1", 4);
    before = neighbourhood();
    check_hr(enter(), S_OK);
    check_added_now(&before, NULL);
    check_hr(leave(), S_OK);
    after = neighbourhood();
    for (size_t i = 0; i < after.count; i++) check(!wcsstr(after.lines[i], OUR_LOG));
    forget(&before);
    forget(&after);
}

TEST(the_log_stays_while_it_has_a_source_of_somebody_elses)
{
    struct picture before;

    check_hr(leave(), S_OK);
    check_hr(enter(), S_OK);
    put_value(HKEY_LOCAL_MACHINE, OUR_LOG L"\\Theirs", L"EventMessageFile", REG_SZ, L"x", 4);
    check_hr(leave(), S_OK);
    before = neighbourhood();
    check_hr(enter(), S_OK);
    check_hr(leave(), S_OK);
    check_added_now(&before, NULL);
    forget(&before);
    remove_key(HKEY_LOCAL_MACHINE, OUR_LOG);
}

TEST(unregistering_leaves_other_event_sources_and_what_others_put_into_ours)
{
    static const WCHAR *const others[] = {LOG L"\\CertWitness2", LOG L"\\CertWitnes", OLD_SOURCE L"\\theirs"};
    struct picture before, after;

    check_hr(leave(), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(others); i++) put_value(HKEY_LOCAL_MACHINE, others[i], L"EventMessageFile", REG_SZ, L"x", 4);
    before = neighbourhood();
    check_hr(enter(), S_OK);
    check_hr(leave(), S_OK);
    check_added_now(&before, NULL);
    forget(&before);

    remove_key(HKEY_LOCAL_MACHINE, others[2]);
    put_value(HKEY_LOCAL_MACHINE, OLD_SOURCE, L"CustomSD", REG_SZ, L"x", 4);
    before = neighbourhood();
    check_hr(enter(), S_OK);
    check_hr(leave(), S_OK);
    after = neighbourhood();
    check_added(&before, &after, NULL);
    for (size_t i = 0; i < 2; i++) remove_key(HKEY_LOCAL_MACHINE, others[i]);
    remove_key(HKEY_LOCAL_MACHINE, OLD_SOURCE);
    forget(&before);
    forget(&after);
}

/* Names that a shell, a format string or an 8-bit program would trip over; the second is longer than MAX_PATH. */
TEST(the_path_is_registered_as_it_is_whatever_stands_in_it)
{
    WCHAR temp[MAX_PATH], folder[2][600], path[700];

    GetTempPathW(ARRAYSIZE(temp), temp);
    swprintf(folder[0], 600, L"%ls\u00c4 & %%TEMP%% %%s%%n ;'\u4e2d\u6587", temp);
    swprintf(folder[1], 600, L"\\\\?\\%ls%0150d\\%0150d", temp, 1, 2);
    for (int i = 0; i < 2; i++) {
        struct picture due, before;

        check_hr(leave(), S_OK);
        before = neighbourhood();
        if (i) {
            wcscpy(path, folder[i]);
            *wcsrchr(path, '\\') = 0;
            check(CreateDirectoryW(path, NULL));
        }
        check(CreateDirectoryW(folder[i], NULL));
        swprintf(path, ARRAYSIZE(path), L"%ls\\certwitness.dll", folder[i]);
        if (check(CopyFileW(module_path(), path, FALSE)) && check_hr(ask(path, "DllRegisterServer"), S_OK)) {
            due = expected(spelled(path));
            check(wcslen(spelled(path)) >= wcslen(path) - wcslen(L"\\\\?\\"));
            check_added_now(&before, &due);
            forget(&due);
            check_hr(ask(path, "DllUnregisterServer"), S_OK);
        }
        check(DeleteFileW(path));
        check(RemoveDirectoryW(folder[i]));
        if (i) *wcsrchr(folder[i], '\\') = 0, check(RemoveDirectoryW(folder[i]));
        forget(&before);
    }
}

static LSTATUS in_view(const WCHAR *path, REGSAM view)
{
    HKEY key = NULL;
    LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, path + wcslen(L"HKLM\\"), 0, KEY_QUERY_VALUE | view, &key);

    if (!error) RegCloseKey(key);
    return error;
}

/* A process of 32 bits cannot load the DLL: it has to be told that there is no such class. On Windows both views share the names; on Wine 8 they do not. */
TEST(no_class_is_registered_for_programs_of_32_bits_and_neither_view_keeps_anything)
{
    static const CLSID *const clsids[] = {&CLSID_Exit, &CLSID_ExitManage};
    static const WCHAR *const names[] = {CLASSES L"CertWitness.Exit", CLASSES L"CertWitness.Exit.1\\CLSID", CLASSES L"CertWitness.ExitManage"};

    for (int registered = 1; registered >= 0; registered--) {
        LSTATUS due = registered ? ERROR_SUCCESS : ERROR_FILE_NOT_FOUND;

        check_hr(registered ? enter() : leave(), S_OK);
        for (size_t i = 0; i < ARRAYSIZE(clsids); i++) {
            check_int(in_view(class_path(clsids[i], L"\\InprocServer32"), KEY_WOW64_64KEY), due);
            check_int(in_view(class_path(clsids[i], L""), KEY_WOW64_32KEY), ERROR_FILE_NOT_FOUND);
        }
        for (size_t i = 0; i < ARRAYSIZE(names); i++) check_int(in_view(names[i], KEY_WOW64_64KEY), due);
        if (!registered) for (size_t i = 0; i < ARRAYSIZE(names); i++) check_int(in_view(names[i], KEY_WOW64_32KEY), due);
    }
}

TEST(after_all_that_the_whole_registry_is_as_it_was)
{
    struct picture after;

    check_hr(enter(), S_OK);
    check_hr(leave(), S_OK);
    after = whole_registry();
    check_added(&found, &after, NULL);
    forget(&after);
    forget(&found);
    for (size_t i = ARRAYSIZE(user_keys); i-- > 0;) {
        if (user_keys_new[i] != REG_CREATED_NEW_KEY) continue;
        check_int(RegDeleteKeyW(HKEY_CURRENT_USER, user_keys[i] + wcslen(L"HKCU\\")), 0);
    }
    if (found_path[0]) check_hr(ask(found_path, "DllRegisterServer"), S_OK);
}
