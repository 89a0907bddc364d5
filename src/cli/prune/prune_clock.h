/* Whether a clock may be believed when files are to be removed by their age: judged by the times of
 * a journal's newest lines. */
#ifndef PRUNE_CLOCK_H
#define PRUNE_CLOCK_H

#include "base/bytes.h"
#include "journal/segment_list.h"
#include "base/os.h"

#define PRUNE_DAY        86400000000LL          /* microseconds */
#define PRUNE_CLOCK_DAYS 7 /* now lies at most so many days after the newest line */
/* the newest lines are those of so many days; between two of them lies no more */
#define PRUNE_JUMP_DAYS 30

/*
 * S_OK: the machine's clock may be believed. S_FALSE: it may not, or there is no line; `why` says
 * what was seen, in sentences. Other failures are those of the disk.
 *
 * Now, as it is once the newest line has been read (a CA that is busy writes meanwhile), must not
 * lie before the newest line, nor more than PRUNE_CLOCK_DAYS after it. From the newest line
 * backwards, over PRUNE_JUMP_DAYS by their own times and at most 1000 files, the times of
 * neighbouring lines must not differ by more than PRUNE_JUMP_DAYS, in either direction. Of a file
 * but the last only the first line is read where that already shows that nothing in it jumped and
 * stayed.
 */
HRESULT prune_clock_judge(struct disk_folder *folder, const struct segment_list *list,
                          struct bytes *why) MUST_CHECK;

#endif
