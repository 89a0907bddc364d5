#include "writer.h"

#include "head.h"

#include <stdio.h>
#include <string.h>

#define BATCH_KEPT    (4u << 20)        /* bytes of memory kept between batches */
#define FREE_ASK_MS   1000              /* the volume is asked how much is free at most this often, */
#define FREE_ASK_SIZE (16u << 20)       /* or when so many bytes were written since, or a quarter of what has to stay free, */
#define FREE_ASK_PART 4                 /* whichever is less: others write there, too */

void writer_begin(struct writer *writer)
{
    bytes_reset(&writer->batch, BATCH_KEPT);
    writer->batch_head = writer->head;
}

HRESULT writer_add(struct writer *writer, const char *type, const char *subject, int64_t time, struct span data)
{
    struct line_place place = {writer->run, writer->options.source, writer->batch_head.sequence + 1, writer->batch_head.hash,
                               writer->head.sequence};
    char hash[LINE_HASH_SIZE + 1];
    HRESULT hr = line_make(&writer->batch, &place, type, subject, time, data, hash);

    if (FAILED(hr)) return hr;
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

/* A new segment, or one of that very name where writing its first lines failed before: none of it was acknowledged. Where it cannot be
 * cut (somebody else has it mapped) it is written over. */
static HRESULT begin_segment(struct writer *writer)
{
    char name[SEGMENT_NAME_SIZE + 1];
    HRESULT hr;

    writer->segment_first = writer->head.sequence + 1;
    segment_name(writer->segment_first, name);
    hr = disk_create(writer->folder, name, &writer->segment);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)) {
        hr = disk_open(writer->folder, name, &writer->segment);
        if (SUCCEEDED(hr)) try_to_cut(writer->segment, 0);
    }
    writer->segment_size = 0;
    writer->folder_dirty = true;
    return hr;
}

/* After a failure nothing that was written to this segment since its last good flush may ever count: cut it off if the disk lets us,
 * and go on in another file in any case. */
static void leave_segment(struct writer *writer)
{
    if (writer->segment) try_to_cut(writer->segment, writer->segment_size);
    disk_close(writer->segment);
    writer->segment = NULL;
}

/* Whether what the volume said of its free space does not hold any more, with the batch that is to be written. */
static bool has_to_ask(const struct writer *writer, uint64_t now)
{
    uint64_t least = writer->options.min_free_bytes, part = least / FREE_ASK_PART, spent = writer->free_spent + writer->batch.size;

    if (writer->too_full || !writer->free_asked || now - writer->free_asked >= FREE_ASK_MS) return true;
    return spent > (part < FREE_ASK_SIZE ? part : FREE_ASK_SIZE) || writer->free_bytes < least + spent;
}

/* What an enrollee can make us write must not fill the CA's disk. A volume that does not say how much is free is believed to have enough. */
static bool has_room(struct writer *writer)
{
    uint64_t now = os_ticks_ms();

    if (!writer->options.min_free_bytes || writer->reserve) return true;
    if (!has_to_ask(writer, now)) return true;
    writer->free_asked = now ? now : 1;
    writer->free_spent = 0;
    if (FAILED(disk_free_bytes(writer->folder, &writer->free_bytes))) writer->free_bytes = UINT64_MAX;
    writer->too_full = writer->free_bytes < writer->options.min_free_bytes + writer->batch.size;
    return !writer->too_full;
}

HRESULT writer_write(struct writer *writer)
{
    HRESULT hr;

    if (!writer->batch.size) return S_OK;
    if (!has_room(writer)) return HRESULT_FROM_WIN32(ERROR_DISK_FULL);
    if (writer->segment && writer->segment_size >= writer->options.segment_bytes) {
        disk_close(writer->segment);
        writer->segment = NULL;
    }
    if (!writer->segment && FAILED(hr = begin_segment(writer))) goto failed;
    if (FAILED(hr = disk_write(writer->segment, writer->segment_size, writer->batch.data, writer->batch.size))) goto failed;
    if (FAILED(hr = disk_flush(writer->segment))) goto failed;
    if (writer->folder_dirty && FAILED(hr = disk_flush_folder(writer->folder))) goto failed;
    writer->folder_dirty = false;
    writer->segment_size += writer->batch.size;
    writer->free_spent += writer->batch.size;
    writer->head = writer->batch_head;
    writer->first = writer->segment_first;
    return S_OK;
failed:
    leave_segment(writer);
    return hr;
}

static struct span source_of(const struct writer *writer)
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
    if (SUCCEEDED(hr)) hr = head_write(writer->head_file, &head, source_of(writer));
    if (SUCCEEDED(hr)) {
        writer->head_told = writer->head.sequence;
        return;
    }
    disk_close(writer->head_file);      /* it may be the handle that is at fault */
    writer->head_file = NULL;
}

/* `segment` 0: it is the lock. */
static void note_refused(struct writer *writer, HRESULT hr, uint64_t segment)
{
    if (hr != HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)) writer->refused[0] = 0;
    else if (segment) segment_name(segment, writer->refused);
    else strcpy(writer->refused, DISK_LOCK_NAME);
}

static HRESULT open_segment(struct writer *writer, uint64_t first, uint64_t size)
{
    char name[SEGMENT_NAME_SIZE + 1];

    if (!first) return S_OK;
    segment_name(first, name);
    writer->segment_first = first;
    writer->segment_size = size;
    return disk_open(writer->folder, name, &writer->segment);
}

HRESULT writer_open(struct writer *writer, struct recovery *found)
{
    struct recovery recovery;
    HRESULT hr;

    if (FAILED(hr = os_guid(writer->run))) return hr;
    if (FAILED(hr = disk_open_folder(writer->options.directory, &writer->folder))) {
        note_refused(writer, hr, 0);
        return hr;
    }
    if (FAILED(hr = recover_chain(writer->folder, source_of(writer), &recovery))) goto failed;
    writer->head = recovery.head;
    if (FAILED(hr = open_segment(writer, recovery.segment, recovery.segment_size))) goto failed;
    if (found->finding != RECOVER_NOTHING && recovery.finding == RECOVER_NOTHING) return S_OK;
    *found = recovery;
    return S_OK;
failed:
    note_refused(writer, hr, recovery.segment);
    if (recovery.finding != RECOVER_NOTHING) *found = recovery;
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
}
