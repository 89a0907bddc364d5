/*
 * The facts of a certificate in words, for cells and sentences. Each function appends; hostile text
 * is appended as it is, for console_add_text or csv_text to make plain.
 */
#ifndef FACT_WORDS_H
#define FACT_WORDS_H

#include "facts/facts.h"

enum fact_state { STATE_VALID, STATE_REVOKED, STATE_EXPIRED, STATE_NOT_YET, STATE_UNKNOWN };

/* At `now`, seconds since 1970. Revoked comes first; unknown: it has no dates that can be read. */
enum fact_state fact_state(const struct fact *fact, int64_t now);
const char *fact_state_word(enum fact_state state);     /* "valid", "not yet valid" */

/* "2026-11-21 10:00:00" in UTC; "?" for FACT_NO_TIME. */
void fact_words_time(int64_t seconds, struct bytes *out);
/* The date alone. */
void fact_words_date(int64_t seconds, struct bytes *out);
/* "WebServer (1.3.6...)", or the one of the two that is known. */
void fact_words_template(const struct fact *fact, const struct template_names *names,
                         struct bytes *out);
/* The name alone where it is known, else the OID. */
void fact_words_template_name(const struct fact *fact, const struct template_names *names,
                              struct bytes *out);
/* One name for whom it stands for: identity_first, else the subject; in either case with " (+?)"
 * where there are names, or a SID, that cannot be read. */
void fact_words_name(const struct fact *fact, struct bytes *out);
/* "DNS:a, UPN:b, and 7 more"; ", (not readable)" where some cannot be read. */
void fact_words_names(const struct fact *fact, struct bytes *out);
void fact_words_key(const struct issuance *issuance, struct bytes *out);      /* "RSA 2048" */
/* Behind them ", (not all)" where some are not kept or cannot be read. */
void fact_words_purposes(const struct issuance *issuance, struct bytes *out);
void fact_words_signature(const struct issuance *issuance, struct bytes *out);
/* "renewed by request 42", "probably renewed by request 42", "said to be renewed by request 42 of
 * CORP\mallory"; nothing where it is not. */
void fact_words_renewal(const struct fate *fate, struct facts *facts, struct bytes *out);
/* "renewed by 42", "probably by 42", "said by 42", for a narrow table. */
void fact_words_short_renewal(const struct fate *fate, struct bytes *out);
/* "key compromise"; nothing where it is not revoked. */
void fact_words_reason(const struct fate *fate, struct bytes *out);

const char *fact_source_word(unsigned source);          /* "CA", "enrollee", "unknown"; "" */
const char *fact_ground_word(enum ground ground);       /* "certain", "same", "said"; "" */

#endif
