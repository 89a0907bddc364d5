/*
 * The CA's database: one row for each request.
 *
 * A row has two halves, the request's and the certificate's, each with typed properties
 * (properties.h). In addition it has the attributes of the request and the extensions of the
 * certificate. Rows are numbered from 1 and stay until the database is closed.
 *
 * Threads: a caller that changes rows, or reads several values that belong together, holds the
 * lock meanwhile; a single value is also read under the lock. No call takes the lock by itself.
 * Texts are passed in as UTF-8, stored and returned as UTF-16.
 */
#ifndef STUBCA_ROWS_H
#define STUBCA_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

/* A value of one of the four types. Text and bytes are `data`: text as UTF-16, `size` in bytes, no
 * NUL counted. */
struct value {
    LONG type;                          /* PROPTYPE_*; 0: no value */
    LONG number;
    int64_t seconds;                    /* a date, since 1970, UTC */
    void *data;
    size_t size;
};

struct attribute_cell {
    WCHAR *name, *value;                /* name in the form used for look-ups: without blanks and
                                         * '-' */
    unsigned digest;                    /* of the name; equal for names that differ only in case */
};

struct extension_cell {
    char *oid;
    LONG flags;                         /* EXTENSION_CRITICAL_FLAG, _DISABLE_FLAG, _ORIGIN_* */
    void *data;
    size_t size;
};

/*
 * The directory's data about the requester: SID, user principal name, DNS name, mail address. The
 * row owns the texts; NULL: none.
 */
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
    int approvals;                      /* number of approvals by certificate managers */
};

struct rows;

struct rows *rows_open(void);
void rows_close(struct rows *rows);     /* takes NULL */

void rows_read_lock(struct rows *rows);
void rows_read_unlock(struct rows *rows);
void rows_write_lock(struct rows *rows);
void rows_write_unlock(struct rows *rows);

/* Add a row with the next id. The database owns it. */
struct row *rows_add(struct rows *rows);
struct row *rows_find(struct rows *rows, LONG id);              /* NULL: no such row, or deleted */
void rows_delete(struct rows *rows, LONG id);                   /* its number is not used again */
LONG rows_last(struct rows *rows);                              /* the highest id; 0: no rows */

/*
 * From now on the existing rows are used in turn for every id from 1 on, so that many requests
 * need no more memory than a few. A row then returns its own id, not the one it was looked up by.
 * No row can be added after this.
 */
void rows_repeat(struct rows *rows);

/*
 * Set a property by the name of its column; the type must be that of the column, which is checked.
 * NULL, or no bytes, removes the value.
 */
void row_set_long(struct row *row, enum half half, const char *name, LONG number);
void row_set_date(struct row *row, enum half half, const char *name, int64_t seconds);
void row_set_text(struct row *row, enum half half, const char *name, const char *utf8);
void row_set_bytes(struct row *row, enum half half, const char *name, const void *data,
                   size_t size);

/* NULL: no value. The row owns the value. */
const struct value *row_value(const struct row *row, enum half half, int property);
LONG row_long(const struct row *row, enum half half, const char *name, LONG otherwise);
int64_t row_date(const struct row *row, enum half half, const char *name, int64_t otherwise);
char *row_text(const struct row *row, enum half half,
               const char *name); /* UTF-8, the caller frees; NULL: none */

/*
 * Add attributes in the form of certreq and the RPC interface: lines `Name:Value`, ended by LF or
 * CR LF. Blanks and '-' in names are ignored, values are trimmed, and a line without a name or
 * without ':' is skipped. An existing name, in any case, gets the new value.
 */
void row_add_attributes(struct row *row, const char *lines);
const struct attribute_cell *row_attribute(const struct row *row, const WCHAR *name);

/*
 * Rebuild the property RequestAttributes from the attributes: lines joined by LF, cut to `limit`
 * characters.
 */
void row_join_attributes(struct row *row, size_t limit);

void row_set_extension(struct row *row, const char *oid, LONG flags, const void *data, size_t size);
struct extension_cell *row_extension(const struct row *row, const char *oid);

#endif
