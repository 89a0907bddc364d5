#include "usual.h"

const char usual_configuration[] = "/etc/certwitness-delivery.conf";
const char usual_state[] = "/var/lib/certwitness-delivery";
