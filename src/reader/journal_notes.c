#include "journal_notes.h"

#include "console.h"
#include "fault_text.h"

#include <inttypes.h>
#include <string.h>

#define FAULTS_TOLD 20
#define FAULTS_MAX  100

void journal_notes_free(struct journal_notes *notes)
{
    bytes_free(&notes->source);
}

static void note_worse(struct journal_notes *notes, enum outcome outcome)
{
    if (notes->outcome < outcome) notes->outcome = outcome;
}

/* Lines of another CA: files of two journals lie in one folder, or a CA was given another's. */
void journal_notes_line(struct journal_notes *notes, const struct line *line)
{
    struct bytes *source = &notes->source;
    bool same = source->size == line->source.size && !memcmp(source->data, line->source.text, source->size);

    notes->last = line->sequence;
    if (same || !line->source.size) return;
    if (source->size) {
        console_note("from event %" PRIu64 " on the journal is that of another CA: %.*s, and before it %.*s", line->sequence, (int)line->source.size,
                     line->source.text, (int)source->size, source->data);
        note_worse(notes, OUTCOME_WRONG);
    }
    source->size = 0;
    bytes_add(source, line->source.text, line->source.size);
}

static void tell(const struct reader_item *item, const char *behind)
{
    struct bytes text = {0};

    fault_tell(item, &text);
    bytes_add_text(&text, behind);
    bytes_add(&text, "", 1);
    console_note("%s", text.failed ? "something is wrong with the journal, and there is not enough memory to say what" : text.data);
    bytes_free(&text);
}

bool journal_notes_tell(struct journal_notes *notes, enum reader_result result, const struct reader_item *item)
{
    if (result == READER_ON_RECORD) tell(item, " The journal itself tells so.");
    else if (result == READER_UNFINISHED) tell(item, " They are being written, or were when the power went.");
    else {
        if (++notes->faults <= FAULTS_TOLD) tell(item, "");
        note_worse(notes, item->kind == READER_UNREADABLE ? OUTCOME_CANNOT : OUTCOME_WRONG);
    }
    return notes->faults <= FAULTS_MAX;
}

void journal_notes_retry(const struct reader_item *item)
{
    tell(item, " It is tried again.");
}

void journal_notes_end(const struct journal_notes *notes)
{
    if (notes->faults > FAULTS_TOLD) console_note("and %u more places where it is wrong", notes->faults - FAULTS_TOLD);
    if (notes->faults > FAULTS_MAX) console_note("nothing behind event %" PRIu64 " was looked at. \"certwitness verify\" tells where the journal holds", notes->last);
    else if (notes->faults) console_note("\"certwitness verify\" tells up to where the journal holds");
}
