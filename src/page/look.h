/*
 * A look at a CA's journal, for a sheet that must not wait: the listing of its folder, the tail of
 * its last file, and the CA's service.
 *
 * It creates and locks nothing and does not hinder the writer. It does not verify the chain;
 * certwitness.exe does. It runs on a thread of its own, since a disk may hang. However long the
 * journal is, it reads about 3 MiB at most.
 */
#ifndef LOOK_H
#define LOOK_H

#include "settings/settings.h"

#include <stdbool.h>
#include <stdint.h>

/* characters of a line's type, subject or time that are shown; the recorder's own are shorter */
#define LOOK_TEXT_MAX 128
#define LOOK_WHY_MAX   1024

enum look_service {
    LOOK_NO_SERVICE,
    LOOK_STOPPED,
    LOOK_STARTING,
    LOOK_RUNNING
}; /* CertSvc on this machine; starting or stopping */

struct look_facts {
    enum look_service service;
    uint64_t service_start;             /* FILETIME of its process; 0 where it is not known */
    bool has_drive, has_folder;
    DWORD error;                        /* Win32: why folder or files cannot be read; 0 */
    WCHAR refused[LOOK_WHY_MAX];        /* why the recorder will not write into the folder: path and
                                           sentence; or empty */
    WCHAR above[LOOK_WHY_MAX]; /* a folder above it that others could take away: path and sentence;
                                  or empty */
    bool is_unjudged;                   /* `refused` says why nobody knows whether it will */
    bool has_free;
    uint64_t free_bytes;                /* on the volume, for whoever runs this process */
    uint64_t files, bytes;              /* segments */
    bool has_line, has_tail; /* an intact line was found; bytes stand behind it that are none */
    uint64_t broken; /* sequence of a journal.broken among the lines that were read; 0: none */
    WCHAR type[LOOK_TEXT_MAX],
        subject[LOOK_TEXT_MAX]; /* of the last line, made printable; type without "certwitness." */
    uint64_t time;                      /* FILETIME, UTC; 0 where the line has none */
    uint64_t sequence;
};

struct look;

/* Begin to look at `directory`. NULL where there is no memory or no thread for it. */
struct look *look_start(const WCHAR *directory);

/* True: `*out` holds what was found. False: not yet. */
bool look_done(const struct look *look, struct look_facts *out);

/* Ends the caller's interest, and waits up to two seconds for the thread; one that hangs goes on
 * alone, with the DLL. Takes NULL. */
void look_free(struct look *look);

#endif
