#include "setup.h"

#include "base/folder_windows.h"
#include "plan.h"
#include "step.h"

#include <stdlib.h>
#include <wchar.h>

/* Whether Administrators counts for this process: a token that was filtered holds the group for denying alone, which is none. */
static bool is_elevated(void)
{
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof administrators;
    BOOL member;

    if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size)) return true;     /* then the keys tell */
    return !CheckTokenMembership(NULL, administrators, &member) || member;
}

static HRESULT look(const struct setup_order *order, struct machine *machine)
{
    module_read(order->dll, &machine->module);
    machine->service = service_look();
    machine->is_clustered = service_is_clustered();
    machine->is_elevated = is_elevated();
    machine->task = TASK_UNKNOWN;
    if (task_program(machine->module.dll, machine->program) && (order->verb == SETUP_INSTALL || order->verb == SETUP_UNINSTALL))
        machine->task = task_look(machine->program);
    return cas_read(&machine->cas);
}

/* What to know when all is done: whether the CA has to be restarted, and what is kept. */
static void tell_next(const struct setup_order *order, const struct machine *machine, const struct plan *plan, const struct listener *listener)
{
    const struct cas *cas = &machine->cas;
    WCHAR log[MODULE_PATH_MAX];

    if (plan->changes_cas && machine->is_clustered)
        listener_tell(listener, TONE_HINT, L"It takes effect when the cluster starts the CA again: take its resource offline and online in the Failover "
                      L"Cluster Manager. On the other nodes run \"certwitness install --register-only\"; the list of modules comes to them by itself.");
    else if (plan->changes_cas && machine->service == CA_SERVICE_RUNNING && !order->restart)
        listener_tell(listener, TONE_HINT, L"It takes effect when the CA is restarted: \"Restart-Service CertSvc\", or --restart.");
    else if (plan->changes_cas && machine->service != CA_SERVICE_RUNNING)
        listener_tell(listener, TONE_HINT, L"It takes effect when the CA is started.");
    for (size_t i = 0; order->verb == SETUP_UNINSTALL && !order->purge && i < cas->count; i++)
        if (folder_is_there(cas->list[i].settings.journal_directory))
            listener_tell(listener, TONE_HINT, L"The journal is kept, and its settings: %ls", cas->list[i].settings.journal_directory);
    if (order->verb == SETUP_UNINSTALL && !order->purge && module_log_file(log)) listener_tell(listener, TONE_HINT, L"The entries in the event log are kept: %ls", log);
}

static enum setup_result carry_out(const struct setup_order *order, const struct machine *machine, const struct plan *plan,
                                   const struct listener *listener)
{
    for (unsigned i = 0; i < plan->count; i++) {
        step_show(&plan->steps[i], machine, listener);
        if (order->dry_run || SUCCEEDED(step_do(&plan->steps[i], machine, listener))) continue;
        listener_tell(listener, TONE_REFUSED, i ? L"What stands above is done; when the trouble is mended, run this again for the rest."
                                                : L"Nothing else was done.");
        return i ? SETUP_FAILED : SETUP_REFUSED;
    }
    if (!plan->count) listener_tell(listener, TONE_HINT, L"There is nothing to do: all is as it should be.");
    tell_next(order, machine, plan, listener);
    return SETUP_DONE;
}

static enum setup_result run(const struct setup_order *order, const struct listener *listener, struct machine *machine, struct plan *plan)
{
    if (FAILED(look(order, machine))) {
        listener_tell(listener, TONE_REFUSED, L"There is not enough memory.");
        return SETUP_REFUSED;
    }
    plan_make(order, machine, listener, plan);
    if (plan->refused) {
        listener_tell(listener, TONE_REFUSED, L"Nothing was changed.");
        return SETUP_REFUSED;
    }
    if (plan->count && !order->dry_run && !machine->is_elevated) {
        listener_tell(listener, TONE_REFUSED, L"This needs an administrator's rights: run it in a prompt that was opened with \"Run as administrator\". "
                      L"Nothing was changed.");
        return SETUP_REFUSED;
    }
    return carry_out(order, machine, plan, listener);
}

enum setup_result setup_run(const struct setup_order *order, const struct listener *listener)
{
    struct machine *machine = calloc(1, sizeof *machine);
    struct plan *plan = calloc(1, sizeof *plan);
    enum setup_result result = SETUP_REFUSED;

    if (machine && plan) result = run(order, listener, machine, plan);
    else listener_tell(listener, TONE_REFUSED, L"There is not enough memory.");
    if (machine) cas_free(&machine->cas);
    free(machine);
    free(plan);
    return result;
}
