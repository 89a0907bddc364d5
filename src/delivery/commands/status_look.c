#include "status_look.h"

#define ASK_MS 50

HRESULT status_last_line(const char *journal, uint64_t *last)
{
    struct position position;
    HRESULT hr = position_find(journal, START_NOW, 0, &position);

    *last = SUCCEEDED(hr) ? position.sequence : 0;
    return hr;
}

const char *status_retention(const struct status *status)
{
    if (!status->retain_s) return NULL;
    if (status->lag_s >= status->retain_s * 8 / 10) return "error";
    return status->lag_s >= status->retain_s / 2 ? "warning" : "fine";
}

static const char *status_word(const struct status *status, bool running)
{
    if (FAILED(status->hr)) return "damaged";
    if (status->known && status->progress.halted) return "halted";
    if (!running) return "not running";
    if (!status->known) return STATUS_UNKNOWN;
    return status->progress.failures ? "fails" : "delivers";
}

static void status_look_at_journal(struct status *status, const char *journal)
{
    struct position_check check;

    position_check(journal, &status->record.position, &check);
    position_fault(journal, &status->record.position, &check, status->journal);
}

/* Something else of the journal could not be read. */
static void status_note_unread(struct status *status, const char *journal, HRESULT hr)
{
    struct position_check check = {.verdict = POSITION_UNREADABLE, .hr = hr};

    if (FAILED(hr) && !*status->journal)
        position_fault(journal, &status->record.position, &check, status->journal);
}

/* How long what waits has not got on, in a run: the lines themselves may be dated by a clock that
 * was wrong. */
static int64_t status_waits(const struct progress *progress)
{
    int64_t from = progress->moved_at > progress->since ? progress->moved_at : progress->since;

    return from ? (os_now() - from) / 1000000 : 0;
}

/* A delivery that has just begun tells it at once. */
static bool status_read_progress(struct status *status, struct disk_folder *folder, bool running,
                                 uint64_t until_ms)
{
    static const int32_t never;
    bool known = progress_read(folder, status->target->file, &status->progress);

    while (!known && running && os_ticks_ms() < until_ms) {
        os_word_wait(&never, 0, ASK_MS);
        known = progress_read(folder, status->target->file, &status->progress);
    }
    return known;
}

void status_look(struct status *status, const struct call *call, struct disk_folder *folder,
                 bool running, uint64_t until_ms, HRESULT read, uint64_t last)
{
    const struct target *target = status->target;

    if (target->start == START_NEVER) {
        status->word = "drafts only";
        return;
    }
    status->hr = folder ? state_load(folder, target->file, &status->record) : S_FALSE;
    if (SUCCEEDED(status->hr)) status_look_at_journal(status, call->config.journal);
    status_note_unread(status, call->config.journal, read);
    status->known = folder && status_read_progress(status, folder, running, until_ms);
    if (SUCCEEDED(status->hr) && last > status->record.position.sequence) {
        status->lag = last - status->record.position.sequence;
        read = position_age(call->config.journal, &status->record.position, &status->lag_s);
        status_note_unread(status, call->config.journal, read);
        if (running && status->known && status_waits(&status->progress) > status->lag_s)
            status->lag_s = status_waits(&status->progress);
    }
    status->retain_s = (int64_t)call->config.retain_days * 86400;
    status->word = status_word(status, running);
    status->wrong = FAILED(status->hr) || *status->journal || status->record.parked ||
                    (running && !status->known) ||
                    (status->known && (status->progress.halted || status->progress.failures)) ||
                    status->lag_s > (int64_t)target->lag_limit_min * 60;
}
