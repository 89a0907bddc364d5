/* The CA's service, CertSvc. */
#ifndef SERVICE_H
#define SERVICE_H

#include "listener.h"

#include <stdbool.h>

/* unknown: access denied */
enum ca_service { CA_SERVICE_MISSING, CA_SERVICE_STOPPED, CA_SERVICE_RUNNING, CA_SERVICE_UNKNOWN };

enum ca_service service_look(void);

/*
 * True if the service is a resource of a failover cluster, as far as this node's registry shows.
 * Then only the cluster may start it.
 */
bool service_is_clustered(void);

/*
 * Stop the service and those that depend on it, then start them again. Blocks at most two minutes
 * for each to stop or to start, which a busy CA may need. Failures are reported to `listener`;
 * services that were stopped are started again as far as possible.
 */
HRESULT service_restart(const struct listener *listener);

#endif
