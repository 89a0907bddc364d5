/* The commands parked and retry: the lines that a destination has refused. */
#include "call.h"
#include "trail.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"
#include "delivery/destination.h"
#include "delivery/net/net.h"
#include "delivery/pace/batch_limit.h"
#include "delivery/park.h"
#include "delivery/secret.h"

#include <inttypes.h>

#define DISCARD_RANGES 20               /* of sequences that are named */
#define RETRY_GATHER   (1u << 20)       /* bytes of refused lines that are parked together */
#define PARKED_TOLD E_FAIL              /* what is wrong has been said */

static enum outcome parked_fail(const struct call *call, HRESULT hr)
{
    char text[ERROR_TEXT_MAX];

    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        console_note("%s", call_stop_first);
    else if (hr != PARKED_TOLD) console_note("%s: %s", call->config.state, error_text(hr, text));
    return OUTCOME_CANNOT;
}

/* If the file does not have what the state counts, say so. */
static HRESULT parked_tell(const char *name, HRESULT hr)
{
    bool missing = hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);

    if (!missing && hr != HRESULT_FROM_WIN32(ERROR_INVALID_DATA)) return hr;
    console_note("the file of the lines that %s has refused %s: put %.41s.parked back%s, or stop "
                 "the delivery and give \"certwitness-delivery retry NAME --discard\"%s",
                 name, missing ? "is missing" : "was changed by somebody", name,
                 missing ? "" : " as it was", missing ? "" : ", which keeps it");
    return PARKED_TOLD;
}

static HRESULT parked_tell_state(const char *name, HRESULT hr)
{
    if (hr != HRESULT_FROM_WIN32(ERROR_INVALID_DATA)) return hr;
    console_note("the state of %s is damaged; certwitness-delivery seek says where to go on", name);
    return PARKED_TOLD;
}

static HRESULT parked_print(struct disk_folder *folder, const char *name)
{
    struct state_record record;
    struct park_reader reader;
    struct span entry;
    HRESULT hr = state_load(folder, name, &record);

    if (hr != S_OK) return parked_tell_state(name, hr);
    if ((hr = park_open(folder, name, &record, &reader)) != S_OK) return parked_tell(name, hr);
    while ((hr = park_next(&reader, &entry)) == S_OK) {
        console_write(entry.text, entry.size);
        record.parked--;
    }
    park_close(&reader);
    if (hr == S_FALSE && record.parked) hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    return parked_tell(name, hr);
}

enum outcome call_parked(struct call *call)
{
    unsigned count;
    const struct target *target = call_targets(call, &count);
    struct disk_folder *folder = NULL;
    HRESULT hr;

    if (!target) return OUTCOME_CANNOT;
    hr = store_view(call->config.state, &folder);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return OUTCOME_FINE;
    for (unsigned i = 0; SUCCEEDED(hr) && i < count; i++) hr = parked_print(folder, target[i].file);
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
    struct state_record record;         /* as saved, without what follows: */
    struct park_entries again;          /* owned; lines that were refused once more */
    uint64_t dealt;                     /* entries that were taken or are in `again`, */
    uint64_t from;                      /* and where the next one is */
    uint64_t unread;                    /* entries that the state counted */
    struct batch batch;
    uint64_t ends[BATCH_LINES];         /* where the entries of its lines end in the file */
    struct batch_limit limit;
    unsigned taken, refused;
};

/* The lines that were refused once more go behind all others: one record says that they count, and
 * that what was dealt with does not. */
static HRESULT retry_save(struct retry *retry)
{
    struct park_loss loss = {0};
    char text[256];
    HRESULT hr = retry->again.count ? park_add(retry->store, retry->target->file, &retry->record,
                                               &retry->again, &loss)
                                    : S_OK;

    if (loss.count) {
        park_tell_loss(&loss, retry->target->file, text, sizeof text);
        console_note("%s", text);
        if (SUCCEEDED(hr)) hr = state_save(retry->state, &retry->record);
        return FAILED(hr) ? hr : PARKED_TOLD;
    }
    if (FAILED(hr) || !retry->dealt) return hr;
    retry->record.parked -= retry->dealt;
    if (retry->taken) retry->record.row = 0;            /* the far end takes lines now */
    retry->record.parked_from = retry->from;
    if (!retry->record.parked) retry->record.parked_from = retry->record.parked_to = 0;
    retry->dealt = 0;
    return state_save(retry->state, &retry->record);
}

static void retry_pass(struct retry *retry, unsigned last, unsigned count)
{
    retry->dealt += count;
    retry->from = retry->ends[last];
}

static HRESULT retry_add(struct retry *retry, struct span entry, uint64_t end)
{
    struct batch *batch = &retry->batch;
    struct batch_line *added = &batch->lines[batch->count];
    struct span line = park_line(entry);
    struct position position = {0};
    struct line read;

    if (!line.size) return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    line.size++;                        /* what follows it stands in for its LF */
    retry->ends[batch->count] = end;
    if (FAILED(batch_add(batch, line, &position, true))) return E_OUTOFMEMORY;
    batch->text.data[batch->text.size - 1] = '\n';
    if (line_read(batch->text.data + added->offset, line.size, &read) != LINE_OK) return S_OK;
    added->own = false;
    added->position.sequence = read.sequence;
    memcpy(added->position.hash, read.hash.text, LINE_HASH_SIZE);
    return S_OK;
}

/* The next entries, as many as a batch has. S_FALSE: there are no more behind them. */
static HRESULT retry_fill(struct retry *retry, struct park_reader *reader)
{
    struct span entry;
    HRESULT hr = S_OK;

    batch_empty(&retry->batch);
    while (hr == S_OK && !batch_is_full(&retry->batch) && (hr = park_next(reader, &entry)) == S_OK)
        hr = retry->unread-- ? retry_add(retry, entry, reader->at)
                             : HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    return hr == S_FALSE && retry->unread ? HRESULT_FROM_WIN32(ERROR_INVALID_DATA) : hr;
}

static HRESULT retry_refuse(struct retry *retry, unsigned index, const char *why)
{
    HRESULT hr = park_gather(&retry->again, retry->batch.lines[index].position.sequence,
                             batch_line(&retry->batch, index), why);

    if (FAILED(hr)) return hr;
    retry->refused++;
    retry_pass(retry, index, 1);
    return retry->again.text.size < RETRY_GATHER ? S_OK : retry_save(retry);
}

/* One request, from the line `*at` on. S_FALSE: the far end cannot now. */
static HRESULT retry_send(struct retry *retry, unsigned *at)
{
    unsigned rest = retry->batch.count - *at;
    unsigned count = retry->limit.lines < rest ? retry->limit.lines : rest;
    struct destination_report report = {0};
    HRESULT hr = S_OK;

    retry->class->send(retry->opened, &retry->batch, *at, count, &report);
    if (report.taken) {
        *at += report.taken;
        retry->taken += report.taken;
        retry_pass(retry, *at - 1, report.taken);
        hr = retry_save(retry);
    }
    if (report.result == DESTINATION_TAKEN) {
        batch_limit_taken(&retry->limit, report.taken, report.taken < count);
        return hr;
    }
    if (FAILED(hr)) return hr;
    rest = count - report.taken;
    if (report.result == DESTINATION_REFUSED && rest > 1 && !report.single) {
        batch_limit_refused(&retry->limit, rest);
        return S_OK;
    }
    console_note("[to %s] line %" PRIu64 ": %s", retry->target->name,
                 retry->batch.lines[*at].position.sequence, report.why);
    if (report.result != DESTINATION_REFUSED) return S_FALSE;
    return retry_refuse(retry, (*at)++, report.why);
}

static HRESULT retry_batch(struct retry *retry)
{
    HRESULT hr = S_OK;

    for (unsigned at = 0; hr == S_OK && at < retry->batch.count;) hr = retry_send(retry, &at);
    return hr;
}

static HRESULT retry_all(struct retry *retry)
{
    struct park_reader reader;
    HRESULT hr = park_open(store_enter(retry->store), retry->target->file, &retry->record, &reader);
    HRESULT next = S_OK, saved;

    store_leave(retry->store);
    if (hr != S_OK) return parked_tell(retry->target->file, hr);
    retry->unread = retry->record.parked;
    batch_limit_begin(&retry->limit, BATCH_LINES);
    while (hr == S_OK && next == S_OK) {
        next = retry_fill(retry, &reader);
        hr = retry_batch(retry);        /* what was whole before a fault, too */
    }
    park_close(&reader);
    if (SUCCEEDED(hr) && FAILED(saved = retry_save(retry))) hr = saved;
    if (SUCCEEDED(hr) && park_tidy(retry->store, retry->target->file, &retry->record) == S_OK)
        hr = state_save(retry->state, &retry->record);
    return parked_tell(retry->target->file, FAILED(next) ? next : hr);
}

static HRESULT retry_open(struct retry *retry, const struct call *call,
                          struct destination_place *place, struct bytes *secret)
{
    char why[DESTINATION_WHY] = "";
    HRESULT hr = store_open(call->config.state, &retry->store);

    if (SUCCEEDED(hr))
        hr = parked_tell_state(retry->target->file,
                               state_open(retry->store, retry->target->file, &retry->state,
                                          &retry->record));
    if (SUCCEEDED(hr)) hr = batch_open(&retry->batch);
    if (SUCCEEDED(hr)) hr = secret_load(call->config.state, retry->target->section, secret);
    if (FAILED(hr)) return hr;
    place->secret = (struct span){secret->data, secret->size};
    hr = destination_open(retry->class, place, &retry->opened, why);
    if (FAILED(hr)) console_note("[to %s] %s", retry->target->name, why);
    return hr;
}

static enum outcome retry_destination(const struct call *call, const struct target *target)
{
    static const int32_t stop;
    static struct destination_ahead ahead;
    struct retry retry = {.target = target, .class = destination_class(target->kind)};
    struct destination_place place = {.target = target, .journal = call->config.journal,
                                      .state = call->config.state, .stop = &stop,
                                      .ahead = &ahead};
    struct bytes secret = {0};
    HRESULT hr;

    destination_ahead_begin(&ahead);
    hr = retry_open(&retry, call, &place, &secret);
    if (SUCCEEDED(hr)) hr = retry_all(&retry);
    if (retry.opened) retry.class->close(retry.opened);
    state_close(retry.state);
    store_close(retry.store);
    batch_free(&retry.batch);
    park_entries_free(&retry.again);
    bytes_free(&secret);
    if (FAILED(hr)) return parked_fail(call, hr);
    console_print("%s has taken %u, refused %u; %" PRIu64 " parked\n", target->name, retry.taken,
                  retry.refused, retry.record.parked);
    return retry.record.parked ? OUTCOME_WRONG : OUTCOME_FINE;
}

/* The sequences of all entries: "2, 5-9". */
static void discard_name(struct store *store, const char *name, const struct state_record *record,
                         struct bytes *out)
{
    uint64_t first = 0, last = 0, next;
    struct park_reader reader;
    unsigned ranges = 0;
    struct span entry;
    HRESULT hr = park_open(store_enter(store), name, record, &reader);

    store_leave(store);
    if (hr != S_OK) {
        bytes_add_text(out, "whose file is missing or was changed");
        return;
    }
    do {
        hr = park_next(&reader, &entry);
        next = hr == S_OK ? park_sequence(entry) : 0;
        if (hr == S_OK && first && next == last + 1) {
            last = next;
            continue;
        }
        if (first && ranges++ < DISCARD_RANGES) {
            bytes_printf(out, "%s%" PRIu64, ranges == 1 ? "" : ", ", first);
            if (last != first) bytes_printf(out, "-%" PRIu64, last);
        }
        first = last = next;
    } while (hr == S_OK);
    if (ranges > DISCARD_RANGES) bytes_add_text(out, " and others");
    park_close(&reader);
}

static void discard_tell(const struct call *call, const struct target *target, uint64_t count,
                         struct bytes *lines, const char *kept)
{
    struct bytes did = {0};

    bytes_add(lines, "", 1);
    bytes_printf(&did, "discarded %" PRIu64 " parked lines of ", count);
    bytes_add_text(&did, target->name);
    bytes_add_text(&did, ": ");
    bytes_add_text(&did, lines->failed ? "" : lines->data);
    if (*kept) bytes_printf(&did, "; they are kept in %s", kept);
    bytes_add(&did, "", 1);
    trail_write(call->file, did.failed ? "discarded parked lines" : did.data);
    bytes_free(&did);
}

static enum outcome discard_destination(const struct call *call, const struct target *target)
{
    struct state_record record = {0};
    struct store *store = NULL;
    struct state *state = NULL;
    char kept[DISK_NAME_MAX] = "";
    struct bytes lines = {0};
    uint64_t count = 0;
    HRESULT hr = store_open(call->config.state, &store);

    if (SUCCEEDED(hr)) hr = state_open(store, target->file, &state, &record);
    count = record.parked;
    if (SUCCEEDED(hr) && count) {
        discard_name(store, target->file, &record, &lines);
        hr = park_discard(store, target->file, &record, kept);
        if (SUCCEEDED(hr)) hr = state_save(state, &record);
        if (SUCCEEDED(hr)) discard_tell(call, target, count, &lines, kept);
    }
    bytes_free(&lines);
    state_close(state);
    store_close(store);
    if (FAILED(hr)) return parked_fail(call, hr);
    console_print("%s: %" PRIu64 " discarded; 0 parked%s%s\n", target->name, count,
                  *kept ? ". They are kept in " : "", kept);
    return OUTCOME_FINE;
}

enum outcome call_retry(struct call *call)
{
    enum outcome worst = OUTCOME_FINE;
    unsigned count;
    const struct target *targets = call_targets(call, &count);

    if (!targets || !net_begin()) return OUTCOME_CANNOT;
    for (unsigned i = 0; i < count; i++) {
        enum outcome outcome = call->discard ? discard_destination(call, &targets[i])
                                             : retry_destination(call, &targets[i]);

        if (outcome > worst) worst = outcome;
    }
    net_end();
    return worst;
}
