/* The command check: everything that can be examined without sending. */
#include "call.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"
#include "delivery/destination.h"
#include "delivery/net.h"
#include "delivery/secret.h"
#include "delivery/state.h"

#include <inttypes.h>

/* The state and the journal fit. */
static bool check_position(const struct call *call, const struct target *target,
                           const struct state_record *record)
{
    static const char *const verdicts[] = {
        [POSITION_FINE] = NULL,
        [POSITION_PRUNED] = "lines after the last one delivered were removed from the journal",
        [POSITION_CHANGED] = "the last line delivered was changed in the journal",
        [POSITION_SET_BACK] = "the journal ends before the last line delivered",
        [POSITION_OTHER_CA] = "the state belongs to another CA than the journal",
        [POSITION_UNREADABLE] = "the journal cannot be read at the last line delivered"};
    struct position_check check;

    position_check(call->config.journal, &record->position, &check);
    if (check.verdict != POSITION_FINE)
        console_note("[to %s] %s", target->name, verdicts[check.verdict]);
    return check.verdict == POSITION_FINE;
}

static bool check_state(const struct call *call, struct disk_folder *folder,
                        const struct target *target)
{
    struct state_record record;
    char text[ERROR_TEXT_MAX];
    HRESULT hr = folder ? state_load(folder, target->name, &record) : S_FALSE;

    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA))
        console_note("[to %s] its state is damaged; certwitness-delivery seek says where to go on",
                     target->name);
    else if (FAILED(hr))
        console_note("[to %s] its state cannot be read: %s", target->name, error_text(hr, text));
    if (FAILED(hr)) return false;
    if (hr == S_OK) return check_position(call, target, &record);
    console_print("%s: nothing was delivered yet\n", target->name);
    return true;
}

static bool check_far_end(const struct call *call, const struct target *target)
{
    static const int32_t stop;
    struct bytes secret = {0};
    char why[DESTINATION_WHY] = "", text[ERROR_TEXT_MAX];
    const struct destination_class *class = destination_class(target->kind);
    struct destination_place place = {.target = target, .journal = call->config.journal,
                                      .stop = &stop};
    void *opened = NULL;
    HRESULT hr = secret_load(call->config.state, target->name, &secret);

    if (FAILED(hr))
        console_note("[to %s] its secret cannot be read: %s", target->name, error_text(hr, text));
    else {
        place.secret = (struct span){secret.data, secret.size};
        hr = class->open(&place, &opened, why);
        if (FAILED(hr)) console_note("[to %s] %s", target->name, why);
        else class->close(opened);
    }
    bytes_free(&secret);
    return SUCCEEDED(hr);
}

static bool check_journal(const struct call *call)
{
    struct disk_folder *folder = NULL;
    char text[ERROR_TEXT_MAX];
    HRESULT hr = disk_view_folder(call->config.journal, &folder);

    if (FAILED(hr))
        console_note("[journal] %s: %s", call->config.journal, error_text(hr, text));
    disk_close_folder(folder);
    return SUCCEEDED(hr);
}

enum outcome call_check(struct call *call)
{
    struct disk_folder *folder = NULL;
    bool good = check_journal(call) && net_begin();

    if (FAILED(disk_view_folder(call->config.state, &folder))) folder = NULL;
    for (unsigned i = 0; i < call->config.count; i++) {
        good &= check_state(call, folder, &call->config.targets[i]);
        good &= check_far_end(call, &call->config.targets[i]);
    }
    disk_close_folder(folder);
    net_end();
    if (good) console_print("%s: no fault found; nothing was sent\n", call->config.file);
    return good ? OUTCOME_FINE : OUTCOME_WRONG;
}
