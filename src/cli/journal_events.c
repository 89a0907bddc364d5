#include "journal_events.h"

#include "journal_path.h"
#include "cli/terminal/console.h"

#include <inttypes.h>
#include <stdio.h>

static void journal_events_show_progress(const char *doing, uint64_t sequence)
{
    char text[96];

    if (!sequence) console_progress(NULL);
    if (!sequence || !console_shows_progress()) return;
    snprintf(text, sizeof text, "%s, at event %" PRIu64, doing, sequence);
    console_progress(text);
}

const struct events_client journal_events_client = {&console_notes, console_interrupted,
                                                    journal_events_show_progress};

bool journal_events_open(struct events *events, const struct options *options, uint64_t from,
                         const struct filter *filter)
{
    struct bytes path = {0};
    bool opened;

    *events = (struct events){.client = &journal_events_client,
                              .notes = {.to = &console_notes, .outcome = OUTCOME_CANNOT}};
    if (!journal_path_find(operand_at(options, 0), option_value(options, "ca"), &path)) {
        bytes_free(&path);
        return false;
    }
    opened = events_open_from(events, &journal_events_client, path.data, from, filter);
    bytes_free(&path);
    return opened;
}
