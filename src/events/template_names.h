/*
 * The names of templates that a CA knows by their OIDs, learnt from events.
 *
 * A certificate of a template of version 2 or later holds the template's OID and not its name.
 * Most requests name the template that they want (CertificateTemplate:NAME in RequestAttributes),
 * and the CA's answer has the OID beside it. The name is the requester's word: so it is always
 * shown with the OID where there is room, and of several names that were seen with an OID the one
 * that was seen most often counts.
 *
 * Names are learnt while events are read once: an event is named by itself and by those before it.
 * Nearly every event names itself, so a second reading of a journal, which may take minutes, would
 * name few more. Who counts first and shows afterwards knows the names of all.
 *
 * Memory is bounded: TEMPLATE_NAMES_MOST OIDs with a few names each. Further OIDs have no name.
 */
#ifndef TEMPLATE_NAMES_H
#define TEMPLATE_NAMES_H

#include "event.h"

#define TEMPLATE_NAMES_MOST 1024        /* OIDs: a forest has some dozens of templates */
#define TEMPLATE_NAME_MOST  64          /* characters, as a directory's common name */

/* {0} knows no names. At most some 1 MiB. */
struct template_names {
    struct template_row *rows;          /* owned */
    unsigned count;
};

void template_names_free(struct template_names *names);
void template_names_learn(struct template_names *names, struct event *event);

/* The name for an OID in dotted form: plain UTF-8 (utf8.h), zero-terminated, until the next call of
 * template_names_learn. NULL: it is not known. */
const char *template_names_find(const struct template_names *names, const char *oid, size_t size);

/* Append the template that the event is about, as event_template, with the name that its OID has:
 * "NAME (OID)". False: there is none. */
bool template_names_add(const struct template_names *names, struct event *event, struct bytes *out);

/* The same of a text that event_template gave. */
void template_names_add_to(const struct template_names *names, const char *told, size_t size,
                           struct bytes *out);

#endif
