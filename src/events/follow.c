#include "follow.h"

#include "journal/head.h"
#include "pruned_during_read.h"

#include <stdlib.h>
#include <string.h>

#define QUIET_MS  1000
#define HEAD_MS   1000                  /* how often head is looked at where no line waits for it */
#define LOSS_MS   5000                  /* a line that head names comes within that: a copy, or a
                                         * share, may be behind its head for a while */
/* bytes that the first reader goes ahead before what is covered is given */
#define AHEAD_MAX (8u << 20)

struct follow {
    char *path;                         /* owned */
    struct disk_folder *folder;         /* owned */
    struct reader *ahead, *behind;      /* owned; behind: NULL while nothing is to be given */
    struct reader_start
        next; /* of the first line that was not given; sequence 0: the one that comes next */
    struct chain_head last;             /* the last line read ahead; sequence 0: none */
    char ca[LINE_SOURCE_MAX + 1];       /* its CA: */
    size_t ca_size;
    uint64_t covered;                   /* the last line that will stay */
    bool has_head; /* the file `head` was there: it, and no quiet, says what will stay */
    uint64_t head_ms;                   /* when the file was looked at last */
    uint64_t awaited_ms;                /* since when it names a line behind the last one that is
                                         * there; 0: it does not */
    uint64_t headless_ms;               /* since when it cannot be read, though it has to say what
                                         * will stay; 0: it can */
    HRESULT head_hr;                    /* why */
    uint64_t given;                     /* the last line given, or passed */
    uint64_t news_ms;                   /* when a line was read last */
    struct reader_item fault;           /* to be told once all before it was given; */
    enum follow_result waits;           /* FOLLOW_NOTHING: none */
    bool faulty; /* that fault is one that the reader stands at; else it was passed over, being on
                    record */
    bool stuck;                         /* at something wrong behind which nothing stands yet */
    bool aside;     /* the first reader is in damage on record, whose whole lines will stay and are
                       given at once */
    uint64_t sound; /* since the last fault, the first line read ahead that is verified; UINT64_MAX:
                       none yet */
};

HRESULT follow_open(const char *path, const struct reader_start *start, struct follow **out)
{
    struct follow *follow = calloc(1, sizeof *follow);
    HRESULT hr = E_OUTOFMEMORY;

    *out = NULL;
    if (!follow || !(follow->path = strdup(path))) goto failed;
    if (FAILED(hr = disk_view_folder(path, &follow->folder))) goto failed;
    if (FAILED(hr = start->segment ? reader_open_at(path, start, &follow->ahead)
                                   : reader_open(path, 0, &follow->ahead)))
        goto failed;
    follow->waits = FOLLOW_NOTHING;
    follow->sound = UINT64_MAX;
    follow->given = start->segment ? start->sequence - 1 : 0;
    follow->news_ms = os_ticks_ms();
    *out = follow;
    return S_OK;
failed:
    follow_close(follow);
    return hr;
}

void follow_close(struct follow *follow)
{
    if (!follow) return;
    reader_close(follow->ahead);
    reader_close(follow->behind);
    disk_close_folder(follow->folder);
    free(follow->path);
    free(follow);
}

bool follow_is_elsewhere(const struct follow *follow)
{
    return disk_is_same_folder(follow->folder) == S_FALSE;
}

/* A line that was read ahead. Not above the last one: the writer has written its events anew. */
static void note_line(struct follow *follow, const struct reader_item *item)
{
    uint64_t sequence = item->line.sequence;

    if (!item->unverified && sequence < follow->sound) follow->sound = sequence;
    if (!follow->next.sequence || sequence <= follow->given) follow->given = sequence - 1;
    if (sequence <= follow->covered) follow->covered = sequence - 1;
    if (!follow->next.sequence || sequence < follow->next.sequence)
        follow->next = (struct reader_start){segment_sequence(item->place.file), item->place.offset,
                                             sequence, item->place.number};
    if (item->line.flushed > follow->covered) follow->covered = item->line.flushed;
    if (follow->covered > sequence) follow->covered = sequence;
    chain_head_set(&follow->last, &item->line);
    follow->ca_size = source_keep_ca(item->line.source, follow->ca);
    follow->news_ms = os_ticks_ms();
    follow->awaited_ms = follow->headless_ms = 0;
}

/* Nothing is written any more where something is wrong behind it: what was read ahead stays as it
 * is. */
static void note_fault(struct follow *follow, const struct reader_item *item,
                       enum follow_result result, bool faulty)
{
    follow->fault = *item;
    follow->awaited_ms = 0;
    follow->waits = result;
    follow->faulty = faulty;
    follow->covered = follow->last.sequence;
}

/* The head's line was on disk before the head said so: where it does not come, the lines behind the
 * last one are damaged or missing. */
static bool is_overdue(const struct follow *follow)
{
    return follow->awaited_ms && os_ticks_ms() - follow->awaited_ms >= LOSS_MS;
}

bool follow_awaits_line(const struct follow *follow)
{
    return follow->awaited_ms || follow->headless_ms;
}

static void note_head(struct follow *follow, HRESULT hr)
{
    follow->head_hr = hr;
    if (SUCCEEDED(hr)) follow->headless_ms = 0;
    else if (!follow->headless_ms) follow->headless_ms = os_ticks_ms();
}

/* For a while only: somebody else may have it open. */
static bool has_no_head(const struct follow *follow, struct reader_item *item)
{
    if (!follow->headless_ms || os_ticks_ms() - follow->headless_ms < LOSS_MS) return false;
    memset(item, 0, sizeof *item);
    item->kind = READER_UNREADABLE;
    item->hr = follow->head_hr;
    strcpy(item->place.file, "head");
    return true;
}

static void note_awaited(struct follow *follow, bool is_awaited)
{
    if (!is_awaited) follow->awaited_ms = 0;
    else if (!follow->awaited_ms) follow->awaited_ms = os_ticks_ms();
}

/* At the end of what there is: of the lines that nothing covers yet, the last one may be the
 * head's. It is enough to look at that one: behind the head's line stand only lines that were made
 * later, and their `flushed` covers it. */
static void look_at_head(struct follow *follow)
{
    bool waits = follow->covered < follow->last.sequence;
    struct head head;
    HRESULT hr;

    if (!follow->last.sequence) return;
    if (!waits && os_ticks_ms() - follow->head_ms < HEAD_MS) return;
    follow->head_ms = os_ticks_ms();
    hr = head_read(follow->folder, (struct span){follow->ca, follow->ca_size}, &head);
    note_awaited(follow, hr == S_OK && head.line.sequence > follow->last.sequence);
    note_head(follow, waits ? hr : S_OK);
    if (!waits) return;
    follow->has_head |= hr == S_OK;
    if (hr == S_OK && head.line.sequence == follow->last.sequence &&
        !memcmp(head.line.hash, follow->last.hash, LINE_HASH_SIZE))
        follow->covered = follow->last.sequence;
    if (hr == S_FALSE && !follow->has_head && os_ticks_ms() - follow->news_ms >= QUIET_MS)
        follow->covered = follow->last.sequence;
}

/* Read what there is, up to the first thing wrong. True: a line that is given at once, being
 * neither of the chain nor written by anybody. */
static bool read_ahead(struct follow *follow, struct reader_item *item)
{
    size_t bytes = 0;

    if (follow->stuck && reader_go_on(follow->ahead) != S_OK) return false;
    follow->stuck = false;
    while (bytes < AHEAD_MAX) {
        switch (is_overdue(follow) ? reader_next_of_all(follow->ahead, item)
                                   : reader_next(follow->ahead, item)) {
        case READER_LINE:
            if (follow->aside && item->unverified) return true;
            follow->aside = false;
            note_line(follow, item);
            bytes += item->line.text.size;
            continue;
        case READER_ON_RECORD:
            follow->aside = true;
            note_fault(follow, item, FOLLOW_ON_RECORD, false);
            return false;
        case READER_FAULT:
            note_fault(follow, item, item->kind == READER_UNREADABLE ? FOLLOW_LOST : FOLLOW_FAULT,
                       true);
            return false;
        case READER_END:
        case READER_UNFINISHED:
            look_at_head(follow);
            return false;
        }
    }
    return false;
}

/* From the line `from` on, or from the oldest that is there. */
static bool begin_again(struct follow *follow, uint64_t from)
{
    struct reader *again;

    if (FAILED(reader_open(follow->path, from, &again))) return false;
    reader_close(follow->ahead);
    follow->ahead = again;
    follow->last.sequence = follow->covered = follow->given = 0;
    follow->next.sequence = 0;
    follow->sound = UINT64_MAX;
    follow->aside = false;
    follow->awaited_ms = follow->headless_ms = 0;
    return true;
}

/* Whether the oldest line that is there is beyond what was read: files were removed meanwhile. */
static bool was_pruned(const struct follow *follow)
{
    return follow->given && oldest_segment_left(follow->path) > follow->given + 1;
}

/* What went wrong is told once, and reading goes on behind it. */
static enum follow_result tell_fault(struct follow *follow, struct reader_item *item)
{
    enum follow_result result = follow->waits;

    *item = follow->fault;
    follow->waits = FOLLOW_NOTHING;
    if (was_pruned(follow) && begin_again(follow, 0)) return FOLLOW_PRUNED;
    if (item->kind == READER_UNREADABLE) {
        if (item->hr != HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return result;
        return begin_again(follow, follow->given + 1)
                   ? FOLLOW_NOTHING
                   : result; /* removed, but all of it was read */
    }
    follow->stuck = follow->faulty && reader_go_on(follow->ahead) != S_OK;
    follow->last.sequence = follow->covered = follow->given = 0;
    follow->next.sequence = 0;
    follow->sound = UINT64_MAX;
    return result;
}

/* The next line that will stay. FOLLOW_NOTHING: all of them were given. */
static enum follow_result follow_give(struct follow *follow, struct reader_item *item)
{
    HRESULT hr = S_OK;

    if (!follow->next.sequence || follow->next.sequence > follow->covered) return FOLLOW_NOTHING;
    if (!follow->behind) hr = reader_open_at(follow->path, &follow->next, &follow->behind);
    while (SUCCEEDED(hr) && reader_next(follow->behind, item) == READER_LINE) {
        follow->next = (struct reader_start){
            segment_sequence(item->place.file), item->place.offset + item->line.text.size,
            item->line.sequence + 1, item->place.number ? item->place.number + 1 : 0};
        if (item->line.sequence <= follow->given) continue;
        follow->given = item->line.sequence;
        item->unverified = item->line.sequence < follow->sound;
        return FOLLOW_LINE;
    }
    if (was_pruned(follow) && begin_again(follow, 0)) return FOLLOW_PRUNED;
    begin_again(follow,
                follow->given +
                    1); /* it could be read a moment ago: whatever is wrong now is found again */
    return FOLLOW_NOTHING;
}

/* A reader knows which segments there were when it was begun, and where that leaves lines behind:
 * so it does not live long. */
static enum follow_result give_some(struct follow *follow, struct reader_item *item)
{
    enum follow_result result = follow_give(follow, item);

    if (result != FOLLOW_LINE) {
        reader_close(follow->behind);
        follow->behind = NULL;
    }
    return result;
}

enum follow_result follow_next(struct follow *follow, struct reader_item *item)
{
    enum follow_result result = give_some(follow, item);

    if (result != FOLLOW_NOTHING) return result;
    if (follow->waits == FOLLOW_NOTHING && read_ahead(follow, item)) return FOLLOW_LINE;
    if ((result = give_some(follow, item)) != FOLLOW_NOTHING) return result;
    if (follow->waits != FOLLOW_NOTHING) return tell_fault(follow, item);
    return has_no_head(follow, item) ? FOLLOW_LOST : FOLLOW_NOTHING;
}
