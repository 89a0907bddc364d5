/*
 * How the reader works beside a writer. reader.h describes its results, the top of line.c what is
 * valid.
 *
 * Every apparent fault is checked twice. All lines before a segment's first sequence were on disk
 * before that segment was begun, and the lines that a line's `flushed` covers were on disk before
 * that line was made. So if the bytes are read again after such a witness was seen, they are
 * complete unless they are damaged.
 *
 * The writer may still take back lines that no witness covers. If the file has become shorter, or
 * an apparent fault remains, the segment is read again from its beginning ("again"), without
 * results up to the last line given. If that line is unchanged, nothing was taken back. Otherwise
 * the lines that no witness covered are given again.
 */
#include "reader.h"

#include "damage_scan.h"
#include "head.h"
#include "journal_event.h"
#include "segment_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where in the chain: what the next line has to fit. */
struct point {
    struct chain_head head; /* the last line, which the next one has to follow; sequence 0: none */
    uint64_t next;          /* the sequence that has to come; 0: whatever the segment's name says */
    uint64_t flushed;                   /* the highest sequence that a line has witnessed */
    struct reader_totals totals;

    /* Behind a fault. */
    bool astray; /* nothing leads to `head` from the last line that was verified, which is */
    struct chain_head verified;
    uint64_t stray; /* the first of the unverified lines that follow each other; 0: none. What it
                       names, and the last: */
    char stray_previous[LINE_HASH_SIZE];
    struct chain_head stray_last;
};

struct reader {
    struct disk_folder *folder;         /* owned */
    struct segment_list segments; /* owned; as they were when the last of them was come to, or the
                                     folder was asked for more */
    uint64_t from;
    struct reader_start
        start_at; /* where reading begins in the midst of a segment; segment 0: it does not */
    struct read_ahead *ahead;           /* borrowed; NULL: pieces are judged one by one, with */
    struct judged_piece judged;         /* the last of them, but its JSON, */
    struct json_check json;             /* owned, */
    struct json_values values;          /* owned; of the line that is given */

    struct segment_reader *segment;     /* owned; NULL: none is open */
    char file[SEGMENT_NAME_SIZE + 1];   /* its name */
    uint64_t start,
        limit; /* its first sequence; that of the segment behind it, 0: there is none yet */
    uint64_t number, offset;            /* of the next piece */
    bool after_break;                   /* its first line has to be journal.broken */
    bool aside; /* from `offset` on stands damage on record, of which the intact lines are given: */
    struct damage_scan scan;
    struct point at, begun;             /* now, and when the segment was begun */

    uint64_t given;                     /* lines up to here are not given */
    struct chain_head checking;         /* sequence 0: no; else read again until this line, */
    uint64_t witnessed;                 /* and lines up to here cannot have been taken back */
    uint64_t again_size; /* the segment was read again when this much of it was verified */
    uint64_t suspect;                   /* 1 + offset of what was looked at once */
    bool covered;                       /* then: a line behind says that it was on disk */

    unsigned faults;                    /* so far */
    uint64_t left,
        left_offset; /* the segment of which a tail is being passed over, and where that begins */
    struct damage_scan left_behind;
    char ca[LINE_SOURCE_MAX + 1];       /* the last line's */
    size_t ca_size;
    enum reader_kind tail; /* with READER_UNFINISHED: what is wrong with what stands there, */
    uint64_t tail_sequence;             /* and the sequence it has */

    bool failed;                        /* for good, with `fault` */
    struct reader_item fault;
};

HRESULT reader_open_at(const char *path, const struct reader_start *start, struct reader **out)
{
    HRESULT hr = reader_open(path, 0, out);

    if (SUCCEEDED(hr)) (*out)->start_at = *start;
    return hr;
}

HRESULT reader_open(const char *path, uint64_t from, struct reader **out)
{
    struct reader *reader = calloc(1, sizeof *reader);
    HRESULT hr;

    *out = NULL;
    if (!reader) return E_OUTOFMEMORY;
    reader->from = from;
    reader->given = from ? from - 1 : 0;
    if (FAILED(hr = disk_view_folder(path, &reader->folder))) {
        free(reader);
        return hr;
    }
    *out = reader;
    return S_OK;
}

void reader_read_ahead(struct reader *reader, struct read_ahead *ahead)
{
    reader->ahead = ahead;
}

void reader_close(struct reader *reader)
{
    if (!reader) return;
    if (reader->ahead) reader->ahead->forget(reader->ahead);
    segment_reader_close(reader->segment);
    disk_close_folder(reader->folder);
    segment_list_free(&reader->segments);
    json_check_free(&reader->json);
    json_values_free(&reader->values);
    free(reader);
}

void reader_totals(const struct reader *reader, struct reader_totals *out)
{
    *out = reader->at.totals;
    out->head = reader->at.head;
}

const char *reader_kind_text(enum reader_kind kind)
{
    static const char *const texts[] = {"torn",      "changed",    "missing",
                                        "reordered", "duplicate",  "foreign",
                                        "not JSON",  "not a line", "unreadable"};

    return texts[kind];
}

/* What a step says to the loop: go on, or come out with a result. */
#define GO_ON ((enum reader_result)-1)

static struct reader_place place_at(const struct reader *reader, uint64_t sequence)
{
    struct reader_place place = {
        .number = reader->number, .offset = reader->offset, .sequence = sequence};

    if (reader->segment) memcpy(place.file, reader->file, sizeof reader->file);
    return place;
}

/* From here on all is read anew, whatever was read ahead. */
static void reader_seek(struct reader *reader, uint64_t offset)
{
    if (reader->ahead) reader->ahead->forget(reader->ahead);
    segment_seek(reader->segment, offset);
}

static enum reader_result reader_unreadable(struct reader *reader, struct reader_item *item,
                                            HRESULT hr)
{
    item->kind = READER_UNREADABLE;
    item->place = place_at(reader, reader->at.next);
    item->hr = hr;
    if (reader->segment) reader_seek(reader, reader->offset);
    return READER_FAULT;
}

static enum reader_result fault(struct reader *reader, struct reader_item *item,
                                enum reader_kind kind, uint64_t last)
{
    item->kind = kind;
    item->place = place_at(reader, reader->at.next);
    item->last = kind == READER_MISSING ? last : 0;
    item->line = (struct line){.sequence = item->line.sequence};
    reader->fault = *item;
    reader->faults++;
    reader->failed = true;
    return READER_FAULT;
}

/* The same of a segment that cannot be opened, or is not the one that was being read. */
static enum reader_result unopened(struct reader *reader, struct reader_item *item, uint64_t start,
                                   HRESULT hr)
{
    enum reader_result result = reader_unreadable(reader, item, hr);

    item->place = (struct reader_place){.number = 1, .sequence = start};
    segment_name(start, item->place.file);
    return result;
}

/* The segment behind `start`; 0: there is none. A segment is begun behind all that are there, so
 * the folder is listed anew only behind the last one. */
static HRESULT find_next(struct reader *reader, uint64_t start, uint64_t *next)
{
    HRESULT hr = S_OK;

    *next = segment_list_above(&reader->segments, start);
    if (!*next && SUCCEEDED(hr = segment_list_read(&reader->segments, reader->folder)))
        *next = segment_list_above(&reader->segments, start);
    return hr;
}

/* Begin with `start`, or once more with it. */
static HRESULT reader_begin_segment(struct reader *reader, uint64_t start)
{
    struct segment_reader *segment = NULL;
    uint64_t limit;
    bool midst = start == reader->start_at.segment;
    HRESULT hr;

    if (FAILED(hr = find_next(reader, start, &limit))) return hr;
    if (FAILED(hr = segment_reader_open(reader->folder, start, &segment))) return hr;
    if (reader->ahead) reader->ahead->forget(reader->ahead);
    segment_reader_close(reader->segment);
    reader->segment = segment;
    segment_name(start, reader->file);
    reader->start = start;
    reader->limit = limit;
    reader->number = midst ? reader->start_at.number : 1;
    reader->offset = midst ? reader->start_at.offset : 0;
    reader->at.next = midst ? reader->start_at.sequence : start;
    reader->suspect = reader->left = 0;
    reader->aside = false;
    if (midst) segment_seek(segment, reader->offset);
    return S_OK;
}

static enum reader_result reader_begin(struct reader *reader, struct reader_item *item)
{
    uint64_t start = reader->start_at.segment;
    uint64_t limit = reader->from < UINT64_MAX ? reader->from + 1 : reader->from;
    HRESULT hr = segment_list_read(&reader->segments, reader->folder);

    if (FAILED(hr)) return reader_unreadable(reader, item, hr);
    if (!start && reader->from) start = segment_list_below(&reader->segments, limit);
    if (!start && !(start = segment_list_above(&reader->segments, 0))) return READER_END;
    if (FAILED(hr = reader_begin_segment(reader, start))) return unopened(reader, item, start, hr);
    reader->begun = reader->at;
    reader->at.totals.segments = 1;
    return GO_ON;
}

/* The next segment; the one that is open has been read to its end, or as far as it counts. */
static enum reader_result advance(struct reader *reader, struct reader_item *item)
{
    HRESULT hr = reader_begin_segment(reader, reader->limit);

    if (FAILED(hr)) {
        enum reader_result result = unopened(reader, item, reader->limit, hr);

        reader->limit = 0;              /* it may have been removed meanwhile: */
        segment_list_free(&reader->segments);           /* the folder is asked again */
        return result;
    }
    if (reader->checking.sequence)
        reader->given = reader->start - 1 < reader->given ? reader->start - 1 : reader->given;
    reader->checking.sequence = 0;
    reader->again_size = 0;
    reader->begun = reader->at;
    reader->at.totals.segments++;
    return GO_ON;
}

static enum reader_result read_again(struct reader *reader, struct reader_item *item)
{
    uint64_t segments = reader->at.totals.segments;
    HRESULT hr;

    reader->at = reader->begun;
    reader->at.totals.segments = segments;
    if (FAILED(hr = reader_begin_segment(reader, reader->start)))
        return reader_unreadable(reader, item, hr);
    return GO_ON;
}

/* The line that was given last is not what it was: all that no witness covered are given anew. */
static enum reader_result reader_take_back(struct reader *reader, struct reader_item *item)
{
    if (reader->given > reader->witnessed) reader->given = reader->witnessed;
    if (reader->from && reader->given < reader->from - 1) reader->given = reader->from - 1;
    reader->checking.sequence = 0;
    return read_again(reader, item);
}

/* Whether the writer may have taken back lines; then the segment is read again, once for each size.
 */
static bool may_be_taken_back(const struct reader *reader)
{
    uint64_t last = reader->at.head.sequence;

    return last > reader->at.flushed && last >= reader->start &&
           reader->offset != reader->again_size;
}

static enum reader_result check_again(struct reader *reader, struct reader_item *item)
{
    reader->checking = reader->at.head;
    reader->witnessed = reader->at.flushed;
    reader->again_size = reader->offset;
    return read_again(reader, item);
}

static void reader_count(struct reader_totals *totals, const struct line *line)
{
    if (!totals->first) totals->first = line->sequence;
    totals->lines++;
    totals->recoveries += span_is(line->type, JOURNAL_RECOVERED);
    totals->gaps += span_is(line->type, JOURNAL_GAP);
    totals->breaks += span_is(line->type, JOURNAL_BROKEN);
}

static bool reader_follows(const struct line *line, const struct chain_head *head)
{
    return line->sequence == head->sequence + 1 &&
           !memcmp(line->previous.text, head->sequence ? head->hash : line_no_hash, LINE_HASH_SIZE);
}

/* Unverified lines stood before the one that they follow, which is the head now. */
static void take_in_stray(struct point *at)
{
    if (!at->stray || at->stray != at->head.sequence + 1 ||
        memcmp(at->stray_previous, at->head.hash, LINE_HASH_SIZE))
        return;
    at->head = at->stray_last;
    at->stray = 0;
}

static void stray_to(struct point *at, const struct line *line)
{
    if (!at->stray) memcpy(at->stray_previous, line->previous.text, LINE_HASH_SIZE);
    if (!at->stray) at->stray = line->sequence;
    at->stray_last = at->head;
}

/* The line becomes the head, astray or not. */
static void move_to(struct reader *reader, const struct line *line)
{
    struct point *at = &reader->at;
    bool leads_back = at->astray && reader_follows(line, &at->verified);

    chain_head_set(&at->head, line);
    if (leads_back) at->astray = false;
    if (leads_back && line->sequence <= reader->given && !reader->checking.sequence)
        reader->given = (line->sequence > reader->from ? line->sequence : reader->from) - 1;
    if (at->astray) stray_to(at, line);
    else {
        take_in_stray(at);
        at->verified = at->head;
    }
    at->next =
        (at->verified.sequence > at->head.sequence ? at->verified.sequence : at->head.sequence) + 1;
}

/* A line that is valid. */
static enum reader_result reader_take(struct reader *reader, const struct segment_piece *piece,
                                      struct reader_item *item)
{
    const struct line *line = &item->line;
    struct chain_head checking = reader->checking;

    item->place = place_at(reader, line->sequence);
    move_to(reader, line);
    item->unverified = reader->at.astray;
    if (line->flushed > reader->at.flushed) reader->at.flushed = line->flushed;
    reader_count(&reader->at.totals, line);
    reader->ca_size = source_keep_ca(line->source, reader->ca);
    reader->offset = piece->offset + piece->text.size;
    reader->number += reader->number > 0;
    reader->suspect = 0;
    reader->after_break = false;
    if (checking.sequence == line->sequence) {
        if (memcmp(checking.hash, reader->at.head.hash, LINE_HASH_SIZE))
            return reader_take_back(reader, item);
        reader->checking.sequence = 0;
    }
    if (line->sequence <= reader->given) return GO_ON;
    reader->given = line->sequence;
    return READER_LINE;
}

/* What follows the line before the next segment's first was left behind; unless a line in it says
 * that the first of them had been on disk: then two chains have gone on from there. */
static enum reader_result pass_over(struct reader *reader, const struct segment_piece *piece,
                                    struct reader_item *item)
{
    struct line line;

    if (reader->left != reader->start) reader->left_offset = reader->offset;
    if (reader->left != reader->start)
        reader->left_behind = (struct damage_scan){.next = reader->limit};
    reader->left = reader->start;
    damage_scan_piece(&reader->left_behind, piece);
    if (reader->left_behind.covered) {
        reader->offset = reader->left_offset;
        return fault(reader, item, READER_FOREIGN, 0);
    }

    reader->at.totals.left_lines += line_read(piece->text.text, piece->text.size, &line) == LINE_OK;
    reader->at.totals.left_bytes += piece->text.size;
    reader->offset = piece->offset + piece->text.size;
    return GO_ON;
}

static bool links(const struct reader *reader, const struct line *line)
{
    if (reader->at.head.sequence)
        return !memcmp(line->previous.text, reader->at.head.hash, LINE_HASH_SIZE);
    return line->sequence != 1 || !memcmp(line->previous.text, line_no_hash, LINE_HASH_SIZE);
}

/* Whether the line that has to stand there is this one. Astray, it may be one that follows the
 * stray lines, or one that leads back. */
static bool fits(const struct reader *reader, const struct line *line)
{
    const struct point *at = &reader->at;

    if (reader->after_break && !span_is(line->type, JOURNAL_BROKEN)) return false;
    if (at->astray && (reader_follows(line, &at->verified) ||
                       (at->head.sequence && reader_follows(line, &at->head))))
        return true;
    return line->sequence == at->next && links(reader, line) &&
           (!at->astray || !at->head.sequence || reader->after_break);
}

/* Whether the piece is the line that has to stand there, and if not, what is wrong as far as the
 * piece itself tells. */
static bool is_next_line(const struct reader *reader, const struct judged_piece *judged,
                         struct line *line, enum reader_kind *kind)
{
    *kind = READER_CHANGED;
    if (judged->fault != LINE_OK) {
        if (line_is_sealed(judged->piece.text)) *kind = READER_NOT_A_LINE;
        return false;
    }
    *line = judged->line;
    if (line->sequence > reader->at.next) *kind = READER_MISSING;
    if (line->sequence < reader->at.next) *kind = READER_REORDERED;
    return fits(reader, line);
}

/* A valid line has to be JSON besides. */
static enum reader_result take_if_json(struct reader *reader, const struct judged_piece *judged,
                                       struct reader_item *item)
{
    enum json_verdict verdict =
        reader->ahead ? judged->json
                      : line_check_json(&reader->json, &item->line, &reader->values, &item->data);

    if (reader->ahead) item->data = judged->data;
    if (verdict == JSON_GOOD) return reader_take(reader, &judged->piece, item);
    return verdict == JSON_BAD ? fault(reader, item, READER_NOT_JSON, 0)
                               : reader_unreadable(reader, item, E_OUTOFMEMORY);
}

/* Whether the line that had to stand here stands in a later place. After failure `*segment` is the
 * one that cannot be read. */
static HRESULT comes_later(struct reader *reader, uint64_t sequence, bool *answer,
                           uint64_t *segment)
{
    uint64_t next = reader->start, offset = reader->offset;
    struct segment_reader *later = NULL;
    struct segment_piece piece;
    struct line line;
    HRESULT hr = S_OK;

    *answer = false;
    for (; SUCCEEDED(hr) && next && !*answer; offset = 0) {
        *segment = next;
        if (FAILED(hr = segment_reader_open(reader->folder, next, &later))) break;
        segment_seek(later, offset);
        while (!*answer && (hr = segment_next(later, &piece)) == S_OK)
            *answer = line_read(piece.text.text, piece.text.size, &line) == LINE_OK &&
                      line.sequence == sequence;
        segment_reader_close(later);
        next = segment_list_above(&reader->segments, next);
    }
    return hr;
}

/* Each fault may ask what all that follows has to say of it: no journal of nothing but faults may
 * make that too much. */
static bool may_look_far(const struct reader *reader)
{
    return reader->faults < READER_LOOKS_MAX;
}

/* What is known of a line that stands behind its place: whether it, or another of its sequence,
 * stands before. Its own text is the reader's no more. */
static HRESULT stood_before(struct reader *reader, uint64_t sequence, enum reader_kind *kind,
                            uint64_t *segment)
{
    struct segment_reader *before = NULL;
    struct segment_piece piece;
    char hash[LINE_HASH_SIZE];
    bool has_hash = false, other = false, same = false;
    struct line line;
    HRESULT hr;

    reader_seek(reader, reader->offset);
    *segment = reader->start;
    if (FAILED(hr = segment_next(reader->segment, &piece))) return hr;
    has_hash =
        line_read(piece.text.text, piece.text.size, &line) == LINE_OK && line.sequence == sequence;
    if (has_hash) memcpy(hash, line.hash.text, LINE_HASH_SIZE);
    reader_seek(reader, reader->offset);
    if (!has_hash || !(*segment = segment_list_below(&reader->segments, sequence + 1))) return S_OK;
    if (FAILED(hr = segment_reader_open(reader->folder, *segment, &before))) return hr;
    while (!same && (hr = segment_next(before, &piece)) == S_OK &&
           (*segment != reader->start || piece.offset < reader->offset)) {
        if (line_read(piece.text.text, piece.text.size, &line) != LINE_OK ||
            line.sequence != sequence)
            continue;
        same = !memcmp(line.hash.text, hash, LINE_HASH_SIZE);
        other = true;
    }
    segment_reader_close(before);
    *kind = same ? READER_DUPLICATE : other ? READER_FOREIGN : *kind;
    return FAILED(hr) ? hr : S_OK;
}

/* A fault for good. `sequence` is that of the line which stands there, where one does. */
static enum reader_result settle_fault(struct reader *reader, struct reader_item *item,
                                       enum reader_kind kind, uint64_t sequence)
{
    bool later = false;
    uint64_t segment;
    HRESULT hr = kind == READER_MISSING && may_look_far(reader)
                     ? comes_later(reader, reader->at.next, &later, &segment)
                     : S_OK;

    if (SUCCEEDED(hr) && kind == READER_REORDERED && may_look_far(reader))
        hr = stood_before(reader, sequence, &kind, &segment);
    if (FAILED(hr)) return unopened(reader, item, segment, hr);
    return fault(reader, item, later ? READER_REORDERED : kind, sequence - 1);
}

/* Whether the segment behind this one begins with a journal.broken that names this place. */
static HRESULT reader_is_on_record(struct reader *reader, bool *answer)
{
    struct segment_reader *following = NULL;
    struct segment_piece piece;
    struct line line;
    char name[SEGMENT_NAME_SIZE + 1], data[160];
    HRESULT hr;
    int size;

    *answer = false;
    if (!may_look_far(reader)) return S_OK;
    segment_name(reader->start, name);
    size = snprintf(data, sizeof data,
                    "{\"file\":\"%s\",\"offset\":%" PRIu64 ",\"sequence\":%" PRIu64 ",", name,
                    reader->offset, reader->at.next);
    if (FAILED(hr = segment_reader_open(reader->folder, reader->limit, &following))) return hr;
    if ((hr = segment_next(following, &piece)) == S_OK &&
        line_read(piece.text.text, piece.text.size, &line) == LINE_OK)
        *answer = span_is(line.type, JOURNAL_BROKEN) && line.sequence == reader->limit &&
                  line.data.size > (size_t)size && !memcmp(line.data.text, data, size);
    segment_reader_close(following);
    return FAILED(hr) ? hr : S_OK;
}

/* Damage that the journal tells of. Its chain goes on after the highest intact line. */
static enum reader_result pass_over_damage(struct reader *reader, struct reader_item *item,
                                           enum reader_kind kind)
{
    struct damage_scan scan = {.next = reader->at.next, .size = reader->offset};
    HRESULT hr;

    reader_seek(reader, reader->offset);
    if (FAILED(hr = damage_scan_rest(&scan, reader->segment)))
        return reader_unreadable(reader, item, hr);
    reader_seek(reader, reader->offset);
    reader->at.totals.damaged_bytes += scan.size - reader->offset;
    reader->at.totals.damaged_lines += scan.lines;
    reader->scan = scan;
    reader->aside = true;
    item->kind = kind;
    item->place = place_at(reader, reader->at.next);
    return READER_ON_RECORD;
}

/* All of it was passed over. */
static enum reader_result leave_damage(struct reader *reader, struct reader_item *item)
{
    struct point before = reader->at;

    if (reader->scan.highest.sequence) reader->at.head = reader->scan.highest;
    if (!reader->at.astray) reader->at.verified = reader->at.head;
    if (advance(reader, item) != GO_ON) {
        reader->at = before;
        return READER_FAULT;
    }
    reader->after_break = true;
    return GO_ON;
}

/* One piece of damage on record: given if it is a line that everybody reads the same way. */
static enum reader_result look_aside(struct reader *reader, struct reader_item *item)
{
    struct segment_piece piece;
    HRESULT hr = segment_next(reader->segment, &piece);
    struct line *line = &item->line;
    enum json_verdict verdict;

    if (FAILED(hr)) return reader_unreadable(reader, item, hr);
    if (hr == S_FALSE) return leave_damage(reader, item);
    item->place = place_at(reader, reader->at.next);
    reader->offset = piece.offset + piece.text.size;
    reader->number += reader->number > 0;
    if (!damage_scan_has_line(&reader->scan, &piece, line) || line->sequence <= reader->given ||
        line->sequence >= reader->limit)
        return GO_ON;
    verdict = line_check_json(&reader->json, line, &reader->values, &item->data);
    if (verdict == JSON_BAD) return GO_ON;
    if (verdict != JSON_GOOD) {
        reader->offset = piece.offset;
        reader->number -= reader->number > 0;
        return reader_unreadable(reader, item, E_OUTOFMEMORY);
    }
    item->place.offset += piece.text.size - line->text.size;
    item->place.sequence = line->sequence;
    item->unverified = true;
    return READER_LINE;
}

/* Something is wrong in a segment behind which there is another: no writer is at work in it. */
static enum reader_result at_sealed_fault(struct reader *reader, struct reader_item *item,
                                          enum reader_kind kind, uint64_t sequence)
{
    bool recorded;
    HRESULT hr = reader_is_on_record(reader, &recorded);

    if (FAILED(hr)) return unopened(reader, item, reader->limit, hr);
    return recorded ? pass_over_damage(reader, item, kind)
                    : settle_fault(reader, item, kind, sequence);
}

/* Whether there is a segment behind by now. */
static enum reader_result look_for_next(struct reader *reader, struct reader_item *item)
{
    HRESULT hr = reader->limit ? S_OK : find_next(reader, reader->start, &reader->limit);

    return FAILED(hr) ? reader_unreadable(reader, item, hr) : GO_ON;
}

/*
 * Whether the piece is the whole line that a segment begins with, and follows another line than the
 * last one. A segment is begun only when all before it is on disk: the lines between are missing or
 * changed, and it is no tail that was being written.
 */
static bool begins_elsewhere(const struct reader *reader, const struct segment_piece *piece)
{
    struct line line;

    return !piece->offset && line_read(piece->text.text, piece->text.size, &line) == LINE_OK &&
           line.sequence == reader->at.next;
}

/* First look: what do the lines behind it say? Then it is read again. */
static enum reader_result suspect(struct reader *reader, const struct segment_piece *piece,
                                  struct reader_item *item)
{
    struct damage_scan scan = {.next = reader->at.next};
    bool elsewhere = begins_elsewhere(reader, piece);
    HRESULT hr;

    damage_scan_piece(&scan, piece);
    reader_seek(reader, piece->offset + piece->text.size);
    if (!reader->limit && may_look_far(reader) &&
        FAILED(hr = damage_scan_rest(&scan, reader->segment)))
        return reader_unreadable(reader, item, hr);
    reader->covered = scan.covered || elsewhere || !may_look_far(reader);
    reader->suspect = reader->offset + 1;
    reader_seek(reader, reader->offset);
    return look_for_next(reader, item);
}

static enum reader_result at_fault(struct reader *reader, const struct segment_piece *piece,
                                   struct reader_item *item, enum reader_kind kind)
{
    bool whole =
        piece->text.text[piece->text.size - 1] == '\n' || piece->text.size == LINE_MAX_SIZE;
    uint64_t sequence = item->line.sequence;

    if (reader->suspect != reader->offset + 1) return suspect(reader, piece, item);
    if (reader->checking.sequence) return reader_take_back(reader, item);
    if ((whole || reader->covered) && may_be_taken_back(reader)) return check_again(reader, item);
    if (reader->limit) return at_sealed_fault(reader, item, kind, sequence);
    if (reader->covered) return settle_fault(reader, item, kind, sequence);
    reader->suspect = 0;
    reader_seek(reader, reader->offset);
    reader->tail = kind;
    reader->tail_sequence = sequence;
    item->kind = READER_TORN;
    item->place = place_at(reader, reader->at.next);
    return READER_UNFINISHED;
}

static enum reader_result at_end(struct reader *reader, struct reader_item *item)
{
    bool known = reader->limit, shorter;
    HRESULT hr;

    if (look_for_next(reader, item) != GO_ON) return READER_FAULT;
    if (reader->limit == reader->at.next) return advance(reader, item);
    reader_seek(reader, reader->offset);
    if (reader->limit && !known) return GO_ON; /* more lines came, and then a new segment */
    if (reader->checking.sequence) return reader_take_back(reader, item);
    if (reader->limit) return at_sealed_fault(reader, item, READER_MISSING, reader->limit);
    if (FAILED(hr = segment_is_shorter(reader->segment, reader->offset, &shorter)))
        return reader_unreadable(reader, item, hr);
    return shorter && may_be_taken_back(reader) ? check_again(reader, item) : READER_END;
}

/* The next piece, judged: by this thread now, or ahead. */
static HRESULT next_judged(struct reader *reader, const struct judged_piece **out)
{
    struct judged_piece *own = &reader->judged;
    HRESULT hr;

    if (reader->ahead) return reader->ahead->next(reader->ahead, reader->segment, out);
    *out = own;
    if ((hr = segment_next(reader->segment, &own->piece)) == S_OK)
        own->fault = line_read_piece(own->piece.text.text, own->piece.text.size, &own->line);
    return hr;
}

static enum reader_result reader_step(struct reader *reader, struct reader_item *item)
{
    const struct judged_piece *judged;
    const struct segment_piece *piece;
    enum reader_kind kind;
    HRESULT hr;

    if (!reader->segment) return reader_begin(reader, item);
    if (reader->aside) return look_aside(reader, item);
    if (reader->limit && reader->limit < reader->at.next && reader->at.astray)
        return advance(reader, item);
    if (reader->limit && reader->limit < reader->at.next)
        return check_again(reader, item); /* it holds the last lines again */
    if ((hr = next_judged(reader, &judged)) == S_FALSE) return at_end(reader, item);
    if (FAILED(hr)) return reader_unreadable(reader, item, hr);
    piece = &judged->piece;
    if (reader->limit == reader->at.next) return pass_over(reader, piece, item);
    memset(&item->line, 0, sizeof item->line);
    if (!is_next_line(reader, judged, &item->line, &kind)) {
        if (kind == READER_NOT_A_LINE &&
            json_check(&reader->json, piece->text.text, piece->text.size, NULL) == JSON_BAD)
            kind = READER_NOT_JSON;
        return at_fault(reader, piece, item, kind);
    }
    return take_if_json(reader, judged, item);
}

/* The first intact line from the reader's place on, or from that behind it. S_FALSE: there is none
 * in this segment. */
static HRESULT find_intact(struct reader *reader, bool behind, struct reader_start *found)
{
    struct segment_piece piece;
    struct line line;
    HRESULT hr;

    *found = (struct reader_start){.segment = reader->start, .number = reader->number};
    reader_seek(reader, reader->offset);
    for (; (hr = segment_next(reader->segment, &piece)) == S_OK;
         behind = false, found->number += found->number > 0) {
        if (behind || line_read(piece.text.text, piece.text.size, &line) != LINE_OK) continue;
        if (reader->limit && line.sequence >= reader->limit)
            continue; /* left behind, and written again there */
        found->offset = piece.offset;
        found->sequence = line.sequence;
        return S_OK;
    }
    return hr;
}

/* The same in the segments behind this one. What cannot be opened is passed over, too. */
static HRESULT find_segment(struct reader *reader, struct reader_start *found)
{
    uint64_t start = reader->start;
    HRESULT hr;

    do {
        if (FAILED(hr = find_next(reader, start, &start))) return hr;
        if (!start) return S_FALSE;
        *found = (struct reader_start){.segment = start, .number = 1, .sequence = start};
    } while (FAILED(reader_begin_segment(reader, start)));
    return S_OK;
}

HRESULT reader_go_on(struct reader *reader)
{
    bool behind =
        reader->fault.kind == READER_NOT_JSON || reader->fault.kind == READER_DUPLICATE ||
        (reader->start_at.segment == reader->start && reader->start_at.offset == reader->offset);
    struct reader_start found;
    HRESULT hr = reader->failed && reader->segment ? find_intact(reader, behind, &found) : S_FALSE;

    if (hr == S_OK) {
        reader->number = found.number;
        reader->offset = found.offset;
        reader_seek(reader, found.offset);
    } else if ((hr = find_segment(reader, &found)) != S_OK) return hr;
    reader->start_at = found;
    reader->at.next = found.sequence;
    reader->at.head.sequence = reader->checking.sequence = reader->again_size = reader->suspect = 0;
    reader->at.astray = true;
    reader->at.stray = 0;
    reader->given =
        (found.sequence > reader->from ? found.sequence : reader->from) - (found.sequence > 0);
    reader->failed = reader->after_break = reader->aside = false;
    reader->begun = reader->at;
    return S_OK;
}

enum reader_result reader_next(struct reader *reader, struct reader_item *item)
{
    enum reader_result result;

    memset(item, 0, sizeof *item);
    if (reader->failed) {
        *item = reader->fault;
        return READER_FAULT;
    }
    do result = reader_step(reader, item); while (result == GO_ON);
    return result;
}

/* What head names was on disk before head said so: it has to be there, and whole, now. */
static enum reader_result at_loss(struct reader *reader, struct reader_item *item,
                                  enum reader_result result, uint64_t head)
{
    bool torn = result == READER_UNFINISHED;

    result = settle_fault(reader, item, torn ? reader->tail : READER_MISSING,
                          torn ? reader->tail_sequence : head + 1);
    item->head = reader->fault.head = head;
    return result;
}

enum reader_result reader_next_of_all(struct reader *reader, struct reader_item *item)
{
    enum reader_result result = reader_next(reader, item);
    struct span ca = {reader->ca, reader->ca_size};
    struct head head;

    if ((result != READER_END && result != READER_UNFINISHED) || !reader->at.head.sequence)
        return result;
    if (head_read(reader->folder, ca, &head) != S_OK || head.line.sequence < reader->at.next)
        return result;
    result = reader_next(reader, item);
    if ((result != READER_END && result != READER_UNFINISHED) ||
        head.line.sequence < reader->at.next)
        return result;
    return at_loss(reader, item, result, head.line.sequence);
}
