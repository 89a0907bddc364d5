/* The number of processors that this process may use; at least 1. */
#ifndef PROCESSORS_H
#define PROCESSORS_H

unsigned processor_count(void);

#endif
