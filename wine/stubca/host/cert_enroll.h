/*
 * The folder CertSrv\CertEnroll in the system's folder: every CA has it, and modules publish files
 * in it.
 */
#ifndef STUBCA_CERT_ENROLL_H
#define STUBCA_CERT_ENROLL_H

#include <stdbool.h>

/* The folders that were created. */
struct cert_enroll {
    bool made_certsrv, made_certenroll;
};

/* Create the folder if it is missing. A failure is ignored: only modules use it. */
void cert_enroll_make(struct cert_enroll *made);

/* Remove the folders that were created, if they are empty. */
void cert_enroll_remove(const struct cert_enroll *made);

#endif
