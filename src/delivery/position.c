#include "position.h"

#include "journal/reverse_reader.h"

#include <string.h>

static void position_keep_ca(char out[LINE_SOURCE_MAX + 1], struct span source)
{
    struct span ca = source_ca(source);
    size_t size = ca.size <= LINE_SOURCE_MAX ? ca.size : 0;

    memcpy(out, ca.text, size);
    out[size] = 0;
}

static void position_set(struct position *position, const struct line *line, uint64_t segment,
                         uint64_t offset, uint64_t number)
{
    position->segment = segment;
    position->offset = offset;
    position->number = number;
    position->sequence = line->sequence;
    memcpy(position->hash, line->hash.text, LINE_HASH_SIZE);
    position->hash[LINE_HASH_SIZE] = 0;
    position_keep_ca(position->ca, line->source);
}

void position_of_item(struct position *position, const struct reader_item *item)
{
    position_set(position, &item->line, segment_sequence(item->place.file), item->place.offset,
                 item->place.number);
}

/* The file of the position is gone. */
static enum position_verdict position_without_file(struct disk_folder *folder,
                                                   const struct position *position,
                                                   const struct position_check *check)
{
    uint64_t below = 0;

    if (!check->oldest) return POSITION_SET_BACK;
    if (check->oldest > position->sequence + 1) return POSITION_PRUNED;
    if (check->oldest == position->sequence + 1) return POSITION_FINE;
    if (segment_find_above(folder, position->segment, &below) == S_OK && below)
        return POSITION_CHANGED;
    return POSITION_SET_BACK;
}

/* Whether the file begins with a line of another CA, whose name goes to `check`. */
static bool position_is_of_another(struct disk_folder *folder, const struct position *position,
                                   struct position_check *check)
{
    struct segment_reader *reader = NULL;
    struct line line;

    if (segment_open_first(folder, position->segment, &reader, &line) != S_OK) return false;
    position_keep_ca(check->ca, line.source);
    segment_reader_close(reader);
    return strcmp(check->ca, position->ca) != 0;
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
    if (position_is_of_another(folder, position, check)) return POSITION_OTHER_CA;
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
    check->hr = segment_reader_open(folder, position->segment, &reader);
    if (check->hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        return position_without_file(folder, position, check);
    if (FAILED(check->hr)) return verdict;
    segment_seek(reader, position->offset);
    check->hr = segment_next(reader, &piece);
    if (check->hr == S_OK) verdict = position_judge(folder, position, &piece, check);
    else if (check->hr == S_FALSE && SUCCEEDED(check->hr = segment_find_above(
                                         folder, position->segment, &later)))
        verdict = position_is_of_another(folder, position, check) ? POSITION_OTHER_CA
                  : later                                         ? POSITION_CHANGED
                                                                  : POSITION_SET_BACK;
    segment_reader_close(reader);
    return verdict;
}

void position_check(const char *journal, const struct position *position,
                    struct position_check *check)
{
    struct disk_folder *folder = NULL;

    memset(check, 0, sizeof *check);
    if (!position->sequence) return;
    check->verdict = POSITION_UNREADABLE;
    if (FAILED(check->hr = disk_view_folder(journal, &folder))) return;
    check->verdict = position_look(folder, position, check);
    disk_close_folder(folder);
}

static HRESULT position_of_last(const char *journal, struct position *out)
{
    struct reverse_reader *tail = NULL;
    struct reader_start place;
    struct line line;
    HRESULT hr = reverse_reader_open(journal, &tail);

    if (SUCCEEDED(hr)) hr = reverse_reader_previous(tail, &line, &place);
    if (hr == S_OK) position_set(out, &line, place.segment, place.offset, place.number);
    reverse_reader_close(tail);
    return FAILED(hr) ? hr : S_OK;
}

/* The line before `sequence`. If it was pruned, delivery begins with the oldest line. */
static HRESULT position_before(const char *journal, uint64_t sequence, struct position *out)
{
    struct reader *reader = NULL;
    struct reader_item item;
    HRESULT hr;

    if (sequence <= 1) return S_OK;
    if (FAILED(hr = reader_open(journal, sequence - 1, &reader))) return hr;
    if (reader_next(reader, &item) != READER_LINE) hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
    else if (item.line.sequence == sequence - 1) position_of_item(out, &item);
    reader_close(reader);
    return hr;
}

HRESULT position_find(const char *journal, enum config_start start, uint64_t sequence,
                      struct position *out)
{
    memset(out, 0, sizeof *out);
    if (start == START_NOW) return position_of_last(journal, out);
    if (start == START_SEQUENCE) return position_before(journal, sequence, out);
    return S_OK;
}
