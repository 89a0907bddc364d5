#include "position.h"

#include "base/timestamp.h"
#include "journal/head.h"
#include "journal/journal_event.h"
#include "journal/reverse_reader.h"

#include <string.h>

static void position_set(struct position *position, const struct line *line, uint64_t segment,
                         uint64_t offset, uint64_t number)
{
    position->segment = segment;
    position->offset = offset;
    position->number = number;
    position->sequence = line->sequence;
    memcpy(position->hash, line->hash.text, LINE_HASH_SIZE);
    position->hash[LINE_HASH_SIZE] = 0;
    source_keep_ca(line->source, position->ca);
}

bool position_has_line(const struct position *position)
{
    return position->sequence && strcmp(position->hash, line_no_hash);
}

void position_of_item(struct position *position, const struct reader_item *item)
{
    position_set(position, &item->line, segment_sequence(item->place.file), item->place.offset,
                 item->place.number);
}

/* Whether a line that is the next one says that another line was before it. The link of
 * journal.broken need not lead to the last line that was delivered (line.c). */
static bool position_is_left_out(const struct position *position, const struct line *line)
{
    return line->sequence == position->sequence + 1 && !span_is(line->type, JOURNAL_BROKEN) &&
           memcmp(line->previous.text, position->hash, LINE_HASH_SIZE);
}

/* The CA of the file's first line goes to `ca`, and whether that line says that another one was
 * before it than that of the position. */
static bool position_read_first(struct disk_folder *folder, uint64_t segment,
                                const struct position *position, char ca[LINE_SOURCE_MAX + 1],
                                bool *left_out)
{
    struct segment_reader *reader = NULL;
    struct line line;

    if (segment_open_first(folder, segment, &reader, &line) != S_OK) return false;
    source_keep_ca(line.source, ca);
    *left_out = position_is_left_out(position, &line);
    segment_reader_close(reader);
    return true;
}

/* The file of the position is gone: what the oldest one begins with has to follow it. */
static enum position_verdict position_without_file(struct disk_folder *folder,
                                                   const struct position *position,
                                                   struct position_check *check)
{
    bool changed = false;
    uint64_t below = 0;

    /* Asked again: the file may have been removed meanwhile. */
    if (FAILED(check->hr = segment_find_above(folder, 0, &check->oldest)))
        return POSITION_UNREADABLE;
    if (!check->oldest) return POSITION_NOWHERE;
    if (position_read_first(folder, check->oldest, position, check->ca, &changed) &&
        strcmp(check->ca, position->ca))
        return POSITION_OTHER_CA;
    if (check->oldest > position->sequence + 1) return POSITION_PRUNED;
    if (check->oldest == position->sequence + 1)
        return changed ? POSITION_CHANGED : POSITION_FINE;
    if (segment_find_above(folder, position->segment, &below) == S_OK && below)
        return POSITION_CHANGED;
    return POSITION_SET_BACK;
}

/* The CA of the file's first line goes to `out`. */
static bool position_read_ca(struct disk_folder *folder, uint64_t segment,
                             char out[LINE_SOURCE_MAX + 1])
{
    static const struct position none;
    bool left_out;

    return position_read_first(folder, segment, &none, out, &left_out);
}

/* Whether the file begins with a line of another CA, whose name goes to `check`. */
static bool position_is_of_another(struct disk_folder *folder, uint64_t segment,
                                   const struct position *position, struct position_check *check)
{
    return position_read_ca(folder, segment, check->ca) && strcmp(check->ca, position->ca) != 0;
}

/* No line of the journal is known, only how far it was delivered, or was removed before. */
static enum position_verdict position_without_line(struct disk_folder *folder,
                                                   const struct position *position,
                                                   struct position_check *check)
{
    if (!check->oldest) return position->sequence ? POSITION_NOWHERE : POSITION_FINE;
    if (*position->ca && position_is_of_another(folder, check->oldest, position, check))
        return POSITION_OTHER_CA;
    return check->oldest > position->sequence + 1 ? POSITION_PRUNED : POSITION_FINE;
}

static enum position_verdict position_judge(struct disk_folder *folder,
                                            const struct position *position,
                                            const struct segment_piece *piece,
                                            struct position_check *check)
{
    struct line line;
    enum line_fault fault = line_read(piece->text.text, piece->text.size, &line);
    uint64_t later = 0;

    if (fault == LINE_UNJUDGED) {
        check->hr = E_OUTOFMEMORY;
        return POSITION_UNREADABLE;
    }
    if (fault == LINE_OK && line.sequence == position->sequence &&
        !memcmp(line.hash.text, position->hash, LINE_HASH_SIZE))
        return POSITION_FINE;
    if (position_is_of_another(folder, position->segment, position, check))
        return POSITION_OTHER_CA;
    if (fault == LINE_NO_END && segment_find_above(folder, position->segment, &later) == S_OK &&
        !later)
        return POSITION_SET_BACK;
    return POSITION_CHANGED;
}

static enum position_verdict position_look(struct disk_folder *folder,
                                           const struct position *position,
                                           struct position_check *check)
{
    enum position_verdict verdict = POSITION_UNREADABLE;
    struct segment_reader *reader = NULL;
    struct segment_piece piece;
    uint64_t later = 0;

    if (FAILED(check->hr = segment_find_above(folder, 0, &check->oldest))) return verdict;
    if (!position_has_line(position)) return position_without_line(folder, position, check);
    check->hr = segment_reader_open(folder, position->segment, &reader);
    if (check->hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        return position_without_file(folder, position, check);
    if (FAILED(check->hr)) return verdict;
    segment_seek(reader, position->offset);
    check->hr = segment_next(reader, &piece);
    if (check->hr == S_OK) {
        verdict = position_judge(folder, position, &piece, check);
        check->there = verdict == POSITION_FINE;
    }
    else if (check->hr == S_FALSE && SUCCEEDED(check->hr = segment_find_above(
                                         folder, position->segment, &later)))
        verdict = position_is_of_another(folder, position->segment, position, check)
                      ? POSITION_OTHER_CA
                  : later ? POSITION_CHANGED
                          : POSITION_SET_BACK;
    segment_reader_close(reader);
    return verdict;
}

void position_check(const char *journal, const struct position *position,
                    struct position_check *check)
{
    struct disk_folder *folder = NULL;

    memset(check, 0, sizeof *check);
    check->verdict = POSITION_UNREADABLE;
    if (FAILED(check->hr = disk_view_folder(journal, &folder))) return;
    check->verdict = position_look(folder, position, check);
    if (check->verdict == POSITION_PRUNED && !position_read_ca(folder, check->oldest, check->ca))
        *check->ca = 0;
    disk_close_folder(folder);
}

/* The age of the line at a place, or of the one after it; the oldest line's if there is no place.
 * S_FALSE: there is no such line. */
static HRESULT position_age_at(const char *journal, const struct reader_start *start, int64_t *age)
{
    struct reader *reader = NULL;
    struct reader_item item;
    int64_t then;
    HRESULT hr = start ? reader_open_at(journal, start, &reader) : reader_open(journal, 0, &reader);

    *age = 0;
    if (SUCCEEDED(hr) && start && reader_next(reader, &item) != READER_LINE)
        hr = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (SUCCEEDED(hr)) {
        enum reader_result next = reader_next(reader, &item);

        hr = next == READER_LINE ? S_OK
             : next == READER_FAULT && item.kind == READER_UNREADABLE ? item.hr
                                                                      : S_FALSE;
    }
    if (hr == S_OK && timestamp_of_line(item.line.time, &then)) *age = (os_now() - then) / 1000000;
    reader_close(reader);
    return hr;
}

HRESULT position_age(const char *journal, const struct position *at, int64_t *age)
{
    struct reader_start start = {at->segment, at->offset, at->sequence, at->number};
    HRESULT hr = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);

    if (position_has_line(at)) hr = position_age_at(journal, &start, age);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) hr = position_age_at(journal, NULL, age);
    if (FAILED(hr) || *age < 0) *age = 0;
    return FAILED(hr) ? hr : S_OK;
}

/* What the file `head` says; sequence 0: there is none. */
static HRESULT position_head(const char *journal, struct head *head)
{
    struct reverse_reader *tail = NULL;
    struct disk_folder *folder = NULL;
    struct reader_start place;
    struct line line;
    HRESULT hr = reverse_reader_open(journal, &tail);

    memset(head, 0, sizeof *head);
    if (SUCCEEDED(hr)) hr = reverse_reader_previous(tail, &line, &place);
    if (hr == S_OK) hr = disk_view_folder(journal, &folder);
    if (hr == S_OK) hr = head_read(folder, source_ca(line.source), head);
    disk_close_folder(folder);
    reverse_reader_close(tail);
    return FAILED(hr) ? hr : S_OK;
}

/* Whether a line will stay: `flushed` of a later line, or the head, says that it is on disk. */
static bool position_stays(const struct line *line, uint64_t flushed, const struct head *head)
{
    uint64_t last = head->line.sequence;

    if (line->sequence <= flushed || line->sequence < last) return true;
    return line->sequence == last && !memcmp(line->hash.text, head->line.hash, LINE_HASH_SIZE);
}

/*
 * The last line that will stay, as follow.h gives them: the lines behind it may be taken back when
 * the power goes. Without a head it is the last line. The head is read first, so that none of the
 * lines was written anew between the two.
 */
static HRESULT position_of_last(const char *journal, struct position *out)
{
    struct reverse_reader *tail = NULL;
    struct reader_start place;
    struct head head;
    struct line line;
    uint64_t flushed = 0;
    HRESULT hr = position_head(journal, &head);

    if (SUCCEEDED(hr)) hr = reverse_reader_open(journal, &tail);
    while (hr == S_OK && (hr = reverse_reader_previous(tail, &line, &place)) == S_OK) {
        if (!head.line.sequence || position_stays(&line, flushed, &head)) {
            position_set(out, &line, place.segment, place.offset, place.number);
            break;
        }
        if (line.flushed > flushed) flushed = line.flushed;
    }
    reverse_reader_close(tail);
    return FAILED(hr) ? hr : S_OK;
}

/* After a line that is not in the journal any more. */
static void position_after_removed(struct position *position, uint64_t sequence)
{
    position->sequence = sequence;
    strcpy(position->hash, line_no_hash);
}

/* Before the oldest line. */
static HRESULT position_of_oldest(const char *journal, struct position *out)
{
    struct disk_folder *folder = NULL;
    uint64_t oldest = 0;
    HRESULT hr = disk_view_folder(journal, &folder);

    if (SUCCEEDED(hr)) hr = segment_find_above(folder, 0, &oldest);
    if (SUCCEEDED(hr) && oldest > 1) {
        position_after_removed(out, oldest - 1);
        if (!position_read_ca(folder, oldest, out->ca)) *out->ca = 0;
    }
    disk_close_folder(folder);
    return FAILED(hr) ? hr : S_OK;
}

/* One step to the last whole line before `sequence`: S_FALSE: there are no more. `*reached`: the
 * line before `sequence`, or what is in its place, was seen. */
static HRESULT position_step(struct reader *reader, uint64_t sequence, struct position *out,
                             bool *reached)
{
    struct reader_item item;

    switch (reader_next(reader, &item)) {
    case READER_LINE:
        if (item.line.sequence < sequence) position_of_item(out, &item);
        if (item.line.sequence + 1 < sequence) return S_OK;
        *reached = true;
        return S_FALSE;
    case READER_ON_RECORD: return S_OK;
    case READER_FAULT:
        if (item.kind == READER_UNREADABLE) return item.hr;
        *reached |= item.place.sequence + 1 >= sequence;
        return reader_go_on(reader);
    default: return S_FALSE;
    }
}

/* The last whole line before `sequence` in the files from `segment` on. */
static HRESULT position_search(const char *journal, uint64_t segment, uint64_t sequence,
                               struct position *out, bool *reached)
{
    struct reader *reader = NULL;
    HRESULT hr = reader_open(journal, segment, &reader);

    while (hr == S_OK) hr = position_step(reader, sequence, out, reached);
    reader_close(reader);
    return FAILED(hr) ? hr : S_OK;
}

/* Behind removed lines, if no file has lines before `sequence`. */
static HRESULT position_in_front(struct disk_folder *folder, uint64_t sequence,
                                 struct position *out)
{
    uint64_t oldest = 0;
    HRESULT hr = segment_find_above(folder, 0, &oldest);

    if (FAILED(hr)) return hr;
    if (!oldest) return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    position_after_removed(out, sequence - 1);
    if (!position_read_ca(folder, oldest, out->ca)) *out->ca = 0;
    return S_OK;
}

/* Where no line of a file before `sequence` is whole, the file before it is looked at. */
static HRESULT position_before(const char *journal, uint64_t sequence, struct position *out)
{
    struct disk_folder *folder = NULL;
    uint64_t segment = 0;
    bool reached = false;
    HRESULT hr;

    if (sequence <= 1) return S_OK;
    if (FAILED(hr = disk_view_folder(journal, &folder))) return hr;
    if (SUCCEEDED(hr = segment_find_below(folder, sequence, &segment)) && !segment)
        hr = position_in_front(folder, sequence, out);
    else {
        while (SUCCEEDED(hr) && segment && !out->sequence) {
            hr = position_search(journal, segment, sequence, out, &reached);
            if (SUCCEEDED(hr)) hr = segment_find_below(folder, segment, &segment);
        }
        if (SUCCEEDED(hr) && !reached) hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        else if (SUCCEEDED(hr) && !out->sequence) hr = position_of_oldest(journal, out);
    }
    disk_close_folder(folder);
    return hr;
}

HRESULT position_find(const char *journal, enum config_start start, uint64_t sequence,
                      struct position *out)
{
    memset(out, 0, sizeof *out);
    if (start == START_NOW) return position_of_last(journal, out);
    if (start == START_SEQUENCE) return position_before(journal, sequence, out);
    return position_of_oldest(journal, out);
}

HRESULT position_find_ca(const char *journal, char out[LINE_SOURCE_MAX + 1])
{
    struct reverse_reader *tail = NULL;
    struct reader_start place;
    struct line line;
    HRESULT hr = reverse_reader_open(journal, &tail);

    *out = 0;
    if (SUCCEEDED(hr)) hr = reverse_reader_previous(tail, &line, &place);
    if (hr == S_OK) source_keep_ca(line.source, out);
    reverse_reader_close(tail);
    return hr;
}
