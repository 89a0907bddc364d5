#include "verification.h"

#include "events/fault_text.h"
#include "events/foreign_files.h"
#include "journal/damage_scan.h"
#include "journal/journal.h"
#include "events/pruned_during_read.h"
#include "journal_event_text.h"
#include "base/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FAULTS_TOLD     100             /* one by one; of more only the number */
/* one by one; of more only the number, and those that are contradicted up to as many */
#define HEADS_SHOWN 20
#define DATES_ALL       256             /* certificates whose dates are all compared, */
#define DATES_EVERY     256 /* and from then on one in so many: decoding is slower than the disk */

HRESULT verification_open(struct verification *verification, const char *path,
                          struct noted_heads *heads, struct report *report, unsigned threads)
{
    HRESULT hr;

    *verification = (struct verification){
        .heads = heads, .report = report, .path = path, .file_state = HEAD_GONE};
    if (FAILED(hr = disk_view_folder(path, &verification->folder))) return hr;
    if (FAILED(hr = reader_open(path, 0, &verification->reader))) return hr;
    if (SUCCEEDED(read_ahead_open(threads, &verification->ahead)))      /* else one by one */
        reader_read_ahead(verification->reader, verification->ahead);
    return S_OK;
}

void verification_close(struct verification *verification)
{
    reader_close(verification->reader);
    read_ahead_close(verification->ahead);
    disk_close_folder(verification->folder);
    event_free(&verification->event);
    bytes_free(&verification->source);
    bytes_free(&verification->text);
}

/* Says what stands in `text`, of the line that is read now. */
static void verification_tell(struct verification *v, const char *kind, enum report_weight weight)
{
    const struct reader_item *now = v->now;

    report_tell(v->report,
                (struct finding){kind, weight, now->line.sequence, &now->line.time, &now->place},
                &v->text);
}

/* Says it of the whole. */
static void tell_all(struct verification *v, const char *kind, enum report_weight weight)
{
    report_tell(v->report, (struct finding){.kind = kind, .weight = weight}, &v->text);
}

static void verification_keep_time(char out[40], struct span time)
{
    size_t size = time.size < 39 ? time.size : 39;

    memcpy(out, time.text, size);
    out[size] = 0;
}

/* The reader's. */
static void keep_totals(struct verification *v)
{
    uint64_t first = v->totals.first;

    reader_totals(v->reader, &v->totals);
    if (!v->totals.first) v->totals.first = first;
}

/* What the reader passed over behind the last line of the file before. */
static void look_at_left(struct verification *v)
{
    uint64_t lines, bytes;

    keep_totals(v);
    lines = v->totals.left_lines - v->left_lines;
    bytes = v->totals.left_bytes - v->left_bytes;
    v->left_lines = v->totals.left_lines;
    v->left_bytes = v->totals.left_bytes;
    if (!bytes) return;
    bytes_printf(&v->text, "%" PRIu64 " %s behind the last line of %s that counts %s passed over",
                 bytes, plural(bytes, "byte", "bytes"), v->file, plural(bytes, "was", "were"));
    if (lines)
        bytes_printf(&v->text, ", %" PRIu64 " whole line%s among them", lines,
                     lines == 1 ? "" : "s");
    bytes_add_text(&v->text, ": writing them failed, and what they told was written again into the "
                             "next file; or they are a torn tail that could not be cut "
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

static bool verification_same(struct span one, struct span other)
{
    return one.size == other.size && (!one.size || !memcmp(one.text, other.text, one.size));
}

/* With such a line a run begins. */
static bool is_first_of_run(const struct line *line)
{
    return span_is(line->type, JOURNAL_STARTED) || span_is(line->type, JOURNAL_RECOVERED) ||
           span_is(line->type, JOURNAL_BROKEN);
}

/* A CA that has moved to another machine is the same CA. */
static void look_at_source(struct verification *v)
{
    struct span before = {v->source.data, v->source.size}, source = v->now->line.source;
    bool same_ca;

    if (verification_same(before, source)) return;
    if (before.size) {
        same_ca = verification_same(ca_of(before), ca_of(source)) && is_first_of_run(&v->now->line);
        bytes_add_text(&v->text, "From here on the journal is that of ");
        bytes_add(&v->text, source.text, source.size);
        bytes_add_text(&v->text, ", before it is that of ");
        bytes_add(&v->text, before.text, before.size);
        bytes_add_text(&v->text,
                       same_ca
                           ? ": the CA has moved to another machine, or that has got another name."
                           : ": two CAs have written into one chain, or somebody has.");
        verification_tell(v, "another source", same_ca ? REPORT_NOTE : REPORT_WRONG);
    }
    v->source.size = 0;
    bytes_add(&v->source, source.text, source.size);
}

static void tell_head(struct verification *v, const struct noted_head *head, const char *kind,
                      enum report_weight weight, const char *sentence)
{
    char text[NOTED_HEAD_TEXT];

    v->head_counts[head->state]++;
    if (!v->report->as_json && v->head_counts[head->state] > HEADS_SHOWN) return;
    if (!v->report->as_json && v->heads->count > HEADS_SHOWN && weight == REPORT_NOTE) return;
    noted_head_text(head, text);
    bytes_add_text(&v->text, text);
    bytes_add_text(&v->text, " ");
    bytes_add_text(&v->text, sentence);
    if (v->now && v->now->line.sequence == head->sequence) verification_tell(v, kind, weight);
    else
        report_tell(v->report,
                    (struct finding){.kind = kind, .weight = weight, .sequence = head->sequence},
                    &v->text);
}

static void contradict(struct verification *v, const struct noted_head *head)
{
    bool linked = v->now && v->now->line.sequence == head->sequence + 1;

    if (!v->head_contradicted) v->head_contradicted = head->sequence;
    v->contradicted = v->report->wrong = true;
    tell_head(
        v, head, "head contradicted", REPORT_WRONG,
        head->state == HEAD_OTHER_ASIDE
            ? "is not the hash of the line of this number, which follows damage."
        : linked
            ? "is not the hash of the line before this one, as this one names it. The journal is "
              "not the one of which the head was noted: it was "
              "changed and its hashes computed anew; or it was restored from a copy made before "
              "the head was noted, and written on; or the head is another journal's. "
              "Look for a restore before that time, compare with the disk or copy that it "
              "replaced, and keep both."
            : "is not the hash of this line. The journal up to here is not the one of which the "
              "head was noted: "
              "it was changed and its hashes computed anew; or it was restored from a copy made "
              "before the head was noted, and written on; or the head is another journal's. "
              "Look for a restore before that time, compare with the disk or copy that it "
              "replaced, and keep both.");
}

static void on_head(void *context, const struct noted_head *head)
{
    struct verification *v = context;

    switch (head->state) {
    case HEAD_PROVEN:
        v->head_exact = head->sequence;
        /* fall through */
    case HEAD_LINKED:
        v->head_proven = head->sequence;
        tell_head(
            v, head, "head proven", REPORT_NOTE,
            head->state == HEAD_PROVEN
                ? "is in the journal."
                : "is not in the journal itself, but the line that follows it is, and names it.");
        return;
    case HEAD_CONTRADICTED:
    case HEAD_OTHER_ASIDE:
        contradict(v, head);
        return;
    case HEAD_ASIDE:
        tell_head(
            v, head, "head proven", REPORT_NOTE,
            "is in the journal, after damage: it confirms this line and those that lead to it.");
        return;
    case HEAD_GONE:
        if (v->now && v->totals.first == v->now->line.sequence)
            return; /* of before the beginning: told at the end */
        v->heads_unchecked++;
        tell_head(v, head, "head not checked", REPORT_WRONG,
                  "belongs to a line that is damaged or missing.");
        return;
    case HEAD_WAITS:
    case HEAD_STATES:
        return;
    }
}

/* The file `head`, which the writer keeps up to date: whether its line is this one. */
static void meet_file_head(struct verification *v, const struct line *line)
{
    if (v->file_state != HEAD_WAITS || line->sequence < v->file_head.line.sequence) return;
    if (line->sequence > v->file_head.line.sequence)
        v->file_state = HEAD_OTHER_ASIDE; /* its line was not among those that follow */
    else
        v->file_state = memcmp(line->hash.text, v->file_head.line.hash, LINE_HASH_SIZE)
                            ? HEAD_CONTRADICTED
                            : HEAD_PROVEN;
    if (v->file_state != HEAD_CONTRADICTED) return;
    v->contradicted = true;
    bytes_printf(&v->text,
                 "The file head, which the writer keeps, names another hash for this line (%s): "
                 "the journal is not the one that was written here, or the "
                 "file is another copy's.",
                 v->file_head.line.hash);
    verification_tell(v, "head contradicted", REPORT_WRONG);
}

static void on_pruned(struct verification *v)
{
    uint64_t first = v->totals.first;
    struct chain_head last;

    if (!record_pruned(&v->event, &last)) {
        bytes_add_text(&v->text, "Old files were removed.");
        verification_tell(v, "pruned", REPORT_NOTE);
        return;
    }
    record_pruned_how(&v->event, last.sequence, &v->text);
    if (last.sequence >= first && v->prunes++ < READER_LOOKS_MAX &&
        oldest_segment_left(v->path) > last.sequence) {
        bytes_add_text(&v->text, " They were there when this began.");
        verification_tell(v, "pruned", REPORT_NOTE);
    } else if (last.sequence >= first && last.sequence < v->now->line.sequence) {
        bytes_printf(&v->text,
                     " But events from %" PRIu64
                     " on are here: removing them failed, or they were put back.",
                     first);
        verification_tell(v, "pruned", REPORT_WARNING);
    } else if (last.sequence + 1 == first && memcmp(last.hash, v->before.hash, LINE_HASH_SIZE)) {
        bytes_printf(&v->text,
                     " But the hash that it names is not the one that event %" PRIu64
                     " names: one of them was made by somebody else.",
                     first);
        verification_tell(v, "pruned", REPORT_WRONG);
    } else {
        if (last.sequence + 1 == first && !v->now->unverified) v->pruned_by = v->now->line.sequence;
        verification_tell(v, "pruned", REPORT_NOTE);
    }
}

static void on_started(struct verification *v)
{
    const struct json_doc *doc = event_doc(&v->event);

    v->runs++;
    v->unclean += json_kind(doc, json_find(doc, JSON_ROOT, "module/endedCleanly")) == JSON_FALSE;
    if (record_unwritten(&v->event, &v->text))
        verification_tell(v, "runs without lines", REPORT_WARNING);
}

static void on_broken(struct verification *v)
{
    if (v->damaged) {
        uint64_t bytes = v->totals.damaged_bytes - v->damaged_bytes,
                 lines = v->totals.damaged_lines - v->damaged_lines;

        fault_tell(&v->damage, &v->text);
        bytes_add_text(&v->text, " The module found that when it opened the journal, left it as it "
                                 "is, and went on with this event.");
        bytes_printf(
            &v->text, " Of the %" PRIu64 " %s that it passed over, %" PRIu64 " %s.", bytes,
            plural(bytes, "byte", "bytes"), lines,
            plural(lines, "line is whole by its own hash", "lines are whole by their own hashes"));
    } else record_broken(&v->event, &v->text);
    record_head_beyond(&v->event, &v->text);
    verification_tell(v, "broken", REPORT_WRONG);
}

static bool type_is(const struct line *line, const char *type)
{
    return span_is(line->type, type);
}

static void look_at_event(struct verification *v)
{
    static const char certificate[] = "certwitness.certificate.";
    const struct line *line = &v->now->line;
    bool issued = line->type.size > sizeof certificate - 1 &&
                  !memcmp(line->type.text, certificate, sizeof certificate - 1);

    if (issued && v->certificates++ >= DATES_ALL && v->certificates % DATES_EVERY) return;
    event_set_item(&v->event, v->now);
    if (issued) date_check_add(&v->dates, &v->event);
    else if (type_is(line, JOURNAL_STARTED)) on_started(v);
    else if (type_is(line, JOURNAL_PRUNED)) on_pruned(v);
    else if (type_is(line, JOURNAL_BROKEN)) on_broken(v);
    else if (type_is(line, JOURNAL_GAP)) {
        record_gap(&v->event, &v->text);
        verification_tell(v, "gap", REPORT_WARNING);
    } else if (type_is(line, JOURNAL_RECOVERED)) {
        record_recovered(&v->event, v->folder, &v->text);
        verification_tell(v, "recovered", REPORT_NOTE);
    }
}

/* Who has written the journal is known from its first line only. */
static void read_file_head(struct verification *v, const struct line *line)
{
    if (head_read(v->folder, line->source, &v->file_head) == S_OK) v->file_state = HEAD_WAITS;
}

/* Lines behind a fault, to which nothing leads. */
static void add_stray(struct verification *v, const struct line *line)
{
    if (!v->stray.lines++) {
        v->stray.first = line->sequence;
        v->stretches++;
    }
    v->stray.last = line->sequence;
    v->stray_lines++;
    if (noted_heads_meet_aside(v->heads, line)) v->stray.vouched = line->sequence;
}

/* On what ground what stands behind a fault was judged. */
static void end_stray(struct verification *v)
{
    uint64_t lines = v->stray.lines, first = v->stray.first, last = v->stray.last,
             vouched = v->stray.vouched;

    memset(&v->stray, 0, sizeof v->stray);
    if (!lines || v->faults > FAULTS_TOLD) return;
    if (lines == 1)
        bytes_printf(&v->text, "After it, event %" PRIu64 " is whole by its own hash", first);
    else
        bytes_printf(&v->text,
                     "After it, %" PRIu64 " lines, event %" PRIu64 " to event %" PRIu64
                     ", are whole by their own hashes and follow each other",
                     lines, first, last);
    if (!v->held.lines) bytes_add_text(&v->text, ".");
    else
        bytes_printf(&v->text,
                     "; no line leads to %s from event %" PRIu64 ", up to which the journal holds.",
                     lines == 1 ? "it" : "them", v->held.head.sequence);
    if (vouched)
        bytes_printf(&v->text, " A head that you gave confirms them up to event %" PRIu64 ".",
                     vouched);
    else bytes_printf(&v->text, " Nothing else confirms %s.", lines == 1 ? "it" : "them");
    report_tell(
        v->report,
        (struct finding){.kind = "unverified", .weight = REPORT_UNPROVEN, .sequence = first},
        &v->text);
}

/* The line follows the last one that was verified: what stood between was put in, or stands out of
 * its place. */
static void come_back(struct verification *v)
{
    end_stray(v);
    v->astray = false;
    if (v->faults > FAULTS_TOLD) return;
    bytes_printf(&v->text,
                 "Here the chain goes on: event %" PRIu64 " follows event %" PRIu64
                 ". Between them nothing is missing.",
                 v->now->line.sequence, v->now->line.sequence - 1);
    verification_tell(v, "goes on", REPORT_NOTE);
}

static void verification_take(struct verification *v, const struct reader_item *item)
{
    const struct line *line = &item->line;

    v->now = item;
    if (line->sequence > v->highest) v->highest = line->sequence;
    if (item->unverified && v->damaged) {
        noted_heads_meet_aside(v->heads, line);
        v->now = NULL;
        return;
    }
    if (strcmp(item->place.file, v->file)) begin_file(v);
    progress_at(&v->progress, v->file_start + item->place.offset);
    if (!v->totals.first) {
        v->totals.first = line->sequence;
        v->before = (struct chain_head){.sequence = line->sequence - 1};
        memcpy(v->before.hash, line->previous.text, LINE_HASH_SIZE);
        verification_keep_time(v->first_time, line->time);
    }
    if (!v->lines++) read_file_head(v, line);
    if (item->unverified) add_stray(v, line);
    else {
        if (v->astray) come_back(v);
        look_at_source(v);
        noted_heads_meet(v->heads, line, on_head, v);
        meet_file_head(v, line);
    }
    look_at_event(v);
    verification_keep_time(v->last_time, line->time);
    memcpy(v->run, line->run.text, sizeof v->run);
    v->closed = type_is(line, JOURNAL_STOPPED);
    v->damaged = false;
    v->now = NULL;
}

static void ask_for_writer(struct verification *v)
{
    v->writer = unfinished_writer(v->folder);
}

/* What is to be read, and what progress is measured by. */
static void look_at_folder(struct verification *v, struct foreign_files *look)
{
    foreign_files_look(v->folder, look);
    v->bytes = look->bytes;
    v->segments = look->segments;
    progress_begin(&v->progress, look->bytes);
}

/*
 * From the oldest line that is there now, as if reading had only begun. What was read so far stays
 * told. That the two belong together shows in the journal.pruned that is to come.
 */
static bool verification_begin_anew(struct verification *v, const struct reader_item *item)
{
    struct foreign_files look;
    struct reader *again;

    if (FAILED(reader_open(v->path, 0, &again))) return false;
    reader_close(v->reader);
    v->reader = again;
    reader_read_ahead(v->reader, v->ahead);
    bytes_printf(&v->text,
                 "While this read the journal up to event %" PRIu64
                 ", its oldest files were removed, some unread; the verdict is on what is there "
                 "now.",
                 item->place.sequence - 1);
    tell_all(v, "overtaken", REPORT_NOTE);
    memset(&v->totals, 0, sizeof v->totals);
    v->left_lines = v->left_bytes = v->file_start = v->runs = v->unclean = v->pruned_by = v->lines =
        0;
    v->damaged = false;
    *v->file = 0;
    progress_end(&v->progress);
    look_at_folder(v, &look);
    return true;
}

/*
 * A file that does not follow the one before: one CA has had two journals, and their files were put
 * together. Every run of the module has a GUID, and begins with one of three events.
 */
static bool is_of_other_run(const struct verification *v, const struct line *line)
{
    struct span source = {v->source.data, v->source.size}, run = {v->run, sizeof v->run};

    if (!verification_same(source, line->source) || verification_same(run, line->run)) return false;
    return !type_is(line, JOURNAL_STARTED) && !type_is(line, JOURNAL_RECOVERED) &&
           !type_is(line, JOURNAL_BROKEN);
}

static void tell_other_run(struct verification *v, const struct reader_item *item)
{
    struct segment_reader *file;
    struct segment_piece piece;
    struct line line;
    bool other;

    if (item->kind != READER_CHANGED || item->place.number != 1 || !item->line.sequence ||
        !v->totals.first)
        return;
    if (FAILED(segment_reader_open(v->folder, segment_sequence(item->place.file), &file))) return;
    other = segment_next(file, &piece) == S_OK &&
            line_read(piece.text.text, piece.text.size, &line) == LINE_OK &&
            is_of_other_run(v, &line);
    segment_reader_close(file);
    if (!other) return;
    bytes_add_text(&v->text,
                   " It is of another run of the module than the event before, and no run begins "
                   "with it: files of two journals of this CA are in "
                   "this folder, each of which needs a folder of its own, or files were replaced.");
}

static void on_fault(struct verification *v, const struct reader_item *item)
{
    end_stray(v);
    if (!v->faults++) reader_totals(v->reader, &v->held);
    v->astray = true;
    v->report->wrong = true;
    v->unreadable |= item->kind == READER_UNREADABLE;
    if (v->faults > FAULTS_TOLD) return;
    fault_tell(item, &v->text);
    tell_other_run(v, item);
    if (!v->mixed_told && (item->place.number == 1 || item->kind == READER_MISSING)) {
        mixed_journals_report(v->folder, &v->text);
        v->mixed_told = true;
    }
    report_tell(v->report,
                (struct finding){.kind = reader_kind_text(item->kind),
                                 .weight = REPORT_WRONG,
                                 .sequence = item->place.sequence,
                                 .place = &item->place},
                &v->text);
}

static void on_record(struct verification *v, const struct reader_item *item)
{
    v->damage = *item;
    v->damage.line = (struct line){0};
    v->damaged = true;
    v->damaged_lines = v->totals.damaged_lines;
    v->damaged_bytes = v->totals.damaged_bytes;
    end_stray(v);
    keep_totals(v);
}

/* Reads to the end; behind each fault with what is whole. How it ended: READER_FAULT where nothing
 * whole stands behind the last one. */
static enum reader_result verification_read_all(struct verification *v, struct reader_item *item)
{
    enum reader_result result;
    unsigned waited_ms = 0;

    for (;;) {
        result = reader_next_of_all(v->reader, item);
        if (result == READER_LINE) {
            verification_take(v, item);
            waited_ms = 0;
        } else if (result == READER_ON_RECORD) on_record(v, item);
        else if (result == READER_FAULT) {
            if (v->faults < READER_LOOKS_MAX && was_pruned_during_read(v->path, item) &&
                verification_begin_anew(v, item))
                continue;
            if (!v->lines && item->kind != READER_UNREADABLE &&
                (v->foreign = folder_is_foreign(v->folder)))
                return result;
            on_fault(v, item);
            if (reader_go_on(v->reader) != S_OK) return result;
        } else if (result != READER_UNFINISHED ||
                   !unfinished_may_become_a_line(v->folder, &v->writer, &waited_ms))
            return result;
    }
}

static void on_torn(struct verification *v, const struct reader_item *item)
{
    bool cut = v->totals.lines && v->writer != WRITER_LIVES &&
               unfinished_is_cut_line(v->folder, &item->place);

    v->torn = cut;
    v->unproven |= !cut;
    fault_tell(item, &v->text);
    if (v->writer == WRITER_LIVES)
        bytes_add_text(&v->text, " A writer has the journal open, and has not made a line of them "
                                 "in three seconds: its disk hangs or is full, or they are "
                                 "not its own.");
    else if (cut)
        bytes_add_text(&v->text, " No writer has the journal open, so they will not become one. "
                                 "They are the beginning of a line that was being written when "
                                 "this copy was made, the power went or the CA was killed. Nobody "
                                 "was told that it is on disk; the module moves it aside when "
                                 "it opens the journal.");
    else
        bytes_add_text(&v->text, " No writer has the journal open, so they will not become one. "
                                 "They are not the beginning of a line alone, as a copy that was "
                                 "made meanwhile would have it. Either they were being written "
                                 "when the power went: then nobody was told that they are on "
                                 "disk, and the module moves them aside when it opens the journal. "
                                 "Or somebody has changed the last lines.");
    report_tell(v->report,
                (struct finding){.kind = "torn",
                                 .weight = REPORT_UNPROVEN,
                                 .sequence = item->place.sequence,
                                 .place = &item->place},
                &v->text);
}

/* Heads whose lines never came. */
static void settle_heads(struct verification *v)
{
    for (; v->heads->next < v->heads->count; v->heads->next++) {
        const struct noted_head *head = &v->heads->heads[v->heads->next];

        if (head->state != HEAD_WAITS) on_head(v, head);
        else if (head->sequence > v->highest) {
            v->heads_missing++;
            v->unproven = true;
            tell_head(v, head, "head missing", REPORT_UNPROVEN,
                      "lies beyond the journal's end: its last lines were cut off, or this copy "
                      "was made before the head "
                      "was noted.");
        } else {
            v->heads_unchecked++;
            v->unproven = true;
            tell_head(v, head, "head not checked", REPORT_UNPROVEN,
                      "belongs to a line that is damaged or missing.");
        }
    }
}

/* Heads of before the first line, once it is known whether that is accounted for. */
static void settle_early_heads(struct verification *v)
{
    bool known = v->beginning == VOUCHED_BY_PRUNED || v->beginning == VOUCHED_BY_OPTION;

    for (size_t i = 0; i < v->heads->count && v->heads->heads[i].sequence < v->totals.first; i++) {
        const struct noted_head *head = &v->heads->heads[i];

        if (head->state != HEAD_GONE) continue;
        v->heads_unchecked++;
        v->unproven |= !known;
        tell_head(v, head, "head not checked", known ? REPORT_NOTE : REPORT_UNPROVEN,
                  known ? "lies before the journal's beginning, which is known."
                        : "lies before the journal's beginning and cannot be proven here.");
    }
}

static bool is_linked(const struct verification *v)
{
    for (size_t i = 0; i < v->heads->count && v->heads->heads[i].sequence < v->totals.first; i++)
        if (v->heads->heads[i].state == HEAD_LINKED) return true;
    return false;
}

static void judge_beginning(struct verification *v)
{
    uint64_t first = v->totals.first;

    if (!first) return;
    if (first == 1) v->beginning = VOUCHED_BY_FIRST;
    else if (v->pruned_by) v->beginning = VOUCHED_BY_PRUNED;
    else if (v->begins_at == first) v->beginning = VOUCHED_BY_OPTION;
    else if (is_linked(v)) v->beginning = VOUCHED_BY_HEAD;
    v->unproven |= v->beginning == VOUCHED_BY_NOTHING;
}

static void tell_beginning(struct verification *v)
{
    uint64_t first = v->totals.first;

    if (first > 1 && v->begins_at && first > v->begins_at) {
        bytes_printf(&v->text,
                     "The journal has to begin with event %" PRIu64
                     ", as --begins-at says, and begins with event %" PRIu64 ".",
                     v->begins_at, first);
        tell_all(v, "begins later", REPORT_WRONG);
        return;
    }
    if (first <= 1) return;
    bytes_printf(&v->text, "The journal begins with event %" PRIu64 ". ", first);
    if (v->pruned_by)
        bytes_printf(&v->text, "Older files were removed, as event %" PRIu64 " says.",
                     v->pruned_by);
    else if (v->beginning == VOUCHED_BY_OPTION)
        bytes_add_text(&v->text, "That is known, as --begins-at says.");
    else if (v->beginning == VOUCHED_BY_HEAD)
        bytes_add_text(
            &v->text, "The head of the line before it, which was given, is the one that it names.");
    else
        bytes_add_text(&v->text,
                       "Files with the events before it are not in this folder, and no event says "
                       "that they were removed: they were moved "
                       "elsewhere, or somebody took them away. --begins-at says that it is known.");
    bytes_printf(&v->text, " The line before has to have the hash %s.", v->before.hash);
    tell_all(v, "begins later", v->beginning == VOUCHED_BY_NOTHING ? REPORT_UNPROVEN : REPORT_NOTE);
}

/* What the file `head` says of the end; that it is not beyond that has been looked at
 * (reader_next_of_all). It may have been written on meanwhile. */
static void judge_file_head(struct verification *v)
{
    struct head now;
    struct span source = {v->source.data, v->source.size};

    if (v->file_state != HEAD_PROVEN) return;
    if (v->file_head.line.sequence > v->vouched_to) v->vouched_to = v->file_head.line.sequence;
    if (head_read(v->folder, source, &now) == S_OK &&
        now.line.sequence >= v->totals.head.sequence &&
        (now.line.sequence > v->totals.head.sequence ||
         !memcmp(now.line.hash, v->totals.head.hash, LINE_HASH_SIZE)))
        v->vouched_to = v->totals.head.sequence;
}

static void judge_end(struct verification *v)
{
    v->vouched_to = v->head_exact;
    judge_file_head(v);
    if (v->faults || !v->totals.lines || v->vouched_to < v->totals.head.sequence) return;
    v->end = v->head_exact == v->totals.head.sequence ? VOUCHED_BY_HEAD : VOUCHED_BY_FILE;
}

/* In few words all that is not proven is said, and the rest of the summary is not. */
static void tell_end_quietly(struct verification *v)
{
    if (!v->report->quiet || v->report->as_json || v->end || v->faults || !v->totals.lines) return;
    bytes_printf(&v->text, "Nothing confirms that event %" PRIu64 " is the last one.",
                 v->totals.head.sequence);
    tell_all(v, "end", REPORT_UNPROVEN);
}

static enum verdict verdict_of(const struct verification *v)
{
    if (v->foreign) return VERDICT_NO_JOURNAL;
    if (v->unreadable) return VERDICT_UNREADABLE;
    if (v->contradicted) return VERDICT_CONTRADICTED;
    if (v->report->wrong) return VERDICT_DAMAGED;
    if (v->unproven) return VERDICT_UNPROVEN;
    if (v->torn) return VERDICT_TORN;
    return v->totals.first > 1 ? VERDICT_HOLDS_FROM : VERDICT_HOLDS;
}

static void verification_judge(struct verification *v, enum reader_result result,
                               const struct reader_item *item)
{
    if (*v->file) look_at_left(v);
    keep_totals(v);
    end_stray(v);
    if (v->faults > FAULTS_TOLD) {
        bytes_printf(&v->text, "There are %" PRIu64 " more places where the journal is wrong.",
                     v->faults - FAULTS_TOLD);
        tell_all(v, "more", REPORT_WRONG);
    }
    if (v->faults) {
        v->totals.first = v->held.first;
        v->totals.head = v->held.head;
        v->totals.lines = v->held.lines;
    }
    judge_beginning(v);
    tell_beginning(v);
    settle_early_heads(v);
    settle_heads(v);
    if (!v->totals.lines && result == READER_END && !v->faults) {
        bytes_add_text(&v->text, "Its files are empty: there is not one line in them.");
        tell_all(v, "empty", REPORT_UNPROVEN);
        v->unproven = true;
    }
    if (result == READER_UNFINISHED) on_torn(v, item);
    judge_end(v);
    if (!v->faults && !v->closed && v->writer == WRITER_NOT_ASKED) ask_for_writer(v);
    tell_end_quietly(v);
}

enum verdict verification_run(struct verification *v)
{
    struct reader_item item;
    enum reader_result result;
    struct foreign_files look;
    enum verdict verdict;

    look_at_folder(v, &look);
    result = verification_read_all(v, &item);
    if (!v->lines && result == READER_UNFINISHED) v->foreign = folder_is_foreign(v->folder);
    if (!v->foreign) verification_judge(v, result, &item);
    verdict = verdict_of(v);
    progress_end(&v->progress);
    if (verdict != VERDICT_NO_JOURNAL && look.other_count) {
        foreign_files_report(&look, &v->text);
        tell_all(v, "other files", REPORT_NOTE);
    }
    return verdict;
}
