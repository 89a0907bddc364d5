/* Breaks no rule. */
#include "base.h"

const struct module module = {.progid = L"Right.Exit", .number = 1};
