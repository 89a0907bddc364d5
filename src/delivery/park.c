#include "park.h"

#include "base/json.h"
#include "base/utc.h"

#include <stdio.h>

#define PARK_PIECE 65536
#define ENTRY_MAX  (2 * LINE_MAX_SIZE)

static void park_name(char out[DISK_NAME_MAX], const char *name)
{
    snprintf(out, DISK_NAME_MAX, "%.40s.parked", name);
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

static HRESULT park_write(struct disk_folder *folder, const char *name, uint64_t at,
                          const struct bytes *text)
{
    struct disk_file *file = NULL;
    char path[DISK_NAME_MAX];
    HRESULT hr;

    park_name(path, name);
    if (FAILED(hr = park_enter(folder, path, &file))) return hr;
    hr = disk_cut(file, at);
    if (SUCCEEDED(hr)) hr = disk_write(file, at, text->data, text->size);
    if (SUCCEEDED(hr)) hr = disk_flush(file);
    disk_close(file);
    return hr;
}

HRESULT park_add(struct store *store, const char *name, struct state_record *record,
                 uint64_t sequence, struct span line, const char *reason)
{
    struct bytes text = {0};
    HRESULT hr = E_OUTOFMEMORY;

    park_spell(&text, sequence, line, reason);
    if (!text.failed) {
        hr = park_write(store_enter(store), name, record->parked_to, &text);
        store_leave(store);
    }
    if (SUCCEEDED(hr)) {
        record->parked++;
        record->parked_to += text.size;
    }
    bytes_free(&text);
    return hr;
}

HRESULT park_open(struct disk_folder *folder, const char *name, const struct state_record *record,
                  struct park_reader *reader)
{
    char path[DISK_NAME_MAX];

    memset(reader, 0, sizeof *reader);
    if (!record->parked) return S_FALSE;
    park_name(path, name);
    reader->at = record->parked_from;
    reader->end = record->parked_to;
    return disk_view(folder, path, &reader->file);
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

struct span park_line(struct span entry)
{
    static const char name[] = ",\"line\":";
    size_t size = sizeof name - 1, at = 0;

    while (at + size < entry.size && memcmp(entry.text + at, name, size)) at++;
    if (at + size + 2 >= entry.size) return (struct span){entry.text, 0};
    return (struct span){entry.text + at + size, entry.size - at - size - 2};
}
