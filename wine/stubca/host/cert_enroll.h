/*
 * The folder CertSrv\CertEnroll in the system's folder, which every CA has and where modules publish what they like.
 */
#ifndef STUBCA_CERT_ENROLL_H
#define STUBCA_CERT_ENROLL_H

#include <stdbool.h>

/* The folders that were made, since they were not there. */
struct cert_enroll {
    bool made_certsrv, made_certenroll;
};

/* Make it, if it is missing. Where it cannot be made there is none: only modules look for it. */
void cert_enroll_make(struct cert_enroll *made);

/* Take away what was made, unless somebody has put something into it. */
void cert_enroll_remove(const struct cert_enroll *made);

#endif
