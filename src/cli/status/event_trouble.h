/* What our entries in the event log say is wrong, out of the newest of them. */
#ifndef EVENT_TROUBLE_H
#define EVENT_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_TROUBLE_DAYS 30           /* damage and losses are news for so long */

struct told_entry {
    unsigned id;
    int64_t seconds;                    /* since 1970 */
};

/* The ID of the newest entry that tells whether the journal is written, if it says no; else 0. The
 * entries are in their order, the newest first. */
unsigned event_trouble_written(const struct told_entry *entries, unsigned count);

/* Whether the newest entry that tells says that denied, pending and retrieved requests are only
 * counted (210), not that they are recorded again (211, or 100: the CA was started since, and says
 * so anew). */
bool event_trouble_space(const struct told_entry *entries, unsigned count);

/* Whether the newest entry of the delivery about its configuration says that it was refused (402),
 * not that the delivery has started (400). */
bool event_trouble_configuration(const struct told_entry *entries, unsigned count);

/* The newest entry of damage or loss of its kind (205, 206, 208; of the delivery 407, 408) that is
 * news, if `at` is it; else NULL. Nothing that comes later takes it back. */
const char *event_trouble_lost(const struct told_entry *entries, unsigned count, unsigned at,
                               int64_t now);

#endif
