/* The same without SSE2, as on machines that do not have it. */
#define PLAIN_RUN_PORTABLE
#include "plain_run_test.c"
