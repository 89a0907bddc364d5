/*
 * The bytes behind a journal's last line that are no line: whether they become one, and whether
 * they are what a line leaves that was cut off.
 *
 * Every command goes by it, so that all of them end with the same exit code: 0 where just the
 * beginning of a line stands there, 1 where anything else does.
 */
#ifndef UNFINISHED_H
#define UNFINISHED_H

#include "journal/disk.h"
#include "journal/reader.h"

enum writer {
    WRITER_NOT_ASKED,
    WRITER_LIVES,                       /* a program has the journal open for writing */
    WRITER_NONE,
    WRITER_UNKNOWN,                     /* the folder does not tell */
};

enum writer unfinished_writer(struct disk_folder *folder);

/*
 * Wait a moment for a line that is being written. True: read again. False: no writer has the
 * journal open, or it has not made a line of the bytes in three seconds. `*writer` is set where it
 * was asked for. `*waited_ms` is the caller's, 0 behind each line.
 */
bool unfinished_may_become_a_line(struct disk_folder *folder, enum writer *writer,
                                  unsigned *waited_ms);

/* Whether the bytes at `place` are what a copy leaves that was made while a line was being written,
 * or a power cut: the beginning of a line, and zeros. */
bool unfinished_is_cut_line(struct disk_folder *folder, const struct reader_place *place);

#endif
