/*
 * The CA's database: one row for each request.
 *
 * A row has two halves, the request's and the certificate's, each with typed properties (properties.h), and besides
 * them the attributes that came with the request and the extensions of the certificate. Rows are numbered from 1 and
 * stay until the database is closed.
 *
 * Threads: whoever changes rows, or reads several values that belong together, holds the lock for it; a single value is
 * read under the lock too. No call takes the lock by itself. Text given is UTF-8, kept and handed out as UTF-16.
 */
#ifndef STUBCA_ROWS_H
#define STUBCA_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

/* A value of one of the four types. Text and bytes are `data`: text as UTF-16, `size` in bytes, no NUL counted. */
struct value {
    LONG type;                          /* PROPTYPE_*; 0: no value */
    LONG number;
    int64_t seconds;                    /* a date, since 1970, UTC */
    void *data;
    size_t size;
};

struct attribute_cell {
    WCHAR *name, *value;                /* name as it is looked up: without blanks and '-' */
};

struct extension_cell {
    char *oid;
    LONG flags;                         /* EXTENSION_CRITICAL_FLAG, _DISABLE_FLAG, _ORIGIN_* */
    void *data;
    size_t size;
};

/* What the directory says of who requested: SID, user principal name, DNS name, mail address. Texts are the row's; NULL:
 * nothing. */
struct requester {
    char *sid, *upn, *dns_name, *mail;
};

enum half { HALF_REQUEST, HALF_CERTIFICATE };

struct row {
    LONG id;
    struct half_cells {
        struct cell { int property; struct value value; } *cells;
        size_t count;
    } halves[2];
    struct attribute_cell *attributes;
    size_t attribute_count;
    struct extension_cell *extensions;
    size_t extension_count;
    struct requester requester;
    int approvals;                      /* how often a manager has approved it */
};

struct rows;

struct rows *rows_open(void);
void rows_close(struct rows *rows);     /* takes NULL */

void rows_read_lock(struct rows *rows);
void rows_read_unlock(struct rows *rows);
void rows_write_lock(struct rows *rows);
void rows_write_unlock(struct rows *rows);

/* The row is the database's. The id is the next one. */
struct row *rows_add(struct rows *rows);
struct row *rows_find(struct rows *rows, LONG id);              /* NULL: no such row, or deleted */
void rows_delete(struct rows *rows, LONG id);                   /* its number is not used again */
LONG rows_last(struct rows *rows);                              /* the highest id; 0 where there is no row */

/* From now on the rows that are there stand, turn by turn, for every id from 1 on, so that many requests cost no more
 * memory than a few. A row then tells its own id, not the one that it was found by. No row is added after this. */
void rows_repeat(struct rows *rows);

/* Set a property by the name of its column; the type must be the column's, which the program checks. NULL, or no bytes,
 * takes the value away. */
void row_set_long(struct row *row, enum half half, const char *name, LONG number);
void row_set_date(struct row *row, enum half half, const char *name, int64_t seconds);
void row_set_text(struct row *row, enum half half, const char *name, const char *utf8);
void row_set_bytes(struct row *row, enum half half, const char *name, const void *data, size_t size);

/* NULL where there is no value. The value is the row's. */
const struct value *row_value(const struct row *row, enum half half, int property);
LONG row_long(const struct row *row, enum half half, const char *name, LONG otherwise);
int64_t row_date(const struct row *row, enum half half, const char *name, int64_t otherwise);
char *row_text(const struct row *row, enum half half, const char *name); /* UTF-8, the caller frees; NULL: none */

/*
 * Take in attributes as certreq and the RPC interface give them: lines `Name:Value`, ended by LF or CR LF. Blanks and
 * '-' in names do not count, values are trimmed, a line without a name or without ':' is passed over. A name that is
 * there already, whatever its case, gets the new value.
 */
void row_add_attributes(struct row *row, const char *lines);
const struct attribute_cell *row_attribute(const struct row *row, const WCHAR *name);

/* The property RequestAttributes, made anew from the attributes: lines joined by LF, cut to `limit` characters. */
void row_join_attributes(struct row *row, size_t limit);

void row_set_extension(struct row *row, const char *oid, LONG flags, const void *data, size_t size);
struct extension_cell *row_extension(const struct row *row, const char *oid);

#endif
