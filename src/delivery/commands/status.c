/* The command status: how far each destination is, and whether somebody has to look at it. */
#include "call.h"

#include "base/error_text.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "base/utc.h"
#include "cli/terminal/console.h"
#include "delivery/progress.h"
#include "delivery/state.h"
#include "journal/reverse_reader.h"

#include <inttypes.h>

struct status {
    const struct target *target;
    HRESULT hr;                         /* of its state: S_OK, S_FALSE: nothing delivered yet */
    struct state_record record;
    bool known;                         /* `progress` could be read */
    struct progress progress;
    uint64_t lag;                       /* lines */
    int64_t lag_s;                      /* age of the oldest line that is not delivered */
    const char *word;
    bool wrong;
};

static uint64_t status_last_line(const char *journal)
{
    struct reverse_reader *tail = NULL;
    struct reader_start place;
    struct line line = {0};

    if (SUCCEEDED(reverse_reader_open(journal, &tail)) &&
        reverse_reader_previous(tail, &line, &place) != S_OK)
        line.sequence = 0;
    reverse_reader_close(tail);
    return line.sequence;
}

/* The age of the line after the position; 0: there is none. */
static int64_t status_age(const char *journal, const struct position *at)
{
    struct reader_start start = {at->segment, at->offset, at->sequence, at->number};
    struct reader *reader = NULL;
    struct reader_item item;
    int64_t then, age = 0;
    HRESULT hr = at->sequence ? reader_open_at(journal, &start, &reader)
                              : reader_open(journal, 0, &reader);

    if (SUCCEEDED(hr) && (!at->sequence || reader_next(reader, &item) == READER_LINE) &&
        reader_next(reader, &item) == READER_LINE && timestamp_of_line(item.line.time, &then))
        age = (os_now() - then) / 1000000;
    reader_close(reader);
    return age > 0 ? age : 0;
}

static const char *status_word(const struct status *status, bool running)
{
    if (FAILED(status->hr)) return "damaged";
    if (status->known && status->progress.halted) return "halted";
    if (!running) return "not running";
    return status->known && status->progress.failures ? "fails" : "delivers";
}

static void status_look(struct status *status, const struct call *call, struct disk_folder *folder,
                        bool running, uint64_t last)
{
    const struct target *target = status->target;

    status->hr = folder ? state_load(folder, target->name, &status->record) : S_FALSE;
    status->known = folder && progress_read(folder, target->name, &status->progress);
    if (SUCCEEDED(status->hr) && last > status->record.position.sequence) {
        status->lag = last - status->record.position.sequence;
        status->lag_s = status_age(call->config.journal, &status->record.position);
    }
    status->word = status_word(status, running);
    status->wrong = FAILED(status->hr) || status->record.parked ||
                    (status->known && (status->progress.halted || status->progress.failures)) ||
                    status->lag_s > (int64_t)target->lag_limit_min * 60;
}

static void status_print(const struct status *status)
{
    struct bytes why = {0};

    console_print("%-16s %-8s %-12s line %" PRIu64 ", behind by %" PRIu64 " (%" PRIi64
                  " s), parked %" PRIu64 "\n",
                  status->target->name, config_kind_name(status->target->kind), status->word,
                  status->record.position.sequence, status->lag, status->lag_s,
                  status->record.parked);
    if (!status->known || (!status->progress.failures && !status->progress.halted)) return;
    console_add_text(&why, status->progress.why, strlen(status->progress.why), 0);
    if (!why.failed && why.size) console_print("    %.*s\n", (int)why.size, why.data);
    bytes_free(&why);
}

static void status_time(struct json *json, const char *name, int64_t micros)
{
    char text[UTC_TEXT_MAX];

    if (micros && utc_text(micros, true, text)) json_text(json, name, text);
}

static void status_add_json(struct json *json, const struct status *status)
{
    bool failing = status->known && (status->progress.failures || status->progress.halted);

    json_object(json, NULL);
    json_text(json, "name", status->target->name);
    json_text(json, "kind", config_kind_name(status->target->kind));
    json_text(json, "state", status->word);
    json_bool(json, "wrong", status->wrong);
    json_number(json, "sequence", (int64_t)status->record.position.sequence);
    json_number(json, "lag", (int64_t)status->lag);
    json_number(json, "lagSeconds", status->lag_s);
    json_number(json, "parked", (int64_t)status->record.parked);
    if (status->known) {
        json_number(json, "sent", (int64_t)status->progress.sent);
        json_number(json, "failures", status->progress.failures);
        status_time(json, "sentAt", status->progress.sent_at);
        status_time(json, "failedAt", status->progress.failed_at);
    }
    if (failing) json_text(json, "lastError", status->progress.why);
    json_end(json);
}

static bool status_all(const struct call *call, struct disk_folder *folder, bool running,
                       struct json *json)
{
    uint64_t last = status_last_line(call->config.journal);
    bool wrong = false;

    for (unsigned i = 0; i < call->config.count; i++) {
        struct status status = {.target = &call->config.targets[i]};

        status_look(&status, call, folder, running, last);
        wrong |= status.wrong;
        if (call->json) status_add_json(json, &status);
        else status_print(&status);
    }
    return wrong;
}

enum outcome call_status(struct call *call)
{
    struct disk_folder *folder = NULL;
    struct bytes out = {0};
    struct json json = {.out = &out};
    bool running = false, wrong;

    if (FAILED(disk_view_folder(call->config.state, &folder))) folder = NULL;
    if (folder && FAILED(disk_is_written(folder, &running))) running = false;
    json_object(&json, NULL);
    json_bool(&json, "running", running);
    json_array(&json, "destinations");
    wrong = status_all(call, folder, running, &json);
    json_end(&json);
    json_end(&json);
    bytes_add_text(&out, "\n");
    if (call->json && !out.failed) console_write(out.data, out.size);
    disk_close_folder(folder);
    bytes_free(&out);
    return wrong ? OUTCOME_WRONG : OUTCOME_FINE;
}
