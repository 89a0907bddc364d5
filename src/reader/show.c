#include "commands.h"

#include "console.h"
#include "error_text.h"
#include "event_show.h"
#include "event_table.h"
#include "fault_text.h"
#include "filter.h"
#include "follow.h"
#include "journal/tail.h"
#include "journal_path.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX  20                  /* told one by one; behind a journal of nothing but faults there is nothing to see */
#define FOLLOW_LAST 10                  /* events that --follow begins with */
#define POLL_MS     200
#define OUT_KEEP    (1u << 20)

enum form { FORM_TABLE, FORM_FULL, FORM_LINES, FORM_DECODED };

struct show {
    struct filter filter;
    enum form form;
    unsigned long long last;            /* 0 with `has_last`: none */
    bool has_last, follows;
    struct bytes path, out, source;     /* owned; the folder, what is written next, and the CA that the lines so far are of */
    struct event_table table;
    struct event event;
    unsigned faults;
    uint64_t given;                     /* the last line that was looked at */
    enum outcome outcome;
};

static void write_out(struct show *show)
{
    if (show->out.failed) {
        console_note("event %" PRIu64 " is not shown: there is not enough memory", show->event.line.sequence);
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
    if (show->form != FORM_TABLE) return;
    event_table_begin(&show->table, console_width(), show->filter.local);
    event_table_head(&show->table, &show->out);
    write_out(show);
}

static void show_event(struct show *show)
{
    switch (show->form) {
    case FORM_TABLE:   event_table_row(&show->table, &show->event, &show->out); break;
    case FORM_FULL:    event_show(&show->event, show->filter.local, &show->out); break;
    case FORM_LINES:   event_show_line(&show->event, &show->out); break;
    case FORM_DECODED: event_show_json(&show->event, &show->out); break;
    }
    write_out(show);
}

/* Lines of another CA: files of two journals lie in one folder, or a CA was given another's. */
static void look_at_source(struct show *show, const struct line *line)
{
    bool same = show->source.size == line->source.size && !memcmp(show->source.data, line->source.text, line->source.size);

    if (same || !line->source.size) return;
    if (show->source.size) {
        console_note("from event %" PRIu64 " on the journal is that of another CA: %.*s, and before it %.*s", line->sequence, (int)line->source.size,
                     line->source.text, (int)show->source.size, show->source.data);
        show->outcome = show->outcome == OUTCOME_FINE ? OUTCOME_WRONG : show->outcome;
    }
    show->source.size = 0;
    bytes_add(&show->source, line->source.text, line->source.size);
}

static void take_line(struct show *show, const struct line *line)
{
    look_at_source(show, line);
    show->given = line->sequence;
    event_set(&show->event, line);
    if (filter_takes(&show->filter, &show->event)) show_event(show);
}

static void tell(const struct reader_item *item, const char *behind)
{
    struct bytes text = {0};

    fault_tell(item, &text);
    bytes_add_text(&text, behind);
    bytes_add(&text, "", 1);
    console_note("%s", text.failed ? "something is wrong with the journal, and there is not enough memory to say what" : text.data);
    bytes_free(&text);
}

static void note_fault(struct show *show, const struct reader_item *item)
{
    if (++show->faults <= FAULTS_MAX) tell(item, "");
    show->outcome = OUTCOME_WRONG;
}

static void note_unfinished(const struct reader_item *item)
{
    tell(item, " They are being written, or were when the power went.");
}

/* One line, or what is wrong. False: there is no more. */
static bool read_some(struct show *show, struct reader *reader)
{
    struct reader_item item;

    switch (reader_next(reader, &item)) {
    case READER_LINE:
        take_line(show, &item.line);
        return true;
    case READER_ON_RECORD:
        tell(&item, " The journal itself tells so.");
        return true;
    case READER_UNFINISHED:
        note_unfinished(&item);
        return false;
    case READER_FAULT:
        note_fault(show, &item);
        return show->faults <= FAULTS_MAX && reader_go_on(reader) == S_OK;
    default:
        return false;
    }
}

static void note_rest(struct show *show)
{
    if (show->faults > FAULTS_MAX) console_note("more is wrong with it; nothing behind event %" PRIu64 " was looked at. "
                                                "\"certwitness verify\" tells where the journal holds", show->given);
    else if (show->faults) console_note("\"certwitness verify\" tells up to where the journal holds");
}

static enum outcome cannot_open(const struct show *show, HRESULT hr)
{
    char reason[ERROR_TEXT_MAX];

    console_note("%s: the journal cannot be read: %s", show->path.data, error_text(hr, reason));
    return OUTCOME_CANNOT;
}

static enum outcome read_from(struct show *show, const struct reader_start *start)
{
    struct reader *reader;
    HRESULT hr = start->segment ? reader_open_at(show->path.data, start, &reader) : reader_open(show->path.data, 0, &reader);

    if (FAILED(hr)) return cannot_open(show, hr);
    while (!console_failed() && read_some(show, reader)) continue;
    reader_close(reader);
    note_rest(show);
    return show->outcome;
}

/* Where the last events that fit begin; `end` is behind the last line. Segment 0: there is none. */
static void find_last(struct show *show, struct reader_start *start, struct reader_start *end)
{
    unsigned long long left = show->last;
    char reason[ERROR_TEXT_MAX];
    struct reader_start place;
    struct tail *tail;
    struct line line;
    HRESULT hr;

    *start = *end = (struct reader_start){0};
    if (SUCCEEDED(hr = tail_open(show->path.data, &tail))) {
        while ((left || !end->segment) && (hr = tail_previous(tail, &line, &place)) == S_OK) {
            if (!end->segment) *end = (struct reader_start){place.segment, place.offset + line.text.size, line.sequence + 1, 0};
            event_set(&show->event, &line);
            if (!left || !filter_takes(&show->filter, &show->event)) continue;
            *start = place;
            left--;
        }
    }
    tail_close(tail);
    if (SUCCEEDED(hr)) return;
    console_note("%s: the journal cannot be read back to its beginning: %s", show->path.data, error_text(hr, reason));
    show->outcome = OUTCOME_CANNOT;
}

static void take_followed(struct show *show, const struct line *line)
{
    if (line->sequence <= show->given)
        console_note("from event %" PRIu64 " on the journal was written anew, since writing it had failed", line->sequence);
    take_line(show, line);
}

static void note_once(bool *noted, const struct reader_item *item)
{
    if (!*noted) tell(item, " It is tried again.");
    *noted = true;
}

static enum outcome follow_on(struct show *show, struct follow *follow)
{
    static const int32_t nothing;
    struct reader_item item;
    bool noted = false;

    while (!console_failed() && !console_interrupted()) {
        switch (follow_next(follow, &item)) {
        case FOLLOW_LINE:
            take_followed(show, &item.line);
            noted = false;
            continue;
        case FOLLOW_FAULT:
            note_fault(show, &item);
            show->given = 0;
            continue;
        case FOLLOW_PRUNED:
            console_note("events behind %" PRIu64 " were removed from the journal before they were shown", show->given);
            show->given = 0;
            continue;
        case FOLLOW_LOST:
            note_once(&noted, &item);
            break;
        case FOLLOW_NOTHING:
            break;
        }
        console_flush();
        os_word_wait(&nothing, 0, POLL_MS);
    }
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

static enum outcome run(struct show *show)
{
    struct reader_start start = {0}, end;

    show_head(show);
    console_flush();
    if (show->has_last) find_last(show, &start, &end);
    if (show->has_last && !start.segment) start = end;
    if (show->follows) return follow_from(show, &start);
    return show->has_last && !start.segment ? show->outcome : read_from(show, &start);
}

static bool read_options(struct show *show, const struct arguments *arguments)
{
    bool json = option_given(arguments, "json"), full = option_given(arguments, "full");

    show->form = json ? full ? FORM_DECODED : FORM_LINES : full ? FORM_FULL : FORM_TABLE;
    show->follows = option_given(arguments, "follow");
    show->has_last = option_given(arguments, "last");
    if (!filter_read(&show->filter, arguments)) return false;
    if (!option_number(arguments, "last", show->follows ? 0 : 1, UINT64_MAX, &show->last)) return false;
    if (show->follows && !show->has_last && !*show->filter.since) {
        show->has_last = true;
        show->last = FOLLOW_LAST;
    }
    return journal_path_find(operand_at(arguments, 0), &show->path);
}

static void release(struct show *show)
{
    event_table_free(&show->table);
    event_free(&show->event);
    bytes_free(&show->path);
    bytes_free(&show->out);
    bytes_free(&show->source);
    free(show);
}

static enum outcome show_run(const struct arguments *arguments)
{
    struct show *show = calloc(1, sizeof *show);
    enum outcome outcome = OUTCOME_CANNOT;

    if (!show) console_note("there is not enough memory");
    else if (read_options(show, arguments)) outcome = run(show);
    if (show) release(show);
    return outcome;
}

static const struct option_row options[] = {
    FILTER_OPTIONS,
    {"last", "N", "the last N of the events that fit"},
    {"follow", NULL, "and those to come, until Ctrl-C"},
    {"full", NULL, "everything in an event, decoded"},
    {"json", NULL, "the journal's own lines; with --full also decoded"},
    {0},
};

const struct command command_show = {
    .name = "show", .operands = "[JOURNAL]", .operands_most = 1, .options = options, .run = show_run,
    .summary = "what the CA did, as a table or in full",
    .more =
        "JOURNAL is the folder; on the CA itself it need not be said.\n\n"
        FILTER_HELP
        "\n"
        "Each line's hash and place in the chain are checked while it is read. What is\n"
        "wrong is told, the rest is shown all the same, and the exit code is 1. With\n"
        "--last the journal is read from its end backwards: then only the events from the\n"
        "first one shown on are checked, and nothing vouches for what stands before it.\n\n"
        "--follow begins with the last 10 events that fit, unless --last or --since says\n"
        "otherwise. It shows an event once the journal says that it is on disk, or when\n"
        "nothing was written for a second. Ctrl-C ends it.\n\n"
        "  certwitness show --last 20\n"
        "  certwitness show --since yesterday --type denied\n"
        "  certwitness show --request 42 --full\n"
        "  certwitness show --subject \"*.corp.example\" --template WebServer\n"
        "  certwitness show D:\\Evidence\\CA1 --serial 6d:00:00:00:2a --json\n"
        "  certwitness show --follow --type revoked,crl\n",
};
