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

/* What is the same for all rows. */
struct fact_view {
    int64_t now;                        /* seconds since 1970 */
    const struct template_names *names; /* borrowed */
};

struct fact_column {
    const char *name;                   /* for --columns and the head */
    unsigned width;                     /* in a table; 0: it shares what the others leave */
    void (*add)(const struct fact *fact, const struct fact_view *view, struct bytes *out);
};

struct fact_columns {
    const struct fact_column *list[FACT_COLUMNS_MOST];
    unsigned count;
};

/* Those of --columns; else the ones in `usual`, names with commas; NULL: all. False: there is no
 * such column, and standard error has been told which there are. */
bool fact_columns_read(const struct options *options, const char *usual,
                       struct fact_columns *columns);

/* Rows of a table `width` columns wide; 0: of no terminal. */
void fact_columns_head(const struct fact_columns *columns, unsigned width, struct bytes *out);
void fact_columns_row(const struct fact_columns *columns, unsigned width, const struct fact *fact,
                      const struct fact_view *view, struct bytes *out);

/* The same without what begins and ends a row, for who has cells of his own before them. */
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
