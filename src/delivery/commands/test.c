/* The command test: one event to one destination. The position does not move. */
#include "call.h"

#include "base/error_text.h"
#include "cli/terminal/console.h"
#include "delivery/destination.h"
#include "delivery/net/net.h"
#include "delivery/secret.h"
#include "journal/reverse_reader.h"

#include <inttypes.h>

static HRESULT test_add(struct batch *batch, const struct line *line)
{
    struct position position = {.sequence = line->sequence};

    memcpy(position.hash, line->hash.text, LINE_HASH_SIZE);
    return batch_add(batch, line->text, &position, false);
}

static HRESULT test_newest(const char *journal, struct batch *batch)
{
    struct reverse_reader *tail = NULL;
    struct reader_start place;
    struct line line;
    HRESULT hr = reverse_reader_open(journal, &tail);

    if (SUCCEEDED(hr)) hr = reverse_reader_previous(tail, &line, &place);
    if (hr == S_OK) hr = test_add(batch, &line);
    reverse_reader_close(tail);
    return hr;
}

static HRESULT test_read(const char *journal, uint64_t sequence, struct batch *batch)
{
    struct reader *reader = NULL;
    struct reader_item item;
    HRESULT hr;

    if (!sequence) return test_newest(journal, batch);
    if (FAILED(hr = reader_open(journal, sequence, &reader))) return hr;
    hr = S_FALSE;
    if (reader_next(reader, &item) == READER_LINE && item.line.sequence == sequence)
        hr = test_add(batch, &item.line);
    reader_close(reader);
    return hr;
}

static enum outcome test_print(const struct target *target, const struct destination_class *class,
                               void *opened, const struct batch *batch)
{
    struct bytes out = {0};
    bool good;

    class->render(opened, batch, 0, 1, &out);
    good = !out.failed;
    if (good) console_write(out.data, out.size);
    else
        console_note("[to %s] what line %" PRIu64 " would be is not shown: %s", target->name,
                     batch->lines[0].position.sequence,
                     out.for_good ? "there is not enough memory"
                                  : "it would be too large; shorten text");
    bytes_free(&out);
    return good ? OUTCOME_FINE : OUTCOME_CANNOT;
}

static enum outcome test_send(const struct target *target, const struct destination_class *class,
                              void *opened, const struct batch *batch)
{
    struct destination_report report = {0};

    class->send(opened, batch, 0, 1, &report);
    if (report.result == DESTINATION_TAKEN) {
        console_print("%s %s line %" PRIu64 "\n", target->name,
                      class->stands ? "was sent" : "has taken", batch->lines[0].position.sequence);
        return OUTCOME_FINE;
    }
    console_note("[to %s] line %" PRIu64 " was %s: %s", target->name,
                 batch->lines[0].position.sequence,
                 report.result == DESTINATION_REFUSED ? "refused" : "not taken", report.why);
    return OUTCOME_WRONG;
}

static enum outcome test_destination(const struct call *call, const struct target *target,
                                     const struct batch *batch)
{
    static const int32_t stop;
    const struct destination_class *class = destination_class(target->kind);
    struct destination_place place = {.target = target, .journal = call->config.journal,
                                      .state = call->config.state, .stop = &stop};
    struct bytes secret = {0};
    char why[DESTINATION_WHY] = "", text[ERROR_TEXT_MAX];
    enum outcome outcome = OUTCOME_CANNOT;
    void *opened = NULL;
    HRESULT hr = secret_load(call->config.state, target->section, &secret);

    if (FAILED(hr))
        destination_say(why, "its secret cannot be read: %s", error_text(hr, text));
    else {
        place.secret = (struct span){secret.data, secret.size};
        hr = destination_open(class, &place, &opened, why);
    }
    if (FAILED(hr)) console_note("[to %s] %s", target->name, why);
    else {
        outcome = call->dry_run ? test_print(target, class, opened, batch)
                                : test_send(target, class, opened, batch);
        class->close(opened);
    }
    bytes_free(&secret);
    return outcome;
}

static enum outcome test_all(const struct call *call, const struct target *targets, unsigned count,
                             const struct batch *batch)
{
    enum outcome worst = OUTCOME_FINE;

    if (call->dry_run) count = 1;       /* all recipients of mail get the same */
    for (unsigned i = 0; i < count; i++) {
        enum outcome outcome = test_destination(call, &targets[i], batch);

        if (outcome > worst) worst = outcome;
    }
    return worst;
}

enum outcome call_test(struct call *call)
{
    unsigned count;
    const struct target *target = call_targets(call, &count);
    enum outcome outcome = OUTCOME_CANNOT;
    struct batch batch = {0};
    char text[ERROR_TEXT_MAX];
    HRESULT hr;

    if (!target) return outcome;
    if (target->kind == CONFIG_COPY && !call->dry_run) {
        console_note("[to %s] a copy holds whole files, so one event cannot be tried; use "
                     "--dry-run, or run --once", target->name);
        return outcome;
    }
    hr = batch_open(&batch);
    if (SUCCEEDED(hr)) hr = test_read(call->config.journal, call->event, &batch);
    if (hr == S_FALSE) console_note("%s has no such line", call->config.journal);
    else if (FAILED(hr)) console_note("%s: %s", call->config.journal, error_text(hr, text));
    else if (net_begin()) {
        outcome = test_all(call, target, count, &batch);
        net_end();
    }
    batch_free(&batch);
    return outcome;
}
