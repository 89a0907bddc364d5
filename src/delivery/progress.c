#include "progress.h"

#include "base/json.h"

#include <stdio.h>

#define OFTEN_MS 1000

static void progress_spell(struct bytes *out, const struct progress *progress)
{
    struct json json = {.out = out};

    json_object(&json, NULL);
    json_number(&json, "since", progress->since);
    json_number(&json, "sentAt", progress->sent_at);
    json_number(&json, "failedAt", progress->failed_at);
    json_number(&json, "writtenAt", progress->written_at);
    json_number(&json, "movedAt", progress->moved_at);
    json_number(&json, "sent", (int64_t)progress->sent);
    json_number(&json, "failures", progress->failures);
    json_bool(&json, "halted", progress->halted);
    json_text(&json, "why", progress->why);
    json_end(&json);
}

/* A reason of hostile characters may be too long once it is escaped: it is left out then. */
static bool progress_fill(char out[PROGRESS_SIZE], struct progress *progress)
{
    struct progress plain = *progress;
    struct bytes text = {0};
    bool fits;

    progress_spell(&text, progress);
    if (text.size > PROGRESS_SIZE) {
        bytes_reset(&text, PROGRESS_SIZE);
        *plain.why = 0;
        progress_spell(&text, &plain);
    }
    fits = !text.failed && text.size <= PROGRESS_SIZE;
    memset(out, ' ', PROGRESS_SIZE);
    if (fits) memcpy(out, text.data, text.size);
    bytes_free(&text);
    return fits;
}

void progress_write(struct store *store, const char *name, struct progress *progress, bool now)
{
    struct disk_file *file = NULL;
    struct disk_folder *folder;
    char path[DISK_NAME_MAX], text[PROGRESS_SIZE];
    HRESULT hr;

    if (!now && os_ticks_ms() - progress->shown_ms < OFTEN_MS) return;
    progress->shown_ms = os_ticks_ms();
    progress->written_at = os_now();
    if (!progress_fill(text, progress)) return;
    snprintf(path, sizeof path, "%.41s.status", name);
    folder = store_enter(store);
    hr = disk_open(folder, path, &file);
    if (hr == HRESULT_FROM_WIN32(ERROR_BAD_FILE_TYPE)) hr = disk_remove(folder, path);
    if (SUCCEEDED(hr) && !file) hr = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) hr = disk_create(folder, path, &file);
    if (SUCCEEDED(hr)) hr = disk_write(file, 0, text, sizeof text);
    disk_close(file);
    store_leave(store);
}

static int64_t progress_number(const struct json_doc *doc, const char *name)
{
    int64_t number = 0;

    json_doc_number(doc, json_find(doc, JSON_ROOT, name), &number);
    return number;
}

bool progress_read(struct disk_folder *folder, const char *name, struct progress *out)
{
    char path[DISK_NAME_MAX], text[PROGRESS_SIZE];
    struct json_doc doc = {0};
    struct bytes why = {0};
    size_t size = 0;
    bool good;

    memset(out, 0, sizeof *out);
    snprintf(path, sizeof path, "%.41s.status", name);
    good = SUCCEEDED(disk_load(folder, path, text, sizeof text, &size)) &&
           json_doc_parse(&doc, (struct span){text, size});
    if (good) {
        out->since = progress_number(&doc, "since");
        out->sent_at = progress_number(&doc, "sentAt");
        out->failed_at = progress_number(&doc, "failedAt");
        out->written_at = progress_number(&doc, "writtenAt");
        out->moved_at = progress_number(&doc, "movedAt");
        out->sent = (uint64_t)progress_number(&doc, "sent");
        out->failures = (unsigned)progress_number(&doc, "failures");
        out->halted = json_kind(&doc, json_find(&doc, JSON_ROOT, "halted")) == JSON_TRUE;
        json_doc_text(&doc, json_find(&doc, JSON_ROOT, "why"), &why);
        snprintf(out->why, sizeof out->why, "%.*s", (int)why.size, why.size ? why.data : "");
    }
    bytes_free(&why);
    json_doc_free(&doc);
    return good;
}
