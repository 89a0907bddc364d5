/* The command seek: a destination goes on at another line. */
#include "call.h"
#include "trail.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"
#include "delivery/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool seek_read(const char *text, enum config_start *start, uint64_t *sequence)
{
    char *end;

    *sequence = 0;
    *start = !strcmp(text, "oldest") ? START_OLDEST
             : !strcmp(text, "now")  ? START_NOW
                                     : START_SEQUENCE;
    if (*start != START_SEQUENCE) return true;
    *sequence = strtoull(text, &end, 10);
    if (*text >= '1' && *text <= '9' && !*end) return true;
    console_note("\"%s\" is not valid; it is oldest, now or the sequence of a line", text);
    return false;
}

/* A damaged state is kept beside the new one. */
static HRESULT seek_open(struct store *store, const char *name, struct state **state,
                         struct state_record *record)
{
    char from[DISK_NAME_MAX], to[DISK_NAME_MAX];
    HRESULT hr = state_open(store, name, state, record);

    if (hr != HRESULT_FROM_WIN32(ERROR_INVALID_DATA)) return hr;
    snprintf(from, sizeof from, "%.41s.state", name);
    snprintf(to, sizeof to, "%.41s.damaged-%" PRIi64, name, os_now() / 1000000);
    hr = disk_move(store_enter(store), from, to);
    store_leave(store);
    return SUCCEEDED(hr) ? state_open(store, name, state, record) : hr;
}

static void seek_tell(const struct call *call, const struct target *target, uint64_t from,
                      uint64_t to)
{
    struct bytes did = {0};

    bytes_add_text(&did, "moved ");
    bytes_add_text(&did, target->name);
    bytes_printf(&did, " from after line %" PRIu64 " to after line %" PRIu64, from, to);
    bytes_add(&did, "", 1);
    trail_write(call->file, did.failed ? "moved a destination" : did.data);
    bytes_free(&did);
}

static HRESULT seek_save(const struct call *call, struct store *store, const struct target *target,
                         const struct position *position)
{
    struct state_record record;
    struct state *state = NULL;
    HRESULT hr = seek_open(store, target->file, &state, &record);
    uint64_t from;

    if (FAILED(hr)) return hr;
    from = record.position.sequence;
    record.position = *position;
    record.row = 0;
    hr = state_save(state, &record);
    state_close(state);
    if (SUCCEEDED(hr)) seek_tell(call, target, from, position->sequence);
    return hr;
}

/* Where it goes on, and what it passes over. `sequence`: of the line that was asked for, or 0. */
static void seek_say(const struct call *call, const char *name, const struct position *position,
                     uint64_t sequence)
{
    uint64_t next = position->sequence + 1;
    struct position_check check;

    position_check(call->config.journal, position, &check);
    if (check.verdict == POSITION_PRUNED)
        console_print("%s goes on with line %" PRIu64 "; lines %" PRIu64 " to %" PRIu64
                      " are not in the journal any more, which is told\n", name, check.oldest, next,
                      check.oldest - 1);
    else if (next < sequence)
        console_print("%s goes on after line %" PRIu64 ": what the journal has of lines %" PRIu64
                      " to %" PRIu64 " is not whole, which is told\n", name, position->sequence,
                      next, sequence - 1);
    else console_print("%s goes on after line %" PRIu64 "\n", name, position->sequence);
}

enum outcome call_seek(struct call *call)
{
    unsigned count;
    const struct target *target = call_targets(call, &count);
    struct store *store = NULL;
    struct position position;
    enum config_start start;
    uint64_t sequence;
    char text[ERROR_TEXT_MAX];
    HRESULT hr;

    if (target && target->start == START_NEVER) {
        console_note("%s gets no events, as startAt = never says", target->section);
        return OUTCOME_CANNOT;
    }
    if (!target || !seek_read(call->operands[1], &start, &sequence)) return OUTCOME_CANNOT;
    hr = position_find(call->config.journal, start, sequence, &position);
    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA))
        console_note("%s has no line %" PRIu64, call->config.journal, sequence - 1);
    else if (FAILED(hr)) console_note("%s: %s", call->config.journal, error_text(hr, text));
    if (FAILED(hr)) return OUTCOME_CANNOT;
    hr = store_open(call->config.state, &store);
    for (unsigned i = 0; SUCCEEDED(hr) && i < count; i++)
        hr = seek_save(call, store, &target[i], &position);
    store_close(store);
    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        console_note("%s", call_stop_first);
    else if (FAILED(hr)) console_note("%s: %s", call->config.state, error_text(hr, text));
    else
        for (unsigned i = 0; i < count; i++)
            seek_say(call, target[i].name, &position, sequence);
    return FAILED(hr) ? OUTCOME_CANNOT : OUTCOME_FINE;
}
