#include "prune_clock.h"

#include "base/utc.h"
#include "base/timestamp.h"
#include "sealed.h"

#include <inttypes.h>
#include <stdlib.h>

#define FILES_MAX 1000

struct mark {
    uint64_t sequence;
    int64_t time;
};

/* The lines of one file whose times can be read, in their order. */
struct marks {
    struct mark *list;                  /* owned */
    size_t count, room;
};

/* From the newest line backwards. */
struct walk {
    struct mark newest,
        later; /* later: the line after the one that comes next; sequence 0: none yet */
    int64_t now;
    struct bytes *why;
    bool over;                          /* far enough, or refused */
};

static HRESULT add_mark(struct marks *marks, struct mark mark)
{
    struct mark *list = marks->list;

    if (marks->count == marks->room) {
        size_t room = marks->room ? 2 * marks->room : 1024;

        if (!(list = realloc(list, room * sizeof *list))) return E_OUTOFMEMORY;
        marks->list = list;
        marks->room = room;
    }
    list[marks->count++] = mark;
    return S_OK;
}

static HRESULT read_marks(struct disk_folder *folder, uint64_t segment, struct marks *marks)
{
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    int64_t time;
    HRESULT hr = segment_reader_open(folder, segment, &reader);

    if (FAILED(hr)) return hr;
    while (SUCCEEDED(hr) && (hr = segment_next(reader, &piece)) == S_OK)
        if (line_read(piece.text.text, piece.text.size, &line) == LINE_OK &&
            timestamp_of_line(line.time, &time))
            hr = add_mark(marks, (struct mark){line.sequence, time});
    segment_reader_close(reader);
    return FAILED(hr) ? hr : S_OK;
}

static void prune_clock_add_time(struct bytes *out, int64_t time)
{
    char text[UTC_TEXT_MAX];

    bytes_add_text(out, utc_text(time, false, text) ? text : "a time that is not known");
}

static void refuse_now(struct walk *walk, const char *how)
{
    bytes_add_text(walk->why, "it is ");
    prune_clock_add_time(walk->why, walk->now);
    bytes_printf(walk->why,
                 " by this machine's clock, and the newest line, event %" PRIu64 ", is of ",
                 walk->newest.sequence);
    prune_clock_add_time(walk->why, walk->newest.time);
    bytes_printf(walk->why, ": %s", how);
    walk->over = true;
}

static void refuse_jump(struct walk *walk, const struct mark *mark)
{
    bytes_printf(walk->why, "the times of the newest lines jump: event %" PRIu64 " is of ",
                 mark->sequence);
    prune_clock_add_time(walk->why, mark->time);
    bytes_printf(walk->why, ", event %" PRIu64 " after it of ", walk->later.sequence);
    prune_clock_add_time(walk->why, walk->later.time);
    bytes_add_text(walk->why, ". Either a clock was wrong, or nothing was recorded for so long");
    walk->over = true;
}

static void prune_clock_begin(struct walk *walk, const struct mark *mark)
{
    walk->newest = walk->later = *mark;
    walk->now = os_now();
    if (mark->time > walk->now) refuse_now(walk, "one of the two clocks is, or was, wrong");
    else if (walk->now - mark->time > PRUNE_CLOCK_DAYS * PRUNE_DAY)
        refuse_now(walk, "more than 7 days lie between. Either the clock is wrong, or nothing was "
                         "recorded for so long");
}

static bool is_jump(const struct walk *walk, int64_t time)
{
    return llabs(walk->later.time - time) > PRUNE_JUMP_DAYS * PRUNE_DAY;
}

static void prune_clock_step(struct walk *walk, const struct mark *mark)
{
    if (!walk->later.sequence) prune_clock_begin(walk, mark);
    else if (is_jump(walk, mark->time)) refuse_jump(walk, mark);
    else if (mark->time < walk->newest.time - PRUNE_JUMP_DAYS * PRUNE_DAY) walk->over = true;
    walk->later = *mark;
}

/* One file. Where its first line is near the line after it, what jumped in it came back. */
static HRESULT step_file(struct walk *walk, struct disk_folder *folder, uint64_t segment)
{
    struct sealed_first first = {0};
    struct marks marks = {0};
    HRESULT hr = S_OK;

    if (walk->later.sequence) hr = sealed_first(folder, segment, &first);
    if (SUCCEEDED(hr) && first.intact && first.time != INT64_MAX && !is_jump(walk, first.time)) {
        prune_clock_step(walk, &(struct mark){segment, first.time});
        return S_OK;
    }
    if (SUCCEEDED(hr)) hr = read_marks(folder, segment, &marks);
    for (size_t i = marks.count; SUCCEEDED(hr) && i-- && !walk->over;)
        prune_clock_step(walk, &marks.list[i]);
    free(marks.list);
    return hr;
}

HRESULT prune_clock_judge(struct disk_folder *folder, const struct segment_list *list,
                          struct bytes *why)
{
    struct walk walk = {.why = why};
    size_t before = why->size, read = 0;
    HRESULT hr;

    for (size_t i = list->count; i-- && !walk.over && read++ < FILES_MAX;)
        if (FAILED(hr = step_file(&walk, folder, list->starts[i]))) return hr;
    if (!walk.newest.sequence) bytes_add_text(why, "no line with a time can be read");
    return why->size > before ? S_FALSE : S_OK;
}
