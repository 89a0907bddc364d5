#include "writer.h"

#include "aside.h"
#include "damage_scan.h"
#include "head.h"
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_KEPT    (4u << 20)        /* bytes of memory kept between batches */
#define FREE_ASK_MS   1000 /* the volume is asked how much is free at most this often, */
#define FREE_ASK_SIZE                                                                              \
    (16u                                                                                           \
     << 20) /* or when so many bytes were written since, or a quarter of what has to stay free, */
#define FREE_ASK_PART 4                 /* whichever is less: others write there, too */
#define FLOOR_PART    4                 /* of what has to stay free, so much is kept from all */

void writer_begin(struct writer *writer)
{
    bytes_reset(&writer->batch, BATCH_KEPT);
    writer->counts = writer->yields = false;
    writer->batch_head = writer->head;
}

HRESULT writer_add(struct writer *writer, const char *type, const char *subject, int64_t time,
                   struct span data)
{
    HRESULT hr = line_check_data(data);

    return FAILED(hr) ? hr : writer_add_checked(writer, type, subject, time, data);
}

HRESULT writer_add_checked(struct writer *writer, const char *type, const char *subject,
                           int64_t time, struct span data)
{
    struct line_place place = {writer->run, writer->options.source, writer->batch_head.sequence + 1,
                               writer->batch_head.hash, writer->head.sequence};
    char hash[LINE_HASH_SIZE + 1];
    size_t start = writer->batch.size;
    HRESULT hr = line_make_checked(&writer->batch, &place, type, subject, time, data, hash);

    if (FAILED(hr)) return hr;
    writer->batch_last = start;
    writer->batch_head.sequence++;
    memcpy(writer->batch_head.hash, hash, sizeof hash);
    return S_OK;
}

/* Where it fails, readers pass over what is left behind. */
static void try_to_cut(struct disk_file *segment, uint64_t size)
{
    HRESULT hr = disk_cut(segment, size);

    (void)hr;
}

/* A new segment, or one of that very name where this run's writing of its first lines failed
 * before: none of it was acknowledged. Where it cannot be cut (somebody else has it mapped) it is
 * written over. A file of that name that this run has not made is somebody else's. */
static HRESULT writer_begin_segment(struct writer *writer)
{
    char name[SEGMENT_NAME_SIZE + 1];
    char kept[DISK_NAME_MAX];
    HRESULT hr;

    if ((hr = disk_is_same_folder(writer->folder)) != S_OK)
        return FAILED(hr) ? hr : HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    writer->segment_first = writer->head.sequence + 1;
    segment_name(writer->segment_first, name);
    hr = disk_create(writer->folder, name, &writer->segment);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS) && writer->made != writer->segment_first) {
        hr = aside_move(writer->folder, name, kept);
        if (*kept) memcpy(writer->aside, name, sizeof name);
        if (FAILED(hr)) return hr;
        hr = disk_create(writer->folder, name, &writer->segment);
    }
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)) {
        hr = disk_open(writer->folder, name, &writer->segment);
        if (SUCCEEDED(hr)) try_to_cut(writer->segment, 0);
    }
    if (SUCCEEDED(hr)) writer->made = writer->segment_first;
    writer->segment_size = 0;
    writer->folder_dirty = true;
    return hr;
}

/* After a failure nothing that was written to this segment since its last good flush may ever
 * count: cut it off if the disk lets us, and go on in another file in any case. */
static void leave_segment(struct writer *writer)
{
    if (writer->segment) try_to_cut(writer->segment, writer->segment_size);
    disk_close(writer->segment);
    writer->segment = NULL;
}

static uint64_t floor_of(const struct writer *writer)
{
    return writer->yields ? writer->options.min_free_bytes
                          : writer->options.min_free_bytes / FLOOR_PART;
}

/* Whether what the volume said of its free space does not hold any more, with the batch that is to
 * be written. */
static bool has_to_ask(const struct writer *writer, uint64_t now)
{
    uint64_t least = floor_of(writer), part = least / FREE_ASK_PART,
             spent = writer->free_spent + writer->batch.size;

    if (writer->too_full || !writer->free_asked || now - writer->free_asked >= FREE_ASK_MS)
        return true;
    return spent > (part < FREE_ASK_SIZE ? part : FREE_ASK_SIZE) ||
           writer->free_bytes < least + spent;
}

/* A volume that does not say how much is free is believed to have enough. */
static void ask_space(struct writer *writer, uint64_t now)
{
    writer->free_asked = now ? now : 1;
    writer->free_spent = 0;
    if (FAILED(disk_free_bytes(writer->folder, &writer->free_bytes)))
        writer->free_bytes = UINT64_MAX;
    writer->low = writer->free_bytes < writer->options.min_free_bytes + writer->batch.size;
}

void writer_ask_space(struct writer *writer)
{
    uint64_t now = os_ticks_ms();

    if (!writer->folder || !writer->options.min_free_bytes ||
        now - writer->free_asked < FREE_ASK_MS)
        return;
    writer->batch.size = 0;
    ask_space(writer, now);
}

/* What an enrollee can make us write must not fill the CA's disk. */
static bool has_room(struct writer *writer)
{
    uint64_t now = os_ticks_ms();

    if (!writer->options.min_free_bytes || writer->reserve) return true;
    if (!has_to_ask(writer, now)) return true;
    ask_space(writer, now);
    writer->too_full = writer->free_bytes < floor_of(writer) + writer->batch.size;
    return !writer->too_full;
}

/* The line stands where it was, as it was; where there is none, nothing can be wrong with it. */
static HRESULT writer_stands(struct disk_folder *folder, const struct line_at *at)
{
    char name[SEGMENT_NAME_SIZE + 1], *text;
    struct disk_file *file = NULL;
    struct line line;
    size_t got = 0;
    HRESULT hr;

    if (!at->segment) return S_OK;
    if (!(text = malloc(at->size))) return E_OUTOFMEMORY;
    segment_name(at->segment, name);
    if (SUCCEEDED(hr = disk_view(folder, name, &file)))
        hr = disk_read(file, at->offset, text, at->size, &got);
    if (SUCCEEDED(hr) && (line_read(text, got, &line) != LINE_OK ||
                          memcmp(line.hash.text, at->hash, LINE_HASH_SIZE)))
        hr = S_FALSE;
    disk_close(file);
    free(text);
    return hr;
}

/* S_FALSE: an intact line of another run stands in the segment, from `offset` on. */
static HRESULT has_only_ours(const struct writer *writer, uint64_t segment, uint64_t offset)
{
    struct damage_scan scan = {.next = writer->head.sequence + 1};
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    bool other = false;
    HRESULT hr = segment_reader_open(writer->folder, segment, &reader);

    if (FAILED(hr)) return hr;
    segment_seek(reader, offset);
    while (!other && (hr = segment_next(reader, &piece)) == S_OK)
        other = damage_scan_has_line(&scan, &piece, &line) && !span_is(line.run, writer->run);
    segment_reader_close(reader);
    return FAILED(hr) ? hr : other ? S_FALSE : S_OK;
}

/* Nobody has gone on behind the last line. */
static HRESULT is_ours_behind(const struct writer *writer)
{
    struct segments_last segments;
    HRESULT hr = segment_find_last(writer->folder, &segments);

    for (unsigned i = 0;
         hr == S_OK && i < segments.count && segments.first[i] >= writer->last.segment; i++) {
        bool here = segments.first[i] == writer->last.segment;

        hr = has_only_ours(writer, segments.first[i],
                           here ? writer->last.offset + writer->last.size : 0);
    }
    return hr;
}

static HRESULT is_still_ours(const struct writer *writer)
{
    HRESULT hr = disk_is_same_folder(writer->folder);

    if (hr == S_OK) hr = writer_stands(writer->folder, &writer->last);
    return hr == S_OK ? is_ours_behind(writer) : hr;
}

/* The journal may be another writer's by now: what was written of it is remembered, and nothing of
 * it touched. */
static void lose(struct writer *writer)
{
    memcpy(writer->own.run, writer->run, sizeof writer->own.run);
    writer->own.sequence = writer->head.sequence;
    writer->after = writer->last;
    bytes_free(&writer->lost);
    if (writer->counts) {
        writer->lost = writer->batch;
        writer->batch = (struct bytes){0};
    }
    writer_close(writer);
}

/* After a failed write: the segment is left where the journal is still ours, and the journal where
 * it is not, or may not be. Where memory is what the answer lacks the doubt stays, for the next
 * write to settle: an answer that is put off harms nobody, and a chain that is given up has to be
 * begun anew. */
static HRESULT settle_doubt(struct writer *writer)
{
    HRESULT hr = is_still_ours(writer);

    if (is_no_memory(hr)) return hr;
    if (hr == S_OK) leave_segment(writer);
    else lose(writer);
    return hr == S_OK ? S_OK : HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
}

static HRESULT write_batch(struct writer *writer)
{
    HRESULT hr;

    if (writer->segment && writer->segment_size >= writer->options.segment_bytes) {
        disk_close(writer->segment);
        writer->segment = NULL;
    }
    if (!writer->segment && FAILED(hr = writer_begin_segment(writer))) return hr;
    if (FAILED(hr = disk_write(writer->segment, writer->segment_size, writer->batch.data,
                               writer->batch.size)))
        return hr;
    if (FAILED(hr = disk_flush(writer->segment))) return hr;
    return writer->folder_dirty ? disk_flush_folder(writer->folder) : S_OK;
}

static void take_batch(struct writer *writer)
{
    size_t last = writer->batch_last;

    writer->last = (struct line_at){writer->segment_first, writer->segment_size + last,
                                    writer->batch.size - last, ""};
    memcpy(writer->last.hash, writer->batch_head.hash, sizeof writer->last.hash);
    writer->folder_dirty = writer->doubt = false;
    writer->segment_size += writer->batch.size;
    writer->free_spent += writer->batch.size;
    writer->head = writer->batch_head;
    writer->first = writer->segment_first;
}

HRESULT writer_write(struct writer *writer)
{
    HRESULT hr;

    if (!writer->folder) return HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
    if (!writer->batch.size) return S_OK;
    if (!has_room(writer)) return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    if (writer->doubt && FAILED(hr = settle_doubt(writer))) return hr;
    if (SUCCEEDED(hr = write_batch(writer))) {
        take_batch(writer);
        return S_OK;
    }
    writer->doubt = true;
    settle_doubt(writer);
    return hr;
}

static struct span writer_source_of(const struct writer *writer)
{
    return (struct span){writer->options.source, strlen(writer->options.source)};
}

void writer_tell_head(struct writer *writer)
{
    struct head head = {.line = writer->head};
    HRESULT hr = S_OK;

    if (!writer->folder || writer->head_told == writer->head.sequence) return;
    memcpy(head.run, writer->run, sizeof head.run);
    if (!writer->head_file) hr = head_open(writer->folder, &writer->head_file);
    if (SUCCEEDED(hr)) hr = head_write(writer->head_file, &head, writer_source_of(writer));
    if (SUCCEEDED(hr)) {
        writer->head_told = writer->head.sequence;
        return;
    }
    disk_close(writer->head_file);      /* it may be the handle that is at fault */
    writer->head_file = NULL;
}

/* `segment` 0: it is the lock. */
static void writer_note_refused(struct writer *writer, HRESULT hr, uint64_t segment)
{
    if (hr != HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)) writer->refused[0] = 0;
    else if (segment) segment_name(segment, writer->refused);
    else strcpy(writer->refused, DISK_LOCK_NAME);
}

static HRESULT writer_open_segment(struct writer *writer, uint64_t first, uint64_t size)
{
    char name[SEGMENT_NAME_SIZE + 1];

    if (!first) return S_OK;
    segment_name(first, name);
    writer->segment_first = writer->made = first;
    writer->segment_size = size;
    return disk_open(writer->folder, name, &writer->segment);
}

/* The line that the text begins with is the one that was read. */
static bool writer_begins_with(struct span text, const struct line *line)
{
    return text.size >= line->text.size && !memcmp(text.text, line->text.text, line->text.size);
}

/* How many lines of the batch that was lost another run has taken into its chain: they are read
 * from the last line before it on. */
static HRESULT count_adopted(struct writer *writer, uint64_t *count)
{
    struct reader_start start = {writer->after.segment, writer->after.offset, writer->own.sequence,
                                 0};
    struct span left = {writer->lost.data, writer->lost.size};
    struct reader *reader;
    struct reader_item item;
    HRESULT hr;

    *count = 0;
    if (!left.size || !start.segment) return S_OK;
    if (FAILED(hr = reader_open_at(writer->options.directory, &start, &reader))) return hr;
    while (reader_next(reader, &item) == READER_LINE &&
           item.line.sequence <= writer->head.sequence) {
        if (item.line.sequence <= writer->own.sequence) continue;
        if (!writer_begins_with(left, &item.line)) break;
        left.text += item.line.text.size;
        left.size -= item.line.text.size;
        ++*count;
    }
    reader_close(reader);
    return S_OK;
}

/* What an attempt has found and mended is not there to be found by the next. `opened`: this was the
 * last. */
static void keep_found(struct recovery *found, const struct recovery *now, bool opened)
{
    struct recover_foreign foreign = found->foreign;

    for (unsigned i = 0; i < now->foreign.count && foreign.count < RECOVER_FOREIGN_MAX; i++)
        memcpy(foreign.kept[foreign.count++], now->foreign.kept[i], sizeof foreign.kept[0]);
    if (now->finding != RECOVER_NOTHING || (opened && found->finding == RECOVER_NOTHING))
        *found = *now;
    memcpy(found->source, now->source, sizeof found->source);
    found->foreign = foreign;
}

/* For the event log: the last of them, by the name that it had. */
static void note_aside(struct writer *writer, const struct recover_foreign *foreign)
{
    if (foreign->count)
        segment_name(strtoull(foreign->kept[foreign->count - 1] + strlen("torn/"), NULL, 10),
                     writer->aside);
}

HRESULT writer_open(struct writer *writer, struct recovery *found)
{
    struct recovery recovery;
    HRESULT hr;

    if (FAILED(hr = os_guid(writer->run))) return hr;
    if (FAILED(hr = disk_open_folder(writer->options.directory, &writer->folder))) {
        writer_note_refused(writer, hr, 0);
        return hr;
    }
    hr = recover_chain(writer->folder, writer_source_of(writer),
                       *writer->own.run ? &writer->own : NULL, &recovery);
    note_aside(writer, &recovery.foreign);
    if (FAILED(hr)) goto failed;
    writer->head = recovery.head;
    writer->last = recovery.last;
    writer->doubt = false;
    if (FAILED(hr = writer_open_segment(writer, recovery.segment, recovery.segment_size)))
        goto failed;
    if (FAILED(hr = count_adopted(writer, &writer->adopted))) goto failed;
    keep_found(found, &recovery, true);
    return S_OK;
failed:
    writer_note_refused(writer, hr, recovery.segment);
    keep_found(found, &recovery, false);
    writer_close(writer);
    return hr;
}

void writer_close(struct writer *writer)
{
    disk_close(writer->segment);
    disk_close(writer->head_file);
    disk_close_folder(writer->folder);
    writer->segment = writer->head_file = NULL;
    writer->folder = NULL;
    writer->head_told = 0;
}

void writer_free(struct writer *writer)
{
    bytes_free(&writer->batch);
    bytes_free(&writer->lost);
}
