#include "cli/commands.h"

#include "cli/expiry/expiry_mail.h"
#include "cli/expiry/expiry_show.h"
#include "cli/expiry/expiry_state.h"
#include "cli/filter_options.h"
#include "cli/inventory/fact_filter.h"
#include "cli/inventory/fact_reading.h"
#include "cli/journal_path.h"
#include "cli/terminal/console.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MEMORY (16u << 20)              /* bytes for sorting the rows */
#define USUAL  "request,until,left,requester,templateName,name,note"

struct expiry_run {
    struct filter filter;
    struct expiry expiry;
    struct expiry_owns owns;
    struct expiry_show show;
    struct expiry_state state;
    struct expiry_mail mail;
    struct site_owners owners;
    struct sorter items;                /* owned; the rows, in order */
    const char *state_path;
    bool is_mailed;
};

static bool read_by(const char *word, enum expiry_by *by)
{
    static const char *const words[] = {"", "requester", "template", "name"};

    if (!word) return true;
    for (int i = 1; i < 4; i++)
        if (!strcasecmp(words[i], word)) return (*by = (enum expiry_by)i, true);
    console_note("--by needs requester, template or name, and \"%s\" is none of them", word);
    return false;
}

static bool read_forms(struct expiry_run *run, const struct options *options)
{
    bool json = option_given(options, "json"), csv = option_given(options, "csv");

    if (json && (csv || option_given(options, "columns"))) {
        console_note("%s is about columns, and --json has none: give one of the two",
                     csv ? "--csv" : "--columns");
        return false;
    }
    run->show.form = json ? EXPIRY_JSON : csv ? EXPIRY_CSV : EXPIRY_TABLE;
    run->expiry.in_order = run->show.form != EXPIRY_TABLE && !run->expiry.by;
    if (!fact_columns_read(options, csv ? NULL : USUAL, &run->show.columns)) return false;
    fact_columns_fit(&run->show.columns, console_width(), true);
    return true;
}

static bool expiry_read_options(struct expiry_run *run, const struct options *options)
{
    const char *within = option_value(options, "within"), *site = option_value(options, "site");

    run->state_path = option_value(options, "state");
    run->mail.folder = option_value(options, "eml");
    run->is_mailed = run->mail.folder != NULL;
    run->mail.keeps = run->state_path != NULL;
    run->expiry.all = option_given(options, "all");
    if (site && !run->is_mailed) {
        console_note("--site says who gets a message, and --eml DIR where they are written: give "
                     "both");
        return false;
    }
    run->show.has_state = run->state_path != NULL;
    run->expiry.last_run = FACT_NO_TIME;
    if (!fact_filter_now(options, &run->expiry.now)) return false;
    run->expiry.past = run->expiry.now - EXPIRY_PAST;
    return fact_filter_end("within", within ? within : "90d", option_given(options, "local"),
                           run->expiry.now, &run->expiry.window) &&
           read_by(option_value(options, "by"), &run->expiry.by) && read_forms(run, options) &&
           filter_options_read(&run->filter, options) &&
           (!site || site_owners_read(&run->owners, site));
}

/* Of what decides which certificates are told: the journal, and the options that choose. How they
 * are shown does not count. False: there is no journal, or no memory; standard error has been told.
 */
static bool read_selection(const struct options *options, uint8_t key[FACT_KEY])
{
    static const char *const beside[] = {"now", "state", "eml", "site", "by", "columns", "csv",
                                         "json", "ca"};
    struct bytes path = {0}, text = {0};
    bool good = journal_path_find(operand_at(options, 0), option_value(options, "ca"), &path);

    if (good) journal_path_whole(path.data, &text);
    for (unsigned i = 0; good && i < options->given_count; i++) {
        const char *name = options->given[i].row->name, *value = options->given[i].value;
        bool counts = true;

        for (size_t j = 0; j < sizeof beside / sizeof *beside; j++)
            if (!strcmp(name, beside[j])) counts = false;
        if (!counts) continue;
        bytes_add_text(&text, "\n--");
        bytes_add_text(&text, name);
        bytes_add_text(&text, " ");
        bytes_add_text(&text, value ? value : "");
    }
    if (good && (text.failed || !fact_key(text.data, text.size, key))) {
        console_note("there is not enough memory");
        good = false;
    }
    bytes_free(&path);
    bytes_free(&text);
    return good;
}

/* Those that end, to be shown: of all, or of those that earlier runs have not told. */
static bool collect(struct expiry_run *run, struct facts *facts)
{
    struct expiry_item item;
    uint8_t settled[FACT_KEY];
    struct fact fact;

    sorter_begin(&run->items, sizeof item, offsetof(struct expiry_item, key), MEMORY);
    while (facts_next(facts, &fact)) {
        if (run->state_path && fact.is_wanted && expiry_is_settled(&run->expiry, &fact, settled))
            expiry_state_settle(&run->state, settled);
        if (!fact.is_wanted || !expiry_take(&run->expiry, &fact, &facts->names, &item)) continue;
        if (run->state_path) expiry_state_add(&run->state, &item);
        else sorter_add(&run->items, &item);
    }
    if (FAILED(facts->hr)) return fact_reading_failed(facts), false;
    expiry_own_find(&run->owns, &run->expiry, &facts->services);
    for (unsigned i = 0; run->state_path && run->is_mailed && i < run->owns.count; i++)
        if (run->owns.list[i].needs_person)
            expiry_state_add_own(&run->state, &run->owns.list[i]);
    if (run->state_path && !expiry_state_choose(&run->state, &run->items)) return false;
    sorter_sort(&run->items);
    return true;
}

static bool show_all(struct expiry_run *run, struct facts *facts)
{
    const struct expiry_item *item;
    struct fact fact;

    run->show.expiry = &run->expiry;
    run->show.owns = &run->owns;
    run->show.facts = facts;
    run->show.view = (struct fact_view){.now = run->expiry.now, .names = &facts->names,
                                         .facts = facts};
    expiry_show_begin(&run->show);
    expiry_show_ca(&run->show);
    while (!console_interrupted() && (item = sorter_next(&run->items)) &&
           facts_at(facts, item->place, &fact)) {
        fact.fate = item->fate;
        expiry_show_item(&run->show, item, &fact);
        if (run->is_mailed) expiry_mail_add(&run->mail, item, &fact);
    }
    if (FAILED(run->items.hr)) facts->hr = run->items.hr;
    if (FAILED(facts->hr)) return fact_reading_failed(facts), false;
    if (!console_interrupted()) expiry_show_end(&run->show);
    if (run->show.out.failed) console_note("there is not enough memory");
    return !run->show.out.failed && !console_interrupted();
}

/* Whether something that needs a person was shown. */
static bool is_due(const struct expiry_run *run)
{
    return run->show.trouble || run->show.due;
}

static enum outcome expiry_all(struct expiry_run *run, struct facts *facts)
{
    bool good, mails = false;

    run->mail.expiry = &run->expiry;
    run->mail.owns = &run->owns;
    run->mail.owners = &run->owners;
    run->mail.names = &facts->names;
    good = collect(run, facts);
    if (good && run->is_mailed) good = mails = expiry_mail_begin(&run->mail);
    good = good && show_all(run, facts) && console_flush();
    if (good && mails) good = expiry_mail_write(&run->mail, facts);
    if (run->state_path && !expiry_state_end(&run->state, good)) good = false;
    if (mails) expiry_mail_end(&run->mail, good);
    sorter_free(&run->items);
    return !good ? OUTCOME_CANNOT : is_due(run) ? OUTCOME_WRONG : OUTCOME_FINE;
}

/* How far to look back has to be known before the journal is read. */
static enum outcome expiry_begun(struct expiry_run *run, const struct options *options)
{
    enum outcome outcome = OUTCOME_CANNOT, shown;
    struct facts *facts = NULL;
    uint8_t selection[FACT_KEY];

    if (!run->state_path ||
        (read_selection(options, selection) &&
         expiry_state_begin(&run->state, &run->expiry, run->state_path, selection)))
        facts = fact_reading(options, &run->filter, run->expiry.past, &outcome);
    if (!facts) {
        if (run->state_path) expiry_state_end(&run->state, false);
        return outcome;
    }
    shown = expiry_all(run, facts);
    if (shown > outcome) outcome = shown;
    facts_close(facts);
    return outcome;
}

static enum outcome expiry_run(const struct options *options)
{
    struct expiry_run *run = calloc(1, sizeof *run);
    enum outcome outcome = OUTCOME_CANNOT;

    if (!run) console_note("there is not enough memory");
    else if (expiry_read_options(run, options)) outcome = expiry_begun(run, options);
    if (run) {
        expiry_show_free(&run->show);
        site_owners_free(&run->owners);
    }
    free(run);
    return outcome;
}

static const struct option_row options[] = {
    JOURNAL_OPTION,
    {"within", "TIME", "what ends within this time (90d): 14d, 12w, or a date"},
    {"all", NULL, "also what is renewed, enrolled automatically or short-lived"},
    {"by", "WORD", "in groups: by requester, template or name"},
    {"eml", "DIR", "write a message for each owner into this folder"},
    {"site", "FILE", "who owns whose certificates"},
    {"state", "FILE", "tell each certificate once a threshold, kept in this file"},
    {"now", "TIME", "as if it were this time; later events count all the same"},
    FILTER_OPTIONS,
    {"columns", "NAME,...", "these columns in this order; list --help names them"},
    {"csv", NULL, "as CSV, all columns or those of --columns, times in UTC"},
    {"json", NULL, "one JSON object for each row"},
    {0},
};

const struct command command_expiry = {
    .name = "expiry",
    .operands = "[JOURNAL]",
    .operands_most = 1,
    .options = options,
    .run = expiry_run,
    .summary = "the certificates that end soon and need a person",
    .more = JOURNAL_HELP
    "\nShown are certificates that end within the window, or ended in the last seven\n"
    "days, and that are neither revoked nor renewed. What is renewed (for certain or\n"
    "as the same, see list --help), enrolled automatically or short-lived is counted\n"
    "in the last lines. Short-lived is a life of less than twice the window and than\n"
    "180 days. In the last seven days, and once it has ended, neither of the two is\n"
    "left out, unless its whole life is of less than 30 days. The CA's own\n"
    "certificates and CRLs come first, then agents, key recovery, OCSP and NDES.\n"
    "The journal knows what was issued since it began; the last lines say when.\n\n"
    "With --state a certificate is told when it passes 90, 60, 30, 14, 7 and 0 days,\n"
    "once each, and what ended since the last run with the same journal and the same\n"
    "options, however long ago that was. The last lines say when it was and how many\n"
    "ended since. The file is changed once all has been written.\n\n"
    "The site file has lines such as\n"
    "  owner requester=\"CORP\\webadmin\" mail=web-team@corp.example\n"
    "  owner ca mail=pki@corp.example\n"
    "--eml writes one message for each owner and one for what has none. The owner ca\n"
    "is told of the CA's own certificates and of CRLs that are late. Nothing is sent.\n\n"
    FILTER_HELP "\n"
    "  certwitness expiry\n"
    "  certwitness expiry --within 30d --by requester\n"
    "  certwitness expiry --within 60d --state expiry.state --eml mail\n"
    "  certwitness expiry D:\\Evidence\\CA1 --now 2026-11-01 --all --csv > ends.csv\n\n"
    "Exit code: 0 nothing is shown, 1 something ends, a CRL is late, or the journal\n"
    "is damaged, 2 it could not be done.\n",
};
