/* The command check: everything that can be examined without sending. */
#include "check_files.h"
#include "trust.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"
#include "delivery/destination.h"
#include "delivery/net/net.h"
#include "delivery/secret.h"
#include "delivery/state.h"
#include "delivery/unacknowledged.h"

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
    HRESULT hr = folder ? state_load(folder, target->file, &record) : S_FALSE;

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
    HRESULT hr = secret_load(call->config.state, target->section, &secret);

    if (FAILED(hr))
        console_note("[to %s] its secret cannot be read: %s", target->name, error_text(hr, text));
    else {
        place.secret = (struct span){secret.data, secret.size};
        hr = destination_open(class, &place, &opened, why);
        if (FAILED(hr)) console_note("[to %s] %s", target->name, why);
        else class->close(opened);
        if (class->advice) console_print("%s: %s\n", target->name, class->advice);
        if (class->stands)
            console_print("%s: nothing acknowledges what is sent. When the connection ends, the "
                          "lines that were sent over it in the last %d s go again; lines that the "
                          "far end lost otherwise stay lost. kind = relp has acknowledgements\n",
                          target->name, UNACKNOWLEDGED_MS / 1000);
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

/* The folder of the state; NULL: there is none yet, which is no fault. */
static bool check_store(const struct call *call, struct disk_folder **out)
{
    char text[ERROR_TEXT_MAX];
    HRESULT hr = store_view(call->config.state, out);

    if (SUCCEEDED(hr)) return true;
    *out = NULL;
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        return true;
    console_note("[state] %s: %s", call->config.state, error_text(hr, text));
    return false;
}

static bool check_network(void)
{
    if (net_begin()) return true;
    console_note("there is not enough memory for the network");
    return false;
}

enum outcome call_check(struct call *call)
{
    struct disk_folder *folder;
    bool good = check_journal(call), known = check_store(call, &folder);

    good &= known;
    good &= trust_look(&call->config, &console_notes);
    good &= check_network();
    for (unsigned i = 0; i < call->config.count; i++) {
        if (!call->config.targets[i].shares) good &= check_files(call, &call->config.targets[i]);
        if (known && call->config.targets[i].start != START_NEVER)
            good &= check_state(call, folder, &call->config.targets[i]);
        good &= check_far_end(call, &call->config.targets[i]);
    }
    disk_close_folder(folder);
    net_end();
    if (good) console_print("%s: no fault found; nothing was sent\n", call->config.file);
    return good ? OUTCOME_FINE : OUTCOME_WRONG;
}
