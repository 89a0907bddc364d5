/*
 * The file `unwritten`: runs at whose end events had not reached the disk, for the next module.started to tell of. Its form is told at the top of
 * line.c.
 *
 * A run that cannot write its first lines (too little free space, a full disk) would else leave no trace in the chain. It is a file in the folder,
 * and not a value in the registry, since whoever may change settings through the CA's interface, MinFreeMiB among them, cannot reach the folder. It
 * takes less than a sector, is no part of the chain and vouches for nothing.
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
    char began[UNWRITTEN_TIME + 1];     /* when the first of them came to know that it could not write */
    char ended[UNWRITTEN_TIME + 1];     /* the last that is known of the last of them */
    uint64_t runs;                      /* 0: there is none */
    uint64_t uncounted;                 /* of these: killed, or at work still, so that what they have lost is not among `events` */
    uint64_t events;
    HRESULT hr;                         /* why the last of them could not write */
};

/* What the file says; `runs` is 0 where there is none, it is another CA's, or it cannot be read: that keeps nobody from writing on. */
void unwritten_read(struct disk_folder *folder, struct span source, struct unwritten *out);

/* Put it down and flush it, in place where there is one. */
HRESULT unwritten_write(struct disk_folder *folder, struct span source, const struct unwritten *unwritten) MUST_CHECK;

HRESULT unwritten_remove(struct disk_folder *folder) MUST_CHECK;       /* S_OK also where there is none */

/* "0x80070070", without a zero behind it. */
void unwritten_hresult(HRESULT hr, char out[10]);

/* One run more, that of the GUID, which cannot write for the reason `hr`; now. */
void unwritten_begin(struct unwritten *unwritten, const char *run, HRESULT hr);

/* That run has ended, and so many events were not written; now. */
void unwritten_end(struct unwritten *unwritten, uint64_t events, HRESULT hr);

#endif
