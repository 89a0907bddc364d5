#include "damage_scan.h"

/* An intact line may stand behind garbage that has no LF, or whose LF is what was damaged. */
static enum line_fault read_in(struct span text, struct line *line)
{
    enum line_fault fault = line_read(text.text, text.size, line);
    size_t start;

    if (fault == LINE_OK || fault == LINE_UNJUDGED) return fault;
    start = line_last_start(text);
    return start ? line_read(text.text + start, text.size - start, line) : LINE_FORM;
}

bool damage_scan_has_line(const struct damage_scan *scan, const struct segment_piece *piece,
                          struct line *line)
{
    return read_in(piece->text, line) == LINE_OK && line->sequence >= scan->next;
}

void damage_scan_piece(struct damage_scan *scan, const struct segment_piece *piece)
{
    enum line_fault fault;
    struct line line;

    scan->size = piece->offset + piece->text.size;
    fault = read_in(piece->text, &line);
    if (fault == LINE_UNJUDGED) scan->unjudged = true;
    if (fault != LINE_OK || line.sequence < scan->next) return;
    scan->lines++;
    if (line.flushed >= scan->next) scan->covered = true;
    if (line.sequence > scan->highest.sequence) chain_head_set(&scan->highest, &line);
}

HRESULT damage_scan_rest(struct damage_scan *scan, struct segment_reader *reader)
{
    struct segment_piece piece;
    HRESULT hr;

    while ((hr = segment_next(reader, &piece)) == S_OK) damage_scan_piece(scan, &piece);
    return FAILED(hr) ? hr : S_OK;
}
