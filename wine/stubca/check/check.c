/*
 * Examining a module.
 *
 * Parent and child share the table of rules. A child is started as
 *
 *     stubca check --child HANDLE STATES LIMIT-MS QUICK-MS FOLDER KEY PROGID
 *
 * STATES has a letter for each rule: `.` not yet, `h` holds, `b` broken, `n` not examined. The
 * child examines from the first `.` on until a rule is broken in a way that leaves something
 * behind, which must spoil no other, and writes to the pipe HANDLE, line by line:
 *
 *     B                    a rule begins, or goes on: its time begins anew
 *     W                    the same, but what comes is our own work and may take a minute
 *     U WINDOW             a window was shown: the rule `ui` is broken, whichever other was being
 *                          examined
 *     h|b|n REASON         the rule's finding
 */
#include "check.h"

#include "check_rules.h"
#include "check_spy.h"
#include "check_windows.h"
#include "stubca/host/configuration.h"
#include "stubca/base/heap.h"
#include "stubca/base/tap.h"
#include "stubca/base/text.h"
#include "stubca/host/type_info.h"

#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 0, BROKE = 1, CANNOT = 2 };

const struct rule rules[] = {
    {"progid", "the ProgID has the form X.Exit, without a version", "B.8", NULL, rule_progid},
    {"registered", "ProgID, class and DLL lead to each other", "B.8", NULL, rule_registered},
    {"threading", "the class is registered with ThreadingModel Both", "J3", NULL, rule_threading},
    {"exports",
     "the DLL exports DllGetClassObject, DllCanUnloadNow, DllRegisterServer, DllUnregisterServer",
     "J1", "registered", rule_exports},
    {"created", "an object can be created, and released without Initialize", "B.10", "registered",
     rule_created},
    {"interfaces", "it answers IUnknown, IDispatch, ICertExit and ICertExit2, or IDispatch alone",
     "J2, B.6", "created", rule_interfaces},
    {"late", "what IDispatch offers by name does what the interface does", "B.6", "interfaces",
     rule_late},
    {"identity", "QueryInterface knows one identity, is symmetric and transitive and keeps to it",
     "J2, COM", "interfaces", rule_identity},
    {"counts", "AddRef, Release and QueryInterface count right, and the last Release says 0",
     "J2, COM", "identity", rule_counts},
    {"outputs", "outputs are set before anything fails", "J4", "counts", rule_outputs},
    {"arguments", "NULL and missing arguments are refused, not followed", "J7, D.4", "counts",
     rule_arguments},
    {"initialize", "Initialize succeeds", "B.2", "created", rule_initialize},
    {"mask", "the event mask holds events that there are", "J13, B.2", "initialize", rule_mask},
    {"description", "GetDescription gives a name of its own, not \"Windows default\"", "J9, B.5",
     "initialize", rule_description},
    {"returns", "Notify returns from every event", "J6", "initialize", rule_returns},
    {"throws", "nothing is thrown out of Notify", "J7", "returns", rule_throws},
    {"succeeds", "Notify succeeds for every event that was asked for", "B.3, J13", "throws",
     rule_succeeds},
    {"quick", "Notify returns quickly", "J6", "throws", rule_quick},
    {"bound", "a request is asked about after SetContext", "J12, C.1", "throws", rule_bound},
    {"held", "no context is used once its Notify has returned", "J6, B.3", "throws", rule_held},
    {"unknown", "unknown and combined events are passed over", "J8", "throws", rule_unknown},
    {"zero", "a request's event without a context does no harm", "J8", "throws", rule_zero},
    {"dead", "an event whose context is dead does no harm", "J8, C.1", "throws", rule_dead},
    {"key", "Initialize succeeds without the module's registry key", "J8, B.2", "initialize",
     rule_key},
    {"empty", "a CA that answers CERTSRV_E_PROPERTY_EMPTY to everything does no harm", "J8",
     "throws", rule_empty},
    {"odd", "values of odd sizes and kinds do no harm", "J10, I-26", "empty quick", rule_odd},
    {"strings", "BSTRs and VARIANTs are freed, once, and by their owner", "J11", "throws quick",
     rule_strings},
    {"memory", "memory does not grow with the events", "J11", "throws quick", rule_memory},
    {"handles", "handles do not grow with the events", "B.3", "throws quick", rule_handles},
    {"failing", "a CA whose answers fail at random does no harm, and nothing leaks then", "J4, J11",
     "strings memory empty", rule_failing},
    {"concurrent", "eight threads may notify it at the same time", "J3, J12",
     "succeeds quick held bound", rule_concurrent},
    {"threads", "no thread is left after the last Release", "B.1", "throws", rule_threads},
    {"manage", "what describes it to the CA's snap-in does so", "B.5, D", "counts", rule_manage},
    {"unload", "the DLL unloads after the last Release, and not before", "J1, B.1", "threads",
     rule_unload},
    {"ui", "no window is shown", "J5", "throws", rule_ui},
};
const int rule_count = ARRAYSIZE(rules);

enum { RULES = ARRAYSIZE(rules) };

static bool has_word(const char *words, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word)) {
        if ((at == words || at[-1] == ' ') && (at[size] == ' ' || !at[size])) return true;
    }
    return false;
}

/* The child. */

static HANDLE report;
static SRWLOCK report_lock = SRWLOCK_INIT;

static void tell_parent(const char *line)
{
    char *whole = text_format("%s\n", line);
    DWORD written;

    for (char *c = whole; c[1]; c++) if (*c == '\n' || *c == '\r') *c = ' ';
    AcquireSRWLockExclusive(&report_lock);
    WriteFile(report, whole, (DWORD)strlen(whole), &written, NULL);
    ReleaseSRWLockExclusive(&report_lock);
    free(whole);
}

void check_goes_on(void)
{
    tell_parent("B");
}

void check_works(void)
{
    tell_parent("W");
}

static void tell_of_window(const char *what)
{
    char *line = text_format("U %s", what);

    tell_parent(line);
    free(line);
}

/* Do the rules hold without which this one says nothing? What could not be examined is not known to
 * hold. */
static bool needs_hold(const struct rule *rule, const char *states, char *why, size_t size)
{
    for (int i = 0; rule->needs && i < rule_count; i++) {
        if (states[i] == 'h' || states[i] == '.' || !has_word(rule->needs, rules[i].name)) continue;
        snprintf(why, size, "it says nothing where `%s` is broken or was not examined",
                 rules[i].name);
        return false;
    }
    return true;
}

struct examination {
    struct examined *it;
    const struct rule *rule;
    enum finding finding;
};

static void examine(void *argument)
{
    struct examination *examination = argument;

    examination->finding = examination->rule->examine(examination->it);
}

static enum finding examine_rule(struct examined *it, const struct rule *rule)
{
    struct examination examination = {it, rule, BROKEN};
    struct fault fault;

    *it->why = '\0';
    it->tidy = false;
    check_goes_on();
    if (guard_run(examine, &examination, &fault)) return examination.finding;
    return broken(it, "an exception escaped from it: 0x%08lx at %p", fault.code, fault.address);
}

static int examine_from(struct examined *it, char *states)
{
    for (int i = (int)strcspn(states, "."); i < rule_count; i++) {
        enum finding finding;
        char *line;

        if (!needs_hold(&rules[i], states, it->why, sizeof it->why)) finding = NOT_EXAMINED;
        else finding = examine_rule(it, &rules[i]);
        states[i] = "hbn"[finding];
        line = text_format("%c %s", states[i], it->why);
        tell_parent(line);
        free(line);
        if (finding == BROKEN && !it->tidy) break;
    }
    return 0;
}

static int child(char **arguments)
{
    struct examined it = {.limit_ms = strtoul(arguments[2], NULL, 10),
                          .quick_ms = strtoul(arguments[3], NULL, 10),
                          .folder = arguments[4],
                          .key = arguments[5],
                          .progid = arguments[6]};
    void(WINAPI * no_cache)(void) =
        (void *)GetProcAddress(GetModuleHandleW(L"oleaut32.dll"), "SetOaNoCache");

    if (no_cache) no_cache(); /* before the first BSTR: what is freed must be seen to be freed */
    check_spy_begin();
    report = (HANDLE)(uintptr_t)strtoull(arguments[0], NULL, 10);
    if (SUCCEEDED(exit_class(it.progid, &it.clsid))) {
        it.dll = exit_class_value(&it.clsid, L"\\InprocServer32", NULL);
        it.threading = exit_class_value(&it.clsid, L"\\InprocServer32", L"ThreadingModel");
    }
    it.apartment = !it.threading || !_wcsicmp(it.threading, L"Apartment") || !*it.threading;
    CoInitializeEx(NULL, it.apartment ? COINIT_APARTMENTTHREADED : COINIT_MULTITHREADED);
    check_windows_watch(tell_of_window);
    check_windows_refuse();
    examine_from(&it, arguments[1]);
    TerminateProcess(GetCurrentProcess(), 0); /* threads of the module's keep nothing from ending */
    return CANNOT;
}

/* The parent. */

struct checking {
    const char *progid;
    DWORD limit_ms, quick_ms;
    char *folder, *key;
    char states[RULES + 1];
    int broken;
    char window[512];                   /* the first that was shown, in any of the processes; "" */
};

static struct configuration *written;   /* the CA's keys, for tap_bail_out too */

static void check_clean_up(void)
{
    configuration_remove(written);
    written = NULL;
    type_library_unregister();
}

static void check_say(struct checking *checking, int i, char state, const char *why)
{
    const struct rule *rule = &rules[i];

    if (rule->examine == rule_ui && *checking->window) state = 'b', why = checking->window;
    checking->states[i] = state;
    checking->broken += state == 'b';
    if (state == 'n')
        tap_result(true, "%s: %s (%s) # SKIP %s", rule->name, rule->title, rule->source, why);
    else tap_result(state == 'h', "%s: %s (%s)", rule->name, rule->title, rule->source);
    if (state != 'n' && *why) tap_note("%s: %s", rule->name, why);
}

/* A child process and the pipe on which it reports. */
struct process {
    HANDLE process, pipe;
    char text[4096];                    /* what has come and is no whole line yet */
    size_t size;
    bool works;                         /* at something of our own */
};

static WCHAR *command_line(const struct checking *checking, HANDLE pipe)
{
    WCHAR path[MAX_PATH + 1], *line, *rest;
    char *utf8, *whole;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    utf8 = text_utf8(path);
    whole = text_format("\"%s\" check --child %llu %s %lu %lu \"%s\" \"%s\" \"%s\"", utf8,
                        (unsigned long long)(uintptr_t)pipe, checking->states, checking->limit_ms,
                        checking->quick_ms, checking->folder,
                        checking->key, checking->progid);
    line = text_wide(whole);
    rest = heap_take((wcslen(line) + 1) * sizeof *rest);
    wcscpy(rest, line);
    free(line);
    free(utf8);
    free(whole);
    return rest;
}

/* The child inherits nothing but its end of the pipe and our standard error, to which it may print
 * what it likes. */
static bool check_start(const struct checking *checking, struct process *process)
{
    SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
    STARTUPINFOW startup = {.cb = sizeof startup,
                            .dwFlags = STARTF_USESTDHANDLES,
                            .hStdOutput = GetStdHandle(STD_ERROR_HANDLE),
                            .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
    PROCESS_INFORMATION information;
    HANDLE theirs;
    WCHAR *line;
    BOOL started;

    memset(process, 0, sizeof *process);
    if (!CreatePipe(&process->pipe, &theirs, &inherited, 0)) return false;
    SetHandleInformation(process->pipe, HANDLE_FLAG_INHERIT, 0);
    line = command_line(checking, theirs);
    started = CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &information);
    CloseHandle(theirs);
    free(line);
    if (!started) {
        CloseHandle(process->pipe);
        return false;
    }
    process->process = information.hProcess;
    CloseHandle(information.hThread);
    return true;
}

/* What has come. False: nothing. */
static bool receive(struct process *process)
{
    DWORD there = 0, got = 0;

    if (!PeekNamedPipe(process->pipe, NULL, 0, NULL, &there, NULL) || !there) return false;
    there = min(there, (DWORD)(sizeof process->text - 1 - process->size));
    if (!ReadFile(process->pipe, process->text + process->size, there, &got, NULL)) return false;
    process->size += got;
    process->text[process->size] = '\0';
    return true;
}

/* Take the whole lines; returns how many rules have been settled. A line that is longer than there
 * is room for is cut. */
static int check_settle(struct checking *checking, struct process *process, int *rule)
{
    char *line = process->text, *end;
    int settled = 0;

    while ((end = strchr(line, '\n')) ||
           (line == process->text && process->size == sizeof process->text - 1)) {
        if (!end) end = process->text + process->size - 1;
        *end = '\0';
        if (*line != 'U') process->works = *line == 'W';
        else if (!*checking->window)
            snprintf(checking->window, sizeof checking->window, "%s", line + 2);
        if (!strchr("BWU", *line) && *rule < rule_count) {
            check_say(checking, (*rule)++, *line, *line && line[1] ? line + 2 : "");
            settled++;
        }
        line = end + 1;
    }
    process->size -= (size_t)(line - process->text);
    memmove(process->text, line, process->size + 1);
    return settled;
}

/* Watch a child until it ends or is ended. `rule` is the one that it begins with; returns the one
 * to go on with. */
static int watch(struct checking *checking, struct process *process, int rule)
{
    ULONGLONG since = GetTickCount64();
    int first = rule;
    bool ended = false;
    DWORD code = 0;
    char *why;

    for (;;) {
        if (receive(process)) {
            check_settle(checking, process, &rule);
            since = GetTickCount64();
        } else if (ended ||
                   GetTickCount64() - since >= checking->limit_ms + (process->works ? 60000 : 0)) {
            break;
        } else {
            ended = WaitForSingleObject(process->process, 5) == WAIT_OBJECT_0;
        }
    }
    if (!ended)
        why =
            text_format("nothing happened for %lu s: a call into the module does not return%s%s",
                        checking->limit_ms / 1000, *checking->window ? "; " : "", checking->window);
    else if (GetExitCodeProcess(process->process, &code) && !code && rule > first) return rule;
    else why = text_format("the process ended in the middle of it, with code 0x%lx", code);
    TerminateProcess(process->process, 2);
    WaitForSingleObject(process->process, 10000);
    if (ended && code == CANNOT && rule == first) tap_bail_out("%s", why);
    check_say(checking, rule, 'b', why);
    free(why);
    return rule + 1;
}

static void examine_all(struct checking *checking)
{
    struct process process;
    int rule = 0;

    while (rule < rule_count) {
        if (!check_start(checking, &process)) tap_bail_out("no process can be started");
        rule = watch(checking, &process, rule);
        CloseHandle(process.process);
        CloseHandle(process.pipe);
    }
}

/* A folder of ours among the temporary ones. */
static char *folder_open(void)
{
    WCHAR path[MAX_PATH + 1];
    char *temp, *folder;

    GetTempPathW(MAX_PATH, path);
    temp = text_utf8(path);
    folder = text_format("%sstubca-check-%lu", temp, GetCurrentProcessId());
    for (char *c = folder; *c; c++) if (*c == '\\') *c = '/';
    free(temp);
    return folder;
}

static void folder_remove(char *folder)
{
    char *pattern = text_format("%s/*", folder);
    WCHAR *wide = text_wide(pattern), *wide_folder = text_wide(folder);
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(wide, &found);

    while (search != INVALID_HANDLE_VALUE) {
        WCHAR path[2 * MAX_PATH];

        if (wcslen(wide_folder) + wcslen(found.cFileName) + 2 < ARRAYSIZE(path)) {
            wcscat(wcscat(wcscpy(path, wide_folder), L"/"), found.cFileName);
            DeleteFileW(path);
        }
        if (!FindNextFileW(search, &found)) break;
    }
    if (search != INVALID_HANDLE_VALUE) FindClose(search);
    RemoveDirectoryW(wide_folder);
    free(pattern);
    free(wide);
    free(wide_folder);
    free(folder);
}

static bool make_key(const char *path)
{
    WCHAR *wide = text_wide(path);
    HKEY key;
    LSTATUS error =
        RegCreateKeyExW(HKEY_LOCAL_MACHINE, wide, 0, NULL, 0, KEY_READ, NULL, &key, NULL);

    if (!error) RegCloseKey(key);
    free(wide);
    return !error;
}

static int examine_module(struct checking *checking, const struct module_entry *entry)
{
    struct reason reason = {""};
    CLSID clsid;
    HRESULT hr = exit_class(checking->progid, &clsid);

    if (FAILED(hr)) {
        fprintf(stderr,
                "stubca: %s is not registered (0x%08lx); register its DLL with regsvr32 first\n",
                checking->progid, (unsigned long)hr);
        return CANNOT;
    }
    tap_on_bail_out(check_clean_up);
    checking->key = configuration_module_path("Check CA", checking->progid);
    if (FAILED(configuration_write("Check CA", entry, 1, &written, &reason)) ||
        !make_key(checking->key)) {
        check_clean_up();
        fprintf(stderr, "stubca: %s\n",
                *reason.text ? reason.text : "the module's registry key cannot be made");
        return CANNOT;
    }
    tap_plan(rule_count);
    memset(checking->states, '.', RULES);
    checking->folder = folder_open();
    examine_all(checking);
    folder_remove(checking->folder);
    free(checking->key);
    check_clean_up();
    return checking->broken ? BROKE : KEPT;
}

static int usage(void)
{
    fputs("stubca: expected `stubca check [--seconds=N] [--quick-ms=N] PROGID [NAME=VALUE...]`\n",
          stderr);
    return CANNOT;
}

static bool option(const char *argument, const char *name, DWORD *value)
{
    size_t size = strlen(name);
    char *end;

    if (strncmp(argument, name, size)) return false;
    *value = strtoul(argument + size, &end, 10);
    return *value && *value < 100000 && !*end;
}

int check(int count, char **arguments)
{
    struct checking checking = {.quick_ms = 1000};
    struct module_entry entry = {0};
    DWORD seconds = 20;

    if (count == 8 && !strcmp(arguments[0], "--child")) return child(arguments + 1);
    for (; count && **arguments == '-'; count--, arguments++) {
        if (!option(*arguments, "--seconds=", &seconds) &&
            !option(*arguments, "--quick-ms=", &checking.quick_ms))
            return usage();
    }
    if (!count || !**arguments || strpbrk(*arguments, "\\\"=")) return usage();
    checking.progid = entry.progid = arguments[0];
    checking.limit_ms = seconds * 1000;
    entry.values = heap_take((size_t)count * sizeof *entry.values);
    for (int i = 1; i < count; i++) {
        char *equals = strchr(arguments[i], '=');

        if (!equals || equals == arguments[i]) return usage();
        *equals = '\0';
        entry.values[entry.count++] = (struct module_value){arguments[i], equals + 1};
    }
    return examine_module(&checking, &entry);
}

void check_print_help(void)
{
    puts("");
    text_print(0, "`stubca check [--seconds=N] [--quick-ms=N] PROGID [NAME=VALUE...]` examines a "
                  "registered module and prints a "
                  "line of TAP for each rule, with the place in the contract that it comes from. "
                  "NAME=VALUE goes into the "
                  "module's own key, as in `module`. A module in which nothing happens for "
                  "--seconds (20) counts as hung; "
                  "Notify is quick below --quick-ms (1000). Exit code: 0 every rule holds, 1 one "
                  "is broken, 2 not examined.");
    puts("");
    for (int i = 0; i < rule_count; i++) {
        char *words = text_format("%s (%s)", rules[i].title, rules[i].source);

        printf("  %-12s ", rules[i].name);
        text_print(15, words);
        free(words);
    }
}
