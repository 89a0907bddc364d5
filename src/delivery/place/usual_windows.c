#include "usual.h"

const char usual_configuration[] = "C:\\ProgramData\\CertWitness Delivery\\delivery.conf";
const char usual_state[] = "C:\\ProgramData\\CertWitness Delivery\\state";
