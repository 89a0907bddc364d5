/* The command status: how far each destination is, and whether somebody has to look at it. */
#include "metrics.h"
#include "status_look.h"

#include "base/error_text.h"
#include "base/file_write.h"
#include "base/json.h"
#include "base/utc.h"
#include "cli/terminal/console.h"
#include "delivery/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_NAME 16                  /* columns of a name, at least */
#define MOMENT_MS   2000                /* a delivery that has just begun tells of itself by then */

static void status_print_reason(const char *reason)
{
    struct bytes text = {0};

    console_add_text(&text, reason, strlen(reason), 0);
    if (!text.failed && text.size) console_print("    %.*s\n", (int)text.size, text.data);
    bytes_free(&text);
}

static void status_print(const struct status *status, int width)
{
    const char *retention = status_retention(status);
    bool failing = status->known && (status->progress.failures || status->progress.halted);

    console_print("%-*s %-8s %-12s line %" PRIu64 ", behind by %" PRIu64 " (%" PRIi64
                  " s), parked %" PRIu64 "\n",
                  width, status->target->name, config_kind_name(status->target->kind), status->word,
                  status->record.position.sequence, status->lag, status->lag_s,
                  status->record.parked);
    if (retention && strcmp(retention, "fine"))
        console_print("    %s: what is not delivered is %" PRIi64 " of the %" PRIi64 " days old "
                      "that lines are kept. \"certwitness prune\" keeps it, so the disk fills\n",
                      retention, status->lag_s / 86400, status->retain_s / 86400);
    if (!strcmp(status->word, STATUS_UNKNOWN))
        status_print_reason("a delivery runs, and this destination tells nothing of itself: it "
                            "cannot write into the folder of the state (is the disk full?), or "
                            "was not in the configuration when the delivery began; its log says "
                            "more");
    if (failing) status_print_reason(status->progress.why);
    if (!failing || strcmp(status->progress.why, status->journal))
        status_print_reason(status->journal);
}

/* A recipient's name may be longer than any other. */
static void status_print_all(const struct call *call, const struct status *all)
{
    size_t width = STATUS_NAME;

    for (unsigned i = 0; i < call->config.count; i++)
        if (strlen(all[i].target->name) > width) width = strlen(all[i].target->name);
    for (unsigned i = 0; i < call->config.count; i++) status_print(&all[i], (int)width);
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
    if (status->retain_s) json_text(json, "retention", status_retention(status));
    json_number(json, "parked", (int64_t)status->record.parked);
    if (status->known) {
        json_number(json, "sent", (int64_t)status->progress.sent);
        json_number(json, "failures", status->progress.failures);
        status_time(json, "sentAt", status->progress.sent_at);
        status_time(json, "failedAt", status->progress.failed_at);
    }
    if (failing) json_text(json, "lastError", status->progress.why);
    if (*status->journal) json_text(json, "journal", status->journal);
    json_end(json);
}

static enum outcome status_write(const struct call *call, const struct bytes *text)
{
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = text->failed ? E_OUTOFMEMORY
                              : file_publish(call->metrics, text->data, text->size);

    if (SUCCEEDED(hr)) return OUTCOME_FINE;
    console_note("%s cannot be written: %s", call->metrics, error_text(hr, reason));
    return OUTCOME_CANNOT;
}

static enum outcome status_tell(const struct call *call, const struct status *all, bool running)
{
    struct bytes out = {0};
    struct json json = {.out = &out};
    enum outcome outcome = OUTCOME_FINE;

    if (call->metrics) {
        metrics_add(&out, &call->config, all, running);
        outcome = status_write(call, &out);
    } else if (call->json) {
        json_object(&json, NULL);
        json_bool(&json, "running", running);
        json_array(&json, "destinations");
        for (unsigned i = 0; i < call->config.count; i++) status_add_json(&json, &all[i]);
        json_end(&json);
        json_end(&json);
        bytes_add_text(&out, "\n");
        if (out.failed) outcome = OUTCOME_CANNOT;
        else console_write(out.data, out.size);
    } else status_print_all(call, all);
    bytes_free(&out);
    return outcome;
}

/* Where there is none, nothing has run yet. */
static HRESULT status_view(const char *state, struct disk_folder **out)
{
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = store_view(state, out);

    if (SUCCEEDED(hr)) return hr;
    *out = NULL;
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        return S_FALSE;
    console_note("how far the delivery is cannot be read from %s: %s", state,
                 error_text(hr, reason));
    return hr;
}

enum outcome call_status(struct call *call)
{
    struct status *all = calloc(call->config.count, sizeof *all);
    struct disk_folder *folder = NULL;
    uint64_t last;
    HRESULT read = status_last_line(call->config.journal, &last);
    bool running = false, wrong = false;
    uint64_t until_ms = os_ticks_ms() + MOMENT_MS;
    enum outcome outcome;

    if (!all) return OUTCOME_CANNOT;
    if (FAILED(status_view(call->config.state, &folder))) {
        free(all);
        return OUTCOME_CANNOT;
    }
    if (folder && FAILED(disk_is_written(folder, &running))) running = false;
    for (unsigned i = 0; i < call->config.count; i++) {
        all[i].target = &call->config.targets[i];
        status_look(&all[i], call, folder, running, until_ms, read, last);
        wrong |= all[i].wrong;
    }
    outcome = status_tell(call, all, running);
    disk_close_folder(folder);
    free(all);
    return outcome == OUTCOME_FINE && wrong ? OUTCOME_WRONG : outcome;
}
