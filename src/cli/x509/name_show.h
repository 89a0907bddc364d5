/* The pieces that certificates, requests and CRLs are made of, in an outline: names, OIDs, texts,
 * numbers. */
#ifndef NAME_SHOW_H
#define NAME_SHOW_H

#include "der/general_name.h"
#include "cli/terminal/outline.h"

/* A distinguished name as Windows writes it (der/name.h): a whole Name, or the set that is a
 * relative one. */
void name_show(struct outline *outline, const char *key, const char *label, struct der_bytes name);
void relative_name_show(struct outline *outline, const char *key, const char *label,
                        struct der_bytes set);

/* Text of any kind that der_is_text knows; anything else in hexadecimal, its DER whole. */
void text_show(struct outline *outline, const char *key, const char *label,
               const struct der_value *text);

/* An OID, with what it is known as; one too long for der_oid_text in hexadecimal. */
void oid_show(struct outline *outline, const char *key, const char *label, struct der_bytes oid);

/* Contents of an INTEGER as a number; one of more than 64 bits in hexadecimal. */
void integer_show(struct outline *outline, const char *key, const char *label,
                  struct der_bytes content);

/* Seconds since 1970; DER_TIME_NONE as no date. */
void time_show(struct outline *outline, const char *key, const char *label, int64_t seconds);

/* Bytes in hexadecimal without colons, as Windows writes fingerprints. */
void plain_hex_show(struct outline *outline, const char *key, const char *label,
                    struct der_bytes content);

/* A serial number, in hexadecimal without the byte that only says that it is positive, as certutil
 * shows it. */
void serial_show(struct outline *outline, const char *key, const char *label,
                 struct der_bytes content);

/* One element of a list of GeneralNames; and the whole list, from general_names_in. */
void general_name_show(struct outline *outline, const struct general_name *name);
void general_names_show(struct outline *outline, const char *key, const char *label,
                        struct der_bytes list);

#endif
