/*
 * Writers of Microsoft's own extensions and of the subjectAltName, in the form that a CA uses.
 *
 * Each writes the extension's value to a writer that is all zero; failures and ownership are as in
 * der_write.h.
 */
#ifndef STUBCA_EXTENSION_WRITE_H
#define STUBCA_EXTENSION_WRITE_H

#include "stubca/base/der_write.h"
#include "templates.h"

#define OID_TEMPLATE_NAME "1.3.6.1.4.1.311.20.2"        /* templates of schema version 1 */
#define OID_TEMPLATE "1.3.6.1.4.1.311.21.7"             /* those from 2 on */
#define OID_APPLICATION_POLICIES "1.3.6.1.4.1.311.21.10"
#define OID_SID "1.3.6.1.4.1.311.25.2"
#define OID_SUBJECT_ALT_NAME "2.5.29.17"

/* The template's name as BMPString, or its OID and versions, according to its schema version. */
void write_template(struct der_writer *writer, const struct template *template);

/* The extended key usages again, in the form of certificatePolicies. */
void write_application_policies(struct der_writer *writer, char *const *oids);

/* One of several names: an otherName, with an OID and one value of that tag. */
void write_other_name(struct der_writer *writer, const char *oid, uint32_t tag, const void *value,
                      size_t size);

/* The security identifier of the certificate's holder: an other name in GeneralNames. */
void write_sid(struct der_writer *writer, const char *sid);

/* A user principal name, a DNS name, a mail address, or several of these; NULL: omitted. UTF-8. */
void write_alternative_names(struct der_writer *writer, const char *upn, const char *dns_name,
                             const char *mail);

#endif
