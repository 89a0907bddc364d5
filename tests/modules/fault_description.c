/* Breaks `description`: it goes by the name of the CA's own module. */
#include "base.h"

const struct module module = {.progid = L"FaultDescription.Exit", .number = 12, .description = L"Windows Default"};
