#include "step.h"

#include "base/error_windows.h"
#include "base/folder_windows.h"
#include "purge.h"
#include "schedule.h"
#include "settings/event_log.h"
#include "base/plural.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* "Registered X.", "Would register X.", "Will register X." */
static void tell_step(const struct listener *listener, enum mood mood, const WCHAR *done,
                      const WCHAR *verb, const WCHAR *format, ...)
{
    static const WCHAR *const before[] = {
        [MOOD_DONE] = L"", [MOOD_WOULD] = L"Would ", [MOOD_WILL] = L"Will "};
    WCHAR rest[LISTENER_TEXT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vswprintf(rest, ARRAYSIZE(rest), format, arguments);
    va_end(arguments);
    rest[ARRAYSIZE(rest) - 1] = 0;      /* vswprintf does not end a text that it had to cut */
    listener_tell(listener, TONE_DONE, L"%ls%ls %ls", before[mood], mood == MOOD_DONE ? done : verb,
                  rest);
}

/* --- the registry --- */

static bool step_may_write(const WCHAR *key, REGSAM access, const struct listener *listener)
{
    HKEY handle;
    LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, key, 0, access | KEY_WOW64_64KEY, &handle);

    if (!error) {
        RegCloseKey(handle);
        return true;
    }
    if (error == ERROR_FILE_NOT_FOUND)
        return true; /* it is made, or there is nothing to be removed */
    listener_tell(listener, TONE_REFUSED,
                  L"HKLM\\%ls cannot be written (%ls). Run this elevated, as an administrator of "
                  L"this machine; if that does "
                  L"not help, look at the key's permissions in regedit.",
                  key, error == ERROR_ACCESS_DENIED ? L"access is denied" : L"error");
    return false;
}

/* --- the journal's folder --- */

static void show_folder(const struct step *step, const struct machine *machine, enum mood mood,
                        const struct listener *listener)
{
    (void)machine;
    tell_step(listener, mood, L"Created", L"create",
              L"the journal's folder %ls, open to SYSTEM and Administrators only.", step->path);
    listener_tell(listener, TONE_TOUCHED, L"%ls", step->path);
}

/* These folders do not keep the journal from being written. */
static void step_warn_above(void *listener, const WCHAR *sentence)
{
    listener_tell(listener, TONE_NOTE, L"Warning: %ls", sentence);
}

static bool step_check_folder(const struct step *step, const struct machine *machine,
                              const struct listener *listener)
{
    WCHAR why[FOLDER_WHY_MAX];
    enum folder_answer answer;

    (void)machine;
    if (!folder_has_drive(step->path)) {
        listener_tell(listener, TONE_REFUSED,
                      L"%ls: there is no drive %lc: now. Attach it, or choose another folder with "
                      L"--journal. On the node of "
                      L"a cluster that does not have the CA now, use --register-only.",
                      step->path, step->path[0]);
        return false;
    }
    answer = folder_judge(step->path, NULL, why);
    if (answer == FOLDER_UNJUDGED)
        listener_tell(listener, TONE_REFUSED, L"%ls No journal is put where that is not known.",
                      why);
    if (answer == FOLDER_UNFIT)
        listener_tell(
            listener, TONE_REFUSED,
            L"%ls No journal may be there: another account that can write to it could change the "
            L"journal. Choose another folder "
            L"with --journal, or make this one fit with icacls, as the manual says under Settings.",
            why);
    if (folder_is_refused(answer)) return false;
    folder_above(step->path, step_warn_above, (void *)listener);
    return true;
}

static HRESULT do_folder(const struct step *step, const struct machine *machine,
                         const struct listener *listener)
{
    WCHAR path[SETTINGS_PATH_MAX + FOLDER_LONG_SIZE];
    bool was_there = folder_is_there(step->path);
    HANDLE folder;
    HRESULT hr;

    (void)machine;
    swprintf(path, ARRAYSIZE(path), FOLDER_LONG_PATH L"%ls", step->path);
    if (SUCCEEDED(hr = folder_hold(path, &folder))) CloseHandle(folder);
    else
        listener_tell(
            listener, TONE_REFUSED,
            L"%ls cannot be made (error 0x%08lx). See that the disk is there and can be written.",
            step->path, hr);
    return hr == S_OK && was_there ? S_FALSE : hr;
}

/* --- registration --- */

static void show_keys(bool console_only, const struct listener *listener)
{
    WCHAR room[128];
    const WCHAR *key;

    for (unsigned i = 0; (key = module_key(i, console_only, room)); i++)
        listener_tell(listener, TONE_TOUCHED, L"HKLM\\%ls", key);
}

static void show_register(const struct step *step, const struct machine *machine, enum mood mood,
                          const struct listener *listener)
{
    bool console_only = step->kind == STEP_REGISTER_CONSOLE;

    tell_step(listener, mood, L"Registered", L"register",
              console_only ? L"%ls for the CA's snap-in alone." : L"%ls.", machine->module.dll);
    show_keys(console_only, listener);
    if (*module_other(&machine->module))
        listener_tell(listener, TONE_NOTE, L"This module takes the place of %ls.",
                      module_other(&machine->module));
}

static bool check_keys(bool console_only, const struct listener *listener)
{
    WCHAR room[128];
    const WCHAR *key;

    if (!step_may_write(L"Software\\Classes", KEY_CREATE_SUB_KEY, listener)) return false;
    for (unsigned i = 0; (key = module_key(i, console_only, room)); i++)
        if (!step_may_write(key, KEY_SET_VALUE | KEY_CREATE_SUB_KEY, listener)) return false;
    return true;
}

/* The CA runs the file there as SYSTEM, and its snap-in runs it as the person who opens that. */
static bool judge_place(const struct module *module, struct folder_held *held,
                        const struct listener *listener)
{
    WCHAR why[FOLDER_WHY_MAX];
    enum folder_answer answer = module_judge_place(module->dll, held, why);

    if (answer == FOLDER_MISSING)
        listener_tell(listener, TONE_REFUSED, L"%ls is not there any more.", module->dll);
    if (answer == FOLDER_UNJUDGED)
        listener_tell(listener, TONE_REFUSED,
                      L"%ls The CA runs nothing of which that is not known. Copy CertWitness to "
                      L"C:\\Program Files\\CertWitness, "
                      L"and run this from there.",
                      why);
    if (answer == FOLDER_UNFIT)
        listener_tell(listener, TONE_REFUSED,
                      L"%ls The CA would run whatever is put there. Copy CertWitness to a folder "
                      L"that only administrators can write "
                      L"to, such as C:\\Program Files\\CertWitness (a file that is moved there "
                      L"keeps its permissions), and run this from there.",
                      why);
    return answer == FOLDER_FIT;
}

static bool check_register(const struct step *step, const struct machine *machine,
                           const struct listener *listener)
{
    if (!machine->module.is_there) {
        listener_tell(
            listener, TONE_REFUSED,
            L"%ls is not there. Keep certwitness.exe and certwitness.dll in one folder, such as "
            L"C:\\Program Files\\CertWitness.",
            machine->module.dll);
        return false;
    }
    return judge_place(&machine->module, NULL, listener) &&
           check_keys(step->kind == STEP_REGISTER_CONSOLE, listener);
}

/* The file that was judged is registered: it is held meanwhile, so that no other can replace it. */
static HRESULT do_register(const struct step *step, const struct machine *machine,
                           const struct listener *listener)
{
    struct folder_held held = {0};
    HRESULT hr = HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);

    if (judge_place(&machine->module, &held, listener)) {
        hr = module_register(&machine->module, step->kind == STEP_REGISTER_CONSOLE);
        if (FAILED(hr))
            listener_tell(listener, TONE_REFUSED, L"%ls could not register itself (error 0x%08lx).",
                          machine->module.dll, hr);
    }
    folder_let_go(&held);
    return hr;
}

static void show_unregister(const struct step *step, const struct machine *machine, enum mood mood,
                            const struct listener *listener)
{
    (void)step;
    tell_step(listener, mood, L"Unregistered", L"unregister", L"%ls.", machine->module.dll);
    show_keys(false, listener);
}

static bool check_unregister(const struct step *step, const struct machine *machine,
                             const struct listener *listener)
{
    (void)step, (void)machine;
    return check_keys(false, listener);
}

static HRESULT do_unregister(const struct step *step, const struct machine *machine,
                             const struct listener *listener)
{
    HRESULT hr = module_unregister();

    (void)step, (void)machine;
    if (FAILED(hr))
        listener_tell(listener, TONE_REFUSED,
                      L"Not all keys of the module could be removed (error 0x%08lx).", hr);
    return hr;
}

/* --- a CA's list of modules --- */

static void show_activate(const struct step *step, const struct machine *machine, enum mood mood,
                          const struct listener *listener)
{
    (void)machine;
    tell_step(
        listener, mood, L"Added", L"add",
        EXIT_MODULE_LIST_NAME L" to the exit modules of the CA \"%ls\", after those in the list.",
        step->ca->name);
    listener_tell(listener, TONE_TOUCHED, L"HKLM\\%ls\\Active", step->ca->modules_key);
}

static void show_deactivate(const struct step *step, const struct machine *machine, enum mood mood,
                            const struct listener *listener)
{
    (void)machine;
    tell_step(listener, mood, L"Removed", L"remove",
              EXIT_MODULE_LIST_NAME L" from the exit modules of the CA \"%ls\"; the others stay.",
              step->ca->name);
    listener_tell(listener, TONE_TOUCHED, L"HKLM\\%ls\\Active", step->ca->modules_key);
}

static bool check_active(const struct step *step, const struct machine *machine,
                         const struct listener *listener)
{
    const struct ca *ca = step->ca;
    const WCHAR *why = L"It cannot be read.";

    (void)machine;
    if (!ca->error && exit_module_list_check(&ca->active, &why))
        return step_may_write(ca->modules_key, KEY_SET_VALUE, listener);
    listener_tell(listener, TONE_REFUSED,
                  L"HKLM\\%ls\\Active is not touched: %ls%ls Look at it in regedit: it has to be a "
                  L"REG_MULTI_SZ with one module "
                  L"to a line, such as CertificateAuthority_MicrosoftDefault.Exit.",
                  ca->modules_key, why,
                  ca->error == ERROR_ACCESS_DENIED ? L" Access is denied: run this elevated."
                                                   : L"");
    return false;
}

/* The list is read again: another program may have changed it since the plan was made. */
static HRESULT change_active(const struct ca *ca,
                             HRESULT (*change)(const struct exit_module_list *active,
                                               struct exit_module_list *out))
{
    struct exit_module_list before = {.type = REG_NONE}, after = {0};
    HRESULT hr = E_OUTOFMEMORY;
    LSTATUS error;
    HKEY key;

    if ((error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, ca->modules_key, 0,
                               KEY_QUERY_VALUE | KEY_SET_VALUE | KEY_WOW64_64KEY, &key)))
        return HRESULT_FROM_WIN32(error);
    if (!(before.data = calloc(1, EXIT_MODULE_LIST_SIZE_MAX + 4 * sizeof(WCHAR)))) goto done;
    before.size = EXIT_MODULE_LIST_SIZE_MAX;
    error = RegQueryValueExW(key, L"Active", NULL, &before.type, (BYTE *)before.data, &before.size);
    if (error == ERROR_FILE_NOT_FOUND) before.size = 0, before.type = REG_NONE, error = 0;
    if (!error && (before.type != ca->active.type || before.size != ca->active.size ||
                   memcmp(before.data, ca->active.data, before.size)))
        error = ERROR_INVALID_DATA;
    hr = HRESULT_FROM_WIN32(error);
    if (SUCCEEDED(hr)) hr = change(&before, &after);
    if (SUCCEEDED(hr))
        hr = HRESULT_FROM_WIN32(
            RegSetValueExW(key, L"Active", 0, REG_MULTI_SZ, (const BYTE *)after.data, after.size));
done:
    exit_module_list_free(&before);
    exit_module_list_free(&after);
    RegCloseKey(key);
    return hr;
}

static HRESULT do_active(const struct step *step, const struct machine *machine,
                         const struct listener *listener)
{
    HRESULT hr = change_active(step->ca, step->kind == STEP_ACTIVATE ? exit_module_list_with
                                                                     : exit_module_list_without);

    (void)machine;
    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA))
        listener_tell(listener, TONE_REFUSED,
                      L"HKLM\\%ls\\Active was changed by another program in this moment, and was "
                      L"not written. Run this again.",
                      step->ca->modules_key);
    else if (FAILED(hr))
        listener_tell(listener, TONE_REFUSED,
                      L"HKLM\\%ls\\Active could not be written (error 0x%08lx).",
                      step->ca->modules_key, hr);
    return hr;
}

/* --- the setting JournalDirectory --- */

static void show_directory(const struct step *step, const struct machine *machine, enum mood mood,
                           const struct listener *listener)
{
    (void)machine;
    tell_step(listener, mood, L"Set", L"set", L"JournalDirectory of the CA \"%ls\" to %ls.",
              step->ca->name, step->path);
    listener_tell(listener, TONE_TOUCHED, L"HKLM\\%ls\\JournalDirectory", step->ca->module_key);
}

static bool check_directory(const struct step *step, const struct machine *machine,
                            const struct listener *listener)
{
    WCHAR why[SETTINGS_TEXT_MAX];

    (void)machine;
    if (!settings_check(SETTING_JOURNAL_DIRECTORY, step->path, why)) {
        listener_tell(listener, TONE_REFUSED, L"%ls cannot be a journal's folder. %ls", step->path,
                      why);
        return false;
    }
    return step_may_write(step->ca->modules_key, KEY_CREATE_SUB_KEY, listener) &&
           step_may_write(step->ca->module_key, KEY_SET_VALUE, listener);
}

static HRESULT do_directory(const struct step *step, const struct machine *machine,
                            const struct listener *listener)
{
    const struct settings_change change = {SETTING_JOURNAL_DIRECTORY, step->path};
    WCHAR why[SETTINGS_TEXT_MAX];
    HRESULT hr = settings_write(HKEY_LOCAL_MACHINE, step->ca->module_key, &change, 1, why);

    (void)machine;
    if (FAILED(hr)) listener_tell(listener, TONE_REFUSED, L"%ls", why);
    return hr;
}

/* --- the key for a CA's settings, so that certutil -setreg finds it --- */

static void show_key(const struct step *step, const struct machine *machine, enum mood mood,
                     const struct listener *listener)
{
    (void)machine;
    tell_step(listener, mood, L"Created", L"create",
              L"the registry key for the settings of the CA \"%ls\".", step->ca->name);
    listener_tell(listener, TONE_TOUCHED, L"HKLM\\%ls", step->ca->module_key);
}

static bool check_key(const struct step *step, const struct machine *machine,
                      const struct listener *listener)
{
    (void)machine;
    return step_may_write(step->ca->modules_key, KEY_CREATE_SUB_KEY, listener);
}

/* Within the CA's own key, which has to be there. */
static HRESULT do_key(const struct step *step, const struct machine *machine,
                      const struct listener *listener)
{
    DWORD disposition = REG_CREATED_NEW_KEY;
    HKEY modules, key;
    LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, step->ca->modules_key, 0,
                                  KEY_CREATE_SUB_KEY | KEY_WOW64_64KEY, &modules);

    (void)machine;
    if (!error) {
        error = RegCreateKeyExW(modules, CAS_MODULE, 0, NULL, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY,
                                NULL, &key, &disposition);
        RegCloseKey(modules);
        if (!error) RegCloseKey(key);
    }
    if (error)
        listener_tell(listener, TONE_REFUSED, L"HKLM\\%ls could not be created (error %ld).",
                      step->ca->module_key, error);
    return !error && disposition == REG_OPENED_EXISTING_KEY ? S_FALSE : HRESULT_FROM_WIN32(error);
}

bool step_key_is_empty(const struct ca *ca)
{
    DWORD keys = 1, values = 1;
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, ca->module_key, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY,
                      &key))
        return false;
    if (RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL))
        keys = 1;
    RegCloseKey(key);
    return !keys && !values;
}

static void show_key_remove(const struct step *step, const struct machine *machine, enum mood mood,
                            const struct listener *listener)
{
    (void)machine;
    tell_step(listener, mood, L"Removed", L"remove",
              L"the empty registry key for the settings of the CA \"%ls\".", step->ca->name);
    listener_tell(listener, TONE_TOUCHED, L"HKLM\\%ls", step->ca->module_key);
}

static bool check_key_remove(const struct step *step, const struct machine *machine,
                             const struct listener *listener)
{
    (void)machine;
    return step_may_write(step->ca->module_key, DELETE, listener);
}

/* A setting that was made after the plan stays. */
static HRESULT do_key_remove(const struct step *step, const struct machine *machine,
                             const struct listener *listener)
{
    LSTATUS error;

    (void)machine;
    if (!step_key_is_empty(step->ca)) return S_FALSE;
    if ((error = RegDeleteKeyExW(HKEY_LOCAL_MACHINE, step->ca->module_key, KEY_WOW64_64KEY, 0)))
        listener_tell(listener, TONE_REFUSED, L"HKLM\\%ls could not be removed (error %ld).",
                      step->ca->module_key, error);
    return HRESULT_FROM_WIN32(error);
}

/* --- the service --- */

static void show_restart(const struct step *step, const struct machine *machine, enum mood mood,
                         const struct listener *listener)
{
    (void)step, (void)machine;
    tell_step(listener, mood, L"Restarted", L"restart",
              L"the CA's service CertSvc, and the services that depend on it.");
}

static bool check_restart(const struct step *step, const struct machine *machine,
                          const struct listener *listener)
{
    (void)step;
    if (machine->is_clustered) {
        listener_tell(
            listener, TONE_REFUSED,
            L"CertSvc is a resource of a failover cluster, which would take a stop for a failure: "
            L"leave out --restart, and "
            L"take the resource offline and online again in the Failover Cluster Manager.");
        return false;
    }
    return true;
}

static HRESULT do_restart(const struct step *step, const struct machine *machine,
                          const struct listener *listener)
{
    (void)step, (void)machine;
    listener_tell(listener, TONE_DONE, L"Restarting the CA's service ...");
    return service_restart(listener);
}

/* --- the journal and the settings, for good --- */

static void show_purge(const struct step *step, const struct machine *machine, enum mood mood,
                       const struct listener *listener)
{
    (void)machine;
    if (mood == MOOD_DONE)
        tell_step(listener, mood, L"Removed", L"", L"the journal of the CA \"%ls\" for good: %ls",
                  step->ca->name, step->path);
    else
        tell_step(listener, mood, L"", L"remove",
                  L"the journal of the CA \"%ls\" for good, %I64u %hs in %ls", step->ca->name,
                  step->files, plural(step->files, "file", "files"), step->path);
    listener_tell(listener, TONE_TOUCHED, L"%ls", step->path);
}

/* Nothing is removed from a folder where others could have put something else in the place of what
 * is removed. */
static enum folder_answer judge_purge(const struct step *step, struct folder_held *held,
                                      const struct listener *listener)
{
    WCHAR why[FOLDER_WHY_MAX];
    enum folder_answer answer = folder_judge(step->path, held, why);

    if (!folder_is_refused(answer)) return answer;
    listener_tell(listener, TONE_REFUSED,
                  answer == FOLDER_UNFIT ? L"%ls Nothing is removed from there: look at it "
                                           L"yourself, then uninstall without --purge."
                                         : L"%ls Nothing is removed from there until that is "
                                           L"known: run this again, or uninstall without --purge.",
                  why);
    return answer;
}

static bool check_purge(const struct step *step, const struct machine *machine,
                        const struct listener *listener)
{
    (void)machine;
    if (folder_has_drive(step->path)) return !folder_is_refused(judge_purge(step, NULL, listener));
    listener_tell(listener, TONE_REFUSED,
                  L"%ls: there is no drive %lc: now, so the journal on it cannot be removed. "
                  L"Attach it, or uninstall "
                  L"without --purge.",
                  step->path, step->path[0]);
    return false;
}

static HRESULT purge_held(const struct step *step, struct folder_held *held,
                          const struct listener *listener)
{
    HRESULT hr;

    if (purge_is_in_use(step->path)) {
        listener_tell(listener, TONE_REFUSED,
                      L"%ls: the CA still writes this journal. Stop it (\"Stop-Service CertSvc\") "
                      L"and run this again.",
                      step->path);
        return HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    }
    if (FAILED(hr = purge_journal(step->path, held, listener)))
        listener_tell(listener, TONE_REFUSED,
                      L"%ls could not be removed whole (error 0x%08lx). Close what has its files "
                      L"open and run this again.",
                      step->path, hr);
    return hr;
}

/* Judged again, as the CA's service may have been restarted since the plan was made, and held until
 * all is removed. Of a folder that is gone the last handle is that of the folder above. */
static HRESULT do_purge(const struct step *step, const struct machine *machine,
                        const struct listener *listener)
{
    struct folder_held held = {0};
    enum folder_answer answer = judge_purge(step, &held, listener);
    HRESULT hr = HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);

    (void)machine;
    if (answer == FOLDER_MISSING) hr = S_FALSE;
    else if (answer == FOLDER_FIT) hr = purge_held(step, &held, listener);
    folder_let_go(&held);
    return hr;
}

static void show_purge_settings(const struct step *step, const struct machine *machine,
                                enum mood mood, const struct listener *listener)
{
    (void)machine;
    tell_step(listener, mood, L"Removed", L"remove", L"the settings of the CA \"%ls\".",
              step->ca->name);
    listener_tell(listener, TONE_TOUCHED, L"HKLM\\%ls", step->ca->module_key);
}

static bool check_purge_settings(const struct step *step, const struct machine *machine,
                                 const struct listener *listener)
{
    (void)machine;
    return step_may_write(step->ca->module_key, KEY_SET_VALUE | DELETE, listener);
}

static HRESULT do_purge_settings(const struct step *step, const struct machine *machine,
                                 const struct listener *listener)
{
    LSTATUS error = RegDeleteTreeW(HKEY_LOCAL_MACHINE, step->ca->module_key);

    (void)machine;
    if (error == ERROR_FILE_NOT_FOUND) return S_FALSE;
    if (!error) return S_OK;
    listener_tell(listener, TONE_REFUSED, L"HKLM\\%ls could not be removed (error %ld).",
                  step->ca->module_key, error);
    return HRESULT_FROM_WIN32(error);
}

static void show_purge_log(const struct step *step, const struct machine *machine, enum mood mood,
                           const struct listener *listener)
{
    (void)machine;
    tell_step(listener, mood, L"Removed", L"remove",
              L"the entries in the event log " EVENT_LOG_NAME L" for good.");
    listener_tell(listener, TONE_TOUCHED, L"%ls", step->path);
}

static bool check_purge_log(const struct step *step, const struct machine *machine,
                            const struct listener *listener)
{
    (void)step, (void)machine, (void)listener;
    return true;
}

/* Windows may have it open although the log is registered no more. That is no failure: what is left
 * is a file that nobody writes to. */
static HRESULT do_purge_log(const struct step *step, const struct machine *machine,
                            const struct listener *listener)
{
    DWORD code = DeleteFileW(step->path) ? ERROR_SUCCESS : GetLastError();

    (void)machine;
    if (code && code != ERROR_FILE_NOT_FOUND && code != ERROR_PATH_NOT_FOUND)
        listener_tell(listener, TONE_NOTE,
                      L"%ls stays (error %lu): Windows has it open. Remove it when the machine has "
                      L"restarted.",
                      step->path, code);
    return code ? S_FALSE : S_OK;
}

/* --- the scheduled task --- */

static void step_show_task(const struct step *step, const struct machine *machine, enum mood mood,
                           const struct listener *listener)
{
    (void)step;
    tell_step(listener, mood, L"Scheduled", L"schedule",
              L"\"certwitness prune\" each day, since RetainDays is set.");
    listener_tell(listener, TONE_TOUCHED, L"task \"" TASK_NAME L"\": %ls", machine->program);
}

static bool check_task(const struct step *step, const struct machine *machine,
                       const struct listener *listener)
{
    (void)step;
    return schedule_check(machine->program, listener);
}

static HRESULT do_task(const struct step *step, const struct machine *machine,
                       const struct listener *listener)
{
    (void)step;
    return schedule_make(machine->program, listener);
}

static void show_task_remove(const struct step *step, const struct machine *machine, enum mood mood,
                             const struct listener *listener)
{
    (void)step, (void)machine;
    tell_step(listener, mood, L"Removed", L"remove", L"the scheduled task \"" TASK_NAME L"\".");
    listener_tell(listener, TONE_TOUCHED, L"task \"" TASK_NAME L"\"");
}

static bool check_task_remove(const struct step *step, const struct machine *machine,
                              const struct listener *listener)
{
    (void)step, (void)machine, (void)listener;
    return true;
}

static HRESULT do_task_remove(const struct step *step, const struct machine *machine,
                              const struct listener *listener)
{
    (void)step, (void)machine;
    return schedule_remove(listener);
}

static const struct {
    void (*show)(const struct step *step, const struct machine *machine, enum mood mood,
                 const struct listener *listener);
    bool (*check)(const struct step *step, const struct machine *machine,
                  const struct listener *listener);
    HRESULT (*act)
    (const struct step *step, const struct machine *machine, const struct listener *listener);
} kinds[] = {
    [STEP_FOLDER]           = {show_folder, step_check_folder, do_folder},
    [STEP_REGISTER]         = {show_register, check_register, do_register},
    [STEP_REGISTER_CONSOLE] = {show_register, check_register, do_register},
    [STEP_KEY]              = {show_key, check_key, do_key},
    [STEP_KEY_REMOVE]       = {show_key_remove, check_key_remove, do_key_remove},
    [STEP_DIRECTORY]        = {show_directory, check_directory, do_directory},
    [STEP_ACTIVATE]         = {show_activate, check_active, do_active},
    [STEP_DEACTIVATE]       = {show_deactivate, check_active, do_active},
    [STEP_UNREGISTER]       = {show_unregister, check_unregister, do_unregister},
    [STEP_RESTART]          = {show_restart, check_restart, do_restart},
    [STEP_PURGE_JOURNAL]    = {show_purge, check_purge, do_purge},
    [STEP_PURGE_SETTINGS]   = {show_purge_settings, check_purge_settings, do_purge_settings},
    [STEP_PURGE_LOG]        = {show_purge_log, check_purge_log, do_purge_log},
    [STEP_TASK]             = {step_show_task, check_task, do_task},
    [STEP_TASK_REMOVE]      = {show_task_remove, check_task_remove, do_task_remove},
};

void step_show(const struct step *step, const struct machine *machine, enum mood mood,
               const struct listener *listener)
{
    kinds[step->kind].show(step, machine, mood, listener);
}

bool step_check(const struct step *step, const struct machine *machine,
                const struct listener *listener)
{
    return kinds[step->kind].check(step, machine, listener);
}

HRESULT step_do(const struct step *step, const struct machine *machine,
                const struct listener *listener)
{
    return kinds[step->kind].act(step, machine, listener);
}
