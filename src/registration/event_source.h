/* Our log in the Windows event log, and the sources that write to it. */
#ifndef EVENT_SOURCE_H
#define EVENT_SOURCE_H

#include "changes.h"

/* What the log's key lacks. */
LSTATUS event_source_write_log(struct changes *changes);

/* A source, by its key below HKLM; its texts are in the file at `path`. */
LSTATUS event_source_write(struct changes *changes, const WCHAR *key, const WCHAR *path);

/*
 * The key of a source is kept if other values or keys were added to it; ours are removed. The log
 * is kept if it has a source. ERROR_SUCCESS also if there was none.
 */
LSTATUS event_source_remove(const WCHAR *key);
LSTATUS event_source_remove_log(void);

/* The source of the delivery with its log; all or nothing. HRESULTs. */
HRESULT event_source_add_delivery(const WCHAR *path);
HRESULT event_source_remove_delivery(void);

#endif
