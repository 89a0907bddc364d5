/*
 * The folder of a copy: whether it is the one that the lines before were copied to.
 */
#ifndef COPY_FOLDER_H
#define COPY_FOLDER_H

#include "delivery/destination.h"
#include "delivery/position.h"
#include "journal/disk.h"

enum copy_verdict {
    COPY_FITS,
    COPY_UNREADABLE,                    /* `hr` */
    COPY_OTHER_CA,                      /* it holds the lines of the CA `ca` */
    COPY_EMPTY                          /* it has no line, or does not exist, and lines were copied
                                         * to it that would be missing: it was moved or emptied, or
                                         * a volume is not mounted */
};

struct copy_look {
    enum copy_verdict verdict;
    HRESULT hr;
    char ca[LINE_SOURCE_MAX + 1];
};

/*
 * Before the line at `next` is copied to it. Nothing is made or changed. Where the configuration
 * says that delivery begins with that line or a later one, or with startAt = now, a folder without
 * lines fits.
 */
void copy_folder_look(const struct destination_place *place, const struct position *next,
                      struct copy_look *look);

#endif
