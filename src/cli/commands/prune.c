#include "cli/commands.h"
#include "cli/terminal/console.h"
#include "cli/terminal/question.h"
#include "base/error_text.h"
#include "base/shell_word.h"
#include "cli/journal_path.h"
#include "cli/journal_path_system.h"
#include "base/timestamp.h"
#include "cli/prune/prune_archive.h"
#include "cli/prune/prune_ask.h"
#include "cli/prune/prune_clock.h"
#include "cli/prune/prune_deliveries.h"
#include "cli/prune/prune_plan.h"
#include "cli/prune/prune_system.h"
#include "base/plural.h"
#include "delivery/place/usual.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS   150000                /* the writer looks once a minute */
#define DAYS_MOST 36500

/* What was ordered. */
struct order {
    const char *archive;                /* NULL: the files are removed */
    const char *delivery;               /* the folder of a delivery's state; NULL: not given */
    bool dry_run, all, stopped, regardless;
    uint32_t days;                      /* 0: RetainDays says it */
    int64_t now;
    const char *now_text;               /* NULL: this machine's clock says it */
};

/* One journal on its way. */
struct pruning {
    const struct order *order;
    const char *path;
    uint32_t days;
    bool by_setting;
    struct disk_folder *folder, *archive;       /* owned */
    struct disk_file *lock;                     /* owned */
    struct segment_list list;
    struct prune_plan plan;
    struct prune_deliveries deliveries;
    char slowest_in[1024];              /* the folder of deliveries.slowest */
    struct request request;
    int64_t now;
};

static enum outcome prune_cannot(const struct pruning *pruning, const char *what, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    console_note("%s: %s: %s; nothing was removed", pruning->path, what, error_text(hr, reason));
    return OUTCOME_CANNOT;
}

/* --- what goes --- */

/* The rule as journal.pruned tells it. */
static void spell_rule(const struct pruning *pruning, char out[REQUEST_TEXT_MAX + 1])
{
    const struct order *order = pruning->order;
    char now[UTC_TEXT_MAX] = "";

    if (order->now_text) utc_text(order->now, false, now);
    snprintf(out, REQUEST_TEXT_MAX + 1,
             pruning->by_setting ? "RetainDays=%u%s%s%s%s%s" : "--older-than %ud%s%s%s%s%s",
             (unsigned)pruning->days, *now ? " --now " : "", now,
             order->all ? " --all-at-once" : "", order->stopped ? " --stopped" : "",
             order->regardless ? " --regardless" : "");
}

static bool make_request(struct pruning *pruning, int64_t before)
{
    struct request *request = &pruning->request;
    struct bytes account = {0};
    bool known = prune_account(&account);

    *request = (struct request){.last = pruning->plan.last,
                                .segments = pruning->plan.files,
                                .archived = pruning->order->archive != NULL};
    snprintf(request->account, sizeof request->account, "%.*s", known ? (int)account.size : 7,
             known ? account.data : "unknown");
    bytes_free(&account);
    spell_rule(pruning, request->rule);
    return utc_text(before, true, request->before);
}

static enum outcome judge_clock(struct pruning *pruning)
{
    struct bytes why = {0};
    enum outcome outcome = OUTCOME_FINE;
    HRESULT hr =
        pruning->order->now_text ? S_OK : prune_clock_judge(pruning->folder, &pruning->list, &why);

    if (FAILED(hr)) outcome = prune_cannot(pruning, "the newest lines cannot be read", hr);
    if (hr == S_FALSE) {
        bytes_add(&why, "", 1);
        console_note("%s: %s. Nothing was removed. If you know what time it is, say so: --now TIME",
                     pruning->path, why.failed ? "the clock cannot be judged" : why.data);
        outcome = OUTCOME_CANNOT;
    }
    bytes_free(&why);
    return outcome;
}

static void note_damage(const struct pruning *pruning, const char *name)
{
    const struct prune_plan *plan = &pruning->plan;
    struct bytes command = {0};

    shell_command_add(&command, "certwitness verify", pruning->path);
    bytes_add(&command, "", 1);
    console_note("%s: %s is damaged from byte %" PRIu64 " on, where event %" PRIu64
                 " was expected, and the journal does not record that damage. It is evidence: it "
                 "stays, with all after it. Copy the folder, and move the file away yourself when "
                 "it is no longer needed. To see all that is wrong: %s",
                 pruning->path, name, plan->damage.offset, plan->damage.sequence,
                 command.failed ? "certwitness verify" : command.data);
    bytes_free(&command);
}

static void tell_stop(const struct pruning *pruning)
{
    const struct prune_plan *plan = &pruning->plan;
    char name[SEGMENT_NAME_SIZE + 1];

    segment_name(plan->stop == PRUNE_STOP_DAMAGED ? plan->damaged : plan->stopped_at, name);
    if (plan->stop == PRUNE_STOP_LIMIT)
        console_print("%s is old enough, too: one run takes what 7 days of recording hold, or 1 "
                      "%%, and the next one goes on.\n",
                      name);
    if (plan->stop == PRUNE_STOP_DAMAGED) note_damage(pruning, name);
    if (plan->stop == PRUNE_STOP_DELIVERY)
        console_note("%s: %s is old enough, but stays with all after it: by %s in %s a "
                     "destination of the delivery has the lines up to %" PRIu64
                     ". \"certwitness-delivery status\" says why it is behind. If that destination "
                     "is none any more, delete the file; --regardless removes what was not "
                     "delivered",
                     pruning->path, name, pruning->deliveries.slowest, pruning->slowest_in,
                     pruning->deliveries.have);
}

static void tell_plan(const struct pruning *pruning)
{
    const struct prune_plan *plan = &pruning->plan;

    if (!plan->files) {
        console_print("%s: nothing is old enough to go (before %s).\n", pruning->path,
                      pruning->request.before);
        return;
    }
    console_print("%s: %s%" PRIu64 " of %" PRIu64 " %s, events %" PRIu64 " to %" PRIu64
                  ", all before %s, %s.\n",
                  pruning->path, pruning->order->dry_run ? "would go: " : "", plan->files,
                  (uint64_t)pruning->list.count, plural(pruning->list.count, "file", "files"),
                  pruning->list.starts[0], plan->last.sequence, pruning->request.before,
                  pruning->order->dry_run ? "with this rule"
                  : pruning->order->archive
                      ? plural(plan->files, "is moved to the archive", "are moved to the archive")
                      : plural(plan->files, "is removed", "are removed"));
}

/* --- what the deliveries have --- */

static HRESULT deliveries_of(struct pruning *pruning, const char *folder)
{
    struct segment_reader *reader = NULL;
    struct span ca = {"", 0};           /* unknown: the first line is damaged */
    struct line line;
    HRESULT hr;

    if (!pruning->list.count) return S_OK;
    hr = segment_open_first(pruning->folder, pruning->list.starts[0], &reader, &line);
    if (FAILED(hr)) return hr;
    if (hr == S_OK) ca = source_ca(line.source);
    hr = prune_deliveries_look(folder, ca, &pruning->deliveries);
    segment_reader_close(reader);
    return hr;
}

/* A folder that somebody named has to be there. */
static enum outcome judge_states(struct pruning *pruning, const char *folder, bool named)
{
    uint64_t before = pruning->deliveries.have;
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = deliveries_of(pruning, folder);

    if (SUCCEEDED(hr)) {
        if (pruning->deliveries.have < before)
            snprintf(pruning->slowest_in, sizeof pruning->slowest_in, "%s", folder);
        return OUTCOME_FINE;
    }
    /* Windows says which of the folders above is missing, too: no delivery was ever here. */
    if ((hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
         hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND)) &&
        !named)
        return OUTCOME_FINE;
    console_note("%s: how far the delivery is cannot be read from %s%s%s: %s; nothing was removed. "
                 "Mend that, or give --regardless to remove what may not be delivered yet",
                 pruning->path, folder, *pruning->deliveries.slowest ? ", file " : "",
                 pruning->deliveries.slowest, error_text(hr, reason));
    return OUTCOME_CANNOT;
}

/* A folder that this machine's delivery is told to use. */
static enum outcome judge_told(struct pruning *pruning, unsigned which)
{
    struct bytes by = {0}, folder = {0};
    enum outcome outcome = OUTCOME_FINE;
    char reason[ERROR_TEXT_MAX];
    HRESULT hr = prune_told_folder(which, &by, &folder);

    if (FAILED(hr)) {
        console_note("%s: where the delivery keeps its state cannot be read from %s: %s; nothing "
                     "was removed. Mend that, or name the folder with --delivery",
                     pruning->path, by.size && !by.failed ? by.data : "its configuration",
                     error_text(hr, reason));
        outcome = OUTCOME_CANNOT;
    } else if (hr == S_OK) outcome = judge_states(pruning, folder.data, true);
    bytes_free(&by);
    bytes_free(&folder);
    return outcome;
}

static enum outcome judge_own_deliveries(struct pruning *pruning)
{
    enum outcome outcome = judge_states(pruning, usual_state, false);

    for (unsigned i = 0; i < PRUNE_TOLD && outcome == OUTCOME_FINE; i++)
        outcome = judge_told(pruning, i);
    return outcome;
}

static enum outcome judge_deliveries(struct pruning *pruning)
{
    const struct order *order = pruning->order;

    pruning->deliveries.have = UINT64_MAX;
    if (order->regardless) return OUTCOME_FINE;
    return order->delivery ? judge_states(pruning, order->delivery, true)
                           : judge_own_deliveries(pruning);
}

/* --- doing it --- */

static void name_of(const struct pruning *pruning, size_t i, char name[SEGMENT_NAME_SIZE + 1])
{
    segment_name(pruning->list.starts[i], name);
}

static enum outcome archive_files(struct pruning *pruning)
{
    char name[SEGMENT_NAME_SIZE + 1], reason[ERROR_TEXT_MAX];
    HRESULT hr;

    for (size_t i = 0; pruning->archive && i < pruning->plan.files; i++) {
        name_of(pruning, i, name);
        if (SUCCEEDED(hr = prune_archive_put(pruning->folder, pruning->archive, name)) &&
            !console_interrupted())
            continue;
        if (hr == HRESULT_FROM_WIN32(ERROR_FILE_EXISTS))
            console_note("%s: there is another file %s in it already: another journal's, or one "
                         "that was changed. Each journal needs an archive of its own; nothing was "
                         "removed",
                         pruning->order->archive, name);
        else if (FAILED(hr))
            console_note("%s: %s cannot be copied there, or is not the same when it is read back: "
                         "%s; nothing was removed",
                         pruning->order->archive, name, error_text(hr, reason));
        else console_note("interrupted; nothing was removed");
        return OUTCOME_CANNOT;
    }
    return OUTCOME_FINE;
}

static bool prune_is_held(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
}

/* Oldest first: an interruption leaves no hole. */
static enum outcome remove_files(struct pruning *pruning)
{
    char name[SEGMENT_NAME_SIZE + 1], reason[ERROR_TEXT_MAX];
    HRESULT hr;

    for (size_t i = 0; i < pruning->plan.files; i++) {
        name_of(pruning, i, name);
        hr = disk_remove(pruning->folder, name);
        if (SUCCEEDED(hr) || hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) continue;
        console_note("%s: %s cannot be removed: %s. %" PRIu64 " of %" PRIu64
                     " %s %s removed, and it is on record that all of them go: run this again%s",
                     pruning->path, name,
                     prune_is_held(hr) ? "another program has it open and does not let it go"
                                       : error_text(hr, reason),
                     (uint64_t)i, pruning->plan.files, plural(pruning->plan.files, "file", "files"),
                     plural(i, "is", "are"),
                     prune_is_held(hr) ? " when that program has closed it" : "");
        return OUTCOME_WRONG;
    }
    if (FAILED(hr = disk_flush_folder(pruning->folder)))
        console_note("%s: the folder cannot be flushed: %s", pruning->path, error_text(hr, reason));
    return OUTCOME_FINE;
}

static enum outcome tell_answer(const struct pruning *pruning, enum prune_answer answer, HRESULT hr)
{
    switch (answer) {
    case PRUNE_ON_RECORD:
        return OUTCOME_FINE;
    case PRUNE_NO_WRITER:
        console_note("%s: no CA has this journal open, so nobody can put on record what goes; "
                     "nothing was removed. Start the CA, or run this with --stopped",
                     pruning->path);
        return OUTCOME_CANNOT;
    case PRUNE_REFUSED:
        console_note("%s: the recorder has refused the request, and event 207 of the log "
                     "CertWitness-Journal says why; nothing was removed",
                     pruning->path);
        return OUTCOME_CANNOT;
    case PRUNE_NO_ANSWER:
        console_note(console_interrupted()
                         ? "%s: interrupted; nothing was removed"
                         : "%s: the recorder has not answered: its disk hangs, or it is older than "
                           "this program; nothing was removed",
                     pruning->path);
        return OUTCOME_CANNOT;
    case PRUNE_LOCKED:
        console_note("%s: the CA, or another program, has this journal open; run this without "
                     "--stopped. Nothing was removed",
                     pruning->path);
        return OUTCOME_CANNOT;
    case PRUNE_CANNOT_ASK:
        break;
    }
    return prune_cannot(pruning, "it cannot be put on record", hr);
}

/* What an interrupted run had put on record is not put there again: the newest file is looked
 * through. */
static enum outcome put_on_record(struct pruning *pruning)
{
    bool known = false;
    HRESULT hr = prune_is_on_record(pruning->folder, &pruning->list, pruning->list.count - 1,
                                    &pruning->plan.last, &known);

    if (FAILED(hr)) return prune_cannot(pruning, "the newest file cannot be read", hr);
    if (known) return OUTCOME_FINE;
    if (!pruning->order->stopped) {
        console_print("Waiting until the recorder has put it on record; it looks once a minute.\n");
        console_flush();
    }
    return tell_answer(pruning,
                       prune_ask(pruning->path, pruning->folder, &pruning->list, &pruning->request,
                                 pruning->order->stopped, WAIT_MS, &hr),
                       hr);
}

static bool prune_is_agreed(const struct pruning *pruning)
{
    return !pruning->order->all || question_agreed("All of them at once?");
}

static enum outcome prune_carry_out(struct pruning *pruning)
{
    enum outcome outcome = OUTCOME_FINE;

    if (!prune_is_agreed(pruning)) {
        console_note("nothing was removed");
        return OUTCOME_CANNOT;
    }
    if (outcome == OUTCOME_FINE) outcome = archive_files(pruning);
    if (outcome == OUTCOME_FINE) outcome = put_on_record(pruning);
    if (outcome == OUTCOME_FINE) outcome = remove_files(pruning);
    if (outcome == OUTCOME_FINE)
        console_print("%" PRIu64 " %s %s.\n", pruning->plan.files,
                      plural(pruning->plan.files, "file is", "files are"),
                      pruning->order->archive ? "in the archive, and removed here" : "removed");
    return outcome;
}

static enum outcome plan_and_do(struct pruning *pruning)
{
    int64_t before = pruning->now - (int64_t)pruning->days * PRUNE_DAY;
    enum outcome outcome;
    HRESULT hr;

    if (FAILED(hr = segment_list_read(&pruning->list, pruning->folder)))
        return prune_cannot(pruning, "the folder cannot be listed", hr);
    if ((outcome = judge_clock(pruning)) != OUTCOME_FINE) return outcome;
    if ((outcome = judge_deliveries(pruning)) != OUTCOME_FINE) return outcome;
    if (FAILED(hr = prune_plan_make(pruning->folder, &pruning->list, pruning->now, before,
                                    pruning->order->all, pruning->deliveries.have,
                                    &pruning->plan)))
        return prune_cannot(pruning, "an old file cannot be read", hr);
    if (!make_request(pruning, before))
        return prune_cannot(pruning, "the time cannot be written", E_INVALIDARG);
    tell_plan(pruning);
    if (pruning->plan.files && !pruning->order->dry_run) outcome = prune_carry_out(pruning);
    if (outcome == OUTCOME_FINE) tell_stop(pruning);
    if (outcome != OUTCOME_FINE) return outcome;
    return pruning->plan.stop == PRUNE_STOP_DAMAGED || pruning->plan.stop == PRUNE_STOP_DELIVERY
               ? OUTCOME_WRONG
               : OUTCOME_FINE;
}

static bool prune_judge_folder(const struct pruning *pruning)
{
    struct bytes why = {0};
    bool fit = pruning->order->dry_run || prune_folder_is_fit(pruning->path, &why);

    if (!fit)
        console_note("%s Nothing was removed: whoever else can change that folder could have other "
                     "files removed. Mend its permissions",
                     why.size && !why.failed ? why.data : pruning->path);
    bytes_free(&why);
    return fit;
}

static enum outcome open_and_do(struct pruning *pruning)
{
    const char *archive = pruning->order->archive;
    char reason[ERROR_TEXT_MAX];
    HRESULT hr;

    if (!prune_judge_folder(pruning)) return OUTCOME_CANNOT;
    if (FAILED(hr = disk_view_folder(pruning->path, &pruning->folder)))
        return prune_cannot(pruning, "the journal cannot be read", hr);
    if (archive && FAILED(hr = disk_view_folder(archive, &pruning->archive))) {
        console_note("%s: this folder cannot be opened: %s. Make it first; nothing was removed",
                     archive, error_text(hr, reason));
        return OUTCOME_CANNOT;
    }
    if (!pruning->order->dry_run &&
        FAILED(hr = disk_lock(pruning->folder, PRUNE_LOCK_NAME, &pruning->lock))) {
        if (hr != HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
            return prune_cannot(pruning, "the folder cannot be written", hr);
        console_note(
            "%s: another certwitness prune is at work there; nothing was removed by this one",
            pruning->path);
        return OUTCOME_CANNOT;
    }
    return plan_and_do(pruning);
}

static enum outcome prune(const struct order *order, const char *path, uint32_t days)
{
    struct pruning pruning = {.order = order,
                              .path = path,
                              .days = order->days ? order->days : days,
                              .by_setting = !order->days,
                              .now = order->now_text ? order->now : os_now()};
    enum outcome outcome = open_and_do(&pruning);

    disk_close(pruning.lock);
    disk_close_folder(pruning.archive);
    disk_close_folder(pruning.folder);
    segment_list_free(&pruning.list);
    return outcome;
}

/* --- which journals --- */

struct choice {
    const struct order *order;
    const char *path;                   /* NULL: those of all CAs of this machine */
    unsigned found, kept;
    enum outcome outcome;
};

static void on_ca(void *context, const char *path, uint32_t days)
{
    struct choice *choice = context;
    enum outcome outcome;

    if (choice->path && !prune_same_path(choice->path, path)) return;
    choice->found++;
    choice->kept += !days;
    if (!days) return;
    outcome = prune(choice->order, path, days);
    if (outcome > choice->outcome) choice->outcome = outcome;
}

static enum outcome prune_by_setting(const struct order *order, const char *path)
{
    struct choice choice = {order, path, 0, 0, OUTCOME_FINE};

    prune_each_ca(on_ca, &choice);
    if (!choice.found) {
        console_note(path ? "%s: this is the journal of no CA of this machine, so no RetainDays "
                            "says what is old: give --older-than 365d"
                          : "%sthere is no CA on this machine, so no RetainDays says what is old: "
                            "name a journal, and give --older-than 365d",
                     path ? path : "");
        return OUTCOME_CANNOT;
    }
    if (choice.kept == choice.found) console_print("RetainDays is 0: everything is kept.\n");
    return choice.outcome;
}

static enum outcome run_order(const struct order *order, const char *operand)
{
    struct bytes path = {0}, whole = {0};
    enum outcome outcome = OUTCOME_CANNOT;

    if (!operand && !order->days) return prune_by_setting(order, NULL);
    if (journal_path_find(operand, NULL, &path) && prune_whole_path(path.data, &whole))
        outcome = order->days ? prune(order, whole.data, 0) : prune_by_setting(order, whole.data);
    bytes_free(&path);
    bytes_free(&whole);
    return outcome;
}

/* "365d": days alone, so that nobody takes a minute for a month. */
static bool read_days(const char *text, uint32_t *days)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    *days = (uint32_t)number;
    return *text >= '0' && *text <= '9' && !strcmp(end, "d") && number >= 1 && number <= DAYS_MOST;
}

static bool read_order(const struct options *options, struct order *order)
{
    const char *days = option_value(options, "older-than");

    *order = (struct order){.archive = option_value(options, "archive"),
                            .dry_run = option_given(options, "dry-run"),
                            .all = option_given(options, "all-at-once"),
                            .stopped = option_given(options, "stopped"),
                            .delivery = option_value(options, "delivery"),
                            .regardless = option_given(options, "regardless"),
                            .now_text = option_value(options, "now")};
    if (days && !read_days(days, &order->days))
        console_note(
            "--older-than %s: it has to be a number of days from 1 to 36500 and a d, such as 365d",
            days);
    else if (order->now_text &&
             !timestamp_read(order->now_text, false, false, os_now(), &order->now))
        console_note("--now %s: that is not a time in the years " TIMESTAMP_YEARS ". These are "
                     "times: " TIMESTAMP_FORMS, order->now_text);
    else if (order->all && !order->dry_run && (!console_is_terminal() || !question_can_be_asked()))
        console_note("--all-at-once is for a person at a terminal, who is asked; without it each "
                     "run takes what 7 days of recording hold");
    else return true;
    return false;
}

static enum outcome prune_run(const struct options *options)
{
    struct bytes archive = {0};
    struct order order;
    enum outcome outcome = OUTCOME_CANNOT;

    if (!read_order(options, &order)) return OUTCOME_CANNOT;
    if (order.archive && !journal_path_absolute(order.archive, &archive))
        console_note("--archive %s: that cannot be the path of a folder", order.archive);
    else {
        if (order.archive) order.archive = archive.data;
        outcome = run_order(&order, operand_at(options, 0));
    }
    bytes_free(&archive);
    return outcome;
}

static const struct option_row options[] = {
    {"older-than", "DAYS",
     "what is older goes, such as 365d; without it the CA's setting RetainDays says what is old"},
    {"archive", "DIR",
     "copy the files to this folder, verify them there, and only then remove them here"},
    {"dry-run", NULL, "say what would go, do nothing"},
    {"now", "TIME", "what time it is, where this machine's clock cannot be believed"},
    {"all-at-once", NULL, "without the limit of one run; for a person at a terminal, who is asked"},
    {"stopped", NULL, "the CA is stopped: put it on record in its place"},
    {"delivery", "DIR",
     "where certwitness-delivery keeps its state, if neither its service nor its usual "
     "configuration says so"},
    {"regardless", NULL, "also what certwitness-delivery has not delivered yet"},
    {0},
};

const struct command command_prune = {
    .name = "prune",
    .operands = "[JOURNAL]",
    .operands_least = 0,
    .operands_most = 1,
    .options = options,
    .run = prune_run,
    .summary = "remove or archive a journal's oldest files",
    .more = "Closed files go, from the oldest on, where every line in them and the one after\n"
            "them is older. That is put on record first: the recorder writes and flushes\n"
            "journal.pruned, and only then is anything removed. Without JOURNAL and\n"
            "--older-than it is done for each CA of this machine by its setting RetainDays;\n"
            "that is what the scheduled task runs which \"install\" makes.\n\n"
            "  certwitness prune --dry-run\n"
            "  certwitness prune --older-than 730d --archive E:\\Archive\\CA1\n\n"
            "One run takes what 7 days of recording hold, or one file of a hundred, or one\n"
            "file, if that is more. Nothing goes where the clock cannot be believed: it has\n"
            "to be within 7 days after the newest line, and the newest lines must not jump\n"
            "by more than 30 days. Damage that is not on record stays, with all after it.\n"
            "What a destination of certwitness-delivery does not have yet stays, too.\n"
            "It can be interrupted and run again at any time.\n\n"
            "Exit code 1: a file could not be removed, or stays for the delivery or damage;\n"
            "2: nothing was removed, and standard error says why.\n",
};
