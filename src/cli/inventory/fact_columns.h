/*
 * Certificates as rows: of a table, of CSV (csv.h), or one JSON object each.
 *
 * Cells of certificates are hostile text and made plain here. In a terminal a cell is cut to its
 * column; elsewhere nothing is cut.
 */
#ifndef FACT_COLUMNS_H
#define FACT_COLUMNS_H

#include "cli/options.h"
#include "cli/terminal/csv.h"
#include "facts/facts.h"

#define FACT_COLUMNS_MOST 40

/* The same for all rows. */
struct fact_view {
    int64_t now;                        /* seconds since 1970 */
    const struct template_names *names; /* borrowed, as is what follows */
    struct facts *facts;
};

struct fact_column {
    const char *name;                   /* for --columns and the head of a CSV */
    unsigned least, most;               /* columns of a terminal; beyond `least` they are shared */
    void (*add)(const struct fact *fact, const struct fact_view *view, struct bytes *out);
    /* The same in less ASCII text, for a table in which that is too wide; NULL: it is cut. */
    void (*add_short)(const struct fact *fact, const struct fact_view *view, struct bytes *out);
    unsigned worth;                     /* of a usual one: the least goes first; 0: it stays */
    bool is_first;                      /* it gets its most before others share */
    const char *head;                   /* of a table; NULL: the name */
    bool is_number;                     /* of our own: a minus is no formula's */
};

struct fact_columns {
    const struct fact_column *list[FACT_COLUMNS_MOST];
    unsigned widths[FACT_COLUMNS_MOST]; /* set by fact_columns_fit */
    unsigned count;
    const struct fact_column *below;    /* on a line of its own; NULL: none */
    bool is_usual;                      /* not those of --columns */
    bool is_cut;                        /* cells are cut to their widths */
};

/* Those of --columns; else the ones in `usual`, names with commas; NULL: all. False: there is no
 * such column, and standard error has been told which there are. */
bool fact_columns_read(const struct options *options, const char *usual,
                       struct fact_columns *columns);

/*
 * Choose the widths for a table; before the first row. `width` in columns; 0: of no terminal, where
 * nothing is cut.
 *
 * Of the usual columns some are left out where there is no room for their least widths: the key,
 * then the template, then the note. With `note_below` a note that has no room in full is on a line
 * of its own. Columns that were asked for are all there; the rows may then be wider than `width`.
 */
void fact_columns_fit(struct fact_columns *columns, unsigned width, bool note_below);

void fact_columns_head(const struct fact_columns *columns, struct bytes *out);
void fact_columns_row(const struct fact_columns *columns, const struct fact *fact,
                      const struct fact_view *view, struct bytes *out);

/* The same as CSV without the begin and the end of a row, for a caller with cells of its own. */
void fact_columns_csv_names(const struct fact_columns *columns, struct csv *csv);
void fact_columns_csv_cells(const struct fact_columns *columns, const struct fact *fact,
                            const struct fact_view *view, struct csv *csv);

void fact_columns_csv_head(const struct fact_columns *columns, struct csv *csv);
void fact_columns_csv(const struct fact_columns *columns, const struct fact *fact,
                      const struct fact_view *view, struct csv *csv);

/* One object and a LF; `first` is members that come first, JSON text: `"row":"due"`; NULL: none. */
void fact_json(const struct fact *fact, const struct fact_view *view, const char *first,
               struct bytes *out);

#endif
