#include "journal_notes.h"

#include "base/shell_word.h"
#include "fault_text.h"
#include "journal/journal.h"
#include "base/plural.h"

#include <inttypes.h>
#include <string.h>

#define FAULTS_TOLD 20
#define FAULTS_MAX  100

void journal_notes_free(struct journal_notes *notes)
{
    bytes_free(&notes->source);
}

static void journal_notes_note_worse(struct journal_notes *notes, enum outcome outcome)
{
    if (notes->outcome < outcome) notes->outcome = outcome;
}

/* Lines of another CA: files of two journals lie in one folder, or a CA was given another's. */
static void note_source(struct journal_notes *notes, const struct line *line)
{
    struct bytes *source = &notes->source;
    bool same =
        source->size == line->source.size && !memcmp(source->data, line->source.text, source->size);

    if (same || !line->source.size) return;
    if (source->size) {
        notes_add(notes->to,
                  "from event %" PRIu64
                  " on the journal is that of another CA: %.*s, and before it %.*s",
                  line->sequence, (int)line->source.size, line->source.text, (int)source->size,
                  source->data);
        journal_notes_note_worse(notes, OUTCOME_WRONG);
    }
    source->size = 0;
    bytes_add(source, line->source.text, line->source.size);
}

static void tell_stray(struct journal_notes *notes)
{
    bool told = notes->faults <= FAULTS_TOLD && notes->breaks <= FAULTS_TOLD;

    if (!notes->stray_lines || !told) {
    } else if (notes->stray_lines == 1)
        notes_add(notes->to,
                  "event %" PRIu64
                  " is verified by its own hash only; no verified line leads to it",
                  notes->stray);
    else
        notes_add(notes->to,
                  "%" PRIu64 " events from %" PRIu64 " to %" PRIu64
                  " are verified by their own hashes only; no verified line leads to them",
                  notes->stray_lines, notes->stray, notes->stray_last);
    notes->stray_lines = 0;
}

/* Damage on record whose file is no longer here, or was not read. */
static void note_break(struct journal_notes *notes, const struct line *line)
{
    if (!span_is(line->type, JOURNAL_BROKEN)) return;
    if (!notes->on_record)
        notes_add(notes->to,
                  "event %" PRIu64
                  " reports that lines before it, which had been on disk, were found damaged",
                  line->sequence);
    notes->on_record = false;
    journal_notes_note_worse(notes, OUTCOME_WRONG);
}

void journal_notes_line(struct journal_notes *notes, const struct reader_item *item)
{
    const struct line *line = &item->line;

    notes->last = line->sequence;
    if (!item->unverified) tell_stray(notes);
    else {
        if (!notes->stray_lines++) notes->stray = line->sequence;
        notes->stray_last = line->sequence;
    }
    note_break(notes, line);
    note_source(notes, line);
}

static void tell(const struct journal_notes *notes, const struct reader_item *item,
                 const char *behind)
{
    struct bytes text = {0};

    fault_tell(item, &text);
    bytes_add_text(&text, behind);
    bytes_add(&text, "", 1);
    notes_add(
        notes->to, "%s",
        text.failed
            ? "something is wrong with the journal, and there is not enough memory to say what"
            : text.data);
    bytes_free(&text);
}

bool journal_notes_tell(struct journal_notes *notes, enum reader_result result,
                        const struct reader_item *item)
{
    tell_stray(notes);
    if (result == READER_ON_RECORD) {
        if (++notes->breaks <= FAULTS_TOLD) tell(notes, item, " The journal itself reports this.");
        notes->on_record = true;
        journal_notes_note_worse(notes, OUTCOME_WRONG);
    } else {
        if (++notes->faults <= FAULTS_TOLD) tell(notes, item, "");
        journal_notes_note_worse(notes,
                                 item->kind == READER_UNREADABLE ? OUTCOME_CANNOT : OUTCOME_WRONG);
    }
    return notes->faults <= FAULTS_MAX;
}

void journal_notes_unfinished(struct journal_notes *notes, const struct reader_item *item,
                              const char *why, bool is_harmless)
{
    tell_stray(notes);
    tell(notes, item, why);
    if (!is_harmless) journal_notes_note_worse(notes, OUTCOME_WRONG);
}

void journal_notes_retry(const struct journal_notes *notes, const struct reader_item *item)
{
    tell(notes, item, " Reading is tried again.");
}

void journal_notes_verify(struct journal_notes *notes, const char *before)
{
    struct bytes text = {0};

    if (notes->has_advice) return;
    notes->has_advice = true;
    if (notes->path) shell_command_add(&text, "certwitness verify", notes->path);
    else bytes_add_text(&text, "certwitness verify");
    bytes_add(&text, "", 1);
    if (!text.failed) notes_add(notes->to, "%s%s", before, text.data);
    bytes_free(&text);
}

void journal_notes_end(struct journal_notes *notes)
{
    tell_stray(notes);
    if (notes->faults > FAULTS_TOLD)
        notes_add(notes->to, "and %u more %s where it is wrong", notes->faults - FAULTS_TOLD,
                  plural(notes->faults - FAULTS_TOLD, "place", "places"));
    if (notes->faults > FAULTS_MAX)
        notes_add(notes->to,
                  "nothing after event %" PRIu64 " was read, since there are more than %d faults",
                  notes->last, FAULTS_MAX);
    if (notes->faults || notes->breaks)
        journal_notes_verify(notes, "to see up to where the journal holds: ");
}
