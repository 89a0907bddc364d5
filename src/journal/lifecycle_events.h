/* The events that the journal itself writes: what their `data` says. Each adds one line to the writer's batch, or fails as writer_add does. */
#ifndef LIFECYCLE_EVENTS_H
#define LIFECYCLE_EVENTS_H

#include "losses.h"
#include "request.h"
#include "unwritten.h"
#include "writer.h"

/* {"module":{"run":…,"endedCleanly":…,"previousSource":…,"movedAside":[…],"unwritten":{…}, `module`}, `more`}: the third and fourth where opening has
 * `found` something to say there, the fifth where runs `before` have left events unwritten; the rest are members that the recorder has spelled. Where no line can be made of them,
 * {"module":{"run":…,"endedCleanly":…,"shortened":true}}. */
HRESULT lifecycle_started(struct writer *writer, const struct recovery *found, const struct unwritten *before, struct span module, struct span more) MUST_CHECK;
HRESULT lifecycle_stopped(struct writer *writer) MUST_CHECK;

/* journal.recovered or journal.broken; nothing where nothing was found. */
HRESULT lifecycle_finding(struct writer *writer, const struct recovery *found) MUST_CHECK;

/* journal.gap; nothing where nothing was lost. Without the RequestIDs where they fit into no line. */
HRESULT lifecycle_gap(struct writer *writer, const struct losses *lost) MUST_CHECK;

/* journal.pruned, with what the request says. */
HRESULT lifecycle_pruned(struct writer *writer, const struct request *request) MUST_CHECK;

#endif
