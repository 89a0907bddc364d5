/*
 * The schedule of the daily prune: wanted if RetainDays of a CA is not 0, and then set up. For
 * install, the page in the snap-in and status.
 */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "cas.h"
#include "base/folder_windows.h"
#include "listener.h"
#include "task.h"

#include <stdbool.h>

/* True if RetainDays is set for a CA of this machine, as far as its settings can be read. */
bool schedule_is_wanted(const struct cas *cas);

/*
 * Check that `program` may be run as SYSTEM each day: it exists, and no other account can replace
 * it. If not, the reason is reported to `listener`.
 */
bool schedule_check(const WCHAR *program, const struct listener *listener);

/*
 * schedule_make schedules `program`, which is judged again and held meanwhile; schedule_remove
 * removes the task. Failures are reported to `listener`.
 */
HRESULT schedule_make(const WCHAR *program, const struct listener *listener);
HRESULT schedule_remove(const struct listener *listener);

/*
 * Create, remove or keep the task as the settings of this machine's CAs require. It runs the
 * certwitness.exe in the folder of `beside`, a file of the product. Results and failures are
 * reported to `listener`. Blocks for as long as the Task Scheduler does.
 */
HRESULT schedule_follow(const WCHAR *beside, const struct listener *listener);

#endif
