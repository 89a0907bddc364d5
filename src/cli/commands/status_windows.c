/* status: what is there, what is wrong, and how to mend it. */
#include "machine.h"

#include "cli/terminal/console.h"
#include "base/error_text.h"
#include "base/shell_word.h"
#include "cli/ca_journal.h"
#include "cli/status/delivery_show.h"
#include "cli/status/event_entries.h"
#include "cli/status/event_trouble.h"
#include "base/folder_windows.h"
#include "cli/terminal/outline_wide.h"
#include "cli/status/journal_health.h"
#include "cli/status/refusals.h"
#include "setup/cas.h"
#include "setup/module.h"
#include "setup/purge.h"
#include "setup/schedule.h"
#include "setup/service.h"
#include "version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define RECENT_DAYS 30                  /* a gap is news for so long */

/* The report while it is made. Problems are shown last, so they wait. */
struct status {
    struct outline outline;
    struct bytes problems;              /* zero-terminated sentences */
    struct cas cas;
    struct module module;
    enum ca_service service;
    unsigned active;                    /* CAs that have us in their list */
};

static void problem(struct status *status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void problem(struct status *status, const char *format, ...)
{
    char text[2 * FOLDER_WHY_MAX];
    va_list options;

    va_start(options, format);
    vsnprintf(text, sizeof text, format, options);
    va_end(options);
    bytes_add(&status->problems, text, strlen(text) + 1);
}

#define COMMAND_MAX 4096

/* A command about a CA, `certwitness show --ca "X"`, as it is pasted into a shell. */
static const char *ca_command(const char *command, const struct ca *ca, char out[COMMAND_MAX])
{
    char name[CA_JOURNAL_TEXT];
    struct bytes text = {0};

    shell_command_add(&text, command, ca_journal_name(ca, name));
    snprintf(out, COMMAND_MAX, "%.*s", text.failed ? 0 : (int)text.size,
             text.failed ? "" : text.data);
    bytes_free(&text);
    return out;
}

static const char *utf8(const WCHAR *text, char room[3 * WIDE_TEXT_MAX])
{
    return wide_utf8(text, room);
}

/* --- the module --- */

/* What is not there is left out of JSON. */
static void status_show_file(struct outline *outline, const char *key, const char *label,
                             const WCHAR *file)
{
    if (*file || !outline->as_json)
        outline_wide(outline, key, label, *file ? file : L"not registered");
}

static void show_module(struct status *status)
{
    struct outline *outline = &status->outline;
    const struct module *module = &status->module;
    WCHAR version[32] = L"";

    if (*module->exit) module_file_version(module->exit, version);
    outline_group(outline, "module", "Module", NULL);
    status_show_file(outline, "file", "For the CA", module->exit);
    if (*version) outline_wide(outline, "version", "Its version", version);
    status_show_file(outline, "console", "For the CA's snap-in", module->manage);
    status_show_file(outline, "source", "For the event viewer", module->source);
    outline_close(outline);
}

static bool status_is_there(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* What is wrong with the page that the snap-in shows, also where there is no CA. */
static void judge_page(struct status *status)
{
    WCHAR page[MODULE_PATH_MAX];
    char room[3 * WIDE_TEXT_MAX];

    if (!status_is_there(status->module.manage) || module_has_page(status->module.manage, page))
        return;
    problem(status,
            "%s is not there, or not of the same version as certwitness.dll beside it, so the CA's "
            "snap-in cannot show the settings: copy both there "
            "from one package.",
            utf8(page, room));
}

static void judge_module(struct status *status)
{
    const struct module *module = &status->module;
    char room[3 * WIDE_TEXT_MAX], version[3 * WIDE_TEXT_MAX], sentence[3 * WIDE_TEXT_MAX];
    WCHAR found[32] = L"", why[FOLDER_WHY_MAX];
    enum folder_answer answer;

    if (!*module->exit) {
        if (status->active)
            problem(status, "The CA is to load a module that is not registered: run certwitness "
                            "install, or certwitness disable.");
        else if (status->cas.count || status->cas.error)
            problem(status, "The module is not installed: run certwitness install.");
        else if (!*module->manage)
            problem(status,
                    "The module is not installed, and this machine has no CA. Before the CA is set "
                    "up, run certwitness install --register-only. "
                    "Where only the CA's snap-in runs, run certwitness install --console-only.");
        return;
    }
    if (!status_is_there(module->exit)) {
        problem(status,
                "%s is registered, and is not there: put it back, or run certwitness install with "
                "the one that is.",
                utf8(module->exit, room));
        return;
    }
    module_file_version(module->exit, found);
    if (strcmp(utf8(found, version), CERTWITNESS_VERSION))
        problem(status,
                "The registered module has version %s and this program " CERTWITNESS_VERSION
                ": use the program that came with the module.",
                *version ? version : "unknown");
    answer = module_judge_place(module->exit, NULL, why);
    utf8(why, sentence);
    if (answer == FOLDER_UNJUDGED)
        problem(status, "%s It is not known whether others could change what the CA runs.",
                sentence);
    if (answer == FOLDER_UNFIT)
        problem(status,
                "%s The CA runs whatever is put there: copy CertWitness to a folder that only "
                "administrators can write to, such as "
                "C:\\Program Files\\CertWitness (a file that is moved there keeps its "
                "permissions), and run certwitness install from there.",
                sentence);
    if (!module_same_file(module->exit, module->manage) ||
        !module_same_file(module->exit, module->source))
        problem(status, "The module is registered in part: run certwitness install.");
}

static void judge_task(struct status *status, enum task_state task)
{
    bool wanted = schedule_is_wanted(&status->cas);

    if (wanted && task == TASK_NONE)
        problem(
            status,
            "RetainDays is set, and no scheduled task removes old files: run certwitness install.");
    if (wanted && task == TASK_OTHER)
        problem(status,
                "RetainDays is set, and the scheduled task \"%ls\" runs another program than the "
                "one beside the module: run certwitness install.",
                TASK_NAME);
    if (wanted && task == TASK_UNKNOWN)
        problem(status,
                "RetainDays is set, and whether a scheduled task removes old files is not known: "
                "run this elevated, and see whether the Task Scheduler's service runs.");
    if (!wanted && !status->cas.error && (task == TASK_OURS || task == TASK_OTHER))
        problem(status,
                "The scheduled task \"%ls\" is there, and no CA of this machine has RetainDays "
                "set: run certwitness install, which removes it.",
                TASK_NAME);
}

/* Of the program beside the module that the CA loads; where none is registered, beside this one. */
static void status_show_task(struct status *status)
{
    static const char *const words[] = {[TASK_NONE] = "none",
                                        [TASK_OURS] = "daily",
                                        [TASK_OTHER] = "other",
                                        [TASK_UNKNOWN] = "unknown"};
    const struct module *module = &status->module;
    WCHAR program[TASK_PATH_MAX];
    enum task_state task = TASK_UNKNOWN;

    if (task_program(*module->exit ? module->exit : module->dll, program))
        task = task_look(program);
    outline_word(&status->outline, "task", "The scheduled task that removes old files",
                 words[task]);
    judge_task(status, task);
}

static void show_service(struct status *status)
{
    static const char *const words[] = {[CA_SERVICE_MISSING] = "none",
                                        [CA_SERVICE_STOPPED] = "stopped",
                                        [CA_SERVICE_RUNNING] = "running",
                                        [CA_SERVICE_UNKNOWN] = "unknown"};

    outline_word(&status->outline, "service", "The CA's service (CertSvc)",
                 status->service == CA_SERVICE_MISSING && !status->outline.as_json
                     ? "not on this machine"
                     : words[status->service]);
    if (service_is_clustered())
        outline_flag(&status->outline, "clustered", "It belongs to a failover cluster", true);
}

/* --- a CA --- */

static void show_active(struct status *status, const struct ca *ca)
{
    struct outline *outline = &status->outline;
    const WCHAR *why = L"It cannot be read: run this elevated.", *entry;
    unsigned count = exit_module_list_count(&ca->active, true);
    char name[3 * WIDE_TEXT_MAX], command[COMMAND_MAX], room[COMMAND_MAX];

    utf8(ca->name, name);
    if (ca->error || !exit_module_list_check(&ca->active, &why)) {
        outline_word(outline, "active", "Active", "unknown");
        problem(status,
                "%s: its list of exit modules, Active in HKLM\\%ls, is not a list that the CA can "
                "read. %ls",
                name, ca->modules_key, why);
        return;
    }
    status->active += count > 0;
    outline_flag(outline, "active", "Uses the module", count > 0);
    outline_list(outline, "modules", "Its exit modules");
    for (unsigned i = 0; (entry = exit_module_list_at(&ca->active, i)); i++)
        outline_wide(outline, NULL, NULL, entry);
    outline_close(outline);
    if (count > 1)
        problem(status,
                "%s: CertWitness.Exit is %u times in its list of exit modules. Take it out and put "
                "it in again: %s, then %s.",
                name, count, ca_command("certwitness disable --ca", ca, command),
                ca_command("certwitness enable --ca", ca, room));
    if (!count && status_is_there(status->module.exit))
        problem(status,
                "%s: nothing is recorded, since CertWitness.Exit is not among its exit modules. "
                "Run %s, then restart the CA (Restart-Service CertSvc).",
                name, ca_command("certwitness enable --ca", ca, command));
}

/* Whose settings are read. */
struct owner {
    struct status *status;
    const struct ca *ca;
};

static void status_refused(void *context, const struct refusal *refusal)
{
    struct owner *owner = context;
    char ca[3 * WIDE_TEXT_MAX], name[3 * WIDE_TEXT_MAX], value[3 * WIDE_TEXT_MAX],
        reason[3 * WIDE_TEXT_MAX];

    problem(owner->status,
            refusal->is_item ? "%s: the setting %s is in force without its item \"%s\". %s"
                             : "%s: the setting %s is refused, its default is in force (%s). %s",
            utf8(owner->ca->name, ca), utf8(refusal->name, name), utf8(refusal->value, value),
            utf8(refusal->reason, reason));
}

static bool is_news(int64_t micros)
{
    return os_now() - micros < (int64_t)RECENT_DAYS * 86400 * 1000000;
}

static const char *remedy(HRESULT hr)
{
    if (hr == HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED)) return "Run this elevated.";
    return hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION)
               ? "Close that program, or run this again when it is done."
               : "See to the disk.";
}

static void judge_losses(struct status *status, const struct journal_health *health,
                         const char *folder, const struct ca *ca)
{
    char command[COMMAND_MAX];

    if (health->gap_sequence && is_news(health->gap_micros))
        problem(status,
                "%s: events were lost on %s (sequence %llu). To see which requests: %s. Look them "
                "up in the CA's database.",
                folder, health->gap_time, (unsigned long long)health->gap_sequence,
                ca_command("certwitness show --full --type gap --ca", ca, command));
    if (health->unwritten_sequence && is_news(health->unwritten_micros))
        problem(status,
                "%s: runs before the one of %s (sequence %llu) left events unwritten. To see how "
                "many and when: %s. Look them up in "
                "the CA's database.",
                folder, health->unwritten_time, (unsigned long long)health->unwritten_sequence,
                ca_command("certwitness verify --ca", ca, command));
}

static void judge_damage(struct status *status, const struct journal_health *health,
                         const char *folder, const struct ca *ca)
{
    const char *file = *health->fault_file ? health->fault_file : "the folder";
    char reason[ERROR_TEXT_MAX], command[COMMAND_MAX];

    ca_command("certwitness verify --ca", ca, command);
    if (!health->last && !health->faulty && !purge_is_in_use(ca->settings.journal_directory))
        problem(status,
                "%s: the journal's files are empty: there is not one event in them. Find out who "
                "emptied them, and compare with heads that were "
                "noted elsewhere (entries 100 to 104 of the log CertWitness-Journal).",
                folder);
    if (health->broken_sequence)
        problem(status,
                "%s: lines that had been on disk were found damaged%s%s when the journal was "
                "opened on %s (sequence %llu). To see where and "
                "how much: %s. Do not repair the file.",
                folder, *health->broken_file ? " in " : "", health->broken_file,
                health->broken_time, (unsigned long long)health->broken_sequence, command);
    if (health->faulty && health->fault == READER_UNREADABLE)
        problem(status, "%s: %s cannot be read: %s. %s", folder, file,
                error_text(health->hr, reason), remedy(health->hr));
    else if (health->faulty)
        problem(status, "%s: %s is damaged (%s). Do not repair it. To see where: %s.", folder, file,
                reader_kind_text(health->fault), command);
}

static void show_recent(struct status *status, const struct journal_health *health)
{
    struct outline *outline = &status->outline;
    struct bytes dates = {0};

    if (!health->last) {
        if (!outline->as_json) outline_word(outline, NULL, "Last event", "none in what was read");
        return;
    }
    outline_group(outline, "last", "Last event", NULL);
    outline_word(outline, "time", "Time (UTC)", health->last_time);
    outline_word(outline, "type", "Type", health->last_type);
    outline_number(outline, "sequence", "Sequence", (int64_t)health->last);
    outline_close(outline);
    outline_number(outline, "readFrom", "Read and checked from sequence", (int64_t)health->first);
    if (health->gap_sequence) {
        outline_group(outline, "gap", "Last gap", NULL);
        outline_word(outline, "time", "Time (UTC)", health->gap_time);
        outline_number(outline, "sequence", "Sequence", (int64_t)health->gap_sequence);
        outline_close(outline);
    } else if (!outline->as_json) outline_word(outline, NULL, "Last gap", "none in what was read");
    if (health->broken_sequence) {
        outline_group(outline, "broken", "Last damage on record", NULL);
        outline_word(outline, "time", "Time (UTC)", health->broken_time);
        outline_number(outline, "sequence", "Sequence", (int64_t)health->broken_sequence);
        if (*health->broken_file) outline_word(outline, "file", "File", health->broken_file);
        outline_close(outline);
    }
    date_check_tell(&health->dates, &dates);
    if (outline->as_json)
        outline_word(outline, "dates", NULL, date_verdict_word(date_check_verdict(&health->dates)));
    else outline_text(outline, NULL, "Dates", dates.data, dates.size);
    bytes_free(&dates);
}

static void show_no_lines(struct status *status, const struct ca *ca)
{
    struct bytes text = {0};

    bytes_add_text(&text, "none: ");
    ca_journal_why_empty(ca, status->service, &text);
    if (!status->outline.as_json)
        outline_text(&status->outline, NULL, "Last event", text.data, text.failed ? 0 : text.size);
    bytes_free(&text);
}

static void show_lines(struct status *status, const struct ca *ca, const char *folder)
{
    char reason[ERROR_TEXT_MAX];
    struct journal_health *health = calloc(1, sizeof *health);
    HRESULT hr = health ? journal_health_read(folder, health) : E_OUTOFMEMORY;

    if (hr == S_OK) {
        show_recent(status, health);
        judge_losses(status, health, folder, ca);
        judge_damage(status, health, folder, ca);
    } else if (hr == S_FALSE || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) ||
               hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) {
        show_no_lines(status, ca);
    } else {
        problem(status, "%s: the journal cannot be read: %s. %s", folder, error_text(hr, reason),
                remedy(hr));
    }
    free(health);
}

/* Folders, each with a zero behind it. */
struct older {
    struct bytes folders;
    unsigned count;
};

static void take_older(void *context, const char *folder, const char *name, bool is_of_this_ca)
{
    struct older *older = context;

    (void)name;
    if (!is_of_this_ca) return;
    bytes_add(&older->folders, folder, strlen(folder) + 1);
    older->count += !older->folders.failed;
}

/* What the CA recorded before its JournalDirectory was changed. Nothing is wrong with that. */
static void show_older_journals(struct status *status, const struct ca *ca)
{
    struct older older = {0};
    const char *folder;

    ca_journal_older(&status->cas, ca, take_older, &older);
    if (older.count)
        outline_list(&status->outline, "olderJournals",
                     older.count == 1 ? "An older journal is in" : "Older journals are in");
    folder = older.folders.data;
    for (unsigned i = 0; i < older.count; i++, folder += strlen(folder) + 1)
        outline_word(&status->outline, NULL, NULL, folder);
    if (older.count) outline_close(&status->outline);
    bytes_free(&older.folders);
}

static void judge_writing(struct status *status, const struct ca *ca)
{
    char name[CA_JOURNAL_TEXT];

    if (ca_journal_is_empty(ca))
        problem(status,
                "%s: nothing recorded yet; recording begins when CertSvc is restarted "
                "(Restart-Service CertSvc). If it was restarted since the "
                "module was enabled, see events 200 to 302 of the log CertWitness-Journal.",
                ca_journal_name(ca, name));
    else
        problem(status,
                "%s runs and does not write its journal. Restart it if it was not restarted since "
                "the module was enabled (Restart-Service CertSvc); "
                "otherwise see events 200 to 302 of the log CertWitness-Journal.",
                ca_journal_name(ca, name));
}

/* The first of them, for a row of its own: no problem, since the journal is written. */
static void status_note_above(void *first, const WCHAR *sentence)
{
    WCHAR *text = first;

    if (*text) return;
    wcsncpy(text, sentence, FOLDER_WHY_MAX - 1);
    text[FOLDER_WHY_MAX - 1] = 0;
}

static void show_above(struct status *status, const WCHAR *directory)
{
    WCHAR first[FOLDER_WHY_MAX] = L"";

    folder_above(directory, status_note_above, first);
    if (*first) outline_wide(&status->outline, "warning", "Warning", first);
}

static void show_journal(struct status *status, const struct ca *ca)
{
    const WCHAR *directory = ca->settings.journal_directory;
    bool in_use = *directory && purge_is_in_use(directory),
         is_active = exit_module_list_count(&ca->active, true) > 0;
    char folder[3 * WIDE_TEXT_MAX], why[FOLDER_WHY_MAX];
    enum folder_answer answer;

    outline_wide(&status->outline, "journal", "Journal", directory);
    if (!*directory) return;
    utf8(directory, folder);
    if (!folder_has_drive(directory)) {
        problem(status,
                "%s: the drive is not there, and events wait in the CA's memory: bring it back, or "
                "choose another folder.",
                folder);
        return;
    }
    answer = folder_explain(folder, why);
    if (answer == FOLDER_UNJUDGED)
        problem(status, "%s It is not known whether a journal is written there.", why);
    if (answer == FOLDER_UNFIT)
        problem(status,
                "%s No journal is written there: mend its permissions as the manual says under "
                "Settings.",
                why);
    if (!folder_is_refused(answer)) show_above(status, directory);
    outline_flag(&status->outline, "isWritten", "A CA writes it now", in_use);
    if (is_active && status->service == CA_SERVICE_RUNNING && !in_use) judge_writing(status, ca);
    show_lines(status, ca, folder);
    show_older_journals(status, ca);
}

static void status_show_ca(struct status *status, const struct ca *ca)
{
    struct owner owner = {status, ca};
    struct settings settings;

    outline_group(&status->outline, NULL, "CA", NULL);
    outline_wide(&status->outline, "name", "Name", ca->name);
    show_active(status, ca);
    refusals_read(ca, status_refused, &owner, &settings);
    show_journal(status, ca);
    outline_close(&status->outline);
}

/* --- the event log --- */

static int64_t seconds_of(FILETIME time)
{
    ULARGE_INTEGER ticks = {.LowPart = time.dwLowDateTime, .HighPart = time.dwHighDateTime};

    return (int64_t)(ticks.QuadPart / 10000000) - 11644473600;
}

static void judge_recorder(struct status *status, const struct told_entry *told, unsigned count)
{
    unsigned id = event_trouble_written(told, count);

    if (id)
        problem(status,
                "Entry %u is the newest in the event log about writing, and says that the journal "
                "is not written. It says why and what to do.",
                id);
    if (event_trouble_space(told, count))
        problem(status,
                "Entry 210 in the event log: less than MinFreeMiB is free on the journal's disk, "
                "and denied, pending and retrieved requests are only counted. Make space.");
}

static void judge_entries(struct status *status, const struct event_entry *entries, unsigned count,
                          enum event_entries_of whose)
{
    struct told_entry told[EVENT_ENTRIES_MAX];
    const char *sentence;

    for (unsigned i = 0; i < count; i++)
        told[i] = (struct told_entry){entries[i].id & 0xffff, seconds_of(entries[i].time)};
    if (whose == ENTRIES_OF_RECORDER) judge_recorder(status, told, count);
    else if (event_trouble_configuration(told, count))
        problem(status, "Entry 402 in the event log: the delivery's configuration was refused when "
                        "it was started last. The entry says why and what to do.");
    for (unsigned i = 0; i < count; i++)
        if ((sentence = event_trouble_lost(told, count, i, os_now() / 1000000)))
            problem(status,
                    "Entry %u in the event log, of the last %d days: %s. The entry says which and "
                    "what to do.",
                    told[i].id, EVENT_TROUBLE_DAYS, sentence);
}

static void show_entry(struct status *status, const struct event_entry *entry, const WCHAR *texts)
{
    WCHAR text[512];

    event_entry_text(texts, entry->id, text, ARRAYSIZE(text));
    outline_group(&status->outline, NULL, "Entry", NULL);
    outline_time(&status->outline, "time", "Time (UTC)", seconds_of(entry->time));
    outline_number(&status->outline, "id", "ID", entry->id & 0xffff);
    outline_word(&status->outline, "level", "Level",
                 entry->level == 3                  ? "warning"
                 : entry->level && entry->level < 3 ? "error"
                                                    : "information");
    outline_wide(&status->outline, "text", "Text", text);
    outline_close(&status->outline);
}

/* `texts` is the file that has the messages. */
static void show_log(struct status *status, enum event_entries_of whose, const WCHAR *texts)
{
    struct event_entry entries[EVENT_ENTRIES_MAX];
    unsigned count;
    DWORD error;

    if (!event_entries_read(whose, entries, &count, &error)) {
        char text[64];

        snprintf(text, sizeof text, "could not be read (error %lu)", error);
        outline_word(&status->outline, "eventLogError", "Event log", text);
        return;
    }
    outline_list(&status->outline, "eventLog",
                 whose == ENTRIES_OF_RECORDER ? "Event log, our newest entries"
                                              : "Event log, its newest entries");
    for (unsigned i = 0; i < count; i++) show_entry(status, &entries[i], texts);
    outline_close(&status->outline);
    judge_entries(status, entries, count, whose);
}

/* --- the delivery --- */

static void status_show_delivery(struct status *status)
{
    struct outline *outline = &status->outline;
    struct delivery_service *service = calloc(1, sizeof *service);

    outline_group(outline, "delivery", "Delivery", NULL);
    if (!service) bytes_fail(outline->out);
    else if (delivery_show(outline, &status->problems, service))
        show_log(status, ENTRIES_OF_DELIVERY, service->program);
    else outline_word(outline, "service", "Service (CertWitnessDelivery)", "none");
    outline_close(outline);
    free(service);
}

/* --- all of it --- */

static void show_problems(struct status *status)
{
    const char *text = status->problems.data;

    if (!status->problems.size && !status->outline.as_json) {
        outline_word(&status->outline, NULL, "What is wrong", "nothing");
        return;
    }
    outline_list(&status->outline, "problems", "What is wrong, and what to do");
    for (size_t at = 0; at < status->problems.size; at += strlen(text + at) + 1)
        outline_word(&status->outline, NULL, NULL, text + at);
    outline_close(&status->outline);
}

static void status_show(struct status *status)
{
    struct outline *outline = &status->outline;

    if (outline->as_json) outline_group(outline, NULL, NULL, NULL);
    outline_word(outline, "program", "Program", CERTWITNESS_VERSION);
    show_module(status);
    show_service(status);
    status_show_task(status);
    if (outline->as_json) outline_list(outline, "cas", NULL);
    for (size_t i = 0; i < status->cas.count; i++) status_show_ca(status, &status->cas.list[i]);
    if (outline->as_json) outline_close(outline);
    else if (!status->cas.count) outline_word(outline, NULL, "CA", "none on this machine");
    judge_module(status);
    judge_page(status);
    if (status->cas.error)
        problem(status, "The CAs of this machine cannot be read (error %ld): run this elevated.",
                status->cas.error);
    show_log(status, ENTRIES_OF_RECORDER, status->module.source);
    status_show_delivery(status);
    show_problems(status);
    if (outline->as_json) outline_close(outline);
}

enum outcome machine_status(const struct options *options)
{
    struct status *status = calloc(1, sizeof *status);
    enum outcome outcome = OUTCOME_CANNOT;
    struct bytes out = {0};

    if (!status || FAILED(cas_read(&status->cas))) {
        console_note("there is not enough memory");
        free(status);
        return outcome;
    }
    module_read(NULL, &status->module);
    status->service = service_look();
    outline_begin(&status->outline, &out, option_given(options, "json"));
    status->outline.width = console_width();
    status_show(status);
    if (out.failed || status->problems.failed) console_note("there is not enough memory");
    else {
        console_write(out.data, out.size);
        outcome = status->problems.size ? OUTCOME_WRONG : OUTCOME_FINE;
    }
    bytes_free(&status->problems);
    bytes_free(&out);
    cas_free(&status->cas);
    free(status);
    return outcome;
}
