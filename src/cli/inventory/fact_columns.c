#include "fact_columns.h"

#include "cli/suggestion.h"
#include "cli/terminal/console.h"
#include "fact_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MOST     32                /* characters of a name that are compared and repeated */
#define LEAST_COLUMNS 8
#define NO_TERMINAL   20                /* columns that share, where nothing is cut */

typedef const struct fact fact_of;
typedef const struct fact_view view_of;

static void fact_columns_add_sequence(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    bytes_printf(out, "%" PRIu64, fact->issuance.sequence);
}

static void fact_columns_add_request(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    if (fact->issuance.has_request_id) bytes_printf(out, "%" PRId64, fact->issuance.request_id);
}

static void add_issued(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_time(fact->issuance.time, out);
}

static void add_state(fact_of *fact, view_of *view, struct bytes *out)
{
    bytes_add_text(out, fact_state_word(fact_state(fact, view->now)));
}

static void fact_columns_add_not_before(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_time(fact->issuance.not_before, out);
}

static void fact_columns_add_not_after(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_time(fact->issuance.not_after, out);
}

static void add_until(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_date(fact->issuance.not_after, out);
}

static void add_days(fact_of *fact, view_of *view, struct bytes *out)
{
    const struct issuance *issuance = &fact->issuance;

    (void)view;
    if (issuance->not_before == FACT_NO_TIME || issuance->not_after == FACT_NO_TIME) return;
    bytes_printf(out, "%" PRId64, (issuance->not_after - issuance->not_before) / 86400);
}

static void add_left(fact_of *fact, view_of *view, struct bytes *out)
{
    if (fact->issuance.not_after == FACT_NO_TIME) return;
    bytes_printf(out, "%" PRId64, (fact->issuance.not_after - view->now) / 86400);
}

static void fact_columns_add_text(fact_of *fact, enum fact_text which, struct bytes *out)
{
    bytes_add(out, fact->issuance.texts[which].text, fact->issuance.texts[which].size);
}

#define TEXT_COLUMN(name, which)                                                                   \
    static void name(fact_of *fact, view_of *view, struct bytes *out)                              \
    {                                                                                              \
        (void)view;                                                                                \
        fact_columns_add_text(fact, which, out);                                                   \
    }

TEXT_COLUMN(fact_columns_add_requester, FACT_REQUESTER)
TEXT_COLUMN(fact_columns_add_caller, FACT_CALLER)
TEXT_COLUMN(fact_columns_add_subject, FACT_SUBJECT)
TEXT_COLUMN(fact_columns_add_upn, FACT_UPN)
TEXT_COLUMN(fact_columns_add_sid, FACT_SID)
TEXT_COLUMN(fact_columns_add_serial, FACT_SERIAL)
TEXT_COLUMN(fact_columns_add_thumbprint, FACT_HASH)
TEXT_COLUMN(fact_columns_add_process, FACT_PROCESS)
TEXT_COLUMN(fact_columns_add_machine, FACT_MACHINE)
TEXT_COLUMN(fact_columns_add_user, FACT_USER)

static void fact_columns_add_template(fact_of *fact, view_of *view, struct bytes *out)
{
    fact_words_template(fact, view->names, out);
}

static void add_template_name(fact_of *fact, view_of *view, struct bytes *out)
{
    fact_words_template_name(fact, view->names, out);
}

static void fact_columns_add_name(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_name(fact, out);
}

static void fact_columns_add_names(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_names(fact, out);
}

static void add_names_from(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    bytes_add_text(out, fact_source_word(fact->issuance.names_source));
}

static void add_sid_from(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    bytes_add_text(out, fact_source_word(fact->issuance.sid_source));
}

static void add_subject_from(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    bytes_add_text(out, fact_source_word(fact->issuance.subject_source));
}

static void fact_columns_add_key(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_key(&fact->issuance, out);
}

static void fact_columns_add_signature(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_signature(&fact->issuance, out);
}

static void fact_columns_add_eku(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_purposes(&fact->issuance, out);
}

static void add_renewed_by(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    if (fact->fate.ground && fact->fate.ground != GROUND_SAID &&
        fact->fate.by_request != FACT_NO_TIME)
        bytes_printf(out, "%" PRId64, fact->fate.by_request);
}

static void add_renewal(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    bytes_add_text(out, fact_ground_word(fact->fate.ground));
}

static void add_revoked(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    if (fact->fate.is_revoked) fact_words_time(fact->fate.revoked_when, out);
}

static void add_why(fact_of *fact, view_of *view, struct bytes *out)
{
    (void)view;
    fact_words_reason(&fact->fate, out);
}

/* Its fate: for a table that has no room for more. */
static void add_note(fact_of *fact, view_of *view, struct bytes *out)
{
    if (fact_state(fact, view->now) == STATE_REVOKED) fact_words_reason(&fact->fate, out);
    else fact_words_renewal(&fact->fate, view->facts, out);
}

static void add_short_note(fact_of *fact, view_of *view, struct bytes *out)
{
    if (fact_state(fact, view->now) == STATE_REVOKED) fact_words_reason(&fact->fate, out);
    else fact_words_short_renewal(&fact->fate, out);
}

static void add_short_state(fact_of *fact, view_of *view, struct bytes *out)
{
    if (fact_state(fact, view->now) == STATE_NOT_YET) bytes_add_text(out, "not yet");
    else add_state(fact, view, out);
}

#define ANY 1000                        /* columns: as many as there are */

static const struct fact_column columns[] = {
    {"request", 7, 7, .add = fact_columns_add_request},
    {"state", 7, 7, .add = add_state, .add_short = add_short_state},
    {"issued", 19, 19, .add = add_issued},
    {"notBefore", 19, 19, .add = fact_columns_add_not_before},
    {"notAfter", 19, 19, .add = fact_columns_add_not_after},
    {"until", 10, 10, .add = add_until},
    {"days", 5, 5, .add = add_days, .is_number = true},
    {"left", 5, 5, .add = add_left, .is_number = true},
    {"requester", 16, 20, .add = fact_columns_add_requester},
    {"caller", 8, ANY, .add = fact_columns_add_caller},
    {"template", 8, ANY, .add = fact_columns_add_template},
    {"templateName", 15, 20, .add = add_template_name, .worth = 2, .head = "TEMPLATE"},
    {"name", 18, 34, .add = fact_columns_add_name, .is_first = true},
    {"subject", 8, ANY, .add = fact_columns_add_subject},
    {"subjectFrom", 11, 11, .add = add_subject_from},
    {"names", 8, ANY, .add = fact_columns_add_names},
    {"namesFrom", 9, 9, .add = add_names_from},
    {"upn", 8, ANY, .add = fact_columns_add_upn},
    {"sid", 8, ANY, .add = fact_columns_add_sid},
    {"sidFrom", 8, 8, .add = add_sid_from},
    {"key", 9, 9, .add = fact_columns_add_key, .worth = 1},
    {"signature", 12, 12, .add = fact_columns_add_signature},
    {"eku", 8, ANY, .add = fact_columns_add_eku},
    {"serial", 8, ANY, .add = fact_columns_add_serial},
    {"thumbprint", 40, 40, .add = fact_columns_add_thumbprint},
    {"renewedBy", 9, 9, .add = add_renewed_by},
    {"renewal", 8, 8, .add = add_renewal},
    {"revoked", 19, 19, .add = add_revoked},
    {"reason", 8, ANY, .add = add_why},
    {"note", 17, 32, .add = add_note, .add_short = add_short_note, .worth = 3},
    {"process", 8, ANY, .add = fact_columns_add_process},
    {"machine", 8, ANY, .add = fact_columns_add_machine},
    {"user", 8, ANY, .add = fact_columns_add_user},
    {"sequence", 8, 8, .add = fact_columns_add_sequence},
};

#define COLUMNS (sizeof columns / sizeof *columns)

_Static_assert(COLUMNS <= FACT_COLUMNS_MOST, "all of them can be chosen");

static bool fact_columns_unknown(const char *name)
{
    char meant[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;
    struct bytes all = {0};

    suggestion_begin(&suggestion, name);
    for (size_t i = 0; i < COLUMNS; i++) {
        suggestion_offer(&suggestion, columns[i].name);
        if (i) bytes_add_text(&all, ", ");
        bytes_add_text(&all, columns[i].name);
    }
    console_note("--columns: there is no column \"%s\".%s The columns are %.*s", name,
                 suggestion_text(&suggestion, "", meant), (int)all.size, all.size ? all.data : "");
    bytes_free(&all);
    return false;
}

/* One name of a list; blanks around it do not count. */
static bool fact_columns_take(struct fact_columns *chosen, const char *text, size_t size)
{
    char name[NAME_MOST + 1] = "";
    size_t i = 0;

    while (size && *text == ' ') text++, size--;
    while (size && text[size - 1] == ' ') size--;
    memcpy(name, text, size < NAME_MOST ? size : NAME_MOST);
    if (size > NAME_MOST) return fact_columns_unknown(name);
    while (i < COLUMNS && strcasecmp(columns[i].name, name)) i++;
    if (i == COLUMNS) return fact_columns_unknown(name);
    if (chosen->count == FACT_COLUMNS_MOST) {
        console_note("--columns: more than %d columns", FACT_COLUMNS_MOST);
        return false;
    }
    chosen->list[chosen->count++] = &columns[i];
    return true;
}

static bool take_list(struct fact_columns *chosen, const char *list)
{
    for (size_t size;; list += size + 1) {
        size = strcspn(list, ",");
        if (!fact_columns_take(chosen, list, size)) return false;
        if (!list[size]) return true;
    }
}

bool fact_columns_read(const struct options *options, const char *usual,
                       struct fact_columns *chosen)
{
    const char *list;
    unsigned at = 0;

    *chosen = (struct fact_columns){.is_usual = true};
    while ((list = option_next(options, "columns", &at)))
        if (!take_list(chosen, list)) return false;
    if (chosen->count) return chosen->is_usual = false, true;
    if (usual) return take_list(chosen, usual);
    for (size_t i = 0; i < COLUMNS; i++) chosen->list[chosen->count++] = &columns[i];
    return true;
}

static bool shares(const struct fact_column *column)
{
    return column->most > column->least;
}

static unsigned row_width(const struct fact_columns *chosen)
{
    unsigned sum = chosen->count - 1;

    for (unsigned i = 0; i < chosen->count; i++) sum += chosen->widths[i];
    return sum;
}

static void drop_column(struct fact_columns *chosen, unsigned at)
{
    for (chosen->count--; at < chosen->count; at++) {
        chosen->list[at] = chosen->list[at + 1];
        chosen->widths[at] = chosen->widths[at + 1];
    }
}

/* The note goes to a line below unless there is room for all of it. */
static void put_note_below(struct fact_columns *chosen, unsigned width)
{
    unsigned last = chosen->count - 1;

    if (chosen->list[last]->add != add_note) return;
    if (row_width(chosen) - chosen->widths[last] + chosen->list[last]->most <= width) {
        chosen->widths[last] = chosen->list[last]->most;
        return;
    }
    chosen->below = chosen->list[last];
    drop_column(chosen, last);
}

static bool drop_least_worth(struct fact_columns *chosen)
{
    unsigned least = FACT_COLUMNS_MOST;

    for (unsigned i = 0; i < chosen->count; i++)
        if (chosen->list[i]->worth && (least == FACT_COLUMNS_MOST ||
                                       chosen->list[i]->worth < chosen->list[least]->worth))
            least = i;
    if (least == FACT_COLUMNS_MOST) return false;
    drop_column(chosen, least);
    return true;
}

enum share { SHARE_FIRST, SHARE_BOUNDED, SHARE_REST };

static bool takes_share(const struct fact_columns *chosen, unsigned at, enum share share)
{
    const struct fact_column *column = chosen->list[at];

    if (!shares(column)) return false;
    if (share != SHARE_REST && chosen->widths[at] >= column->most) return false;
    return share != SHARE_FIRST || (column->is_first && chosen->is_usual);
}

/* One column more for each in turn, until no room is left or none takes more. */
static unsigned share_out(struct fact_columns *chosen, unsigned left, enum share share)
{
    bool any = true;

    while (left && any) {
        any = false;
        for (unsigned i = 0; left && i < chosen->count; i++)
            if (takes_share(chosen, i, share)) chosen->widths[i]++, left--, any = true;
    }
    return left;
}

void fact_columns_fit(struct fact_columns *chosen, unsigned width, bool note_below)
{
    unsigned left;

    for (unsigned i = 0; i < chosen->count; i++) {
        chosen->widths[i] = chosen->list[i]->least;
        if (!shares(chosen->list[i])) continue;
        if (!width) chosen->widths[i] = NO_TERMINAL;
        else if (!chosen->is_usual) chosen->widths[i] = LEAST_COLUMNS;
    }
    chosen->is_cut = width != 0;
    if (!width) return;
    if (chosen->is_usual && note_below) put_note_below(chosen, width);
    while (chosen->is_usual && row_width(chosen) > width && drop_least_worth(chosen)) {}
    left = row_width(chosen) < width ? width - row_width(chosen) : 0;
    for (int share = SHARE_FIRST; share <= SHARE_REST; share++)
        left = share_out(chosen, left, (enum share)share);
}

static void put_cell(const struct fact_columns *chosen, unsigned at, struct span text,
                     struct bytes *out)
{
    unsigned width = chosen->widths[at];
    unsigned used = console_add_text(out, text.text, text.size, chosen->is_cut ? width : 0);

    if (at + 1 == chosen->count) return;
    bytes_add_text(out, " ");
    for (; used < width; used++) bytes_add_text(out, " ");
}

static void trim_row(struct bytes *out, size_t start)
{
    while (!out->failed && out->size > start && out->data[out->size - 1] == ' ') out->size--;
}

static void put_head(const struct fact_columns *chosen, unsigned at, struct bytes *out)
{
    const char *name = chosen->list[at]->head ? chosen->list[at]->head : chosen->list[at]->name;
    char head[NAME_MOST] = "";
    size_t size = strlen(name);

    for (size_t c = 0; c < size; c++)
        head[c] = (char)(name[c] >= 'a' && name[c] <= 'z' ? name[c] - 32 : name[c]);
    put_cell(chosen, at, (struct span){head, size}, out);
}

void fact_columns_head(const struct fact_columns *chosen, struct bytes *out)
{
    size_t start;

    bytes_add_text(out, console_style(STYLE_STRONG));
    start = out->size;
    for (unsigned i = 0; i < chosen->count; i++) put_head(chosen, i, out);
    trim_row(out, start);
    bytes_add_text(out, console_style(STYLE_PLAIN));
    bytes_add_text(out, "\n");
}

static void put_below(const struct fact_columns *chosen, const struct fact *fact,
                      const struct fact_view *view, struct bytes *cell, struct bytes *out)
{
    chosen->below->add(fact, view, cell);
    if (!cell->size) return;
    bytes_printf(out, "%*s", chosen->count > 1 ? (int)chosen->widths[0] + 1 : 0, "");
    console_add_text(out, cell->data, cell->size, 0);
    bytes_add_text(out, "\n");
}

void fact_columns_row(const struct fact_columns *chosen, const struct fact *fact,
                      const struct fact_view *view, struct bytes *out)
{
    struct bytes cell = {0};
    size_t start = out->size;

    for (unsigned i = 0; i < chosen->count; i++, cell.size = 0) {
        const struct fact_column *column = chosen->list[i];

        column->add(fact, view, &cell);
        if (chosen->is_cut && column->add_short && cell.size > chosen->widths[i]) {
            cell.size = 0;
            column->add_short(fact, view, &cell);
        }
        put_cell(chosen, i, (struct span){cell.size ? cell.data : "", cell.size}, out);
    }
    trim_row(out, start);
    bytes_add_text(out, "\n");
    if (chosen->below) put_below(chosen, fact, view, &cell, out);
    out->failed |= cell.failed;
    bytes_free(&cell);
}

void fact_columns_csv_names(const struct fact_columns *chosen, struct csv *csv)
{
    for (unsigned i = 0; i < chosen->count; i++) csv_word(csv, chosen->list[i]->name);
}

void fact_columns_csv_head(const struct fact_columns *chosen, struct csv *csv)
{
    csv_begin(csv, csv->out);
    fact_columns_csv_names(chosen, csv);
    csv_end_row(csv);
}

static int64_t number_of(struct bytes *cell)
{
    bytes_add(cell, "", 1);
    return cell->failed ? 0 : strtoll(cell->data, NULL, 10);
}

void fact_columns_csv_cells(const struct fact_columns *chosen, const struct fact *fact,
                            const struct fact_view *view, struct csv *csv)
{
    struct bytes cell = {0};

    for (unsigned i = 0; i < chosen->count; i++, cell.size = 0) {
        chosen->list[i]->add(fact, view, &cell);
        if (chosen->list[i]->is_number && cell.size) csv_number(csv, number_of(&cell));
        else csv_text(csv, cell.size ? cell.data : "", cell.size);
    }
    csv->out->failed |= cell.failed;
    bytes_free(&cell);
}

void fact_columns_csv(const struct fact_columns *chosen, const struct fact *fact,
                      const struct fact_view *view, struct csv *csv)
{
    fact_columns_csv_cells(chosen, fact, view, csv);
    csv_end_row(csv);
}
