/* How far a long reading has come, on standard error where that is a terminal: a bar, the rate, the
 * time that is left. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;
    uint64_t total;                     /* bytes to read */
    uint64_t begun_ms, shown_ms;
    unsigned calls;
};

/* `total` in bytes. Nothing is shown in the first half second. */
void progress_begin(struct progress *progress, uint64_t total);
/* So many bytes are read. Costs next to nothing: may be called for every line. */
void progress_at(struct progress *progress, uint64_t done);
void progress_end(struct progress *progress);

#endif
