/* The commands parked and retry: the lines that a destination has refused. */
#include "call.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"
#include "delivery/destination.h"
#include "delivery/net.h"
#include "delivery/park.h"
#include "delivery/secret.h"

#include <inttypes.h>

static enum outcome parked_fail(const struct call *call, HRESULT hr)
{
    char text[ERROR_TEXT_MAX];

    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        console_note("a delivery runs; stop it first");
    else console_note("%s: %s", call->config.state, error_text(hr, text));
    return OUTCOME_CANNOT;
}

static HRESULT parked_print(struct disk_folder *folder, const char *name)
{
    struct state_record record;
    struct park_reader reader;
    struct span entry;
    HRESULT hr = state_load(folder, name, &record);

    if (hr != S_OK || (hr = park_open(folder, name, &record, &reader)) != S_OK) return hr;
    while ((hr = park_next(&reader, &entry)) == S_OK) console_write(entry.text, entry.size);
    park_close(&reader);
    return hr;
}

enum outcome call_parked(struct call *call)
{
    const struct target *target = call_target(call);
    struct disk_folder *folder = NULL;
    HRESULT hr;

    if (!target) return OUTCOME_CANNOT;
    hr = disk_view_folder(call->config.state, &folder);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return OUTCOME_FINE;
    if (SUCCEEDED(hr)) hr = parked_print(folder, target->name);
    disk_close_folder(folder);
    return FAILED(hr) ? parked_fail(call, hr) : OUTCOME_FINE;
}

/* What retry works with. */
struct retry {
    const struct target *target;
    const struct destination_class *class;
    void *opened;
    struct store *store;
    struct state *state;
    struct state_record record;
    struct batch batch;
    unsigned taken, refused;
};

/* One entry: S_OK: it was taken, or is parked anew; S_FALSE: the far end cannot now. */
static HRESULT retry_entry(struct retry *retry, struct span entry)
{
    struct destination_report report = {0};
    struct span line = park_line(entry);
    struct position position = {0};
    struct line read;

    if (!line.size) return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    line.size++;                        /* what follows it stands in for its LF */
    batch_empty(&retry->batch);
    if (FAILED(batch_add(&retry->batch, line, &position, true))) return E_OUTOFMEMORY;
    retry->batch.text.data[line.size - 1] = '\n';
    if (line_read(retry->batch.text.data, line.size, &read) == LINE_OK) {
        struct batch_line *first = &retry->batch.lines[0];

        first->own = false;
        first->position.sequence = read.sequence;
        memcpy(first->position.hash, read.hash.text, LINE_HASH_SIZE);
    }
    retry->class->send(retry->opened, &retry->batch, 0, 1, &report);
    if (report.result == DESTINATION_TAKEN) {
        retry->taken++;
        return S_OK;
    }
    console_note("[to %s] line %" PRIu64 ": %s", retry->target->name,
                 retry->batch.lines[0].position.sequence, report.why);
    if (report.result == DESTINATION_AGAIN) return S_FALSE;
    retry->refused++;
    return park_add(retry->store, retry->target->name, &retry->record,
                    retry->batch.lines[0].position.sequence, batch_line(&retry->batch, 0),
                    report.why);
}

static HRESULT retry_all(struct retry *retry)
{
    struct park_reader reader;
    struct span entry;
    HRESULT hr = park_open(store_enter(retry->store), retry->target->name, &retry->record, &reader);

    store_leave(retry->store);
    if (hr != S_OK) return hr;
    while ((hr = park_next(&reader, &entry)) == S_OK && (hr = retry_entry(retry, entry)) == S_OK) {
        retry->record.parked--;
        retry->record.parked_from = reader.at;
        if (!retry->record.parked) retry->record.parked_from = retry->record.parked_to = 0;
        if (FAILED(hr = state_save(retry->state, &retry->record))) break;
    }
    park_close(&reader);
    return hr;
}

static HRESULT retry_open(struct retry *retry, const struct call *call,
                          struct destination_place *place, struct bytes *secret)
{
    char why[DESTINATION_WHY] = "";
    HRESULT hr = store_open(call->config.state, &retry->store);

    if (SUCCEEDED(hr)) hr = state_open(retry->store, retry->target->name, &retry->state,
                                       &retry->record);
    if (SUCCEEDED(hr)) hr = batch_open(&retry->batch);
    if (SUCCEEDED(hr)) hr = secret_load(call->config.state, retry->target->name, secret);
    if (FAILED(hr)) return hr;
    place->secret = (struct span){secret->data, secret->size};
    hr = retry->class->open(place, &retry->opened, why);
    if (FAILED(hr)) console_note("[to %s] %s", retry->target->name, why);
    return hr;
}

enum outcome call_retry(struct call *call)
{
    static const int32_t stop;
    struct retry retry = {.target = call_target(call)};
    struct destination_place place = {.target = retry.target, .journal = call->config.journal,
                                      .stop = &stop};
    struct bytes secret = {0};
    HRESULT hr;

    if (!retry.target || !net_begin()) return OUTCOME_CANNOT;
    retry.class = destination_class(retry.target->kind);
    hr = retry_open(&retry, call, &place, &secret);
    if (SUCCEEDED(hr)) hr = retry_all(&retry);
    if (retry.opened) retry.class->close(retry.opened);
    state_close(retry.state);
    store_close(retry.store);
    batch_free(&retry.batch);
    bytes_free(&secret);
    net_end();
    if (FAILED(hr)) return parked_fail(call, hr);
    console_print("%s has taken %u, refused %u; %" PRIu64 " parked\n", retry.target->name,
                  retry.taken, retry.refused, retry.record.parked);
    return retry.record.parked ? OUTCOME_WRONG : OUTCOME_FINE;
}
