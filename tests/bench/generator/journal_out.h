/* The journal that is written: lines in a chain, segments, runs. Nothing is flushed. */
#ifndef GENERATOR_JOURNAL_OUT_H
#define GENERATOR_JOURNAL_OUT_H

#include "journal/line.h"

#include <stdio.h>

struct journal_out {
    const char *folder;
    uint64_t seed;
    struct line_place place;
    char hash[2][LINE_HASH_SIZE + 1], run[37];
    unsigned run_count;
    struct bytes line;
    FILE *file;
    uint64_t in_segment, segments;
};

void journal_out_begin(struct journal_out *journal, const char *folder, uint64_t seed);
void journal_out_run(struct journal_out *journal);      /* another run from the next line on */
/* Returns the line's sequence. `request`: its RequestID; 0: the event is not about a request. */
uint64_t journal_out_add(struct journal_out *journal, const char *type, uint32_t request, int64_t time, const struct bytes *data);
void journal_out_end(struct journal_out *journal);

#endif
