#include "prune.h"

#include "utc.h"

#include <stdio.h>
#include <string.h>

/* The line that a segment begins with tells when the one before it had ended, and how. */
static HRESULT read_first(struct disk_folder *folder, uint64_t segment, struct chain_head *before, char time[UTC_TEXT_MAX])
{
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    HRESULT hr = segment_reader_open(folder, segment, &reader);

    time[0] = 0;                        /* not an intact line */
    if (FAILED(hr)) return hr;
    hr = segment_next(reader, &piece);
    if (hr == S_OK && line_read(piece.text.text, piece.text.size, &line) == LINE_OK && line.sequence == segment) {
        if (line.time.size < UTC_TEXT_MAX) snprintf(time, UTC_TEXT_MAX, "%.*s", (int)line.time.size, line.time.text);
        before->sequence = segment - 1;
        memcpy(before->hash, line.previous.text, LINE_HASH_SIZE);
        before->hash[LINE_HASH_SIZE] = 0;
    }
    segment_reader_close(reader);
    return FAILED(hr) ? hr : S_OK;
}

HRESULT prune_find(struct disk_folder *folder, int64_t limit, struct prune *out)
{
    char until[UTC_TEXT_MAX], time[UTC_TEXT_MAX];       /* of one form, and so in the order of their texts */
    struct chain_head before;
    uint64_t segment, next;
    HRESULT hr;

    memset(out, 0, sizeof *out);
    if (!utc_text(limit, true, until)) return S_OK;
    if (FAILED(hr = segment_find_above(folder, 0, &segment)) || !segment) return hr;
    if (FAILED(hr = read_first(folder, segment, &before, time))) return hr;
    while (time[0] && strcmp(time, until) < 0 && out->segments < PRUNE_SEGMENTS_MAX) {
        if (FAILED(hr = segment_find_above(folder, segment, &next)) || !next) return hr;
        if (FAILED(hr = read_first(folder, next, &before, time))) return hr;
        if (!time[0] || strcmp(time, until) >= 0) break;
        out->head = before;
        out->before = segment = next;
        out->segments++;
    }
    return S_OK;
}

HRESULT prune_remove(struct disk_folder *folder, const struct prune *prune, char *name)
{
    uint64_t segment;
    HRESULT hr;

    name[0] = 0;
    for (;;) {
        if (FAILED(hr = segment_find_above(folder, 0, &segment)) || !segment || segment >= prune->before) return hr;
        segment_name(segment, name);
        if (FAILED(hr = disk_remove(folder, name))) return hr;
    }
}
