/* The attributes of requests and of CMS, and the parts that requests and certificates share, in an
 * outline. */
#ifndef REQUEST_SHOW_H
#define REQUEST_SHOW_H

#include "der/attribute.h"
#include "der/key.h"
#include "der/x509.h"
#include "cli/terminal/outline.h"

/* A list of attributes; nothing where there are none. Refusals are shown, and oddities remarked
 * upon, as in extension_show.h. */
void attributes_show(struct outline *outline, const char *key, const char *label,
                     struct der_bytes list, struct der_remarks *remarks);

/* One value, as what it is: text, a number, an OID, a run of bytes, else its DER. What is wrong is
 * left in the fault, as below. */
void simple_show(struct outline *outline, const char *key, const char *label,
                 struct der_bytes values, struct der_fault *fault, struct der_remarks *remarks);

/* The list "values" of something that is not known: each as text, if it is text, or in hexadecimal.
 * What is wrong is left in the fault. */
void values_show(struct outline *outline, struct der_bytes values, struct der_fault *fault,
                 struct der_remarks *remarks);

/* Of what is kept back: how much there is of it. */
void sealed_show(struct outline *outline, size_t size);

/* cert_show.c has these. Everything in a certificate, into a group that is open (a renewal's
 * request holds a certificate); one algorithm. */
void certificate_show(struct outline *outline, const struct x509 *certificate,
                      struct der_remarks *remarks);
void algorithm_show(struct outline *outline, const char *key, const char *label,
                    const struct algorithm *algorithm);

#endif
