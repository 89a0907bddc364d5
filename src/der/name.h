/*
 * Distinguished names (X.501): sequences of sets of type and value.
 *
 *     struct name_cursor cursor;
 *     struct name_part part;
 *
 *     if (name_read(&der, "subject", &subject)) {
 *         name_begin(&cursor, subject);
 *         while (name_next(&cursor, &part)) ...
 *     }
 */
#ifndef DER_NAME_H
#define DER_NAME_H

#include "der.h"

/* One type and value, views. */
struct name_part {
    struct der_bytes type;      /* contents of the OID */
    struct der_value value;     /* text as a rule (text.h), but the standard allows anything */
    size_t set; /* 0 for the first set of the name, and so on: parts of one set have the same */
};

/* Not to be copied: it points into itself. */
struct name_cursor {
    struct der sets, parts;
    struct der_fault fault;
    size_t set;
};

/* Read a Name and check all of it; `name` is the whole of it, tag included, the bytes to compare
 * and to copy. May have no parts. */
bool name_read(struct der *der, const char *what, struct der_bytes *name);

/* Walk over the parts of a name that name_read gave, in the order they are written. (Of other
 * bytes: as far as they are a name.) */
void name_begin(struct name_cursor *cursor, struct der_bytes name);
bool name_next(struct name_cursor *cursor, struct name_part *part);

/* The same for a RelativeDistinguishedName, one such set, under this tag ([1] in distribution
 * points): `set` is its contents; name_begin_set walks over its parts. */
bool name_set_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *set);
void name_begin_set(struct name_cursor *cursor, struct der_bytes set);

/*
 * The name as Windows writes it, last part first: `CN=Zoë Müller, OU="R, D", O=Demo, C=DE`. Parts
 * of one set are joined by " + ". Types: CN, OU, O, L, S, STREET, C, DC, E, T, G, I, SN,
 * SERIALNUMBER, Description, PostalCode, POBox, Phone, X21Address, dnQualifier, else OID.1.2.3. A
 * value is put between quotes, and quotes in it doubled, if it is empty, begins or ends in a blank,
 * or holds one of , + = " < > # ; CR LF. A value that is no text is '#' and its DER in hexadecimal.
 * Otherwise as der_text: UTF-8, no NUL, at most `capacity` bytes; returns the bytes it takes. Time:
 * with the size of the name, some ten times over where it has thousands of parts.
 */
size_t name_text(struct der_bytes name, char *out, size_t capacity);
size_t name_set_text(struct der_bytes set, char *out,
                     size_t capacity); /* of one set, from name_set_read */

#endif
