/* Breaks `mask`: it asks for events that there are not. */
#include "base.h"

const struct module module = {.progid = L"FaultMask.Exit", .number = 11, .mask = 0x7FFFFFFF};
