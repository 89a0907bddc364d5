#include "prune_ask.h"

#include "cli/terminal/console.h"
#include "journal/head.h"
#include "journal/journal.h"
#include "version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOOK_EACH_MS 100
#define STOPPED_WAIT_MS 60000

/* A scan for one journal.pruned, along the chain. */
struct scan {
    struct chain_head at;               /* the last line read; sequence 0: none */
    uint64_t found,
        flushed; /* the line that was looked for; what the lines from it on say is on disk */
    struct head head;                   /* sequence 0: there is none */
    bool head_seen;                     /* its line is in the chain */
    char names[120];                    /* what its data begins with */
};

static void prune_ask_take(struct scan *scan, struct disk_folder *folder, const struct line *line)
{
    bool follows = line->sequence == scan->at.sequence + 1 &&
                   !memcmp(line->previous.text, scan->at.hash, LINE_HASH_SIZE);
    size_t size = strlen(scan->names);

    if (scan->at.sequence && !follows && line->sequence > scan->at.sequence)
        return;                                         /* damage: verify tells of it */
    if (line->sequence <= scan->found) scan->found = 0; /* lines that were written anew */
    if (!scan->at.sequence && head_read(folder, line->source, &scan->head) != S_OK)
        scan->head.line.sequence = 0;
    chain_head_set(&scan->at, line);
    if (span_is(line->type, JOURNAL_PRUNED) && line->data.size > size &&
        !memcmp(line->data.text, scan->names, size))
        scan->found = line->sequence;
    if (scan->found && line->flushed > scan->flushed) scan->flushed = line->flushed;
    if (line->sequence == scan->head.line.sequence)
        scan->head_seen = !memcmp(scan->head.line.hash, scan->at.hash, LINE_HASH_SIZE);
}

static HRESULT scan_segment(struct scan *scan, struct disk_folder *folder, uint64_t segment)
{
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    HRESULT hr = segment_reader_open(folder, segment, &reader);

    if (FAILED(hr)) return hr;
    while ((hr = segment_next(reader, &piece)) == S_OK)
        if (line_read(piece.text.text, piece.text.size, &line) == LINE_OK)
            prune_ask_take(scan, folder, &line);
    segment_reader_close(reader);
    return FAILED(hr) ? hr : S_OK;
}

HRESULT prune_is_on_record(struct disk_folder *folder, const struct segment_list *list, size_t from,
                           const struct chain_head *last, bool *answer)
{
    struct scan scan = {0};
    HRESULT hr;

    snprintf(scan.names, sizeof scan.names, "{\"sequence\":%" PRIu64 ",\"hash\":\"%s\",",
             last->sequence, last->hash);
    for (size_t i = from; i < list->count; i++)
        if (FAILED(hr = scan_segment(&scan, folder, list->starts[i]))) return hr;
    *answer = scan.found && (scan.flushed >= scan.found ||
                             (scan.head_seen && scan.head.line.sequence >= scan.found));
    return S_OK;
}

/* What lies there now is of somebody who was interrupted: this program has the folder's prune.lock.
 */
static HRESULT prune_ask_leave_request(struct disk_folder *folder, const struct request *request)
{
    struct disk_file *file = NULL;
    struct bytes text = {0};
    HRESULT hr = disk_remove(folder, REQUEST_NAME);

    if (SUCCEEDED(hr) || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        hr = request_make(request, &text) ? S_OK : E_INVALIDARG;
    if (SUCCEEDED(hr)) hr = disk_create(folder, REQUEST_NAME, &file);
    if (SUCCEEDED(hr)) hr = disk_write(file, 0, text.data, text.size);
    if (SUCCEEDED(hr)) hr = disk_flush(file);
    disk_close(file);
    bytes_free(&text);
    return hr;
}

static bool is_answered(struct disk_folder *folder)
{
    uint64_t size;

    return disk_size(folder, REQUEST_NAME, &size) == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

/* True: the request is gone, by the writer's hand. */
static bool wait_for_answer(struct disk_folder *folder, uint32_t wait_ms)
{
    static const int32_t nobody;
    uint64_t until = os_ticks_ms() + wait_ms;

    while (!is_answered(folder)) {
        if (os_ticks_ms() >= until || console_interrupted())
            return FAILED(disk_remove(folder, REQUEST_NAME)) && is_answered(folder);
        os_word_wait(&nobody, 0, LOOK_EACH_MS);
    }
    return true;
}

/* The source of the newest line that can be read: the CA's name in the lines that this program
 * writes in its place. */
static HRESULT prune_ask_find_source(struct disk_folder *folder, const struct segment_list *list,
                                     char source[LINE_SOURCE_MAX + 1])
{
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    HRESULT hr = S_OK;

    *source = 0;
    for (size_t i = list->count; i-- && !*source;) {
        if (FAILED(hr = segment_reader_open(folder, list->starts[i], &reader))) return hr;
        while ((hr = segment_next(reader, &piece)) == S_OK)
            if (line_read(piece.text.text, piece.text.size, &line) == LINE_OK &&
                line.source.size <= LINE_SOURCE_MAX)
                snprintf(source, LINE_SOURCE_MAX + 1, "%.*s", (int)line.source.size,
                         line.source.text);
        segment_reader_close(reader);
        if (FAILED(hr)) return hr;
    }
    return *source ? S_OK : HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
}

/* A run of this program's own: its writer answers the request when it opens the journal. No event
 * waits for that writer, so it has half of the time of the close to read the request in. */
static enum prune_answer answer_myself(const char *path, struct disk_folder *folder,
                                       const struct segment_list *list, HRESULT *hr)
{
    static const char module[] =
        "\"version\":\"" CERTWITNESS_VERSION "\",\"program\":\"certwitness prune\"";
    char source[LINE_SOURCE_MAX + 1];
    struct journal_options options = {.directory = path,
                                      .source = source,
                                      .wait_ms = STOPPED_WAIT_MS,
                                      .retry_ms = STOPPED_WAIT_MS,
                                      .look_wait_ms = STOPPED_WAIT_MS / 2,
                                      .queue_bytes = 1 << 20,
                                      .segment_bytes = 64 << 20,
                                      .start_module = {module, sizeof module - 1}};
    struct journal *journal;

    if (FAILED(*hr = prune_ask_find_source(folder, list, source))) return PRUNE_CANNOT_ASK;
    if (FAILED(*hr = journal_open(&options, &journal))) return PRUNE_CANNOT_ASK;
    *hr = journal_close(journal); /* a success too where the opening took longer than its wait */
    return FAILED(*hr) ? PRUNE_CANNOT_ASK : PRUNE_ON_RECORD;
}

/* Whether a run of this program's own could begin. */
static HRESULT can_lock(const char *path)
{
    struct disk_folder *locked;
    HRESULT hr = disk_open_folder(path, &locked);

    if (SUCCEEDED(hr)) disk_close_folder(locked);
    return hr;
}

/* The line is looked for from the segment that was the last one when it was asked for: it can stand
 * in no other before. */
static enum prune_answer find_line(struct disk_folder *folder, uint64_t from,
                                   const struct request *request, HRESULT *hr)
{
    struct segment_list list = {0};
    bool found = false;
    size_t i = 0;

    if (SUCCEEDED(*hr = segment_list_read(&list, folder))) {
        while (i < list.count && list.starts[i] < from) i++;
        *hr = prune_is_on_record(folder, &list, i, &request->last, &found);
    }
    segment_list_free(&list);
    if (FAILED(*hr)) return PRUNE_CANNOT_ASK;
    return found ? PRUNE_ON_RECORD : PRUNE_REFUSED;
}

static enum prune_answer find_writer(const char *path, struct disk_folder *folder, bool stopped,
                                     HRESULT *hr)
{
    bool lives;

    if (stopped) {
        *hr = can_lock(path);
        if (*hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)) return PRUNE_LOCKED;
    } else if (SUCCEEDED(*hr = disk_is_written(folder, &lives)) && !lives) return PRUNE_NO_WRITER;
    return FAILED(*hr) ? PRUNE_CANNOT_ASK : PRUNE_ON_RECORD;
}

enum prune_answer prune_ask(const char *path, struct disk_folder *folder,
                            const struct segment_list *list, const struct request *request,
                            bool stopped, uint32_t wait_ms, HRESULT *hr)
{
    uint64_t from = list->starts[list->count - 1];
    enum prune_answer answer = find_writer(path, folder, stopped, hr);

    if (answer != PRUNE_ON_RECORD) return answer;
    if (console_interrupted())
        return PRUNE_NO_ANSWER; /* from here on Ctrl-C takes the request back */
    if (FAILED(*hr = prune_ask_leave_request(folder, request))) return PRUNE_CANNOT_ASK;
    if (stopped && (answer = answer_myself(path, folder, list, hr)) != PRUNE_ON_RECORD) {
        wait_for_answer(folder, 0);
        return answer;
    }
    if (!wait_for_answer(folder, stopped ? 0 : wait_ms)) return PRUNE_NO_ANSWER;
    return find_line(folder, from, request, hr);
}
