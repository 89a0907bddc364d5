/*
 * The module's names in Windows. They are contracts: registrations, scripts and subscriptions
 * contain them.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#define EXIT_PROGID   L"CertWitness.Exit"
/* the CA's rule: the exit module's ProgID and "Manage" */
#define MANAGE_PROGID L"CertWitness.ExitManage"

#endif
