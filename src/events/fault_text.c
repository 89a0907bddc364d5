#include "fault_text.h"

#include "base/error_text.h"

#include <inttypes.h>

/* "00000000000000000006.jsonl, line 3 (byte 1912)" */
static void fault_place(const struct reader_place *place, struct bytes *out)
{
    bytes_printf(out, "%s, ", place->file);
    if (place->number)
        bytes_printf(out, "line %" PRIu64 " (byte %" PRIu64 ")", place->number, place->offset);
    else bytes_printf(out, "byte %" PRIu64, place->offset); /* it was not read from its beginning */
}

static void tell_changed(const struct reader_item *item, struct bytes *out)
{
    uint64_t sequence = item->place.sequence;

    if (!item->line.sequence)
        bytes_printf(out,
                     "event %" PRIu64
                     " was changed: what is in its place is not a line with a hash that fits.",
                     sequence);
    else if (sequence == 1)
        bytes_add_text(
            out,
            "event 1 names a line before it, but the first line of a journal has none before it.");
    else
        bytes_printf(out,
                     "event %" PRIu64 " is a whole line, but does not follow event %" PRIu64
                     ": its previoushash is not the hash of that line. "
                     "Either of them was replaced, or they are of two journals.",
                     sequence, sequence - 1);
}

static void tell_missing(const struct reader_item *item, struct bytes *out)
{
    uint64_t first = item->place.sequence, last = item->last;

    if (last > first)
        bytes_printf(out, "events %" PRIu64 " to %" PRIu64 " are missing.", first, last);
    else bytes_printf(out, "event %" PRIu64 " is missing.", first);
}

static void tell_other(const struct reader_item *item, struct bytes *out)
{
    uint64_t wanted = item->place.sequence, there = item->line.sequence;

    if (!there && item->kind == READER_FOREIGN)
        bytes_printf(out,
                     "from event %" PRIu64
                     " on there are two chains: the next file has these events, and lines here say "
                     "that others of the same sequences "
                     "had been on disk. Two writers were at work.",
                     wanted);
    else if (!there)
        bytes_printf(out, "event %" PRIu64 " is missing here, and follows later.", wanted);
    else if (item->kind == READER_DUPLICATE)
        bytes_printf(out,
                     "event %" PRIu64 " is here once more, where event %" PRIu64 " was expected.",
                     there, wanted);
    else if (item->kind == READER_FOREIGN)
        bytes_printf(
            out,
            "an event %" PRIu64 " is where event %" PRIu64
            " was expected, and it differs from the one before: a line of another journal, or "
            "one that was made, was put in.",
            there, wanted);
    else
        bytes_printf(out,
                     "event %" PRIu64 " is where event %" PRIu64
                     " was expected: it was put in, or lines or files were put into another order.",
                     there, wanted);
}

static void tell_unreadable(const struct reader_item *item, struct bytes *out)
{
    char reason[ERROR_TEXT_MAX];

    bytes_add_text(out, item->place.offset ? "cannot be read from here on: " : "cannot be read: ");
    bytes_add_text(out, error_text(item->hr, reason));
    bytes_add_text(out, ".");
}

static void fault_text_tell(const struct reader_item *item, struct bytes *out)
{
    uint64_t sequence = item->place.sequence;

    switch (item->kind) {
    case READER_CHANGED:    tell_changed(item, out); return;
    case READER_MISSING:    tell_missing(item, out); return;
    case READER_REORDERED:
    case READER_DUPLICATE:
    case READER_FOREIGN:    tell_other(item, out); return;
    case READER_UNREADABLE: tell_unreadable(item, out); return;
    case READER_TORN:
        bytes_printf(out, "after event %" PRIu64 " there are bytes that are not a whole line.",
                     sequence - 1);
        return;
    case READER_NOT_JSON:
        bytes_printf(out,
                     "event %" PRIu64 " has a hash that fits, but is not JSON that every program "
                                      "reads the same way: CertWitness did not write it.",
                     sequence);
        return;
    case READER_NOT_A_LINE:
        bytes_printf(out,
                     "event %" PRIu64 " was expected here; what is here has a hash that fits, but "
                                      "not the form of a journal's line: CertWitness did not "
                     "write it.",
                     sequence);
    }
}

void fault_tell(const struct reader_item *item, struct bytes *out)
{
    if (!*item->place.file) bytes_add_text(out, "The folder");
    else if (item->kind == READER_UNREADABLE && !item->place.offset)
        bytes_add_text(out, item->place.file);
    else fault_place(&item->place, out);
    bytes_add_text(out, *item->place.file && item->kind != READER_UNREADABLE ? ": " : " ");
    fault_text_tell(item, out);
    if (item->head)
        bytes_printf(out,
                     " The file head says that the events up to %" PRIu64
                     " were on disk. They were lost; or this is a copy, made while the CA "
                     "wrote, and head was copied last.",
                     item->head);
}
