/* Extensions of certificates, requests, CRLs and CRL entries, in an outline. */
#ifndef EXTENSION_SHOW_H
#define EXTENSION_SHOW_H

#include "der/extension.h"
#include "cli/terminal/outline.h"

/*
 * The list "extensions", labelled so unless `bare`, from extensions_read; nothing where it is
 * nothing. An extension whose value is refused is shown as far as it was read, and then with the
 * reason ("error") and its bytes; one that is not known with its bytes. What is odd in values is
 * added to the remarks.
 */
void extensions_show(struct outline *outline, bool bare, struct der_bytes list,
                     struct der_remarks *remarks);

/* The same into a list that is open. */
void extensions_add(struct outline *outline, struct der_bytes list, struct der_remarks *remarks);

/* The parameters of an algorithm in hexadecimal; as text, not those that are NULL. */
void parameters_show(struct outline *outline, struct der_bytes parameters);

/* The reason why something was refused, and the bytes of it unless they are {NULL, 0}. */
void refusal_show(struct outline *outline, const struct der_fault *fault, struct der_bytes bytes);

#endif
