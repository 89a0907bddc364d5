/* The command seek: a destination goes on at another line. */
#include "call.h"

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
    snprintf(from, sizeof from, "%.32s.state", name);
    snprintf(to, sizeof to, "%.32s.damaged-%" PRIi64, name, os_now() / 1000000);
    hr = disk_move(store_enter(store), from, to);
    store_leave(store);
    return SUCCEEDED(hr) ? state_open(store, name, state, record) : hr;
}

static HRESULT seek_save(struct store *store, const char *name, const struct position *position)
{
    struct state_record record;
    struct state *state = NULL;
    HRESULT hr = seek_open(store, name, &state, &record);

    if (FAILED(hr)) return hr;
    record.position = *position;
    hr = state_save(state, &record);
    state_close(state);
    return hr;
}

enum outcome call_seek(struct call *call)
{
    const struct target *target = call_target(call);
    struct store *store = NULL;
    struct position position;
    enum config_start start;
    uint64_t sequence;
    char text[ERROR_TEXT_MAX];
    HRESULT hr;

    if (!target || !seek_read(call->operands[1], &start, &sequence)) return OUTCOME_CANNOT;
    hr = position_find(call->config.journal, start, sequence, &position);
    if (hr == HRESULT_FROM_WIN32(ERROR_INVALID_DATA))
        console_note("%s has no line %" PRIu64, call->config.journal, sequence - 1);
    else if (FAILED(hr)) console_note("%s: %s", call->config.journal, error_text(hr, text));
    if (FAILED(hr)) return OUTCOME_CANNOT;
    hr = store_open(call->config.state, &store);
    if (SUCCEEDED(hr)) hr = seek_save(store, target->name, &position);
    store_close(store);
    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        console_note("a delivery runs; stop it first");
    else if (FAILED(hr)) console_note("%s: %s", call->config.state, error_text(hr, text));
    else
        console_print("%s goes on after line %" PRIu64 "\n", target->name, position.sequence);
    return FAILED(hr) ? OUTCOME_CANNOT : OUTCOME_FINE;
}
