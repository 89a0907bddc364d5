/*
 * A reader of a journal from its end backwards, which finds where the last lines begin without
 * reading all lines before.
 *
 * Each line given is intact: its hash is correct. Whether it follows from the line before has to
 * be checked by a reader that begins there (reader_open_at). Like that reader it takes no lock,
 * changes nothing and may run beside a writer; lines written after it was opened may be omitted.
 * One thread at a time. It uses 256 KiB of memory, up to 2 MiB if lines have the maximum length.
 */
#ifndef REVERSE_READER_H
#define REVERSE_READER_H

#include "reader.h"

struct reverse_reader;

/* `path` and failures are as for reader_open. */
HRESULT reverse_reader_open(const char *path, struct reverse_reader **out) MUST_CHECK;
void reverse_reader_close(struct reverse_reader *reverse);                     /* takes NULL */

/*
 * Read the line before the last one given, and where it begins; the first call gives the journal's
 * last line. S_FALSE: there are no more. Anything that is not an intact line is passed over, and
 * so are abandoned tails (line.c). An intact line after a torn one is given, though a reader from
 * the front stops before it. Views are valid until the next call. A failure is that of the disk,
 * or E_OUTOFMEMORY; `place->segment` is then the segment concerned, UINT64_MAX for the folder. The
 * next call continues with the segment before.
 */
HRESULT reverse_reader_previous(struct reverse_reader *reverse, struct line *line,
                                struct reader_start *place) MUST_CHECK;

#endif
