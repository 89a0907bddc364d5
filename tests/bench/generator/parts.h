/* What requests and certificates have in common: names, subjects, extensions. */
#ifndef GENERATOR_PARTS_H
#define GENERATOR_PARTS_H

#include "issue.h"

#define MS "1.3.6.1.4.1.311."

/* The next line of a list of names, which is moved on. False at its end. */
bool parts_next(const char **names, char *type, size_t type_size, char *value, size_t value_size);

void parts_put_subject(struct bytes *out, const char *cn, const char *ou);
/* As Windows writes it: the last part first. */
void parts_subject_text(const char *cn, const char *ou, char *out, size_t size);

/* A whole extension around a value. */
void parts_put_extension(struct bytes *out, const char *oid, bool critical, const struct bytes *value);
void parts_put_alternative_names(struct bytes *out, const char *names);
void parts_put_sid(struct bytes *out, const char *sid);
void parts_put_template(struct bytes *out, const struct template *template);
void parts_put_usages(struct bytes *out, const char *oids);
/* application policies, or certificatePolicies */
void parts_put_policies(struct bytes *out, const char *oid, const char *oids);

#endif
