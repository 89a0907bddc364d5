/*
 * The lines of a journal from its end backwards, to find where the last ones begin without reading all that stands before.
 *
 * Each line given is intact: its hash is right. Whether it follows from the one before is for a reader to say that begins there
 * (reader_open_at). Like a reader it locks nothing, changes nothing and may run beside a writer; what is written after it was opened may be
 * left out. One thread at a time. It holds 256 KiB of memory, up to 2 MiB where lines are as long as they may be.
 */
#ifndef REVERSE_READER_H
#define REVERSE_READER_H

#include "reader.h"

struct reverse_reader;

/* `path` as in reader_open, and its failures. */
HRESULT reverse_reader_open(const char *path, struct reverse_reader **out) MUST_CHECK;
void reverse_reader_close(struct reverse_reader *tail);                     /* takes NULL */

/*
 * The line before the one that was given last, and where it begins; at first the last of the journal. S_FALSE: there are no more. What is no
 * intact line is passed over, and so are tails that were left behind (line.c); an intact line behind one that is torn is given, though a
 * reader that comes from the front stops before it. Views hold until the next call. A failure is that of the disk, or E_OUTOFMEMORY;
 * `place->segment` then says where, UINT64_MAX: in the folder. The next call goes on with the segment before.
 */
HRESULT reverse_reader_previous(struct reverse_reader *tail, struct line *line, struct reader_start *place) MUST_CHECK;

#endif
