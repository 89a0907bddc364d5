/*
 * In the service each report is an entry of the event log, but those that nobody has to know of.
 *
 * A kind has a limit: 20 entries at once, then one in ten minutes. Each entry says how many like it
 * were left out before it.
 */
#include "report_way.h"
#include "report_log.h"

#include "delivery_messages.h"
#include "eventlog/entry_writer.h"
#include "eventlog/rate_limit.h"
#include "settings/event_log.h"

#define FILE_MOST 400                   /* characters */

static const DWORD report_messages[REPORT_KINDS] = {
    [REPORT_STARTED]       = MESSAGE_DELIVERY_STARTED,
    [REPORT_STOPPED]       = MESSAGE_DELIVERY_STOPPED,
    [REPORT_CONFIGURATION] = MESSAGE_DELIVERY_CONFIGURATION,
    [REPORT_HALTED]        = MESSAGE_DELIVERY_HALTED,
    [REPORT_HANDS]         = MESSAGE_DELIVERY_HANDS,
    [REPORT_LAG]           = MESSAGE_DELIVERY_LAG,
    [REPORT_LAG_ERROR]     = MESSAGE_DELIVERY_LAG_ERROR,
    [REPORT_FAULT]         = MESSAGE_DELIVERY_FAULT,
    [REPORT_PRUNED]        = MESSAGE_DELIVERY_PRUNED,
    [REPORT_STATE]         = MESSAGE_DELIVERY_STATE,
};
static const struct rate_rule rule = {20, 600000};
static const char *configuration;      /* borrowed; NULL: this process reports to its window */
static void (*has_started)(void);
static SRWLOCK lock = SRWLOCK_INIT;     /* of the limits */
static struct rate_limit limits[REPORT_KINDS];

static void report_write(void *context, enum report_kind kind, const char *sentence)
{
    struct entry *entry;
    uint64_t held;
    bool allowed;

    (void)context;
    if (kind == REPORT_STARTED) has_started();
    if (!report_messages[kind]) return;
    AcquireSRWLockExclusive(&lock);
    allowed = rate_limit_take(&limits[kind], &rule, GetTickCount64(), &held);
    ReleaseSRWLockExclusive(&lock);
    if (!allowed) return;
    entry = entry_new(EVENT_DELIVERY_SOURCE, report_messages[kind]);
    entry_add_utf8(entry, sentence, ENTRY_INSERT_MAX);
    entry_add_utf8(entry, configuration, FILE_MOST);
    entry_add_number(entry, held);
    if (entry_writer_add(entry)) return;
    AcquireSRWLockExclusive(&lock);
    rate_limit_not_said(&limits[kind], held);
    ReleaseSRWLockExclusive(&lock);
}

static const struct reports report_log = {report_write, NULL};

const struct reports *report_way(void)
{
    return configuration ? &report_log : &report_console;
}

void report_log_begin(const char *file, void (*started)(void))
{
    configuration = file;
    has_started = started;
}

bool report_is_prioritised(void)
{
    return false;
}
