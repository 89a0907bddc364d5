#include "report_way.h"

#include "cli/terminal/console.h"

/* The names begin with the priority that journald takes away. */
static const char *const report_names[] = {
    [3] = "<3>certwitness-delivery", [4] = "<4>certwitness-delivery",
    [6] = "<6>certwitness-delivery"};

int report_priority(enum report_kind kind)
{
    switch (kind) {
    case REPORT_NOTE:
    case REPORT_STARTED:
    case REPORT_STOPPED: return 6;
    case REPORT_TROUBLE:
    case REPORT_LAG:     return 4;
    default:             return 3;
    }
}

static void report_take(void *context, enum report_kind kind, const char *sentence)
{
    const char *name = console_name;

    (void)context;
    if (report_is_prioritised()) console_name = report_names[report_priority(kind)];
    console_note("%s", sentence);
    console_name = name;
}

const struct reports report_console = {report_take, NULL};
