/*
 * The command mail: sends the drafts that `certwitness expiry --eml` has left in a folder.
 *
 * A draft that was taken is removed. One that the server refuses is called NAME.eml.refused from
 * then on. One that cannot be sent now stays, and so does what is no draft.
 */
#include "call.h"

#include "base/error_text.h"
#include "base/file_read.h"
#include "base/file_system.h"
#include "cli/terminal/console.h"
#include "delivery/mail/mail_draft.h"
#include "delivery/mail/to_mail.h"
#include "delivery/net/net.h"
#include "delivery/secret.h"
#include "journal/disk.h"

#include <stdio.h>
#include <stdlib.h>

#define DRAFT_MOST (20u << 20)          /* bytes of a file */

struct mailing {
    const struct call *call;
    const struct target *targets;       /* of the section, one for each recipient */
    unsigned count;
    const char *folder;
    struct bytes secret;
    unsigned sent, refused, kept;
};

static enum destination_result mailing_post(struct mailing *mailing, const struct target *target,
                                            const char *file, struct span message)
{
    static const int32_t stop;
    struct destination_place place = {.target = target, .journal = mailing->call->config.journal,
                                      .secret = {mailing->secret.data, mailing->secret.size},
                                      .stop = &stop};
    struct destination_report report = {.result = DESTINATION_AGAIN};
    void *opened = NULL;

    if (SUCCEEDED(destination_mail.open(&place, &opened, report.why))) {
        report.result = DESTINATION_TAKEN;
        to_mail_post(opened, message, &report);
        destination_mail.close(opened);
    }
    if (report.result != DESTINATION_TAKEN)
        console_note("%s to %s: %s", file, target->recipient, report.why);
    return report.result;
}

/* To its own recipient, or to all of the section. The worst result. */
static enum destination_result mailing_send(struct mailing *mailing, const char *file,
                                            const char *to, struct span message)
{
    enum destination_result worst = DESTINATION_TAKEN, result;
    struct target target;

    for (unsigned i = 0; i < (*to ? 1 : mailing->count); i++) {
        target = mailing->targets[i];
        if (*to) target.recipient = to;
        result = mailing_post(mailing, &target, file, message);
        if (result == DESTINATION_AGAIN || worst == DESTINATION_TAKEN) worst = result;
    }
    return worst;
}

static void mailing_end(struct mailing *mailing, const char *path, enum destination_result result)
{
    char refused[4096], text[ERROR_TEXT_MAX];
    HRESULT hr = S_OK;

    if (result == DESTINATION_AGAIN) {
        mailing->kept++;
        return;
    }
    snprintf(refused, sizeof refused, "%.4000s.refused", path);
    if (result == DESTINATION_TAKEN) {
        mailing->sent++;
        hr = file_remove(path);
    } else {
        mailing->refused++;
        hr = file_replace(path, refused);
    }
    if (FAILED(hr))
        console_note("%s was dealt with and will be sent again, as it cannot be removed: %s", path,
                     error_text(hr, text));
}

static void mailing_file(struct mailing *mailing, const char *path)
{
    struct bytes text = {0}, message = {0};
    char to[MAIL_DRAFT_TO], reason[ERROR_TEXT_MAX];
    HRESULT hr = file_read(path, DRAFT_MOST, &text);
    enum destination_result result = DESTINATION_AGAIN;

    if (FAILED(hr)) console_note("%s cannot be read: %s", path, error_text(hr, reason));
    else if (!mail_draft_read((struct span){text.size ? text.data : "", text.size},
                              mailing->targets, to, &message))
        console_note("%s is no draft of \"certwitness expiry --eml\"; it is left as it is", path);
    else if (message.failed) console_note("%s: there is not enough memory", path);
    else
        result = mailing_send(mailing, path, to, (struct span){message.data, message.size});
    mailing_end(mailing, path, result);
    bytes_free(&text);
    bytes_free(&message);
}

static void mailing_look_at(void *context, const char *name)
{
    struct mailing *mailing = context;
    size_t size = strlen(name), room = size + strlen(mailing->folder) + 2;
    char *path;

    if (size < 5 || strcmp(name + size - 4, ".eml")) return;
    if (!(path = malloc(room))) {
        mailing->kept++;
        return;
    }
    snprintf(path, room, "%s/%s", mailing->folder, name);
    mailing_file(mailing, path);
    free(path);
}

/* Before the first run of expiry there is no folder. */
static bool mailing_has_none(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
           hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

static HRESULT mailing_run(struct mailing *mailing)
{
    struct disk_folder *folder = NULL;
    HRESULT hr = secret_load(mailing->call->config.state, mailing->targets->section,
                             &mailing->secret);

    if (SUCCEEDED(hr)) hr = disk_view_folder(mailing->folder, &folder);
    if (mailing_has_none(hr)) hr = S_OK;
    else if (SUCCEEDED(hr)) hr = disk_list(folder, mailing_look_at, mailing);
    disk_close_folder(folder);
    if (mailing->secret.data) memset(mailing->secret.data, 0, mailing->secret.size);
    bytes_free(&mailing->secret);
    return hr;
}

enum outcome call_mail(struct call *call)
{
    struct mailing mailing = {.call = call, .folder = call->operands[1]};
    char text[ERROR_TEXT_MAX];
    HRESULT hr;

    if (!(mailing.targets = call_targets(call, &mailing.count))) return OUTCOME_CANNOT;
    if (mailing.targets->kind != CONFIG_MAIL) {
        console_note("[to %s] is of another kind than mail", mailing.targets->section);
        return OUTCOME_CANNOT;
    }
    if (!net_begin()) return OUTCOME_CANNOT;
    hr = mailing_run(&mailing);
    net_end();
    if (FAILED(hr)) console_note("%s: %s", mailing.folder, error_text(hr, text));
    else
        console_print("%u sent, %u refused, %u kept for the next time\n", mailing.sent,
                      mailing.refused, mailing.kept);
    return FAILED(hr) ? OUTCOME_CANNOT : mailing.kept || mailing.refused ? OUTCOME_WRONG
                                                                         : OUTCOME_FINE;
}
