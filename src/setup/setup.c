#include "setup.h"

#include "base/folder_windows.h"
#include "former.h"
#include "plan.h"
#include "step.h"

#include <stdlib.h>
#include <wchar.h>

/* Whether Administrators counts for this process: a token that was filtered holds the group for
 * denying alone, which is none. */
static bool is_elevated(void)
{
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    BOOL member;

    if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size))
        return true; /* then the keys tell */
    return !CheckTokenMembership(NULL, administrators, &member) || member;
}

static HRESULT setup_look(const struct setup_order *order, struct machine *machine)
{
    module_read(order->dll, &machine->module);
    machine->service = service_look();
    machine->is_clustered = service_is_clustered();
    machine->is_elevated = is_elevated();
    machine->task = TASK_UNKNOWN;
    if (task_program(machine->module.dll, machine->program) &&
        (order->verb == SETUP_INSTALL || order->verb == SETUP_UNINSTALL))
        machine->task = task_look(machine->program);
    return cas_read(&machine->cas);
}

/* --- what stays --- */

static void note_former(void *context, const WCHAR *path)
{
    listener_tell(context, TONE_NOTE, L"A journal that no CA of this machine writes stays: %ls",
                  path);
}

static void note_kept_journals(const struct cas *cas, const struct listener *listener)
{
    WCHAR log[MODULE_PATH_MAX];

    for (size_t i = 0; i < cas->count; i++)
        if (folder_is_there(cas->list[i].settings.journal_directory))
            listener_tell(listener, TONE_NOTE, L"The journal is kept, and its settings: %ls",
                          cas->list[i].settings.journal_directory);
    if (module_log_file(log))
        listener_tell(listener, TONE_NOTE, L"The entries in the event log are kept: %ls", log);
}

static void note_kept(const struct setup_order *order, const struct cas *cas,
                      const struct listener *listener)
{
    if (order->verb != SETUP_UNINSTALL) return;
    if (!order->purge) note_kept_journals(cas, listener);
    former_each(cas, note_former, (void *)listener);
    if (order->purge)
        listener_tell(listener, TONE_NOTE,
                      L"What stays as well: a journal's folder from before JournalDirectory was "
                      L"changed, if it is outside %ls; archives and exports; entries in the event "
                      L"logs Application, Security and System.",
                      SETTINGS_PLACE);
}

/* --- what to do next --- */

static void tell_restart(const struct setup_order *order, const struct machine *machine,
                         bool activates, const struct listener *listener)
{
    bool adds = order->verb == SETUP_INSTALL || order->verb == SETUP_ENABLE;
    const WCHAR *then = adds ? L" Then check it: certwitness status" : L"";
    const WCHAR *begins = activates ? L"Recording begins" : L"The change takes effect";

    if (machine->is_clustered)
        listener_tell(listener, TONE_NEXT,
                      L"The change takes effect when the cluster starts the CA again: take its "
                      L"resource offline and online in the "
                      L"Failover Cluster Manager. On the other nodes run: certwitness install "
                      L"--register-only. The cluster copies the list of modules to them.");
    else if (machine->service == CA_SERVICE_RUNNING && !order->restart)
        listener_tell(
            listener, TONE_NEXT,
            adds ? L"%ls when the CA is restarted: Restart-Service CertSvc.%ls"
                 : L"The CA uses the module until it is restarted: Restart-Service CertSvc.",
            begins, then);
    else if (adds && machine->service != CA_SERVICE_RUNNING)
        listener_tell(listener, TONE_NEXT,
                      L"%ls when the CA is started: Start-Service CertSvc.%ls", begins, then);
    else if (adds) listener_tell(listener, TONE_NEXT, L"Check it: certwitness status");
}

static void tell_next(const struct setup_order *order, const struct machine *machine,
                      const struct plan *plan, const struct listener *listener)
{
    if (!plan->kept_told) note_kept(order, &machine->cas, listener);
    if (order->dry_run)
        listener_tell(listener, TONE_NEXT, L"This was a dry run: nothing was changed.");
    else if (plan->changes_cas) tell_restart(order, machine, plan->activates, listener);
}

/* --- doing it --- */

static enum setup_result setup_carry_out(const struct setup_order *order,
                                         const struct machine *machine, const struct plan *plan,
                                         const struct listener *listener)
{
    unsigned done = 0;

    for (unsigned i = 0; i < plan->count; i++) {
        HRESULT hr = order->dry_run ? S_OK : step_do(&plan->steps[i], machine, listener);

        if (FAILED(hr)) {
            listener_tell(listener, TONE_REFUSED,
                          done ? L"The steps above were done. Mend the trouble, then run this "
                                 L"again for the rest."
                               : L"Nothing was done.");
            return done ? SETUP_FAILED : SETUP_REFUSED;
        }
        if (hr == S_FALSE) continue;
        step_show(&plan->steps[i], machine, order->dry_run ? MOOD_WOULD : MOOD_DONE, listener);
        done++;
    }
    if (!done)
        listener_tell(listener, TONE_NOTE,
                      L"There is nothing to do: everything is as it should be.");
    tell_next(order, machine, plan, listener);
    return SETUP_DONE;
}

static bool is_for_good(const struct step *step)
{
    return step->kind == STEP_PURGE_JOURNAL || step->kind == STEP_PURGE_SETTINGS ||
           step->kind == STEP_PURGE_LOG;
}

/* True if the steps that cannot be undone may be done. They are listed first, then the things that
 * stay. */
static bool setup_is_agreed(const struct setup_order *order, const struct machine *machine,
                            struct plan *plan, const struct listener *listener)
{
    unsigned found = 0;

    if (order->dry_run || order->agreed) return true;
    for (unsigned i = 0; i < plan->count; i++) {
        if (!is_for_good(&plan->steps[i])) continue;
        step_show(&plan->steps[i], machine, MOOD_WILL, listener);
        found++;
    }
    if (!found) return true;
    note_kept(order, &machine->cas, listener);
    plan->kept_told = true;
    return listener->agrees && listener->agrees(listener->context);
}

static enum setup_result setup_run_order(const struct setup_order *order,
                                         const struct listener *listener, struct machine *machine,
                                         struct plan *plan)
{
    if (FAILED(setup_look(order, machine))) {
        listener_tell(listener, TONE_REFUSED, L"There is not enough memory.");
        return SETUP_REFUSED;
    }
    plan_make(order, machine, listener, plan);
    if (plan->refused) {
        listener_tell(listener, TONE_REFUSED, L"Nothing was changed.");
        return SETUP_REFUSED;
    }
    if (plan->count && !order->dry_run && !machine->is_elevated) {
        listener_tell(listener, TONE_REFUSED,
                      L"This needs an administrator's rights: run it in a PowerShell that was "
                      L"opened with \"Run as administrator\". "
                      L"Nothing was changed.");
        return SETUP_REFUSED;
    }
    if (!setup_is_agreed(order, machine, plan, listener)) {
        listener_tell(listener, TONE_REFUSED, L"Nothing was changed.");
        return SETUP_REFUSED;
    }
    return setup_carry_out(order, machine, plan, listener);
}

enum setup_result setup_run(const struct setup_order *order, const struct listener *listener)
{
    struct machine *machine = calloc(1, sizeof *machine);
    struct plan *plan = calloc(1, sizeof *plan);
    enum setup_result result = SETUP_REFUSED;

    if (machine && plan) result = setup_run_order(order, listener, machine, plan);
    else listener_tell(listener, TONE_REFUSED, L"There is not enough memory.");
    if (machine) cas_free(&machine->cas);
    free(machine);
    free(plan);
    return result;
}
