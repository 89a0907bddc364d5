/*
 * The longest valid prefix of the last segment stands. What follows it is either
 *
 * - a torn tail: it was being written when the power went. Any of its bytes may be old, new, zero or garbage, whole lines of it may
 *   even be intact behind a damaged one; but nobody was ever told that they are on disk; or
 * - damage: some intact line in it says by its `flushed` that the first damaged line had been on disk.
 */
#include "recover.h"

#include "journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
static const char line_start[] = "{\"specversion\":\"1.0\",\"id\":\"";

/* What reading one segment has shown. */
struct survey {
    uint64_t limit;                     /* lines from here on were left behind, the next segment holds them again */
    struct chain_head head;             /* last valid line, sequence 0: none */
    uint64_t next;                      /* the sequence that has to come */
    uint64_t valid_size, size;
    bool ended_cleanly;
    bool damaged;                       /* something follows the valid lines */
    bool covered;                       /* an intact line behind the damage says it was on disk */
    struct chain_head highest;          /* of the intact lines behind the damage */
};

static void set_head(struct chain_head *head, const struct line *line)
{
    head->sequence = line->sequence;
    memcpy(head->hash, line->hash.text, LINE_HASH_SIZE);
    head->hash[LINE_HASH_SIZE] = 0;
}

static bool follows(const struct survey *survey, const struct line *line)
{
    if (line->sequence != survey->next) return false;
    if (survey->head.sequence) return !memcmp(line->previous.text, survey->head.hash, LINE_HASH_SIZE);
    return line->sequence != 1 || !memcmp(line->previous.text, zeros, LINE_HASH_SIZE);
}

static void take(struct survey *survey, const struct line *line)
{
    set_head(&survey->head, line);
    survey->next = line->sequence + 1;
    if (span_is(line->type, JOURNAL_STARTED)) survey->ended_cleanly = false;
    if (span_is(line->type, JOURNAL_STOPPED) || span_is(line->type, JOURNAL_CA_STOPPING)) survey->ended_cleanly = true;
}

/* An intact line may stand behind garbage that has no LF, or whose LF is what was damaged. */
static enum line_fault read_behind_damage(struct span text, struct line *line)
{
    size_t start = sizeof line_start - 1;

    if (text.size < start) return LINE_FORM;
    for (size_t at = text.size - start + 1; at-- > 0;) {
        if (text.text[at] == '{' && !memcmp(text.text + at, line_start, start))
            return line_read(text.text + at, text.size - at, line);
    }
    return LINE_FORM;
}

static void look_behind_damage(struct survey *survey, struct span text)
{
    struct line line;

    if (read_behind_damage(text, &line) != LINE_OK || line.sequence < survey->next) return;
    if (line.flushed >= survey->next) survey->covered = true;
    if (line.sequence > survey->highest.sequence) set_head(&survey->highest, &line);
}

static HRESULT survey_segment(struct disk_folder *folder, uint64_t segment, uint64_t limit, struct survey *survey)
{
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    HRESULT hr;

    memset(survey, 0, sizeof *survey);
    survey->limit = limit;
    survey->next = segment;
    if (FAILED(hr = segment_reader_open(folder, segment, &reader))) return hr;
    while ((hr = segment_next(reader, &piece)) == S_OK) {
        survey->size = piece.offset + piece.text.size;
        if (survey->damaged) {
            look_behind_damage(survey, piece.text);
        } else if (line_read(piece.text.text, piece.text.size, &line) == LINE_OK && follows(survey, &line)) {
            if (line.sequence >= survey->limit) break;
            take(survey, &line);
            survey->valid_size = survey->size;
        } else {
            survey->damaged = true;
            look_behind_damage(survey, piece.text);
        }
    }
    segment_reader_close(reader);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT copy_tail(struct disk_file *from, uint64_t offset, uint64_t size, struct disk_file *to)
{
    char *block = malloc(LINE_MAX_SIZE);
    HRESULT hr = block ? S_OK : E_OUTOFMEMORY;

    for (uint64_t done = 0; SUCCEEDED(hr) && done < size;) {
        size_t got = 0, want = size - done < LINE_MAX_SIZE ? (size_t)(size - done) : LINE_MAX_SIZE;

        if (FAILED(hr = disk_read(from, offset + done, block, want, &got))) break;
        if (!got) hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        else hr = disk_write(to, done, block, got);
        done += got;
    }
    free(block);
    return SUCCEEDED(hr) ? disk_flush(to) : hr;
}

/* Whether `copy` is the beginning of the tail: an earlier attempt at moving it came that far. */
static HRESULT is_beginning(struct disk_file *segment, const struct recovery *found, struct disk_file *copy, bool *answer)
{
    char *blocks = malloc(2 * LINE_MAX_SIZE);
    HRESULT hr = blocks ? S_OK : E_OUTOFMEMORY;

    *answer = true;
    for (uint64_t done = 0; SUCCEEDED(hr) && *answer;) {
        size_t ours = 0, theirs = 0;

        if (FAILED(hr = disk_read(copy, done, blocks, LINE_MAX_SIZE, &theirs)) || !theirs) break;
        if (FAILED(hr = disk_read(segment, found->offset + done, blocks + LINE_MAX_SIZE, theirs, &ours))) break;
        *answer = ours == theirs && !memcmp(blocks, blocks + LINE_MAX_SIZE, ours);
        done += theirs;
    }
    free(blocks);
    return hr;
}

/* A file in torn/ for the tail: a new one, or the one that an earlier attempt has begun. Never one that holds other bytes. */
static HRESULT create_torn(struct disk_folder *folder, struct disk_file *segment, struct recovery *found, struct disk_file **out)
{
    HRESULT hr = disk_make_folder(folder, "torn");
    bool ours = false;

    for (unsigned attempt = 1; SUCCEEDED(hr) && attempt <= 1000; attempt++) {
        snprintf(found->kept, DISK_NAME_MAX, "torn/%.20s-%" PRIu64 "-%u", found->file, found->offset, attempt);
        hr = disk_create(folder, found->kept, out);
        if (hr != HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)) return hr;
        if (FAILED(hr = disk_open(folder, found->kept, out))) return hr;
        if (FAILED(hr = is_beginning(segment, found, *out, &ours)) || ours) return hr;
        disk_close(*out);
        *out = NULL;
    }
    return FAILED(hr) ? hr : HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
}

static HRESULT move_tail(struct disk_folder *folder, struct recovery *found)
{
    struct disk_file *segment = NULL, *torn = NULL;
    HRESULT hr;

    if (FAILED(hr = disk_open(folder, found->file, &segment))) goto done;
    if (FAILED(hr = create_torn(folder, segment, found, &torn))) goto done;
    if (FAILED(hr = copy_tail(segment, found->offset, found->bytes, torn))) goto done;
    if (FAILED(hr = disk_flush_folder(folder))) goto done;
    if (FAILED(hr = disk_cut(segment, found->offset))) goto done;
    hr = disk_flush(segment);
done:
    disk_close(torn);
    disk_close(segment);
    return hr;
}

/* What stands has been read, which does not mean that it is on disk: a run that was killed may have written it and not flushed it.
 * The next line will say that it was flushed. */
static HRESULT settle(struct disk_folder *folder, uint64_t segment)
{
    char name[SEGMENT_NAME_SIZE + 1];
    struct disk_file *file;
    HRESULT hr;

    segment_name(segment, name);
    if (FAILED(hr = disk_open(folder, name, &file))) return hr;
    hr = disk_flush(file);
    disk_close(file);
    return SUCCEEDED(hr) ? disk_flush_folder(folder) : hr;
}

/* The last segment held no valid line: the head stands in one before it. */
static HRESULT find_head_before(struct disk_folder *folder, uint64_t segment, struct survey *survey)
{
    uint64_t limit = segment, before;
    HRESULT hr;

    for (;;) {
        if (FAILED(hr = segment_find_below(folder, limit, &before)) || !before) return hr;
        if (FAILED(hr = survey_segment(folder, before, limit, survey)) || survey->head.sequence) return hr;
        limit = before;
    }
}

static HRESULT act_on(struct disk_folder *folder, uint64_t segment, const struct survey *last, struct recovery *out)
{
    segment_name(segment, out->file);
    out->offset = last->valid_size;
    out->sequence = last->next;
    out->bytes = last->size - last->valid_size;
    if (!last->covered) {
        out->finding = RECOVER_TORN;
        return move_tail(folder, out);
    }
    out->finding = RECOVER_BROKEN;
    out->head = last->highest;
    out->segment = out->segment_size = 0;
    return S_OK;
}

HRESULT recover_chain(struct disk_folder *folder, struct recovery *out)
{
    struct survey last, before = {0};
    uint64_t segment;
    HRESULT hr;

    memset(out, 0, sizeof *out);
    memcpy(out->head.hash, zeros, sizeof zeros);
    out->ended_cleanly = true;
    if (FAILED(hr = segment_find_below(folder, UINT64_MAX, &segment)) || !segment) return hr;
    if (FAILED(hr = survey_segment(folder, segment, UINT64_MAX, &last))) return hr;
    out->segment = segment;
    out->segment_size = last.valid_size;
    if (last.head.sequence) {
        out->head = last.head;
        out->ended_cleanly = last.ended_cleanly;
    } else {
        if (FAILED(hr = find_head_before(folder, segment, &before))) return hr;
        if (before.head.sequence) out->head = before.head;
        out->ended_cleanly = before.head.sequence ? before.ended_cleanly : segment == 1;
        out->head.sequence = segment - 1;       /* also where those before it are gone: the name tells where we are */
    }
    if (last.damaged && FAILED(hr = act_on(folder, segment, &last, out))) return hr;
    return settle(folder, segment);
}
