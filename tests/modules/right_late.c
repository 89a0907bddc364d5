/* Breaks no rule: it answers IDispatch alone, as a script or a Visual Basic module does. */
#include "base.h"

const struct module module = {.progid = L"RightLate.Exit", .number = 2, .late = true};
