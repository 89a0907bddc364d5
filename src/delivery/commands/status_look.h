/* How far a destination is, read from its state and from the journal. */
#ifndef STATUS_LOOK_H
#define STATUS_LOOK_H

#include "call.h"
#include "delivery/position_fault.h"
#include "delivery/progress.h"
#include "delivery/state.h"

#define STATUS_UNKNOWN "unknown"        /* a delivery runs, and this destination tells nothing */

struct status {
    const struct target *target;
    HRESULT hr;                         /* of its state: S_OK, S_FALSE: nothing delivered yet */
    struct state_record record;
    bool known;                         /* `progress` could be read */
    struct progress progress;
    uint64_t lag;                       /* lines */
    int64_t lag_s;                      /* age of the oldest line that is not delivered */
    int64_t retain_s;                   /* [journal] retainDays in seconds; 0: not given */
    const char *word;
    char journal[POSITION_FAULT_MAX];   /* what is wrong with the journal now; empty: nothing */
    bool wrong;
};

/* The sequence of the last line that is known to be on disk; 0: there is none, or a failure. */
HRESULT status_last_line(const char *journal, uint64_t *last) MUST_CHECK;

/*
 * Fill in what is missing: `target` is set. `folder` is that of the states, NULL if there is none;
 * `running`: a delivery has it open, and a destination of it that tells nothing is waited for
 * `until_ms`, in os_ticks_ms; `last`, and `read`, its result: status_last_line.
 */
void status_look(struct status *status, const struct call *call, struct disk_folder *folder,
                 bool running, uint64_t until_ms, HRESULT read, uint64_t last);

/*
 * The lag beside retainDays: "fine", "warning" from the half on, "error" from 80 % on; NULL: no
 * retainDays is given.
 */
const char *status_retention(const struct status *status);

#endif
