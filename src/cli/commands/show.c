#include "cli/commands.h"

#include "column_choice.h"
#include "cli/terminal/console.h"
#include "base/error_text.h"
#include "base/timestamp.h"
#include "cli/show/event_show.h"
#include "cli/show/event_table.h"
#include "cli/filter_options.h"
#include "cli/journal_events.h"
#include "events/follow.h"
#include "journal/reverse_reader.h"
#include "cli/journal_path.h"
#include "base/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOW_LAST 10                  /* events that --follow begins with */
#define POLL_MS     200
#define OUT_KEEP    (1u << 20)

enum form { FORM_TABLE, FORM_FULL, FORM_LINES, FORM_DECODED, FORM_CSV };

struct show {
    const struct options *options;      /* borrowed */
    struct filter filter;
    enum form form;
    unsigned long long last;            /* 0 with `has_last`: none */
    bool has_last, follows;
    bool has_screen; /* the last events are to fill a screen, not `last` of them: */
    unsigned rows;                      /* those that are left on it */
    bool more;                          /* there are events before those of that screen */
    uint64_t looked_at, shown;          /* events */
    struct bytes path, out;             /* owned; the folder, and what is written next */
    struct event_table table;
    struct event_columns columns;       /* of a table if they were chosen, and of CSV */
    bool chosen;
    struct template_names names;        /* owned; of events that are shown */
    struct csv csv;
    struct event event; /* owned; while the last ones are sought, and while they are followed */
    struct journal_notes notes;         /* owned; of what is followed */
    uint64_t given;                     /* the last line that was followed */
    enum outcome outcome;
};

static void show_write_out(struct show *show, uint64_t sequence)
{
    if (show->out.failed) {
        console_note("event %" PRIu64 " is not shown: there is not enough memory", sequence);
        show->outcome = OUTCOME_CANNOT;
        bytes_free(&show->out);
        return;
    }
    console_write(show->out.data, show->out.size);
    if (console_is_terminal()) console_flush();         /* the next one may be long in coming */
    bytes_reset(&show->out, OUT_KEEP);
}

static void show_head(struct show *show)
{
    if (show->form == FORM_CSV) {
        show->csv.out = &show->out;
        event_columns_csv_head(&show->columns, &show->csv);
    }
    if (show->form == FORM_TABLE) {
        event_table_begin(&show->table, console_width(), show->filter.local, &show->names);
        if (show->chosen) show->table.chosen = &show->columns;
        show->table.dated |= show->chosen;
        event_table_head(&show->table, &show->out);
    }
    show_write_out(show, 0);
}

/* Whether what is shown names templates: a narrow table and the journal's own lines do not, and
 * need not be searched for them. */
static bool names_templates(const struct show *show)
{
    if (show->form == FORM_TABLE) return show->table.template || show->chosen;
    return show->form != FORM_LINES;
}

static void show_event(struct show *show, struct event *event)
{
    show->shown++;
    if (names_templates(show)) template_names_learn(&show->names, event);
    switch (show->form) {
    case FORM_TABLE:   event_table_row(&show->table, event, &show->out); break;
    case FORM_FULL:    event_show(event, &show->names, show->filter.local, &show->out); break;
    case FORM_LINES:   event_show_line(event, &show->out); break;
    case FORM_DECODED: event_show_json(event, &show->names, &show->out); break;
    case FORM_CSV:     event_columns_csv(&show->columns, event, &show->names, &show->csv); break;
    }
    show_write_out(show, event->line.sequence);
}

static void show_note_worse(struct show *show, enum outcome outcome)
{
    if (show->outcome < outcome) show->outcome = outcome;
}

static enum outcome cannot_open(const struct show *show, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    console_note("%s: the journal cannot be read: %s", show->path.data, error_text(hr, reason));
    return OUTCOME_CANNOT;
}

static enum outcome show_read_from(struct show *show, const struct reader_start *start)
{
    struct events events;
    struct event *event;

    if (events_open(&events, &journal_events_client, show->path.data, start, &show->filter))
        while (!console_failed() && (event = events_next(&events))) show_event(show, event);
    if (events.looked_at > show->looked_at) show->looked_at = events.looked_at;
    show_note_worse(show, events_close(&events));
    return show->outcome;
}

/* False: there is no use in looking further back. */
static bool show_note_tail(struct show *show, HRESULT hr, uint64_t segment)
{
    char reason[ERROR_TEXT_MAX], name[SEGMENT_NAME_SIZE + 1];

    if (SUCCEEDED(hr)) return hr == S_OK;
    show->outcome = OUTCOME_CANNOT;
    segment_name(segment, name);
    if (segment == UINT64_MAX)
        console_note("%s: the journal cannot be read: %s", show->path.data, error_text(hr, reason));
    else
        console_note("%s cannot be read: %s. The last events are sought in what is there besides",
                     name, error_text(hr, reason));
    return segment < UINT64_MAX;
}

/* The line before, also where files between cannot be read. */
static bool find_previous(struct show *show, struct reverse_reader *reverse, struct line *line,
                          struct reader_start *place)
{
    HRESULT hr;

    while ((hr = reverse_reader_previous(reverse, line, place)) != S_OK)
        if (!show_note_tail(show, hr, place->segment)) return false;
    return true;
}

/* Whether an event, read from the end backwards, still has a place on the screen: a row, and one
 * for the date where it is another. */
static bool fits_on_screen(struct show *show, struct event *event, char date[11])
{
    char time[TIMESTAMP_TEXT];
    unsigned rows = 1;

    if (!show->has_screen) return true;
    timestamp_show(event->line.time, show->filter.local, time);
    rows += !show->table.dated && strncmp(date, time, 10);
    if (rows > show->rows) {
        show->more = true;
        return false;
    }
    snprintf(date, 11, "%.10s", time);
    show->rows -= rows;
    return true;
}

static bool show_takes(struct show *show)
{
    struct event *event = &show->event;
    bool takes = filter_takes(&show->filter, event);

    if (!takes && event->no_memory) {
        console_note("event %" PRIu64 " is not shown: there is not enough memory",
                     event->line.sequence);
        show->outcome = OUTCOME_CANNOT;
    }
    return takes;
}

/* Where the last events that fit begin; `end` is behind the last line. Segment 0: there is none. */
static void find_last(struct show *show, struct reader_start *start, struct reader_start *end)
{
    unsigned long long left = show->last;
    struct reader_start place;
    char date[11] = "";
    struct reverse_reader *reverse;
    struct line line;

    *start = *end = (struct reader_start){0};
    if (!show_note_tail(show, reverse_reader_open(show->path.data, &reverse), UINT64_MAX)) return;
    while ((left || !end->segment) && !console_interrupted() &&
           find_previous(show, reverse, &line, &place)) {
        if (!end->segment)
            *end = (struct reader_start){place.segment, place.offset + line.text.size,
                                         line.sequence + 1, 0};
        event_set(&show->event, &line);
        show->looked_at++;
        if (!left || !show_takes(show)) continue;
        if (!fits_on_screen(show, &show->event, date)) break;
        if (names_templates(show)) template_names_learn(&show->names, &show->event);
        *start = place;
        left--;
    }
    reverse_reader_close(reverse);
}

static void take_followed(struct show *show, const struct reader_item *item)
{
    const struct line *line = &item->line;

    if (line->sequence <= show->given && !item->unverified)
        console_note("from event %" PRIu64
                     " on the journal was written anew, since writing it had failed",
                     line->sequence);
    show->given = line->sequence;
    journal_notes_line(&show->notes, item);
    event_set_item(&show->event, item);
    if (show_takes(show)) show_event(show, &show->event);
}

static void note_once(struct show *show, bool *noted, const struct reader_item *item)
{
    if (!*noted) journal_notes_retry(&show->notes, item);
    *noted = true;
}

static enum outcome follow_on(struct show *show, struct follow *follow)
{
    static const int32_t nothing;
    enum follow_result result;
    struct reader_item item;
    bool noted = false;

    while (!console_failed() && !console_interrupted()) {
        switch (result = follow_next(follow, &item)) {
        case FOLLOW_LINE:
            take_followed(show, &item);
            noted = false;
            continue;
        case FOLLOW_FAULT:
        case FOLLOW_ON_RECORD:
            journal_notes_tell(&show->notes,
                               result == FOLLOW_FAULT ? READER_FAULT : READER_ON_RECORD, &item);
            journal_notes_verify(&show->notes, "to see up to where the journal holds: ");
            show->given = 0;
            continue;
        case FOLLOW_PRUNED:
            console_note("events after %" PRIu64
                         " were removed from the journal before they were shown",
                         show->given);
            show->given = 0;
            continue;
        case FOLLOW_LOST:
            note_once(show, &noted, &item);
            break;
        case FOLLOW_NOTHING:
            break;
        }
        console_flush();
        os_word_wait(&nothing, 0, POLL_MS);
    }
    show_note_worse(show, show->notes.outcome);
    return show->outcome;
}

static enum outcome follow_from(struct show *show, const struct reader_start *start)
{
    struct follow *follow;
    enum outcome outcome;
    HRESULT hr = follow_open(show->path.data, start, &follow);

    if (FAILED(hr)) return cannot_open(show, hr);
    outcome = follow_on(show, follow);
    follow_close(follow);
    return outcome;
}

/* What is not on the screen, and how it is seen. */
static void show_more(const struct show *show)
{
    if (show->more && show->shown)
        console_print("%sThe last %" PRIu64 " %s. To see more, add --last 100, or --all.%s\n",
                      console_style(STYLE_FAINT), show->shown,
                      plural(show->shown, "event", "events"), console_style(STYLE_PLAIN));
}

static enum outcome run(struct show *show)
{
    struct reader_start start = {0}, end;
    enum outcome outcome;

    show_head(show);
    console_flush();
    if (show->has_last) find_last(show, &start, &end);
    if (show->has_last && !start.segment) start = end;
    if (show->follows) return follow_from(show, &start);
    if (show->has_last && !start.segment && show->outcome != OUTCOME_FINE) return show->outcome;
    outcome = show_read_from(show, &start);                  /* without a line: why */
    show_more(show);
    if (!show->shown && outcome != OUTCOME_CANNOT)
        filter_options_note_none(show->options, show->path.data, show->looked_at);
    return outcome;
}

/* Without an option that chooses, a person gets the last screen. */
static void take_screen(struct show *show, const struct options *options)
{
    if (show->has_last || show->follows || show->form != FORM_TABLE || option_given(options, "all"))
        return;
    if (!console_height() || !filter_is_open(&show->filter)) return;
    show->has_screen = true;
    show->rows = console_height() - 3; /* the head, the row about more, the prompt */
    show->last = UINT64_MAX;
    show->has_last = true;
}

static bool show_read_options(struct show *show, const struct options *options)
{
    bool json = option_given(options, "json"), full = option_given(options, "full");
    bool csv = option_given(options, "csv");

    show->form = json ? full ? FORM_DECODED : FORM_LINES : full ? FORM_FULL : FORM_TABLE;
    show->chosen = option_given(options, "columns");
    if ((csv || show->chosen) && (json || full)) {
        console_note("%s is about columns, and --%s has none: give one of the two",
                     csv ? "--csv" : "--columns", json ? "json" : "full");
        return false;
    }
    if (csv) show->form = FORM_CSV;
    if (!column_choice_read(options, &show->columns)) return false;
    show->notes.to = &console_notes;
    show->follows = option_given(options, "follow");
    show->has_last = option_given(options, "last");
    show->options = options;
    if (show->has_last && option_given(options, "all")) {
        console_note("--all shows all events and --last N the last ones: give one of the two");
        return false;
    }
    if (!filter_options_read(&show->filter, options)) return false;
    if (!option_number(options, "last", show->follows ? 0 : 1, UINT64_MAX, &show->last))
        return false;
    if (show->follows && !show->has_last && !*show->filter.since) {
        show->has_last = true;
        show->last = FOLLOW_LAST;
    }
    take_screen(show, options);
    if (!journal_path_find(operand_at(options, 0), option_value(options, "ca"), &show->path))
        return false;
    show->notes.path = show->path.data;
    return true;
}

static void show_release(struct show *show)
{
    event_table_free(&show->table);
    template_names_free(&show->names);
    event_free(&show->event);
    bytes_free(&show->path);
    bytes_free(&show->out);
    journal_notes_free(&show->notes);
    free(show);
}

static enum outcome show_run(const struct options *options)
{
    struct show *show = calloc(1, sizeof *show);
    enum outcome outcome = OUTCOME_CANNOT;

    if (!show) console_note("there is not enough memory");
    else if (show_read_options(show, options)) outcome = run(show);
    if (show) show_release(show);
    return outcome;
}

static const struct option_row options[] = {
    JOURNAL_OPTION,
    FILTER_OPTIONS,
    {"last", "N", "the last N of the events that fit"},
    {"all", NULL, "all of them, also in a terminal"},
    {"follow", NULL, "and those to come, until Ctrl-C"},
    {"full", NULL, "everything in an event, decoded"},
    {"json", NULL, "the journal's own lines; with --full also decoded"},
    {"columns", "NAME,...", "these columns in this order: requester,san,template"},
    {"csv", NULL, "as CSV, all columns or those of --columns, times in UTC"},
    {0},
};

const struct command command_show = {
    .name = "show",
    .operands = "[JOURNAL]",
    .operands_most = 1,
    .options = options,
    .run = show_run,
    .summary = "what the CA did, as a table or in full",
    .more = JOURNAL_HELP
    "\n" FILTER_HELP "\n"
    "In a terminal show without options prints the last events, as many as fit on the\n"
    "screen; --last N and --all print more. In a file or a pipe it prints all.\n\n"
    "Each line's hash and place in the chain are checked while it is read. Faults are\n"
    "reported, the rest is shown all the same, and the exit code is 1. A ? before an\n"
    "event says that its line is verified by its own hash only. With --last the\n"
    "journal is read from its end backwards: only the events from the first one shown\n"
    "on are checked, and those before it are not. With options that choose events it\n"
    "goes back as far as it takes to find N.\n\n"
    "--follow begins with the last 10 events that fit, unless --last or --since says\n"
    "otherwise. It shows an event once the journal says that it is on disk; in a copy\n"
    "without the file head, also when nothing was written for a second. Ctrl-C ends\n"
    "it.\n\n"
    "Columns are sequence, time, event, request, requester, caller, subject,\n"
    "identity, upn, sid, san, template, serial, notBefore, notAfter, eku, key,\n"
    "algorithm, flags, detail, unverified and hash. A terminal of 120 columns or more\n"
    "shows identity, one of 150 also template.\n\n"
    "  certwitness show --last 20\n"
    "  certwitness show --since yesterday --type denied\n"
    "  certwitness show --request 42 --full\n"
    "  certwitness show --subject \"*.corp.example\" --template WebServer\n"
    "  certwitness show D:\\Evidence\\CA1 --serial 6d:00:00:00:2a --json\n"
    "  certwitness show --type issued --columns time,requester,identity,template\n"
    "  certwitness show --since 30d --csv > events.csv\n"
    "  certwitness show --follow --type revoked,crl\n",
};
