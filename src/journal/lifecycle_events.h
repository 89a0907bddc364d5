/*
 * Builds the journal's own events (module.started, journal.gap, …). Each call adds one line to the
 * writer's batch, or fails as writer_add does.
 */
#ifndef LIFECYCLE_EVENTS_H
#define LIFECYCLE_EVENTS_H

#include "losses.h"
#include "request.h"
#include "unwritten.h"
#include "writer.h"

/*
 * module.started: {"module":{"run":…,"endedCleanly":…,"previousSource":…,"movedAside":[…],
 * "unwritten":{…}, `module`}, `more`}. "previousSource" and "movedAside" are present if opening
 * `found` them, "unwritten" if `before` holds runs with unwritten events; `module` and `more` are
 * members from the recorder. If this cannot become a line:
 * {"module":{"run":…,"endedCleanly":…,"shortened":true}}.
 */
HRESULT lifecycle_started(struct writer *writer, const struct recovery *found,
                          const struct unwritten *before, struct span module,
                          struct span more) MUST_CHECK;
HRESULT lifecycle_stopped(struct writer *writer) MUST_CHECK;

/* journal.recovered or journal.broken; no line if nothing was found. */
HRESULT lifecycle_finding(struct writer *writer, const struct recovery *found) MUST_CHECK;

/*
 * journal.gap; no line if nothing was lost. The RequestIDs are omitted if they do not fit into a
 * line.
 */
HRESULT lifecycle_gap(struct writer *writer, const struct losses *lost) MUST_CHECK;

/* journal.pruned, with the content of the request. */
HRESULT lifecycle_pruned(struct writer *writer, const struct request *request) MUST_CHECK;

#endif
