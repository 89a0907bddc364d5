/* Breaks `progid`: its name ends otherwise. */
#include "base.h"

const struct module module = {.progid = L"Fault.ExitModule", .number = 3};
