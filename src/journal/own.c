#include "own.h"

#include "journal.h"
#include "json.h"

/* Now; `data` is freed. */
static HRESULT add(struct writer *writer, const char *type, struct bytes *data)
{
    HRESULT hr = data->failed ? E_OUTOFMEMORY : writer_add(writer, type, NULL, os_now(), (struct span){data->data, data->size});

    bytes_free(data);
    return hr;
}

HRESULT own_started(struct writer *writer, bool ended_cleanly, struct span module, struct span more)
{
    struct bytes data = {.limit = LINE_DATA_MAX};
    struct json json = {.out = &data};

    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", writer->run);
    json_bool(&json, "endedCleanly", ended_cleanly);
    json_members(&json, module.text, module.size);
    json_end(&json);
    json_members(&json, more.text, more.size);
    json_end(&json);
    return add(writer, JOURNAL_STARTED, &data);
}

HRESULT own_stopped(struct writer *writer)
{
    struct bytes data = {0};
    struct json json = {.out = &data};

    json_object(&json, NULL);
    json_object(&json, "module");
    json_text(&json, "run", writer->run);
    json_end(&json);
    json_end(&json);
    return add(writer, JOURNAL_STOPPED, &data);
}

HRESULT own_finding(struct writer *writer, const struct recovery *found)
{
    struct bytes data = {0};
    struct json json = {.out = &data};
    bool torn = found->finding == RECOVER_TORN;

    if (found->finding == RECOVER_NOTHING) return S_OK;
    json_object(&json, NULL);
    json_text(&json, "file", found->file);
    json_number(&json, "offset", (int64_t)found->offset);
    json_number(&json, "sequence", (int64_t)found->sequence);
    json_number(&json, "bytes", (int64_t)found->bytes);
    if (*found->kept) json_text(&json, "kept", found->kept);
    json_end(&json);
    return add(writer, torn ? JOURNAL_RECOVERED : JOURNAL_BROKEN, &data);
}

HRESULT own_gap(struct writer *writer, const struct losses *lost)
{
    struct bytes data = {.limit = LINE_DATA_MAX};

    if (!lost->events) return S_OK;
    losses_json(lost, &data);
    return add(writer, JOURNAL_GAP, &data);
}

HRESULT own_pruned(struct writer *writer, const struct request *request)
{
    struct bytes data = {0};
    struct json json = {.out = &data};

    json_object(&json, NULL);
    json_number(&json, "sequence", (int64_t)request->last.sequence);
    json_text(&json, "hash", request->last.hash);
    json_number(&json, "segments", (int64_t)request->segments);
    json_text(&json, "before", request->before);
    json_bool(&json, "archived", request->archived);
    json_text(&json, "rule", request->rule);
    json_text(&json, "account", request->account);
    json_end(&json);
    return add(writer, JOURNAL_PRUNED, &data);
}
