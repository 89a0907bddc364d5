#include "plan.h"

#include "base/folder_windows.h"
#include "purge.h"
#include "schedule.h"
#include "settings/directory.h"
#include "step.h"

#include <string.h>
#include <wchar.h>

/* A plan while it is made. */
struct making {
    const struct setup_order *order;
    const struct machine *machine;
    const struct listener *listener;
    struct plan *plan;
};

#define REFUSE(making, ...)                                                                        \
    (listener_tell((making)->listener, TONE_REFUSED, __VA_ARGS__), (making)->plan->refused = true)

static void plan_add(struct making *making, enum step_kind kind, const struct ca *ca,
                     const WCHAR *path)
{
    struct plan *plan = making->plan;
    struct step *step = &plan->steps[plan->count];

    if (plan->count == PLAN_STEPS_MAX) {
        REFUSE(making, L"There are too many CAs on this machine for one run: name one with --ca.");
        return;
    }
    *step = (struct step){.kind = kind, .ca = ca};
    if (path) wcscpy(step->path, path);
    if (kind == STEP_PURGE_JOURNAL) step->files = purge_count(path);
    if (!step_check(step, making->machine, making->listener)) plan->refused = true;
    else plan->count++;
}

static bool plan_exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static bool plan_key_exists(const WCHAR *path)
{
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key))
        return false;
    RegCloseKey(key);
    return true;
}

static bool is_chosen(const struct making *making, const struct ca *ca)
{
    return !making->order->ca || cas_find(&making->machine->cas, making->order->ca) == ca;
}

/* Returns false if there is no CA, or not the one that was named. */
static bool check_cas(struct making *making)
{
    const struct cas *cas = &making->machine->cas;

    if (cas->error) {
        REFUSE(making,
               L"HKLM\\" CAS_CONFIGURATION L" cannot be read (error %ld): run this elevated.",
               cas->error);
    } else if (!cas->count) {
        REFUSE(making, L"There is no certification authority on this machine: no CA has a key "
                       L"below HKLM\\" CAS_CONFIGURATION L". Where only the CA's "
                       L"snap-in runs, use install --console-only; before the CA is set up, "
                       L"install --register-only.");
    } else if (making->order->ca && !cas_find(cas, making->order->ca)) {
        REFUSE(making, L"There is no CA \"%ls\" on this machine. These are there:",
               making->order->ca);
        for (size_t i = 0; i < cas->count; i++)
            listener_tell(making->listener, TONE_REFUSED, L"    %ls", cas->list[i].name);
    } else {
        return true;
    }
    return false;
}

/* The folder that a CA's journal will have; NULL: it cannot be determined. */
static const WCHAR *journal_of(struct making *making, const struct ca *ca,
                               WCHAR out[SETTINGS_PATH_MAX])
{
    WCHAR why[SETTINGS_TEXT_MAX];

    if (!making->order->journal) {
        if (*ca->settings.journal_directory) return ca->settings.journal_directory;
        REFUSE(making,
               L"The CA \"%ls\" has no folder for its journal, and %%ProgramData%% is not known: "
               L"choose one with --journal.",
               ca->name);
        return NULL;
    }
    if (directory_check(making->order->journal, out, why)) return out;
    REFUSE(making, L"--journal \"%ls\" cannot be the journal's folder. %ls", making->order->journal,
           why);
    return NULL;
}

static void check_shared(struct making *making, const struct ca *ca, const WCHAR *folder)
{
    const struct cas *cas = &making->machine->cas;

    for (size_t i = 0; i < cas->count; i++) {
        if (&cas->list[i] == ca || _wcsicmp(cas->list[i].settings.journal_directory, folder))
            continue;
        REFUSE(making,
               L"%ls is the folder of the CA \"%ls\"; no two CAs may share one. Choose another "
               L"with --journal.",
               folder, cas->list[i].name);
    }
}

static void plan_folder(struct making *making, const struct ca *ca, const WCHAR *folder)
{
    struct step step = {.kind = STEP_FOLDER, .ca = ca};

    check_shared(making, ca, folder);
    wcscpy(step.path, folder);
    if (!folder_is_there(folder)) plan_add(making, STEP_FOLDER, ca, folder);
    else if (!step_check(&step, making->machine, making->listener))
        making->plan->refused = true; /* judged all the same */
}

static void plan_key(struct making *making, const struct ca *ca)
{
    if (!plan_key_exists(ca->module_key)) plan_add(making, STEP_KEY, ca, NULL);
}

static void plan_ca(struct making *making, const struct ca *ca)
{
    WCHAR room[SETTINGS_PATH_MAX];
    const WCHAR *folder = journal_of(making, ca, room);

    if (!folder) return;
    plan_folder(making, ca, folder);
    plan_key(making, ca);
    if (making->order->journal &&
        (ca->settings.source[SETTING_JOURNAL_DIRECTORY] != SETTING_FROM_REGISTRY ||
         _wcsicmp(folder, ca->settings.journal_directory))) {
        plan_add(making, STEP_DIRECTORY, ca, folder);
        making->plan->changes_cas = true;
        if (_wcsicmp(folder, ca->settings.journal_directory) &&
            folder_is_there(ca->settings.journal_directory))
            listener_tell(
                making->listener, TONE_NOTE,
                L"What the CA has recorded until now stays in %ls. A new journal begins in %ls.",
                ca->settings.journal_directory, folder);
    }
}

/* exit_module_list_check is step_check's: a list that cannot be read has none of ours for
 * exit_module_list_count, but is refused. */
static void plan_active(struct making *making, const struct ca *ca, bool wanted)
{
    const WCHAR *why;
    bool readable = !ca->error && exit_module_list_check(&ca->active, &why);

    if (readable && wanted ? exit_module_list_count(&ca->active, true)
                           : readable && !exit_module_list_count(&ca->active, false))
        return;
    plan_add(making, wanted ? STEP_ACTIVATE : STEP_DEACTIVATE, ca, NULL);
    making->plan->changes_cas = true;
    if (wanted) making->plan->activates = true;
}

static void plan_all_active(struct making *making, bool wanted)
{
    const struct cas *cas = &making->machine->cas;

    for (size_t i = 0; i < cas->count; i++)
        if (is_chosen(making, &cas->list[i])) plan_active(making, &cas->list[i], wanted);
}

/* The task exists if a CA's RetainDays is not 0, and only then. */
static void plan_task(struct making *making, bool wanted)
{
    enum task_state task = making->machine->task;

    if (wanted && task != TASK_OURS) plan_add(making, STEP_TASK, NULL, NULL);
    if (!wanted && (task == TASK_OURS || task == TASK_OTHER))
        plan_add(making, STEP_TASK_REMOVE, NULL, NULL);
}

static void plan_restart(struct making *making)
{
    if (!making->order->restart) return;
    if (making->machine->service == CA_SERVICE_RUNNING) plan_add(making, STEP_RESTART, NULL, NULL);
    else
        listener_tell(making->listener, TONE_NOTE,
                      L"The CA's service does not run: there is nothing to restart.");
}

static bool is_console_only(const struct making *making)
{
    const struct setup_order *order = making->order;

    return order->console_only || (order->console_without_ca && !making->machine->cas.count &&
                                   !making->machine->cas.error);
}

/* Without its page the module records all the same; where only the snap-in runs there is nothing
 * else. */
static void check_page(struct making *making, bool console_only)
{
    const struct module *module = &making->machine->module;

    if (!module->is_there || module->has_page) return;
    if (console_only)
        REFUSE(making,
               L"%ls is not there, or not of the same version as certwitness.dll beside it, and it "
               L"is all that the CA's snap-in would show: copy "
               L"both there from one package.",
               module->page);
    else
        listener_tell(making->listener, TONE_NOTE,
                      L"%ls is not there, or not of the same version as certwitness.dll beside it: "
                      L"the CA records without it, "
                      L"but its snap-in will not show the settings. Copy it there from the same "
                      L"package; nothing has to be installed again.",
                      module->page);
}

/* A file that is registered already is judged all the same. */
static void plan_register(struct making *making, enum step_kind kind)
{
    const struct step step = {.kind = kind};

    if (!module_is_registered(&making->machine->module, kind == STEP_REGISTER_CONSOLE))
        plan_add(making, kind, NULL, NULL);
    else if (!step_check(&step, making->machine, making->listener)) making->plan->refused = true;
}

static void plan_install(struct making *making)
{
    const struct cas *cas = &making->machine->cas;
    bool console_only = is_console_only(making),
         with_cas = !console_only && !making->order->register_only;

    if (with_cas && !check_cas(making)) return;
    if (with_cas && making->order->journal && !making->order->ca && cas->count > 1) {
        REFUSE(making,
               L"There are %u CAs on this machine, and no two may share a folder: say with --ca "
               L"which one --journal is for.",
               (unsigned)cas->count);
        return;
    }
    for (size_t i = 0; with_cas && i < cas->count; i++)
        if (is_chosen(making, &cas->list[i])) plan_ca(making, &cas->list[i]);
    check_page(making, console_only);
    plan_register(making, console_only ? STEP_REGISTER_CONSOLE : STEP_REGISTER);
    if (with_cas) plan_all_active(making, true);
    if (with_cas) plan_task(making, schedule_is_wanted(cas));
    plan_restart(making);
}

static void plan_enable(struct making *making, bool wanted)
{
    const struct module *module = &making->machine->module;

    if (!check_cas(making)) return;
    if (wanted && (!*module->exit || !plan_exists(module->exit)))
        REFUSE(making,
               *module->exit
                   ? L"%ls, which is registered, is not there: run \"certwitness install\" instead."
                   : L"The module is not registered: run \"certwitness install\" instead.%ls",
               module->exit);
    for (size_t i = 0; making->order->settings_key && i < making->machine->cas.count; i++)
        if (is_chosen(making, &making->machine->cas.list[i]))
            plan_key(making, &making->machine->cas.list[i]);
    plan_all_active(making, wanted);
    plan_restart(making);
}

static void plan_unregister(struct making *making)
{
    const struct module *module = &making->machine->module;
    const WCHAR *other = module_other(module);

    if (*other && plan_exists(other)) {
        REFUSE(making,
               L"Another file is registered, %ls: run the certwitness.exe beside it, or \"regsvr32 "
               L"/u\" on it.",
               other);
    } else if (*module->exit || *module->manage) {
        plan_add(making, STEP_UNREGISTER, NULL, NULL);
    }
}

static void plan_purge(struct making *making, const struct ca *ca)
{
    const WCHAR *folder = ca->settings.journal_directory;
    bool restarts = making->order->restart && making->machine->service == CA_SERVICE_RUNNING;

    if (*folder && (!folder_has_drive(folder) || folder_is_there(folder))) {
        if (!restarts && purge_is_in_use(folder))
            REFUSE(making,
                   L"%ls: the CA writes this journal. Stop it first (\"Stop-Service CertSvc\"), or "
                   L"add --restart.",
                   folder);
        plan_add(making, STEP_PURGE_JOURNAL, ca, folder);
    }
    if (plan_key_exists(ca->module_key) && !step_key_is_empty(ca))
        plan_add(making, STEP_PURGE_SETTINGS, ca, NULL);
}

/* Entries of the event log outlive the log itself, as the journal does. */
static void plan_purge_log(struct making *making)
{
    WCHAR path[MODULE_PATH_MAX];

    if (module_log_file(path)) plan_add(making, STEP_PURGE_LOG, NULL, path);
}

static void plan_uninstall(struct making *making)
{
    const struct cas *cas = &making->machine->cas;

    if (cas->error) {
        check_cas(making);
        return;
    }
    plan_all_active(making, false);
    plan_task(making, false);
    plan_restart(making);
    plan_unregister(making);
    for (size_t i = 0; i < cas->count; i++)
        if (step_key_is_empty(&cas->list[i]))
            plan_add(making, STEP_KEY_REMOVE, &cas->list[i], NULL);
    for (size_t i = 0; making->order->purge && i < cas->count; i++)
        plan_purge(making, &cas->list[i]);
    if (making->order->purge) plan_purge_log(making);
}

void plan_make(const struct setup_order *order, const struct machine *machine,
               const struct listener *listener, struct plan *plan)
{
    struct making making = {order, machine, listener, plan};

    memset(plan, 0, sizeof *plan);
    switch (order->verb) {
    case SETUP_INSTALL:   plan_install(&making); break;
    case SETUP_UNINSTALL: plan_uninstall(&making); break;
    case SETUP_ENABLE:    plan_enable(&making, true); break;
    case SETUP_DISABLE:   plan_enable(&making, false); break;
    }
}
