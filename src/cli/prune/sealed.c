#include "sealed.h"

#include "journal/journal.h"
#include "base/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t sealed_time_of(const struct line *line)
{
    int64_t micros;

    return timestamp_of_line(line->time, &micros) ? micros : INT64_MAX;
}

/* The data of a journal.broken, as the writer spells it. */
static void read_broken(const struct line *line, struct sealed_first *out)
{
    char data[160];
    size_t size = line->data.size < sizeof data - 1 ? line->data.size : sizeof data - 1;

    memcpy(data, line->data.text, size);
    data[size] = 0;
    out->broken =
        span_is(line->type, JOURNAL_BROKEN) &&
        sscanf(data,
               "{\"file\":\"%26[0-9.jsonl]\",\"offset\":%" SCNu64 ",\"sequence\":%" SCNu64 ",",
               out->file, &out->offset, &out->sequence) == 3;
}

HRESULT sealed_first(struct disk_folder *folder, uint64_t segment, struct sealed_first *out)
{
    struct segment_reader *reader;
    struct line line;
    HRESULT hr = segment_open_first(folder, segment, &reader, &line);

    memset(out, 0, sizeof *out);
    if (hr != S_OK) return FAILED(hr) ? hr : S_OK;
    out->intact = line.sequence == segment;
    if (out->intact) {
        out->before.sequence = segment - 1;
        memcpy(out->before.hash, line.previous.text, LINE_HASH_SIZE);
        out->time = sealed_time_of(&line);
        read_broken(&line, out);
    }
    segment_reader_close(reader);
    return S_OK;
}

static void note_time(struct sealed *sealed, int64_t time, int64_t now)
{
    if (time > now) return;
    if (time < sealed->oldest) sealed->oldest = time;
    if (time > sealed->newest) sealed->newest = time;
}

static bool is_next(const struct segment_piece *piece, uint64_t expected, const char *previous,
                    struct line *line)
{
    return line_read(piece->text.text, piece->text.size, line) == LINE_OK &&
           line->sequence == expected &&
           (!*previous || !memcmp(line->previous.text, previous, LINE_HASH_SIZE));
}

/* Up to the line before `next`, or the first that is not as it must be. `hash` takes that of the
 * last line. */
static HRESULT sealed_read_lines(struct segment_reader *reader, uint64_t next, int64_t now,
                                 struct sealed *out, char hash[LINE_HASH_SIZE + 1])
{
    struct segment_piece piece;
    struct line line;
    HRESULT hr = S_OK;

    while (out->sequence < next && (hr = segment_next(reader, &piece)) == S_OK) {
        out->offset = piece.offset;
        if (!is_next(&piece, out->sequence, hash, &line)) return S_OK;
        note_time(out, sealed_time_of(&line), now);
        memcpy(hash, line.hash.text, LINE_HASH_SIZE);
        out->sequence++;
        out->lines++;
        out->offset += piece.text.size;
    }
    return FAILED(hr) ? hr : S_OK;
}

static bool sealed_is_on_record(const struct sealed *sealed, uint64_t segment,
                                const struct sealed_first *first)
{
    char name[SEGMENT_NAME_SIZE + 1];

    segment_name(segment, name);
    return first->broken && !strcmp(first->file, name) && first->offset == sealed->offset &&
           first->sequence == sealed->sequence;
}

HRESULT sealed_look(struct disk_folder *folder, uint64_t segment, uint64_t next,
                    const struct sealed_first *first, int64_t now, struct sealed *out)
{
    struct segment_reader *reader;
    char hash[LINE_HASH_SIZE + 1] = "";
    HRESULT hr = segment_reader_open(folder, segment, &reader);

    *out = (struct sealed){.sequence = segment, .oldest = INT64_MAX, .newest = INT64_MIN};
    if (FAILED(hr)) return hr;
    hr = sealed_read_lines(reader, next, now, out, hash);
    segment_reader_close(reader);
    if (out->sequence < next || memcmp(hash, first->before.hash, LINE_HASH_SIZE))
        out->state = sealed_is_on_record(out, segment, first) ? SEALED_ON_RECORD : SEALED_DAMAGED;
    return hr;
}
