/*
 * The operations of requesters and officers in the steps of a scenario, from submit to recover,
 * and the names of requests in these steps.
 */
#ifndef STUBCA_OPERATIONS_H
#define STUBCA_OPERATIONS_H

#include "stubca/ca/ca.h"
#include "script.h"

struct operations;

struct operations *operations_open(struct ca *ca);      /* the CA must outlive the result */
void operations_close(struct operations *operations);   /* takes NULL */

/* Play a step of VERB_SUBMIT, APPROVE, DENY, RETRIEVE, REVOKE, HOLD, RELEASE, CRL, IMPORT, CHANGE,
 * DELETE or RECOVER, and judge it. Any thread, several at once. */
void operation_play(struct operations *operations, const struct step *step);

#endif
