/*
 * The folder CertSrv\CertEnroll in the system's folder: every CA has it, publishes its certificates
 * and CRLs in it, and modules publish files there.
 *
 * The files are DER, named as by Microsoft's default locations %1_%3%4.crt and %3%8%9.crl:
 *
 *   ca01.my.example_My CA.crt, ca01.my.example_My CA(1).crt    certificates, by their index
 *   My CA.crl, My CA(1).crl                                    base CRLs, by the index of the key
 *   My CA+.crl, My CA(1)+.crl                                  delta CRLs
 */
#ifndef STUBCA_CERT_ENROLL_H
#define STUBCA_CERT_ENROLL_H

#include "stubca/ca/ca.h"

/* The folders that were created. */
struct cert_enroll {
    bool made_certsrv, made_certenroll;
};

/* Create the folder if it is missing. A failure is ignored: cert_enroll_publish reports it. */
void cert_enroll_make(struct cert_enroll *made);

/* Remove the folders that were created, if they are empty. */
void cert_enroll_remove(const struct cert_enroll *made);

/*
 * Write all certificates of the CA and the last CRLs of each of its keys, replacing files of these
 * names. Takes the database's lock. A failure comes with the reason; files may be there already.
 */
HRESULT cert_enroll_publish(const struct ca *ca, struct reason *reason);

/* Remove what cert_enroll_publish wrote, and nothing else. Takes no lock, so that a program that
 * ends in an emergency can call it; the CA has no other certificates meanwhile. */
void cert_enroll_withdraw(const struct ca *ca);

#endif
