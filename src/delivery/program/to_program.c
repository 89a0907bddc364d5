/*
 * The destination `program`: a program that gets the lines on its standard input.
 *
 * It is started once for each batch. Nothing that an enrollee wrote is on its command line or in
 * its environment. Its exit code says what became of the batch: 0 taken, 65 (EX_DATAERR) refused,
 * any other: it is started again later with the same lines.
 */
#include "process.h"

#include "base/error_text.h"
#include "delivery/destination.h"

#include <stdlib.h>

#define CODE_REFUSED 65

static HRESULT to_program_open(const struct destination_place *place, void **out, char *why)
{
    (void)why;
    *out = (void *)place;
    return S_OK;
}

static void to_program_judge(const struct target *target, struct process_end *end, unsigned count,
                             struct destination_report *report)
{
    const char *words = last_words_line(&end->words);
    char text[ERROR_TEXT_MAX];

    if (end->ran && !end->code) {
        report->taken = count;
        return;
    }
    report->result = end->ran && end->code == CODE_REFUSED ? DESTINATION_REFUSED
                                                           : DESTINATION_AGAIN;
    report->needs_hands = !end->ran && !end->stopped && !end->timed_out;
    report->late = end->timed_out;
    if (end->stopped) destination_say(report->why, "%s was ended with the delivery",
                                      target->program);
    else if (end->timed_out)
        destination_say(report->why, "%s did not end within %u s and was ended; make it faster, or "
                        "set timeout%s%s", target->program, target->timeout_s,
                        *words ? ". It wrote last: " : "", words);
    else if (!end->ran)
        destination_say(report->why, "%s cannot be run: %s", target->program,
                        error_text(end->hr, text));
    else
        destination_say(report->why, "%s ended with exit code %d%s%s", target->program, end->code,
                        *words ? ": " : "", words);
}

static void to_program_send(void *self, const struct batch *batch, unsigned first, unsigned count,
                            struct destination_report *report)
{
    const struct destination_place *place = self;
    const struct target *target = place->target;
    struct process_order order = {.program = target->program,
                                  .arguments = target->arguments.values,
                                  .count = target->arguments.count,
                                  .input = batch_lines(batch, first, count),
                                  .timeout_ms = target->timeout_s * 1000,
                                  .memory = (uint64_t)target->memory_mib << 20,
                                  .stop = place->stop};
    struct process_end *end = malloc(sizeof *end);

    if (!end) {
        report->result = DESTINATION_AGAIN;
        destination_say(report->why, "there is not enough memory");
        return;
    }
    process_run(&order, end);
    to_program_judge(target, end, count, report);
    free(end);
}

static void to_program_render(void *self, const struct batch *batch, unsigned first,
                              unsigned count, struct bytes *out)
{
    struct span lines = batch_lines(batch, first, count);

    (void)self;
    bytes_add(out, lines.text, lines.size);
}

static void to_program_close(void *self)
{
    (void)self;
}

const struct destination_class destination_program = {
    .open = to_program_open, .send = to_program_send, .render = to_program_render,
    .close = to_program_close};
