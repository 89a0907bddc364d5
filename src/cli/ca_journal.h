/*
 * The journals of this machine's CAs: which CA is meant, why it has recorded nothing yet, and
 * journals that were begun elsewhere. For Windows. Nothing is written; blocks as the disks do.
 */
#ifndef CA_JOURNAL_H
#define CA_JOURNAL_H

#include "base/bytes.h"
#include "setup/cas.h"
#include "setup/service.h"

#define CA_JOURNAL_TEXT (3 * CAS_NAME_MAX)

/* The CA's name in UTF-8, as --ca takes it: that of its key. */
const char *ca_journal_name(const struct ca *ca, char out[CA_JOURNAL_TEXT]);

/* The CA of this machine: the only one, or the one that Active in the key Configuration names.
 * NULL: there is none, or several. */
const struct ca *ca_journal_default(const struct cas *cas);

/* Whether nothing is in the folder that the CA is to record in, and nothing keeps us from seeing
 * that. */
bool ca_journal_is_empty(const struct ca *ca);

/* Append why: "nothing recorded yet; recording begins when CertSvc is restarted (Restart-Service
 * CertSvc)". */
void ca_journal_why_empty(const struct ca *ca, enum ca_service service, struct bytes *out);

/* Told of a journal: its folder, and the name of the CA that its first line has, both in UTF-8.
 * Hostile. */
typedef void ca_journal_told(void *context, const char *folder, const char *name,
                             bool is_of_this_ca);

/*
 * Tell of the journals that lie where CAs record by default, or beside the folder of `ca`, and that
 * no CA of this machine records in now. Beside the folder of `ca` only its own count. `ca` may be
 * NULL.
 */
void ca_journal_older(const struct cas *cas, const struct ca *ca, ca_journal_told *told,
                      void *context);

#endif
