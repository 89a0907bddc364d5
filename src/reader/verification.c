#include "verification.h"

#include "fault_text.h"
#include "folder_look.h"
#include "journal/behind.h"
#include "journal/journal.h"
#include "overtaken.h"
#include "record_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEADS_SHOWN     20              /* one by one; of more only the number, and those that are contradicted up to as many */
#define DATES_ALL       256             /* certificates whose dates are all compared, */
#define DATES_EVERY     256             /* and from then on one in so many: decoding is slower than the disk */
#define WRITER_WAIT_MS  3000            /* for a line that is being written: more than MaxWaitMs' half, and nobody waits long */
#define WRITER_LOOK_MS  100

HRESULT verification_open(struct verification *verification, const char *path, struct noted_heads *heads, struct report *report)
{
    HRESULT hr;

    *verification = (struct verification){.heads = heads, .report = report, .path = path};
    if (FAILED(hr = disk_view_folder(path, &verification->folder))) return hr;
    return reader_open(path, 0, &verification->reader);
}

void verification_close(struct verification *verification)
{
    reader_close(verification->reader);
    disk_close_folder(verification->folder);
    event_free(&verification->event);
    bytes_free(&verification->source);
    bytes_free(&verification->text);
}

/* Says what stands in `text`, of the line that is read now. */
static void tell(struct verification *v, const char *kind, enum report_weight weight)
{
    const struct reader_item *now = v->now;

    report_tell(v->report, (struct finding){kind, weight, now->line.sequence, &now->line.time, &now->place}, &v->text);
}

/* Says it of the whole. */
static void tell_all(struct verification *v, const char *kind, enum report_weight weight)
{
    report_tell(v->report, (struct finding){.kind = kind, .weight = weight}, &v->text);
}

static void keep_time(char out[40], struct span time)
{
    size_t size = time.size < 39 ? time.size : 39;

    memcpy(out, time.text, size);
    out[size] = 0;
}

/* What the reader passed over behind the last line of the file before. */
static void look_at_left(struct verification *v)
{
    uint64_t lines, bytes;

    reader_totals(v->reader, &v->totals);
    lines = v->totals.left_lines - v->left_lines;
    bytes = v->totals.left_bytes - v->left_bytes;
    v->left_lines = v->totals.left_lines;
    v->left_bytes = v->totals.left_bytes;
    if (!bytes) return;
    bytes_printf(&v->text, "%" PRIu64 " bytes behind the last line of %s that counts were passed over", bytes, v->file);
    if (lines) bytes_printf(&v->text, ", %" PRIu64 " whole line%s among them", lines, lines == 1 ? "" : "s");
    bytes_add_text(&v->text, ": writing them failed, and what they told was written again into the next file; or they are a torn tail that could not be cut "
                             "off.");
    tell_all(v, "left behind", REPORT_NOTE);
}

static void begin_file(struct verification *v)
{
    uint64_t size;

    if (*v->file) look_at_left(v);
    if (*v->file && SUCCEEDED(disk_size(v->folder, v->file, &size))) v->file_start += size;
    memcpy(v->file, v->now->place.file, sizeof v->file);
}

/* "/adcs/<machine>/<CA>": where the CA begins. */
static struct span ca_of(struct span source)
{
    const char *slash = source.text + source.size;

    while (slash > source.text && slash[-1] != '/') slash--;
    return (struct span){slash, (size_t)(source.text + source.size - slash)};
}

static bool same(struct span one, struct span other)
{
    return one.size == other.size && (!one.size || !memcmp(one.text, other.text, one.size));
}

/* A CA that has moved to another machine is the same CA. */
static void look_at_source(struct verification *v)
{
    struct span before = {v->source.data, v->source.size}, source = v->now->line.source;
    bool same_ca;

    if (same(before, source)) return;
    if (before.size) {
        same_ca = same(ca_of(before), ca_of(source)) && span_is(v->now->line.type, JOURNAL_STARTED);
        bytes_add_text(&v->text, "From here on the journal is that of ");
        bytes_add(&v->text, source.text, source.size);
        bytes_add_text(&v->text, ", before it is that of ");
        bytes_add(&v->text, before.text, before.size);
        bytes_add_text(&v->text, same_ca ? ": the CA has moved to another machine, or that has got another name."
                                         : ": two CAs have written into one chain, or somebody has.");
        tell(v, "another source", same_ca ? REPORT_NOTE : REPORT_WRONG);
    }
    v->source.size = 0;
    bytes_add(&v->source, source.text, source.size);
}

static void tell_head(struct verification *v, const struct noted_head *head, const char *kind, enum report_weight weight, const char *sentence)
{
    char text[NOTED_HEAD_TEXT];

    if (!v->report->as_json && v->head_counts[head->state] > HEADS_SHOWN) return;
    if (!v->report->as_json && v->heads->count > HEADS_SHOWN && weight == REPORT_NOTE) return;
    noted_head_text(head, text);
    bytes_add_text(&v->text, text);
    bytes_add_text(&v->text, " ");
    bytes_add_text(&v->text, sentence);
    if (v->now && v->now->line.sequence == head->sequence) tell(v, kind, weight);
    else report_tell(v->report, (struct finding){.kind = kind, .weight = weight, .sequence = head->sequence}, &v->text);
}

static void on_head(void *context, const struct noted_head *head)
{
    struct verification *v = context;

    v->head_counts[head->state]++;
    switch (head->state) {
    case HEAD_PROVEN:
    case HEAD_LINKED:
        v->head_proven = head->sequence;
        tell_head(v, head, "head proven", REPORT_NOTE, head->state == HEAD_PROVEN ? "is in the journal."
                  : "is not in the journal itself, but the line that follows it is, and names it.");
        return;
    case HEAD_CONTRADICTED:
        if (!v->head_contradicted) v->head_contradicted = head->sequence;
        v->report->wrong = true;
        tell_head(v, head, "head contradicted", REPORT_WRONG, "is not the hash of this line. The journal up to here is not the one of which the head was noted: "
                  "it was changed and its hashes computed anew, or the head is another journal's.");
        return;
    case HEAD_GONE:
        if (v->totals.first == v->now->line.sequence)
            tell_head(v, head, "head not checked", REPORT_NOTE, "is of before the journal's beginning: it cannot be proven here.");
        else tell_head(v, head, "head not checked", REPORT_WRONG, "is of a line that is damaged.");
        return;
    case HEAD_WAITS:
        return;
    }
}

static void on_pruned(struct verification *v)
{
    uint64_t first = v->totals.first;
    struct chain_head last;

    if (!record_pruned(&v->event, &last)) {
        bytes_add_text(&v->text, "Old files were removed.");
        tell(v, "pruned", REPORT_NOTE);
        return;
    }
    bytes_printf(&v->text, "Old files with the events up to %" PRIu64 " were removed, as RetainDays says.", last.sequence);
    if (last.sequence >= first && oldest_there(v->path) > last.sequence) {
        bytes_add_text(&v->text, " They were there when this began.");
        tell(v, "pruned", REPORT_NOTE);
    } else if (last.sequence >= first && last.sequence < v->now->line.sequence) {
        bytes_printf(&v->text, " But events from %" PRIu64 " on are here: removing them failed, or they were put back.", first);
        tell(v, "pruned", REPORT_WARNING);
    } else if (last.sequence + 1 == first && memcmp(last.hash, v->before.hash, LINE_HASH_SIZE)) {
        bytes_printf(&v->text, " But the hash that it names is not the one that event %" PRIu64 " names: one of them was made by somebody else.", first);
        tell(v, "pruned", REPORT_WRONG);
    } else {
        if (last.sequence + 1 == first) v->pruned_by = v->now->line.sequence;
        tell(v, "pruned", REPORT_NOTE);
    }
}

static void on_started(struct verification *v)
{
    const struct json_doc *doc = event_doc(&v->event);

    v->runs++;
    v->unclean += json_kind(doc, json_find(doc, JSON_ROOT, "module/endedCleanly")) == JSON_FALSE;
}

static void on_broken(struct verification *v)
{
    if (v->damaged) {
        fault_tell(&v->damage, &v->text);
        bytes_add_text(&v->text, " The module found that when it opened the journal, left it as it is, and went on with this event.");
    } else record_broken(&v->event, &v->text);
    tell(v, "broken", REPORT_WRONG);
}

static bool type_is(const struct line *line, const char *type)
{
    return span_is(line->type, type);
}

static void look_at_event(struct verification *v)
{
    static const char certificate[] = "certwitness.certificate.";
    const struct line *line = &v->now->line;
    bool issued = line->type.size > sizeof certificate - 1 && !memcmp(line->type.text, certificate, sizeof certificate - 1);

    if (issued && v->certificates++ >= DATES_ALL && v->certificates % DATES_EVERY) return;
    event_set(&v->event, line);
    if (issued) date_check_add(&v->dates, &v->event);
    else if (type_is(line, JOURNAL_STARTED)) on_started(v);
    else if (type_is(line, JOURNAL_PRUNED)) on_pruned(v);
    else if (type_is(line, JOURNAL_BROKEN)) on_broken(v);
    else if (type_is(line, JOURNAL_GAP)) {
        record_gap(&v->event, &v->text);
        tell(v, "gap", REPORT_WARNING);
    } else if (type_is(line, JOURNAL_RECOVERED)) {
        record_recovered(&v->event, v->folder, &v->text);
        tell(v, "recovered", REPORT_NOTE);
    }
}

static void take(struct verification *v, const struct reader_item *item)
{
    const struct line *line = &item->line;

    if (item->unverified) return;
    v->now = item;
    if (strcmp(item->place.file, v->file)) begin_file(v);
    progress_at(&v->progress, v->file_start + item->place.offset);
    if (!v->totals.first) {
        v->totals.first = line->sequence;
        v->before = (struct chain_head){.sequence = line->sequence - 1};
        memcpy(v->before.hash, line->previous.text, LINE_HASH_SIZE);
        keep_time(v->first_time, line->time);
    }
    look_at_source(v);
    noted_heads_meet(v->heads, line, on_head, v);
    look_at_event(v);
    keep_time(v->last_time, line->time);
    memcpy(v->run, line->run.text, sizeof v->run);
    v->closed = type_is(line, JOURNAL_STOPPED);
    v->damaged = false;
    v->now = NULL;
}

static void ask_for_writer(struct verification *v)
{
    bool lives;

    v->writer = FAILED(disk_is_written(v->folder, &lives)) ? WRITER_UNKNOWN : lives ? WRITER_LIVES : WRITER_NONE;
}

/* A line that is being written will be whole in a moment. */
static bool may_be_written(struct verification *v, unsigned *waited_ms)
{
    static const int32_t word;

    if (*waited_ms >= WRITER_WAIT_MS) return false;
    ask_for_writer(v);
    if (v->writer != WRITER_LIVES) return false;
    os_word_wait(&word, 0, WRITER_LOOK_MS);             /* nobody wakes it */
    *waited_ms += WRITER_LOOK_MS;
    return true;
}

/* What is to be read, and what progress is measured by. */
static void look_at_folder(struct verification *v, struct folder_look *look)
{
    folder_look(v->folder, look);
    v->bytes = look->bytes;
    v->segments = look->segments;
    progress_begin(&v->progress, look->bytes);
}

/*
 * From the oldest line that is there now, as if reading had only begun. What was read so far stays told. That the two belong together shows in the
 * journal.pruned that is to come.
 */
static bool begin_anew(struct verification *v, const struct reader_item *item)
{
    struct folder_look look;
    struct reader *again;

    if (FAILED(reader_open(v->path, 0, &again))) return false;
    reader_close(v->reader);
    v->reader = again;
    bytes_printf(&v->text, "While this read the journal up to event %" PRIu64 ", its oldest files were removed, some unread; the verdict is on what is there "
                           "now.", item->place.sequence - 1);
    tell_all(v, "overtaken", REPORT_NOTE);
    memset(&v->totals, 0, sizeof v->totals);
    v->left_lines = v->left_bytes = v->file_start = v->runs = v->unclean = v->pruned_by = 0;
    v->damaged = false;
    *v->file = 0;
    progress_end(&v->progress);
    look_at_folder(v, &look);
    return true;
}

static enum reader_result read_all(struct verification *v, struct reader_item *item)
{
    enum reader_result result;
    unsigned waited_ms = 0;

    for (;;) {
        result = reader_next_of_all(v->reader, item);
        if (result == READER_LINE) {
            take(v, item);
            waited_ms = 0;
        } else if (result == READER_ON_RECORD) {
            v->damage = *item;
            v->damage.line = (struct line){0};
            v->damaged = true;
        } else if (result == READER_FAULT && was_overtaken(v->path, item) && begin_anew(v, item)) {
            continue;
        } else if (result != READER_UNFINISHED || !may_be_written(v, &waited_ms)) return result;
    }
}

/* Whole lines from the place on, in this file and all behind it. */
static void look_behind(struct verification *v, const struct reader_place *place, struct behind *behind)
{
    uint64_t segment = segment_sequence(place->file), offset = place->offset;
    struct segment_reader *file;
    struct segment_piece piece;

    for (uint64_t start = v->file_start; segment; offset = 0, start += behind->size) {
        if (FAILED(segment_reader_open(v->folder, segment, &file))) return;
        segment_seek(file, offset);
        while (segment_next(file, &piece) == S_OK) {
            behind_look(behind, &piece);
            progress_at(&v->progress, start + piece.offset);
        }
        segment_reader_close(file);
        if (FAILED(segment_find_above(v->folder, segment, &segment))) return;
    }
}

static void tell_behind(struct verification *v, const struct reader_item *item)
{
    struct behind behind = {.next = item->place.sequence};

    look_behind(v, &item->place, &behind);
    if (!behind.lines) bytes_add_text(&v->text, " No whole line follows.");
    else bytes_printf(&v->text, " From there on %" PRIu64 " line%s whole, up to event %" PRIu64 "; whether they follow each other was not looked at.",
                      behind.lines, behind.lines == 1 ? " is" : "s are", behind.highest.sequence);
}

/*
 * A file that does not follow the one before: one CA has had two journals, and their files were put together. Every run of the module has a GUID,
 * and begins with one of three events.
 */
static bool is_of_other_run(const struct verification *v, const struct line *line)
{
    struct span source = {v->source.data, v->source.size}, run = {v->run, sizeof v->run};

    if (!same(source, line->source) || same(run, line->run)) return false;
    return !type_is(line, JOURNAL_STARTED) && !type_is(line, JOURNAL_RECOVERED) && !type_is(line, JOURNAL_BROKEN);
}

static void tell_other_run(struct verification *v, const struct reader_item *item)
{
    struct segment_reader *file;
    struct segment_piece piece;
    struct line line;
    bool other;

    if (item->kind != READER_CHANGED || item->place.number != 1 || !item->line.sequence || !v->totals.first) return;
    if (FAILED(segment_reader_open(v->folder, segment_sequence(item->place.file), &file))) return;
    other = segment_next(file, &piece) == S_OK && line_read(piece.text.text, piece.text.size, &line) == LINE_OK && is_of_other_run(v, &line);
    segment_reader_close(file);
    if (!other) return;
    bytes_add_text(&v->text, " It is of another run of the module than the event before, and no run begins with it: files of two journals of this CA lie in "
                             "this folder, each of which needs a folder of its own, or files were replaced.");
}

static enum verdict on_fault(struct verification *v, const struct reader_item *item)
{
    enum verdict verdict = item->kind == READER_UNREADABLE ? VERDICT_UNREADABLE : VERDICT_WRONG;

    fault_tell(item, &v->text);
    tell_other_run(v, item);
    if (verdict == VERDICT_WRONG) tell_behind(v, item);
    if (item->place.number == 1 || item->kind == READER_MISSING) folder_tell_mixed(v->folder, &v->text);
    report_tell(v->report, (struct finding){.kind = reader_kind_text(item->kind), .weight = REPORT_WRONG, .sequence = item->place.sequence,
                                            .place = &item->place}, &v->text);
    return verdict;
}

static enum verdict on_torn(struct verification *v, const struct reader_item *item)
{
    fault_tell(item, &v->text);
    if (v->writer == WRITER_LIVES)
        bytes_add_text(&v->text, " A writer has the journal open, and has not made a line of them in three seconds: its disk hangs or is full, or they are "
                                 "not its own.");
    else bytes_add_text(&v->text, " No writer has the journal open, so they will not become one. Either they were being written when the power went, the CA "
                                  "was killed or this copy was made: then nobody was told that they are on disk, and the module moves them aside when it "
                                  "opens the journal. Or somebody has changed the last lines.");
    report_tell(v->report, (struct finding){.kind = "torn", .weight = REPORT_WRONG, .sequence = item->place.sequence, .place = &item->place}, &v->text);
    return VERDICT_WRONG;
}

/* Heads whose lines never came. */
static void settle_heads(struct verification *v, bool at_end)
{
    for (; v->heads->next < v->heads->count; v->heads->next++) {
        const struct noted_head *head = &v->heads->heads[v->heads->next];

        v->head_counts[HEAD_WAITS]++;
        if (at_end) tell_head(v, head, "head missing", REPORT_WRONG, "is of behind the journal's end: its last lines were cut off, or this copy was made before "
                              "the head was noted.");
        else tell_head(v, head, "head not checked", REPORT_WARNING, "is of behind the place where reading ended.");
        if (at_end) v->report->wrong = true;
    }
}

static void tell_beginning(struct verification *v)
{
    uint64_t first = v->totals.first;

    if (first <= 1) return;
    bytes_printf(&v->text, "The journal begins with event %" PRIu64 ". ", first);
    if (v->pruned_by) bytes_printf(&v->text, "Older files were removed, as event %" PRIu64 " says.", v->pruned_by);
    else bytes_add_text(&v->text, "Files with the events before it are not in this folder, and no event says that they were removed: they were moved "
                                  "elsewhere, or somebody took them away.");
    bytes_printf(&v->text, " The line before has to have the hash %s.", v->before.hash);
    tell_all(v, "begins later", v->pruned_by ? REPORT_NOTE : REPORT_WARNING);
}

static enum verdict judge(struct verification *v, enum reader_result result, const struct reader_item *item)
{
    bool at_end = result != READER_FAULT;

    if (*v->file) look_at_left(v);
    reader_totals(v->reader, &v->totals);
    if (!v->totals.lines && result != READER_END && item->kind != READER_UNREADABLE && folder_is_foreign(v->folder)) return VERDICT_NO_JOURNAL;
    tell_beginning(v);
    if (at_end) settle_heads(v, true);
    if (at_end && !v->totals.lines && result == READER_END) {
        bytes_add_text(&v->text, "There is not one line in it.");
        tell_all(v, "empty", REPORT_WRONG);
    }
    if (result == READER_UNFINISHED) on_torn(v, item);
    if (!at_end && on_fault(v, item) == VERDICT_UNREADABLE) return VERDICT_UNREADABLE;
    if (!at_end) settle_heads(v, false);
    if (at_end && !v->closed && v->writer == WRITER_NOT_ASKED) ask_for_writer(v);
    return v->report->wrong ? VERDICT_WRONG : VERDICT_HOLDS;
}

enum verdict verification_run(struct verification *v)
{
    struct reader_item item;
    struct folder_look look;
    enum verdict verdict;

    look_at_folder(v, &look);
    v->result = read_all(v, &item);
    verdict = judge(v, v->result, &item);
    progress_end(&v->progress);
    if (verdict != VERDICT_NO_JOURNAL && look.other_count) {
        folder_tell_others(&look, &v->text);
        tell_all(v, "other files", REPORT_NOTE);
    }
    return verdict;
}
