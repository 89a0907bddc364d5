/*
 * The file `unwritten`: records runs that ended with events not on disk, for the next
 * module.started to report. Its format is described at the top of line.c.
 *
 * Without it a run that cannot write its first lines (too little free space, a full disk) would
 * leave no trace in the chain. It is a file in the folder and not a value in the registry, since
 * accounts that may change settings through the CA's interface, MinFreeMiB among them, have no
 * access to the folder. It is smaller than a sector, is not part of the chain, and proves nothing.
 */
#ifndef UNWRITTEN_H
#define UNWRITTEN_H

#include "disk.h"
#include "line.h"

#define UNWRITTEN_NAME "unwritten"
#define UNWRITTEN_SIZE 250              /* bytes */
#define UNWRITTEN_TIME 24               /* "2026-11-21T10:00:00.123Z" */

struct unwritten {
    char run[37];                       /* GUID of the last of these runs */
    char began[UNWRITTEN_TIME + 1];     /* when the first of them first failed to write */
    char ended[UNWRITTEN_TIME + 1];     /* the last known time of the last of them */
    uint64_t runs;                      /* 0: there is none */
    uint64_t uncounted;                 /* of these: killed or still running, so that their lost
                                         * events are not among `events` */
    uint64_t events;
    HRESULT hr;                         /* why the last of them could not write */
};

/*
 * Read the file. `runs` is 0 if it does not exist, belongs to another CA, or cannot be read; none
 * of this prevents writing.
 */
void unwritten_read(struct disk_folder *folder, struct span source, struct unwritten *out);

/* Write the file and flush it, overwriting an existing one in place. */
HRESULT unwritten_write(struct disk_folder *folder, struct span source,
                        const struct unwritten *unwritten) MUST_CHECK;

/* S_OK also if the file does not exist */
HRESULT unwritten_remove(struct disk_folder *folder) MUST_CHECK;

/* "0x80070070", without a terminating zero. */
void unwritten_hresult(HRESULT hr, char out[10]);

/* Add a run, with its GUID and the reason why it cannot write; the time is now. */
void unwritten_begin(struct unwritten *unwritten, const char *run, HRESULT hr);

/* Record the end of that run and the number of its unwritten events; the time is now. */
void unwritten_end(struct unwritten *unwritten, uint64_t events, HRESULT hr);

#endif
