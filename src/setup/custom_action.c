/*
 * The MSI's custom actions: certwitness_setup.dll, which is inside the package and is never
 * installed. Each passes an order to setup.h.
 *
 * Immediate, as the calling user, before anything is changed:
 *     Look         sets the properties CWACTIVE and CWFILE: which CAs use the module and which
 *                  file is registered. Fails if a CA has that file open, or if the caller has no
 *                  access to one of these
 * Deferred, as SYSTEM, in the script. CustomActionData is DLL|word; word is all (register, every
 * CA), register, or cas and CWACTIVE after an upgrade:
 *     Add          after the files are installed
 *     AddUndo      rollback of Add; its word is CWFILE and CWACTIVE, the state that certwitness.exe
 *                  had installed before
 *     Remove       before the files are removed
 *     RemoveUndo   rollback of Remove
 *
 * The service of the delivery, if it runs the program that the package installs. CwDelivery, set by
 * LookDelivery, is PROGRAM|CONFIGURATION|JOURNAL|STATE|1 or 0, whether it runs:
 *     AddDelivery     makes it again, and starts it if it ran: after an upgrade, or in a rollback
 *     RemoveDelivery  removes it with its rights; the state stays
 *     StopDelivery    before an upgrade replaces its program
 */
#include "cas.h"
#include "delivery_service.h"
#include "module.h"
#include "setup.h"

#include <msi.h>
#include <msiquery.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define DATA_MAX 8192

/* A session of the installer, and what has been refused in it, which is shown to the user. */
struct session {
    MSIHANDLE handle;
    WCHAR refused[LISTENER_TEXT_MAX];
};

static void message(MSIHANDLE session, INSTALLMESSAGE kind, const WCHAR *text)
{
    MSIHANDLE record = MsiCreateRecord(1);

    if (!record) return;
    MsiRecordSetStringW(record, 0, L"CertWitness: [1]");
    MsiRecordSetStringW(record, 1, text);
    MsiProcessMessage(session, kind, record);
    MsiCloseHandle(record);
}

static void custom_action_tell(void *context, enum tone tone, const WCHAR *text)
{
    struct session *session = context;
    size_t used = wcslen(session->refused);

    message(session->handle, INSTALLMESSAGE_INFO, text);
    if (tone == TONE_REFUSED && used + wcslen(text) + 2 < LISTENER_TEXT_MAX) {
        if (used) wcscat(session->refused, L" ");
        wcscat(session->refused, text);
    }
}

static bool property(MSIHANDLE session, const WCHAR *name, WCHAR *out, DWORD size)
{
    *out = 0;
    return !MsiGetPropertyW(session, name, out, &size) && *out;
}

static bool custom_action_give(MSIHANDLE handle, const struct setup_order *order)
{
    struct session session = {.handle = handle};
    struct listener listener = {.tell = custom_action_tell, .context = &session};

    if (setup_run(order, &listener) == SETUP_DONE) return true;
    message(handle, INSTALLMESSAGE_ERROR, session.refused);
    return false;
}

/* CustomActionData; `*rest` is what stands behind the path of the DLL. */
static bool custom_action_read_data(MSIHANDLE session, WCHAR data[DATA_MAX], WCHAR **rest)
{
    if (!property(session, L"CustomActionData", data, DATA_MAX) || !(*rest = wcschr(data, '|')))
        return false;
    *(*rest)++ = 0;
    return true;
}

/* --- before anything is changed --- */

#define ELEVATED                                                                                   \
    L" Start the installation elevated, in a prompt that was opened with \"Run as "                \
    L"administrator\". Nothing was changed."

/* Whether somebody has the file loaded: then it cannot be replaced, and an installer would restart
 * the machine, or the CA, for it. "" where nobody has, or the file is not there; who called need
 * not be an administrator, and what he may not look at is refused. */
static void look_at_file(const WCHAR *dll, WCHAR refused[LISTENER_TEXT_MAX])
{
    HANDLE file = CreateFileW(dll, GENERIC_READ | GENERIC_WRITE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    DWORD error = file == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;

    if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
    if (!error || error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) return;
    if (error == ERROR_SHARING_VIOLATION || error == ERROR_USER_MAPPED_FILE ||
        error == ERROR_LOCK_VIOLATION)
        wcscpy(refused, L"The CA, or its snap-in, has certwitness.dll loaded. Stop the CA "
                        L"(Stop-Service CertSvc), close the snap-in, and "
                        L"run this again; then start the CA. Nothing was changed.");
    else
        swprintf(
            refused, LISTENER_TEXT_MAX,
            L"It cannot be determined whether another program has %ls loaded (error %lu)." ELEVATED,
            dll, error);
}

static bool custom_action_add_name(WCHAR *out, size_t size, const WCHAR *name)
{
    if (wcslen(out) + wcslen(name) + 2 > size) return false;
    wcscat(out, L"|");
    wcscat(out, name);
    return true;
}

/* The CAs that have us in their list, with | between: a removal of the old version by an installer
 * that does not say it is an upgrade takes us out of them. One whose list cannot be read could be
 * one of them, and would lose its recorder. */
static void look_at_cas(WCHAR *out, size_t size, WCHAR refused[LISTENER_TEXT_MAX])
{
    struct cas cas;
    const WCHAR *why;

    if (FAILED(cas_read(&cas)))
        wcscpy(refused, L"There is not enough memory. Nothing was changed.");
    else if (cas.error)
        swprintf(refused, LISTENER_TEXT_MAX,
                 L"The CAs of this machine cannot be read (error %ld)." ELEVATED, cas.error);
    for (size_t i = 0; i < cas.count && !*refused; i++) {
        const struct ca *ca = &cas.list[i];

        if (ca->error)
            swprintf(refused, LISTENER_TEXT_MAX,
                     L"HKLM\\%ls\\Active cannot be read (error %ld)." ELEVATED, ca->modules_key,
                     ca->error);
        else if (exit_module_list_check(&ca->active, &why) &&
                 exit_module_list_count(&ca->active, true) &&
                 !custom_action_add_name(out, size, ca->name))
            wcscpy(refused, L"There are too many CAs on this machine for the installer: use "
                            L"certwitness.exe from the zip. Nothing was changed.");
    }
    cas_free(&cas);
}

UINT WINAPI Look(MSIHANDLE session)
{
    WCHAR active[DATA_MAX] = L"", refused[LISTENER_TEXT_MAX] = L"";
    struct module module;

    module_read(NULL, &module);
    if (*module.exit) look_at_file(module.exit, refused);
    if (!*refused) look_at_cas(active, ARRAYSIZE(active), refused);
    if (*refused) {
        message(session, INSTALLMESSAGE_ERROR, refused);
        return ERROR_INSTALL_FAILURE;
    }
    MsiSetPropertyW(session, L"CWACTIVE", active);
    MsiSetPropertyW(session, L"CWFILE", module.exit);
    return ERROR_SUCCESS;
}

/* --- in the script --- */

/* An upgrade: each CA that had us has us again, and no other. */
static bool add_again(MSIHANDLE session, struct setup_order *order, WCHAR *names)
{
    bool done = true;

    order->register_only = true;
    if (!custom_action_give(session, order)) return false;
    for (WCHAR *name = names, *next; done && name && *name; name = next) {
        const struct setup_order enable = {
            .verb = SETUP_ENABLE, .dll = order->dll, .ca = name, .settings_key = true};

        if ((next = wcschr(name, '|'))) *next++ = 0;
        done = custom_action_give(session, &enable);
    }
    return done;
}

UINT WINAPI Add(MSIHANDLE session)
{
    WCHAR data[DATA_MAX], *word;
    struct setup_order order = {.verb = SETUP_INSTALL, .dll = data, .console_without_ca = true};
    bool done;

    if (!custom_action_read_data(session, data, &word)) return ERROR_INSTALL_FAILURE;
    if (!wcsncmp(word, L"cas", 3)) done = add_again(session, &order, word[3] ? word + 4 : NULL);
    else {
        order.register_only = wcscmp(word, L"all") != 0;
        done = custom_action_give(session, &order);
    }
    return done ? ERROR_SUCCESS : ERROR_INSTALL_FAILURE;
}

static UINT custom_action_take_away(MSIHANDLE session)
{
    WCHAR data[DATA_MAX], *word;
    struct setup_order order = {.verb = SETUP_UNINSTALL, .dll = data};

    return custom_action_read_data(session, data, &word) && custom_action_give(session, &order)
               ? ERROR_SUCCESS
               : ERROR_INSTALL_FAILURE;
}

UINT WINAPI Remove(MSIHANDLE session)
{
    return custom_action_take_away(session);
}

/* What a rollback cannot do is in the log; it goes on with the rest. A CA that had us before the
 * MSI came does not lose its recorder. */
UINT WINAPI AddUndo(MSIHANDLE session)
{
    WCHAR data[DATA_MAX], *file, *names;
    struct setup_order order = {.verb = SETUP_INSTALL};

    custom_action_take_away(session);
    if (!custom_action_read_data(session, data, &file) || !*file) return ERROR_SUCCESS;
    if ((names = wcschr(file, '|'))) *names++ = 0;
    order.dll = file;
    add_again(session, &order, names);
    return ERROR_SUCCESS;
}

UINT WINAPI RemoveUndo(MSIHANDLE session)
{
    WCHAR data[DATA_MAX], *word;
    struct setup_order order = {.verb = SETUP_INSTALL, .dll = data};

    if (custom_action_read_data(session, data, &word) && !wcsncmp(word, L"cas", 3))
        add_again(session, &order, word[3] ? word + 4 : NULL);
    return ERROR_SUCCESS;
}

/* --- the delivery --- */

static void delivery_tell(void *context, enum tone tone, const WCHAR *text)
{
    const struct session *session = context;

    (void)tone;
    message(session->handle, INSTALLMESSAGE_INFO, text);
}

/* A service that runs another program is none of the package's. */
UINT WINAPI LookDelivery(MSIHANDLE session)
{
    WCHAR home[DELIVERY_SERVICE_PATH], *name, data[DATA_MAX];
    struct delivery_service found;

    if (delivery_service_read(&found) != S_OK || !(name = wcsrchr(found.program, '\\')) ||
        !property(session, L"INSTALLDIR", home, ARRAYSIZE(home)) ||
        _wcsnicmp(home, found.program, name + 1 - found.program) ||
        wcslen(home) != (size_t)(name + 1 - found.program))
        return ERROR_SUCCESS;
    swprintf(data, DATA_MAX, L"%ls|%ls|%ls|%ls|%d", found.program, found.configuration,
             found.journal, found.state, found.runs);
    MsiSetPropertyW(session, L"CwDelivery", data);
    return ERROR_SUCCESS;
}

static bool custom_action_take_word(WCHAR **rest, WCHAR out[DELIVERY_SERVICE_PATH])
{
    WCHAR *end = *rest ? wcschr(*rest, '|') : NULL;

    if (!end || end - *rest >= DELIVERY_SERVICE_PATH) return false;
    *end = 0;
    wcscpy(out, *rest);
    *rest = end + 1;
    return true;
}

static bool custom_action_read_delivery(MSIHANDLE session, struct delivery_service *out)
{
    WCHAR data[DATA_MAX], *rest = data;

    if (!property(session, L"CustomActionData", data, DATA_MAX) ||
        !custom_action_take_word(&rest, out->program) ||
        !custom_action_take_word(&rest, out->configuration) ||
        !custom_action_take_word(&rest, out->journal) ||
        !custom_action_take_word(&rest, out->state))
        return false;
    out->runs = *rest == '1';
    return true;
}

/* What fails here is in the log: the installation of the recorder does not fail for it. */
UINT WINAPI AddDelivery(MSIHANDLE session)
{
    struct session told = {.handle = session};
    const struct listener listener = {delivery_tell, NULL, &told};
    struct delivery_service service;

    if (!custom_action_read_delivery(session, &service)) return ERROR_SUCCESS;
    if (GetFileAttributesW(service.program) == INVALID_FILE_ATTRIBUTES)
        delivery_service_remove(false, &listener);
    else if (delivery_service_install(&service, &listener) != S_OK)
        message(session, INSTALLMESSAGE_INFO,
                L"The service CertWitnessDelivery was not made again: run \"certwitness-delivery "
                L"service install\".");
    return ERROR_SUCCESS;
}

UINT WINAPI RemoveDelivery(MSIHANDLE session)
{
    struct session told = {.handle = session};
    const struct listener listener = {delivery_tell, NULL, &told};

    delivery_service_remove(false, &listener);
    return ERROR_SUCCESS;
}

UINT WINAPI StopDelivery(MSIHANDLE session)
{
    struct session told = {.handle = session};
    const struct listener listener = {delivery_tell, NULL, &told};

    delivery_service_stop(&listener);
    return ERROR_SUCCESS;
}
