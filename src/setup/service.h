/* The CA's service, CertSvc. */
#ifndef SERVICE_H
#define SERVICE_H

#include "listener.h"

#include <stdbool.h>

enum ca_service { CA_SERVICE_MISSING, CA_SERVICE_STOPPED, CA_SERVICE_RUNNING, CA_SERVICE_UNKNOWN };     /* unknown: it may not be asked */

enum ca_service service_look(void);

/* Whether a failover cluster has the service for a resource, as far as this node's registry tells. Then only the cluster may start it. */
bool service_is_clustered(void);

/*
 * Stop the service with those that need it, start it and them again. Blocks: at most two minutes for each to stop or to start, which a
 * busy CA may need. After failure `listener` has been told what could not be done; what was stopped is started as far as it can be.
 */
HRESULT service_restart(const struct listener *listener);

#endif
