/* The daily prune: wanted where a CA's RetainDays is not 0, and then scheduled. For install, the page in the snap-in and status. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include "cas.h"
#include "base/folder_windows.h"
#include "listener.h"
#include "task.h"

#include <stdbool.h>

/* Whether a CA of this machine that can be read has RetainDays set. */
bool schedule_is_wanted(const struct cas *cas);

/* Whether `program` may be run as SYSTEM each day: it is there, and nobody else can put another in its place. Else `listener` is told. */
bool schedule_check(const WCHAR *program, const struct listener *listener);

/* Schedule `program`, which is judged again and held meanwhile; remove the task. After failure `listener` has been told. */
HRESULT schedule_make(const WCHAR *program, const struct listener *listener);
HRESULT schedule_remove(const struct listener *listener);

/*
 * Have the task as the settings of this machine's CAs want it: made, or removed, or left as it is. It runs the certwitness.exe beside
 * `beside`, a file of ours. `listener` is told what was done, and why it could not be. Blocks as the Task Scheduler does.
 */
HRESULT schedule_follow(const WCHAR *beside, const struct listener *listener);

#endif
