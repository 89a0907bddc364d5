/*
 * Any bytes as frames of a RELP far end: what is read lies within the text, no beginning of a frame
 * is refused, and a frame that is written anew reads the same.
 */
#include "delivery/syslog/relp_frame.h"

#include <stdlib.h>

static void must(bool ok)
{
    if (!ok) abort();
}

static void must_lie_within(struct span part, struct span text)
{
    must(part.size <= text.size && part.text >= text.text &&
         part.text + part.size <= text.text + text.size);
}

static void look_into(struct span data)
{
    struct span rest, offers, value;

    if (!relp_answer_code(data, &rest, &offers)) return;
    if (rest.size) must_lie_within(rest, data);
    if (!offers.size) return;
    must_lie_within(offers, data);
    value = relp_offer(offers, "commands");
    if (value.size) must_lie_within(value, offers);
}

static void write_anew(const struct relp_frame *frame)
{
    char command[64] = "";
    struct bytes out = {0};
    struct relp_frame again;

    must(frame->command.size && frame->command.size <= 32);
    memcpy(command, frame->command.text, frame->command.size);
    relp_frame_add(&out, frame->txnr, command, frame->data);
    must(relp_frame_read((struct span){out.data, out.size}, &again) == RELP_FRAME);
    must(again.txnr == frame->txnr && again.size == out.size &&
         span_is(again.command, command) && again.data.size == frame->data.size);
    bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    struct relp_frame frame, part;

    while (relp_frame_read(text, &frame) == RELP_FRAME) {
        must(frame.size <= text.size);
        if (frame.data.size) must_lie_within(frame.data, text);
        for (size_t i = 0; i < frame.size && i < 64; i++)
            must(relp_frame_read((struct span){text.text, i}, &part) == RELP_MORE);
        look_into(frame.data);
        write_anew(&frame);
        text = (struct span){text.text + frame.size, text.size - frame.size};
    }
    return 0;
}
