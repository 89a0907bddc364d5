/*
 * The destination `copy`: the journal's files, byte for byte, in another folder.
 *
 * A line goes to the same file and the same offset that it has in the journal. Bytes between the
 * end of the copy and a line (abandoned tails, damage) are copied from the journal as they are.
 * After each batch `head` names the last line of the copy, so `certwitness verify` judges the copy
 * as it judges the journal, its end included. Bytes that the copy has already are compared and
 * never overwritten. The folder is locked like a journal's, so no module writes to it.
 *
 * Somebody may move the folder or change its files at any time. A batch counts as taken only if
 * the path still leads to what was written, when it is on disk.
 */
#include "copy_file.h"
#include "copy_folder.h"

#include "base/error_text.h"
#include "journal/head.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum copy_trouble { COPY_BYTES, COPY_FOLDER_MOVED, COPY_FILE_CHANGED, COPY_LOOK };

struct to_copy {
    const struct destination_place *place;              /* borrowed */
    struct disk_folder *folder;         /* owned; NULL: not open now */
    struct copy_file file;
    enum copy_trouble trouble;          /* behind an S_FALSE, and */
    struct copy_look look;              /* of COPY_LOOK */
};

static HRESULT to_copy_open(const struct destination_place *place, void **out, char *why)
{
    struct to_copy *copy = calloc(1, sizeof *copy);

    *out = copy;
    if (!copy) {
        destination_say(why, "there is not enough memory");
        return E_OUTOFMEMORY;
    }
    copy->place = place;
    copy->file.journal = place->journal;
    copy->file.stop = place->stop;
    return S_OK;
}

static void to_copy_leave(struct to_copy *copy)
{
    copy_file_close(&copy->file);
    disk_close_folder(copy->folder);
    copy->folder = NULL;
}

static HRESULT to_copy_in_trouble(struct to_copy *copy, enum copy_trouble trouble)
{
    copy->trouble = trouble;
    return S_FALSE;
}

/* Whether folder and file are still those that the path leads to. */
static HRESULT to_copy_stands(struct to_copy *copy)
{
    HRESULT hr = disk_is_same_folder(copy->folder);

    if (hr == S_FALSE || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        return to_copy_in_trouble(copy, COPY_FOLDER_MOVED);
    if (SUCCEEDED(hr)) hr = copy_file_stands(&copy->file);
    return hr == S_FALSE ? to_copy_in_trouble(copy, COPY_FILE_CHANGED) : hr;
}

static HRESULT to_copy_enter(struct to_copy *copy, const struct position *next)
{
    HRESULT hr;

    if (copy->folder) return to_copy_stands(copy);
    copy_folder_look(copy->place, next, &copy->look);
    if (copy->look.verdict == COPY_UNREADABLE) return copy->look.hr;
    if (copy->look.verdict != COPY_FITS) return to_copy_in_trouble(copy, COPY_LOOK);
    hr = disk_open_folder(copy->place->target->path, &copy->folder);
    copy->file.folder = copy->folder;
    return hr;
}

static HRESULT to_copy_line(struct to_copy *copy, const struct batch *batch, unsigned index)
{
    const struct batch_line *line = &batch->lines[index];
    const struct position *at = &line->position;
    HRESULT hr = S_OK;

    if (line->own) return S_OK;         /* it is in no file */
    if (at->segment != copy->file.segment)
        hr = copy_file_open(&copy->file, at->segment, at->offset);
    if (hr == S_OK) hr = copy_file_put(&copy->file, at->offset, batch_lines(batch, index, 1));
    return hr == S_FALSE ? to_copy_in_trouble(copy, COPY_BYTES) : hr;
}

/* The end of the copy is recorded as the writer records that of a journal (line.c): with the run
 * that wrote the line, and not flushed. */
static HRESULT to_copy_tell_head(struct to_copy *copy, struct span text)
{
    struct disk_file *file = NULL;
    struct head head = {0};
    struct line line;
    HRESULT hr = S_OK;

    if (line_read(text.text, text.size, &line) != LINE_OK) return E_OUTOFMEMORY;
    memcpy(head.run, line.run.text, sizeof head.run - 1);
    chain_head_set(&head.line, &line);
    hr = head_open(copy->folder, &file);
    if (SUCCEEDED(hr)) hr = head_write(file, &head, line.source);
    disk_close(file);
    return hr;
}

/* The lines from `first` up to `end` are on disk, where the path leads to. */
static HRESULT to_copy_keep(struct to_copy *copy, const struct batch *batch, unsigned first,
                            unsigned end)
{
    HRESULT hr;

    while (end > first && batch->lines[end - 1].own) end--;
    if (end == first) return S_OK;
    if (SUCCEEDED(hr = copy_file_flush(&copy->file))) hr = to_copy_stands(copy);
    return hr == S_OK ? to_copy_tell_head(copy, batch_lines(batch, end - 1, 1)) : hr;
}

static void to_copy_say(const struct to_copy *copy, const struct position *at, char *why)
{
    const struct target *target = copy->place->target;
    const struct copy_look *look = &copy->look;

    switch (copy->trouble) {
    case COPY_BYTES:
        destination_say(why,
                        "%s holds other bytes than the journal in %020" PRIu64 ".jsonl at byte "
                        "%" PRIu64 "; keep that folder as evidence. To copy all anew, give an "
                        "empty one as path, and certwitness-delivery seek %s oldest",
                        target->path, at->segment, copy->file.differs, target->name);
        break;
    case COPY_FOLDER_MOVED:
        destination_say(why, "%s, or the file lock in it, was moved, removed or replaced; what "
                        "went there last is copied again", target->path);
        break;
    case COPY_FILE_CHANGED:
        destination_say(why, "%020" PRIu64 ".jsonl in %s was removed, replaced or changed; what it "
                        "lacks is copied again", copy->file.segment, target->path);
        break;
    case COPY_LOOK:
        if (look->verdict == COPY_OTHER_CA)
            destination_say(why, "%s is a copy of the journal of the CA %.100s; give another "
                            "folder as path for the CA %.100s", target->path, look->ca, at->ca);
        else
            destination_say(why,
                            "%s has no lines, and those before %" PRIu64 " were copied to it: it "
                            "was moved or emptied, or is not mounted. Put it back; or "
                            "certwitness-delivery seek %s oldest copies all again; or a new copy "
                            "begins there with startAt = %" PRIu64,
                            target->path, at->sequence, target->name, at->sequence);
        break;
    }
}

static void to_copy_complain(const struct to_copy *copy, const struct position *at, HRESULT hr,
                             struct destination_report *report)
{
    const char *path = copy->place->target->path;
    char text[ERROR_TEXT_MAX];
    bool told = hr == S_FALSE;

    report->result = DESTINATION_AGAIN;
    report->needs_hands = hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION) ||
                          (told && (copy->trouble == COPY_BYTES || copy->trouble == COPY_LOOK));
    report->lost = hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);  /* read anew: perhaps pruned */
    if (told) to_copy_say(copy, at, report->why);
    else if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        destination_say(report->why, "another program has %s open as a journal", path);
    else
        destination_say(report->why, "copying %020" PRIu64 ".jsonl to %s: %s", at->segment, path,
                        error_text(hr, text));
}

static void to_copy_send(void *self, const struct batch *batch, unsigned first, unsigned count,
                         struct destination_report *report)
{
    struct to_copy *copy = self;
    unsigned end = first + count, at = first;
    HRESULT hr = S_OK, kept;

    while (at < end && batch->lines[at].own) at++;
    if (at < end) hr = to_copy_enter(copy, &batch->lines[at].position);
    while (hr == S_OK && at < end && (hr = to_copy_line(copy, batch, at)) == S_OK) at++;
    if (SUCCEEDED(hr) && (kept = to_copy_keep(copy, batch, first, at)) != S_OK) hr = kept;
    else if (SUCCEEDED(hr)) report->taken = at - first;
    if (hr == S_OK) {
        report->result = DESTINATION_TAKEN;
        return;
    }
    to_copy_complain(copy, &batch->lines[at < end ? at : first].position, hr, report);
    to_copy_leave(copy);                /* and from the beginning next time */
}

static void to_copy_render(void *self, const struct batch *batch, unsigned first, unsigned count,
                           struct bytes *out)
{
    struct span lines = batch_lines(batch, first, count);

    (void)self;
    bytes_add(out, lines.text, lines.size);
}

static void to_copy_close(void *self)
{
    to_copy_leave(self);
    free(self);
}

const struct destination_class destination_copy = {
    .open = to_copy_open, .send = to_copy_send, .render = to_copy_render, .close = to_copy_close};
