/*
 * The delivery's Windows service, CertWitnessDelivery: made with the rights that it needs, and
 * removed with them.
 *
 * It runs certwitness-delivery.exe as its own virtual account, NT SERVICE\CertWitnessDelivery,
 * which has no password and is in no group of ours. The account gets: read access to the journal's
 * folder and what is in it, but not to the file `lock`, whose list inherits nothing; change access
 * to the folder of the state; read access to the configuration, and to the folders below
 * %ProgramData% that lead to the state, whose lists the delivery judges. Nothing else.
 *
 * What was given is noted in the service's key, so that removing takes back exactly that, whatever
 * has become of the configuration:
 *
 *     Services\CertWitnessDelivery\Parameters
 *         Configuration, Journal, State    paths
 *         Granted                          REG_MULTI_SZ: a letter, |, a path. j: read, inherited by
 *                                          what is in it; s: change, inherited; f: read
 */
#ifndef DELIVERY_SERVICE_H
#define DELIVERY_SERVICE_H

#include "listener.h"

#define DELIVERY_SERVICE      L"CertWitnessDelivery"
#define DELIVERY_PROGRAM      L"certwitness-delivery.exe"
#define DELIVERY_SERVICE_PATH 512       /* characters of a path with the zero */

struct delivery_service {
    WCHAR program[DELIVERY_SERVICE_PATH], configuration[DELIVERY_SERVICE_PATH],
        journal[DELIVERY_SERVICE_PATH], state[DELIVERY_SERVICE_PATH];
    bool runs;                          /* read: now; install: start it at the end */
    bool is_disabled;                   /* read: an administrator wants it not to run */
    DWORD ended_with;                   /* read: 0, or why it does not run: a Win32 error, of the
                                         * service itself ERROR_SERVICE_SPECIFIC_ERROR */
};

/* What is installed. S_FALSE: no such service. Any account. */
HRESULT delivery_service_read(struct delivery_service *out);

/*
 * Make the service, or change it to this. The folder of the state is made if it is missing. The
 * program and the configuration are refused if another account could change them, the folder of the
 * state as a journal's is. After a failure, which was reported, a new service is removed again.
 * S_FALSE: refused, and nothing was changed.
 */
HRESULT delivery_service_install(const struct delivery_service *service,
                                 const struct listener *listener);

/*
 * Stop and remove the service, its rights and its event source; with `purge` also the files of the
 * state, which says what was delivered, and the secrets. What cannot be removed is reported, the
 * rest is. S_OK also if there is no service. Waits 60 seconds for the service to stop.
 */
HRESULT delivery_service_remove(bool purge, const struct listener *listener);

/* Stop it; S_FALSE: it did not run. Failures are reported. Waits as above. */
HRESULT delivery_service_stop(const struct listener *listener);

#endif
