#include "park.h"

#include "base/json.h"
#include "base/json_doc.h"
#include "base/utc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PARK_PIECE 65536
#define PARK_LINE  ",\"line\":"
#define PARK_LINE_SIZE (sizeof PARK_LINE - 1)
#define ENTRY_MAX  (2 * LINE_MAX_SIZE)

static void park_name(char out[DISK_NAME_MAX], const char *name)
{
    snprintf(out, DISK_NAME_MAX, "%.41s.parked", name);
}

static void park_spell(struct bytes *out, uint64_t sequence, struct span line, const char *reason)
{
    struct json json = {.out = out};
    char now[UTC_TEXT_MAX];

    utc_text(os_now(), true, now);
    json_object(&json, NULL);
    json_text(&json, "parked", now);
    json_number(&json, "sequence", (int64_t)sequence);
    json_text(&json, "reason", reason);
    json_key(&json, "line");
    bytes_add(out, line.text, line.size);
    json_end(&json);
    bytes_add_text(out, "\n");
}

static HRESULT park_enter(struct disk_folder *folder, const char *file, struct disk_file **out)
{
    HRESULT hr = disk_open(folder, file, out);

    if (hr != HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return hr;
    hr = disk_create(folder, file, out);
    if (SUCCEEDED(hr) && FAILED(hr = disk_flush_folder(folder))) disk_close(*out);
    return hr;
}

static HRESULT park_has(struct disk_file *file, uint64_t at, char byte)
{
    char found;
    size_t got;
    HRESULT hr = disk_read(file, at, &found, 1, &got);

    return FAILED(hr) ? hr : got && found == byte ? S_OK : S_FALSE;
}

/* Whether entries begin and end where the record says. S_FALSE: somebody has changed the file. */
static HRESULT park_fits(struct disk_file *file, const struct state_record *record)
{
    HRESULT hr;

    if (!record->parked) return S_OK;
    hr = park_has(file, record->parked_from, '{');
    return hr == S_OK ? park_has(file, record->parked_to - 1, '\n') : hr;
}

static HRESULT park_set_aside(struct disk_folder *folder, const char *name, const char *path,
                              char kept[DISK_NAME_MAX])
{
    HRESULT hr;

    snprintf(kept, DISK_NAME_MAX, "%.41s.damaged-%" PRIi64, name, os_now() / 1000000);
    hr = disk_move(folder, path, kept);
    if (FAILED(hr)) *kept = 0;
    return hr;
}

/* Open the file. It is an empty one, and `loss` is set, if it does not have what the record
 * counts. */
static HRESULT park_enter_whole(struct disk_folder *folder, const char *name,
                                const struct state_record *record, struct disk_file **out,
                                struct park_loss *loss)
{
    char path[DISK_NAME_MAX];
    uint64_t end = 0;
    HRESULT hr;

    park_name(path, name);
    *loss = (struct park_loss){0};
    if (FAILED(hr = park_enter(folder, path, out))) return hr;
    if ((hr = park_fits(*out, record)) == S_OK) return hr;
    if (SUCCEEDED(hr)) hr = disk_end(*out, &end);
    if (SUCCEEDED(hr)) loss->count = record->parked;
    if (SUCCEEDED(hr) && !end) return hr;
    disk_close(*out);
    *out = NULL;
    if (SUCCEEDED(hr)) hr = park_set_aside(folder, name, path, loss->kept);
    return SUCCEEDED(hr) ? park_enter(folder, path, out) : hr;
}

/* Behind what the record counts, or if that is lost, from the beginning; `*at` says where. */
static HRESULT park_write(struct disk_folder *folder, const char *name,
                          const struct state_record *record, const struct bytes *text,
                          uint64_t *at, struct park_loss *loss)
{
    struct disk_file *file = NULL;
    HRESULT hr = park_enter_whole(folder, name, record, &file, loss);

    if (FAILED(hr)) return hr;
    *at = loss->count ? 0 : record->parked_to;
    hr = disk_cut(file, *at);
    if (SUCCEEDED(hr)) hr = disk_write(file, *at, text->data, text->size);
    if (SUCCEEDED(hr)) hr = disk_flush(file);
    disk_close(file);
    return hr;
}

HRESULT park_gather(struct park_entries *entries, uint64_t sequence, struct span line,
                    const char *reason)
{
    struct bytes entry = {0};
    char *room = NULL;

    park_spell(&entry, sequence, line, reason);
    if (!entry.failed) room = bytes_reserve(&entries->text, entry.size);
    if (room) {
        memcpy(room, entry.data, entry.size);
        entries->text.size += entry.size;
        entries->count++;
    }
    entries->text.failed = false;       /* what is there is whole */
    bytes_free(&entry);
    return room ? S_OK : E_OUTOFMEMORY;
}

void park_entries_free(struct park_entries *entries)
{
    bytes_free(&entries->text);
    entries->count = 0;
}

HRESULT park_add(struct store *store, const char *name, struct state_record *record,
                 struct park_entries *entries, struct park_loss *loss)
{
    uint64_t at;
    HRESULT hr = park_write(store_enter(store), name, record, &entries->text, &at, loss);

    store_leave(store);
    if (FAILED(hr)) return hr;
    if (loss->count) record->parked = record->parked_from = 0;
    record->parked += entries->count;
    record->parked_to = at + entries->text.size;
    bytes_reset(&entries->text, PARK_PIECE);
    entries->count = 0;
    return hr;
}

void park_tell_loss(const struct park_loss *loss, const char *name, char *out, size_t room)
{
    if (*loss->kept)
        snprintf(out, room,
                 "%.41s.parked was changed by somebody: the lines that it held, %" PRIu64 " by the "
                 "state, are kept as %s and count no more", name, loss->count, loss->kept);
    else
        snprintf(out, room,
                 "%.41s.parked was removed or emptied by somebody: %" PRIu64 " parked lines are "
                 "gone", name, loss->count);
}

/* Entries to the front of the file, where there are none. */
static HRESULT park_move_up(struct disk_file *file, const struct state_record *record)
{
    uint64_t size = record->parked_to - record->parked_from;
    char *piece = malloc(PARK_PIECE);
    HRESULT hr = piece ? S_OK : E_OUTOFMEMORY;

    for (uint64_t done = 0; SUCCEEDED(hr) && done < size;) {
        size_t want = size - done < PARK_PIECE ? (size_t)(size - done) : PARK_PIECE, got;

        hr = disk_read(file, record->parked_from + done, piece, want, &got);
        if (SUCCEEDED(hr) && got < want) hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        if (SUCCEEDED(hr)) hr = disk_write(file, done, piece, want);
        done += want;
    }
    free(piece);
    return SUCCEEDED(hr) ? disk_flush(file) : hr;
}

HRESULT park_tidy(struct store *store, const char *name, struct state_record *record)
{
    uint64_t size = record->parked_to - record->parked_from;
    struct disk_file *file = NULL;
    char path[DISK_NAME_MAX];
    HRESULT hr;

    if (!record->parked || size > record->parked_from) return S_FALSE;
    park_name(path, name);
    hr = disk_open(store_enter(store), path, &file);
    if (SUCCEEDED(hr)) hr = park_move_up(file, record);
    disk_close(file);
    store_leave(store);
    if (FAILED(hr)) return hr;
    record->parked_from = 0;
    record->parked_to = size;
    return S_OK;
}

HRESULT park_discard(struct store *store, const char *name, struct state_record *record,
                     char kept[DISK_NAME_MAX])
{
    char from[DISK_NAME_MAX];
    HRESULT hr;

    park_name(from, name);
    snprintf(kept, DISK_NAME_MAX, "%.41s.discarded-%" PRIi64, name, os_now() / 1000000);
    hr = disk_move(store_enter(store), from, kept);
    store_leave(store);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) {
        *kept = 0;
        hr = S_OK;
    }
    if (SUCCEEDED(hr)) record->parked = record->parked_from = record->parked_to = 0;
    return hr;
}

HRESULT park_open(struct disk_folder *folder, const char *name, const struct state_record *record,
                  struct park_reader *reader)
{
    char path[DISK_NAME_MAX];
    HRESULT hr;

    memset(reader, 0, sizeof *reader);
    if (!record->parked) return S_FALSE;
    park_name(path, name);
    reader->at = record->parked_from;
    reader->end = record->parked_to;
    if (FAILED(hr = disk_view(folder, path, &reader->file))) return hr;
    if ((hr = park_fits(reader->file, record)) == S_OK) return hr;
    park_close(reader);
    return FAILED(hr) ? hr : HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
}

void park_close(struct park_reader *reader)
{
    disk_close(reader->file);
    bytes_free(&reader->text);
}

/* Read until there is an LF in the text, or the end. */
static HRESULT park_read(struct park_reader *reader, size_t *size)
{
    size_t looked = 0, want, got;
    HRESULT hr = S_OK;
    const char *lf;
    char *room;

    bytes_reset(&reader->text, ENTRY_MAX);
    while (reader->at + reader->text.size < reader->end && reader->text.size <= ENTRY_MAX) {
        want = (size_t)(reader->end - reader->at - reader->text.size);
        if (want > PARK_PIECE) want = PARK_PIECE;
        if (!(room = bytes_reserve(&reader->text, want))) return E_OUTOFMEMORY;
        hr = disk_read(reader->file, reader->at + reader->text.size, room, want, &got);
        if (FAILED(hr)) return hr;
        reader->text.size += got;
        lf = memchr(reader->text.data + looked, '\n', reader->text.size - looked);
        if (lf) {
            *size = (size_t)(lf - reader->text.data) + 1;
            return S_OK;
        }
        looked = reader->text.size;
        if (got < want) break;
    }
    return HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
}

HRESULT park_next(struct park_reader *reader, struct span *entry)
{
    size_t size = 0;
    HRESULT hr;

    if (reader->at >= reader->end) return S_FALSE;
    if (FAILED(hr = park_read(reader, &size))) return hr;
    *entry = (struct span){reader->text.data, size};
    reader->at += size;
    return S_OK;
}

/* What follows the first member of that name; size 0: there is none. */
static struct span park_member(struct span entry, const char *name)
{
    size_t size = strlen(name), at = 0;

    while (at + size < entry.size && memcmp(entry.text + at, name, size)) at++;
    if (at + size + 2 >= entry.size) return (struct span){entry.text, 0};
    return (struct span){entry.text + at + size, entry.size - at - size - 2};
}

struct span park_line(struct span entry)
{
    return park_member(entry, PARK_LINE);
}

uint64_t park_sequence(struct span entry)
{
    struct span found = park_member(entry, ",\"sequence\":");

    return found.size ? strtoull(found.text, NULL, 10) : 0;
}

void park_reason(struct span entry, struct bytes *out)
{
    struct span line = park_line(entry);
    struct bytes head = {0};            /* without the line, which may be longer than a document */
    struct json_doc doc = {0};

    bytes_reset(out, PARK_PIECE);
    if (line.size) bytes_add(&head, entry.text, (size_t)(line.text - entry.text) - PARK_LINE_SIZE);
    bytes_add_text(&head, "}");
    if (!head.failed && json_doc_parse(&doc, (struct span){head.data, head.size}))
        json_doc_text(&doc, json_find(&doc, JSON_ROOT, "reason"), out);
    bytes_add(out, "", 1);
    json_doc_free(&doc);
    bytes_free(&head);
}
