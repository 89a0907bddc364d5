#include "cli/commands.h"

#include "base/plural.h"
#include "cli/filter_options.h"
#include "cli/inventory/fact_columns.h"
#include "cli/inventory/fact_filter.h"
#include "cli/inventory/fact_reading.h"
#include "cli/inventory/fact_words.h"
#include "cli/journal_path.h"
#include "cli/terminal/console.h"
#include "cli/terminal/paragraph.h"

#include <inttypes.h>
#include <stdlib.h>

#define USUAL    "request,state,until,requester,templateName,name,key,note"
#define OUT_KEEP (1u << 20)             /* bytes that are written at once */

enum form { FORM_TABLE, FORM_CSV, FORM_JSON };

struct list {
    const struct options *options;      /* borrowed */
    struct filter filter;
    struct fact_filter wanted;
    struct fact_columns columns;
    struct fact_view view;
    enum form form;
    struct bytes out;                   /* owned */
    struct csv csv;
    uint64_t shown, valid;
    uint64_t unsure;                    /* shown, and not all of it was searched */
    uint64_t unknown;                   /* not shown: who a name is from is not known */
};

static bool list_read_options(struct list *list, const struct options *options)
{
    bool json = option_given(options, "json"), csv = option_given(options, "csv");

    list->options = options;
    if (json && (csv || option_given(options, "columns"))) {
        console_note("%s is about columns, and --json has none: give one of the two",
                     csv ? "--csv" : "--columns");
        return false;
    }
    list->form = json ? FORM_JSON : csv ? FORM_CSV : FORM_TABLE;
    if (!fact_columns_read(options, csv ? NULL : USUAL, &list->columns)) return false;
    fact_columns_fit(&list->columns, console_width(), false);
    return filter_options_read(&list->filter, options) && fact_filter_read(&list->wanted, options);
}

static void list_write(struct list *list, size_t least)
{
    if (list->out.size < least || list->out.failed) return;
    console_write(list->out.data, list->out.size);
    list->out.size = 0;
}

static void list_head(struct list *list)
{
    if (list->form == FORM_TABLE) fact_columns_head(&list->columns, &list->out);
    if (list->form == FORM_CSV) fact_columns_csv_head(&list->columns, &list->csv);
}

static void list_row(struct list *list, const struct fact *fact)
{
    list->shown++;
    list->valid += fact_state(fact, list->view.now) == STATE_VALID;
    switch (list->form) {
    case FORM_TABLE: fact_columns_row(&list->columns, fact, &list->view, &list->out); break;
    case FORM_CSV: fact_columns_csv(&list->columns, fact, &list->view, &list->csv); break;
    case FORM_JSON: fact_json(fact, &list->view, NULL, &list->out); break;
    }
    list_write(list, OUT_KEEP / 4);
}

/* Below a table; beside CSV and JSON on standard error. */
static void list_tell(struct list *list, const struct facts *facts)
{
    struct bytes text = {0};

    bytes_printf(&text, "%" PRIu64 " %s, %" PRIu64 " of them valid. ", list->shown,
                 plural(list->shown, "certificate", "certificates"), list->valid);
    if (list->unsure)
        bytes_printf(&text, "%" PRIu64 " of them %s shown because not all of %s was searched: more "
                     "than %d names or purposes, a name of more than %d bytes, what cannot be "
                     "read, or bytes that the journal does not have. ", list->unsure,
                     plural(list->unsure, "is", "are"), plural(list->unsure, "it", "each"),
                     FACT_NAMES_MOST, FACT_NAME_MOST);
    if (list->unknown)
        bytes_printf(&text, "Of %" PRIu64 " %s it is not known who a name is from (namesFrom, "
                     "sidFrom, subjectFrom), and %s not shown. ", list->unknown,
                     plural(list->unknown, "other", "others"),
                     plural(list->unknown, "it is", "they are"));
    fact_reading_tell_span(facts, &text);
    while (text.size && text.data[text.size - 1] == ' ') text.size--;
    bytes_add(&text, "", 1);
    if (text.failed) list->out.failed = true;
    else if (list->form != FORM_TABLE) console_note("%s", text.data);
    else {
        bytes_add_text(&list->out, "\n");
        paragraph_add(&list->out, text.data, text.size - 1, 0, paragraph_width());
    }
    bytes_free(&text);
}

static void list_take(struct list *list, const struct fact *fact)
{
    enum fact_match match = fact_filter_match(&list->wanted, fact);

    list->unsure += match == FACT_MAY_FIT;
    list->unknown += match == FACT_OF_UNKNOWN_SOURCE;
    if (match >= FACT_MAY_FIT) list_row(list, fact);
}

static enum outcome list_show(struct list *list, struct facts *facts)
{
    struct fact fact;

    list->csv.out = &list->out;
    list->view = (struct fact_view){.now = list->wanted.now, .names = &facts->names,
                                     .facts = facts};
    list_head(list);
    while (!console_failed() && !console_interrupted() && facts_next(facts, &fact))
        if (fact.is_wanted) list_take(list, &fact);
    if (FAILED(facts->hr)) return fact_reading_failed(facts);
    if (!console_interrupted()) list_tell(list, facts);
    list_write(list, 0);
    if (list->out.failed) console_note("there is not enough memory");
    return list->out.failed || console_interrupted() ? OUTCOME_CANNOT : OUTCOME_FINE;
}

static enum outcome list_run(const struct options *options)
{
    struct list *list = calloc(1, sizeof *list);
    enum outcome outcome = OUTCOME_CANNOT, shown;
    struct facts *facts;

    if (!list) console_note("there is not enough memory");
    else if (list_read_options(list, options) &&
             (facts = fact_reading(options, &list->filter, list->wanted.least_end, &outcome))) {
        shown = list_show(list, facts);
        if (shown > outcome) outcome = shown;
        facts_close(facts);
    }
    if (list) bytes_free(&list->out);
    free(list);
    return outcome;
}

static const struct option_row options[] = {
    JOURNAL_OPTION,
    FACT_FILTER_OPTIONS,
    FILTER_OPTIONS,
    {"columns", "NAME,...", "these columns in this order: request,name,key,eku"},
    {"csv", NULL, "as CSV, all columns or those of --columns, times in UTC"},
    {"json", NULL, "one JSON object for each certificate"},
    {0},
};

const struct command command_list = {
    .name = "list",
    .operands = "[JOURNAL]",
    .operands_most = 1,
    .options = options,
    .run = list_run,
    .summary = "the certificates that were issued, one a row",
    .more = JOURNAL_HELP
    "\nA certificate is listed with what later events say of it: revoked, why, renewed\n"
    "by which request. The journal knows what was issued since it began, and nothing\n"
    "before; the last lines of the output say when that was.\n\n"
    "namesFrom, sidFrom and subjectFrom say who a value is from: enrollee, where the\n"
    "request has it too; CA, where the certificate alone has it; unknown, where the\n"
    "request is not in the journal, or it or a name cannot be read.\n\n"
    "renewal says on which ground a certificate counts as renewed: certain, where its\n"
    "key signed the request, as the CA says, or the request of the same requester and\n"
    "template has it; same, where requester, template, subject and names are equal\n"
    "and the last third of its life had begun; probable, where another requester has\n"
    "a certificate of the same template with all its names, or another machine one\n"
    "with all that is equal. said is none: another\n"
    "request names it, which anybody can write.\n\n"
    FILTER_HELP "\n"
    "Columns are request, state, issued, notBefore, notAfter, until, days, left,\n"
    "requester, caller, template, templateName, name, subject, subjectFrom, names,\n"
    "namesFrom, upn, sid, sidFrom, key, signature, eku, serial, thumbprint,\n"
    "renewedBy, renewal, revoked, reason, note, process, machine, user and sequence.\n\n"
    "  certwitness list --valid --expires-within 30d\n"
    "  certwitness list --valid --key \"rsa<2048\" --columns request,requester,name,key\n"
    "  certwitness list --supplied --eku \"Client Authentication\" --csv > supplied.csv\n"
    "  certwitness list D:\\Evidence\\CA1 --name \"*.corp.example\" --json\n\n"
    "Exit code: 0 listed, 1 the journal is damaged and what could be read was listed,\n"
    "2 it could not be read.\n",
};
