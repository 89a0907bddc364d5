/*
 * What tests of the installation need of Windows: a service that does nothing, a file that somebody has open, a key that may not be written.
 *
 *   helper.exe service FILE           run by the service manager, slow to start and to stop as a CA is; adds a line to FILE for each. It does not
 *                                     start where there is FILE.broken; before it starts it opens the folder that FILE.opens names to everybody
 *   helper.exe hold FILE SECONDS      has FILE, or the folder, open and shares it with nobody
 *   helper.exe read FILE SECONDS      has FILE open for reading and lets others read and write, not remove it
 *   helper.exe keep PATH SECONDS      has file or folder open with the right to delete and rename it, and shares it with everybody
 *   helper.exe short PATH             tells the path of file or folder in short names, as Windows makes them of long ones
 *   helper.exe load NAME              loads a DLL by that name, and tells where it was found
 *   helper.exe hide FOLDER            leaves everybody the right to pass through the folder, and no other
 *   helper.exe protect KEY SDDL       gives the key below HKLM these permissions
 *   helper.exe registry WORD...       one after the other, of keys below HKLM: delete KEY, put KEY NAME TYPE HEX, dump KEY (all that stands
 *                                     below it: key, name, type and bytes, with tabs between), set KEY NAME TYPE HEX (put, in a key that is
 *                                     there, as certutil -setreg does)
 *   helper.exe filtered COMMAND       runs it as an administrator's programs run that were not elevated: Administrators is there for denying
 *                                     alone. Ends with the command's exit code
 *   certutil.exe WORD...              a copy of that name: adds the words as a line to the file HELPER_LOG and ends with HELPER_CODE
 */
#include <windows.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define SLOW_MS 500

static SERVICE_STATUS_HANDLE handle;
static HANDLE stopped;
static const WCHAR *log_file;

static void note(const char *line)
{
    FILE *log = _wfopen(log_file, L"a");

    if (log) fputs(line, log), fclose(log);
}

static void tell(DWORD state, DWORD code)
{
    SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS, .dwCurrentState = state, .dwWin32ExitCode = code,
                             .dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP : 0};

    SetServiceStatus(handle, &status);
}

static void WINAPI control(DWORD code)
{
    if (code != SERVICE_CONTROL_STOP) return;
    tell(SERVICE_STOP_PENDING, 0);
    SetEvent(stopped);
}

static int permit(const WCHAR *folder, const WCHAR *sddl)
{
    PSECURITY_DESCRIPTOR descriptor;

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &descriptor, NULL)) return 2;
    return !SetFileSecurityW(folder, DACL_SECURITY_INFORMATION, descriptor);
}

static void open_what_is_named(void)
{
    WCHAR name[1024], folder[1024];
    FILE *file;

    _snwprintf(name, ARRAYSIZE(name), L"%ls.opens", log_file);
    if (!(file = _wfopen(name, L"r"))) return;
    if (fgetws(folder, ARRAYSIZE(folder), file)) permit(folder, L"D:P(A;OICI;FA;;;WD)");
    fclose(file);
}

static void WINAPI run(DWORD count, WCHAR **arguments)
{
    WCHAR broken[1024];

    (void)count, (void)arguments;
    _snwprintf(broken, ARRAYSIZE(broken), L"%ls.broken", log_file);
    handle = RegisterServiceCtrlHandlerW(L"CertSvc", control);
    tell(SERVICE_START_PENDING, 0);
    Sleep(SLOW_MS);
    if (GetFileAttributesW(broken) != INVALID_FILE_ATTRIBUTES) {
        tell(SERVICE_STOPPED, ERROR_FILE_CORRUPT);
        return;
    }
    open_what_is_named();
    note("started\n");
    tell(SERVICE_RUNNING, 0);
    WaitForSingleObject(stopped, 600000);
    Sleep(SLOW_MS);
    note("stopped\n");
    tell(SERVICE_STOPPED, 0);
}

static int serve(const WCHAR *file)
{
    SERVICE_TABLE_ENTRYW table[] = {{(WCHAR *)L"CertSvc", run}, {0}};

    log_file = file;
    stopped = CreateEventW(NULL, TRUE, FALSE, NULL);
    return !StartServiceCtrlDispatcherW(table);
}

static int hold(HANDLE handle, const WCHAR *seconds)
{
    if (handle == INVALID_HANDLE_VALUE) return 1;
    puts("held");
    fflush(stdout);
    Sleep(1000 * (DWORD)_wtoi(seconds));
    return 0;
}

static int protect(const WCHAR *path, const WCHAR *sddl)
{
    PSECURITY_DESCRIPTOR descriptor;
    HKEY key;

    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &descriptor, NULL)) return 2;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, WRITE_DAC, &key)) return 3;
    return RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, descriptor) != 0;
}

/* Any name: wprintf would stop at what the locale does not know. */
static void print(const WCHAR *text)
{
    static char utf8[1 << 16];

    WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL);
    fputs(utf8, stdout);
}

static int load(const WCHAR *name)
{
    HMODULE dll = LoadLibraryW(name);
    WCHAR path[MAX_PATH];

    if (!dll || !GetModuleFileNameW(dll, path, ARRAYSIZE(path))) return 1;
    print(path);
    return 0;
}

static void dump_values(HKEY key, const WCHAR *path)
{
    static BYTE data[1 << 20];
    WCHAR name[16384];
    DWORD type, size, length;

    print(path);
    puts("");
    for (DWORD i = 0; size = sizeof data, length = ARRAYSIZE(name), !RegEnumValueW(key, i, name, &length, NULL, &type, data, &size); i++) {
        print(path);
        fputs("\t", stdout);
        print(name);
        printf("\t%lu\t", type);
        for (DWORD at = 0; at < size; at++) printf("%02x", data[at]);
        puts("");
    }
}

static void dump(const WCHAR *path)
{
    WCHAR name[256], below[1024];
    DWORD length;
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key)) return;
    dump_values(key, path);
    for (DWORD i = 0; length = ARRAYSIZE(name), !RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL); i++) {
        _snwprintf(below, ARRAYSIZE(below), L"%ls\\%ls", path, name);
        dump(below);
    }
    RegCloseKey(key);
}

static LSTATUS open_key(const WCHAR *path, BOOL make, HKEY *key)
{
    if (!make) return RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_SET_VALUE, key);
    return RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_SET_VALUE, NULL, key, NULL);
}

static int put(BOOL make, const WCHAR *path, const WCHAR *name, const WCHAR *type, const WCHAR *hex)
{
    size_t size = wcslen(hex) / 2;
    BYTE *data = malloc(size + 1);
    unsigned byte;
    LSTATUS error;
    HKEY key;

    for (size_t i = 0; i < size; i++) swscanf(hex + 2 * i, L"%2x", &byte), data[i] = (BYTE)byte;
    if (!(error = open_key(path, make, &key))) {
        error = RegSetValueExW(key, *name ? name : NULL, 0, _wtoi(type), data, (DWORD)size);
        RegCloseKey(key);
    }
    if (error) fwprintf(stderr, L"put %ls, \"%ls\": error %ld\n", path, name, error);
    free(data);
    return error;
}

static int registry(int count, WCHAR **words)
{
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    for (int i = 0; i < count;) {
        if (!wcscmp(words[i], L"delete") && i + 1 < count) RegDeleteTreeW(HKEY_LOCAL_MACHINE, words[i + 1]), i += 2;
        else if (!wcscmp(words[i], L"dump") && i + 1 < count) dump(words[i + 1]), i += 2;
        else if (!wcscmp(words[i], L"put") && i + 4 < count && !put(TRUE, words[i + 1], words[i + 2], words[i + 3], words[i + 4])) i += 5;
        else if (!wcscmp(words[i], L"set") && i + 4 < count && !put(FALSE, words[i + 1], words[i + 2], words[i + 3], words[i + 4])) i += 5;
        else return 4;
    }
    return 0;
}

static int filtered(WCHAR *command)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators, code = 0;
    SID_AND_ATTRIBUTES denying = {administrators, 0};
    PROCESS_INFORMATION process;
    HANDLE token, less;

    if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size)) return 5;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token) ||
        !CreateRestrictedToken(token, 0, 1, &denying, 0, NULL, 0, NULL, &less)) return 6;
    if (!CreateProcessAsUserW(less, NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) return 7;
    WaitForSingleObject(process.hProcess, INFINITE);
    return GetExitCodeProcess(process.hProcess, &code) ? (int)code : 8;
}

/* Called certutil.exe: notes what it was given, with tabs between, and ends as it is told to. */
static int play_certutil(int argc, WCHAR **argv)
{
    const WCHAR *path = _wgetenv(L"HELPER_LOG"), *code = _wgetenv(L"HELPER_CODE");
    FILE *log = path ? _wfopen(path, L"ab") : NULL;

    if (!log) return 8;
    for (int i = 1; i < argc; i++) {
        char utf8[4096];

        WideCharToMultiByte(CP_UTF8, 0, argv[i], -1, utf8, sizeof utf8, NULL, NULL);
        fprintf(log, i > 1 ? "\t%s" : "%s", utf8);
    }
    fputs("\n", log);
    fclose(log);
    return code ? _wtoi(code) : 0;
}

static int shorten(const WCHAR *path)
{
    WCHAR name[MAX_PATH];

    if (!GetShortPathNameW(path, name, MAX_PATH)) return 2;
    wprintf(L"%ls\n", name);
    return 0;
}

int wmain(int argc, WCHAR **argv)
{
    const WCHAR *name = wcsrchr(argv[0], '\\');

    if (!_wcsicmp(name ? name + 1 : argv[0], L"certutil.exe")) return play_certutil(argc, argv);
    if (argc == 3 && !wcscmp(argv[1], L"service")) return serve(argv[2]);
    if (argc == 4 && !wcscmp(argv[1], L"hold"))
        return hold(CreateFileW(argv[2], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, FILE_FLAG_BACKUP_SEMANTICS, NULL), argv[3]);
    if (argc == 4 && !wcscmp(argv[1], L"read"))
        return hold(CreateFileW(argv[2], GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL), argv[3]);
    if (argc == 4 && !wcscmp(argv[1], L"keep"))
        return hold(CreateFileW(argv[2], DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL),
                    argv[3]);
    if (argc == 3 && !wcscmp(argv[1], L"short")) return shorten(argv[2]);
    if (argc == 3 && !wcscmp(argv[1], L"load")) return load(argv[2]);
    if (argc == 3 && !wcscmp(argv[1], L"hide")) return permit(argv[2], L"D:P(A;;0x100020;;;WD)");
    if (argc == 4 && !wcscmp(argv[1], L"protect")) return protect(argv[2], argv[3]);
    if (argc > 1 && !wcscmp(argv[1], L"registry")) return registry(argc - 2, argv + 2);
    if (argc == 3 && !wcscmp(argv[1], L"filtered")) return filtered(argv[2]);
    return 9;
}
