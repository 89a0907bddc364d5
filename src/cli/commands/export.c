#include "cli/commands.h"

#include "cli/terminal/console.h"
#include "base/error_text.h"
#include "cli/filter_options.h"
#include "cli/journal_events.h"
#include "cli/journal_path.h"
#include "cli/export/export_folder.h"
#include "cli/export/export_index.h"
#include "base/file_write.h"
#include "cli/export/import_list.h"
#include "base/plural.h"

#include <stdio.h>
#include <string.h>

enum { INDEX_CSV, INDEX_JSON, IMPORTS, LISTS };

static const char *const list_names[LISTS] = {"index.csv", "index.json", "importcert.cmd"};

struct export {
    const char *folder;
    const struct filter *filter;
    struct file_write lists[LISTS];
    struct export_index index;
    struct import_list imports;
    struct event *event;
    bool wanted;                        /* the event fits the filter */
    uint64_t events, counts[ITEM_DELTA_CRL + 1], written, problems;
    struct digest_set files; /* names of files that this run has put there or found right */
    HRESULT hr;                         /* the first failure to write */
    char failed[EXPORT_NAME_MAX];       /* what could not be written */
};

static void begin_lists(struct export *export)
{
    struct bytes path = {0};

    for (int i = 0; i < LISTS; i++, path.size = 0) {
        export_folder_path(&path, export->folder, list_names[i]);
        file_write_begin(&export->lists[i], path.failed ? "" : path.data);
    }
    bytes_free(&path);
    export_index_begin(&export->index, &export->lists[INDEX_CSV].text,
                       &export->lists[INDEX_JSON].text);
    import_list_begin(&export->imports, &export->lists[IMPORTS].text);
}

static void note_failure(struct export *export, HRESULT hr, const char *name)
{
    if (SUCCEEDED(hr) || FAILED(export->hr)) return;
    export->hr = hr;
    snprintf(export->failed, sizeof export->failed, "%s", name);
}

/* They get their names only if everything could be written: until then an earlier export's lists
 * stand. */
static void end_lists(struct export *export, bool keep)
{
    export_index_end(&export->index);
    import_list_end(&export->imports);
    for (int i = 0; i < LISTS; i++)
        note_failure(export, file_write_end(&export->lists[i], keep && SUCCEEDED(export->hr)),
                     list_names[i]);
}

static void put_file(struct export *export, const struct event_item *item, const char *name)
{
    struct bytes path = {0};
    uint8_t hash[32];
    HRESULT hr;

    if (SUCCEEDED(os_sha256(name, strlen(name), hash)) && !digest_set_add(&export->files, hash))
        return;
    export->counts[item->kind]++;
    export_folder_path(&path, export->folder, name);
    hr = path.failed ? E_OUTOFMEMORY : file_put(path.data, item->der.text, item->der.size);
    export->written += hr == S_OK;
    note_failure(export, hr, name);
    bytes_free(&path);
}

static bool take_item(void *context, struct event_item *item)
{
    struct export *export = context;
    char name[EXPORT_NAME_MAX];
    int64_t id = 0;

    event_request_id(export->event, &id);
    if (item->der.size) export_folder_name(item, id, name);
    import_list_add(&export->imports, export->event, item, name, export->wanted && item->der.size);
    if (!export->wanted) return true;
    if (item->der.size) put_file(export, item, name);
    export->problems += *item->problem != 0;
    export_index_add(&export->index, export->event, item, item->der.size ? name : NULL);
    return SUCCEEDED(export->hr);
}

/* Events that do not fit are looked into only where the CA's names are learned. */
static void take_event(struct export *export, struct event *event, struct bytes *room)
{
    export->event = event;
    export->wanted = filter_takes(export->filter, event);
    export->events += export->wanted;
    if (export->wanted || event_type_is(event, "module.started"))
        event_items(event, room, take_item, export);
    import_list_event(&export->imports, event, export->wanted);
    for (int i = 0; i < LISTS; i++) {
        file_write_some(&export->lists[i]);
        note_failure(export, export->lists[i].hr, list_names[i]);
    }
}

static enum outcome export_tell(const struct export *export, bool as_json)
{
    const uint64_t *counts = export->counts;
    struct bytes out = {0};
    struct json json = {.out = &out};

    if (!as_json) {
        console_print(
            "Certificates: %llu, requests: %llu, CRLs: %llu, certificates of the CA: %llu; from "
            "%llu %s. New files: %llu.\n",
            (unsigned long long)counts[ITEM_CERTIFICATE], (unsigned long long)counts[ITEM_REQUEST],
            (unsigned long long)(counts[ITEM_CRL] + counts[ITEM_DELTA_CRL]),
            (unsigned long long)counts[ITEM_CA_CERTIFICATE], (unsigned long long)export->events,
            plural(export->events, "event", "events"), (unsigned long long)export->written);
        console_print(
            "index.csv and index.json list them; importcert.cmd would bring back %llu %s.\n",
            (unsigned long long)export->imports.count,
            plural(export->imports.count, "certificate", "certificates"));
    } else {
        json_object(&json, NULL);
        for (int i = 0; i <= ITEM_DELTA_CRL; i++)
            json_number(&json, event_item_name((enum event_item_kind)i), (int64_t)counts[i]);
        json_number(&json, "events", (int64_t)export->events);
        json_number(&json, "newFiles", (int64_t)export->written);
        json_number(&json, "imports", (int64_t)export->imports.count);
        json_number(&json, "problems", (int64_t)export->problems);
        json_end(&json);
        bytes_add_text(&out, "\n");
        console_write(out.data, out.size);
        bytes_free(&out);
    }
    if (export->problems)
        console_note("%s: something is wrong with %llu of them; the column \"problem\" of the "
                     "index says what",
                     export->folder, (unsigned long long)export->problems);
    return export->problems ? OUTCOME_WRONG : OUTCOME_FINE;
}

static enum outcome export_end(struct export *export, bool as_json)
{
    char reason[ERROR_TEXT_MAX];
    bool interrupted = console_interrupted();

    end_lists(export, !interrupted);
    digest_set_free(&export->files);
    console_progress(NULL);
    if (FAILED(export->hr))
        console_note("%s: %s cannot be written: %s; run it again when it can", export->folder,
                     export->failed, error_text(export->hr, reason));
    else if (interrupted)
        console_note(
            "%s: interrupted; what is there is whole, and running it again goes on with the rest",
            export->folder);
    else return export_tell(export, as_json);
    return OUTCOME_CANNOT;
}

/* The first event is needed to know which journal this is. */
static enum outcome export_events(struct export *export, struct events *events, bool as_json)
{
    struct event *event = events_next(events);
    struct bytes room = {0};
    enum outcome outcome = OUTCOME_CANNOT;

    if (!event)
        console_note("%s: there is no event in the journal that could be read", events->path.data);
    else if (export_folder_claim(export->folder, event->line.source)) {
        begin_lists(export);
        for (; event && SUCCEEDED(export->hr); event = events_next(events))
            take_event(export, event, &room);
        outcome = export_end(export, as_json);
    }
    bytes_free(&room);
    return outcome;
}

static enum outcome export_run(const struct options *options)
{
    static struct filter filter;        /* a quarter of a MiB: not for the stack */
    struct export export = {.folder = option_value(options, "out"), .filter = &filter};
    enum outcome outcome = OUTCOME_CANNOT, read;
    struct events events;

    if (!export.folder || !*export.folder) {
        console_note("name the folder to write to: certwitness export --out DIR");
        return OUTCOME_CANNOT;
    }
    if (!filter_options_read(&filter, options)) return OUTCOME_CANNOT;
    if (journal_events_open(&events, options, 0, NULL)) {
        events.doing = "exporting";
        outcome = export_events(&export, &events, option_given(options, "json"));
    }
    if (outcome == OUTCOME_FINE && !export.events)
        filter_options_note_none(options, events.path.data, events.looked_at);
    read = events_close(&events);
    return read > outcome ? read : outcome;
}

static const struct option_row options[] = {
    {"out", "DIR", "the folder to write to; it is made, or was left by an earlier export"},
    JOURNAL_OPTION,
    FILTER_OPTIONS,
    {"json", NULL, "say what was done as one JSON object"},
    {0},
};

const struct command command_export = {
    .name = "export",
    .operands = "[JOURNAL]",
    .operands_least = 0,
    .operands_most = 1,
    .options = options,
    .run = export_run,
    .summary = "write certificates, requests and CRLs out as files",
    .more = "Writes certificates/*.cer, requests/*.req (*.p7m where the request is in CMS),\n"
            "crls/*.crl and ca/*.cer, named by serial number or RequestID and SHA-256; what\n"
            "cannot be decoded ends in .bin. index.csv and index.json have a row for each in\n"
            "every event; in the CSV, an apostrophe precedes what a spreadsheet would\n"
            "take for a formula. importcert.cmd has the lines by which certutil brings back\n"
            "certificates that the CA's database lost; read it before you run it. Run again,\n"
            "it writes only what is not there yet, and the lists anew.\n\n"
            "  certwitness export --out D:\\export\n"
            "  certwitness export /mnt/journal --out export --since 2026-11-01 --type "
            "issued\n\n" JOURNAL_HELP "\n" FILTER_HELP "\n"
            "Exit code 1: something is wrong with the journal, which standard error reports,\n"
            "or with what an event carries, which the index reports.\n",
};
