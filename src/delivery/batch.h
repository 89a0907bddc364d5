/* Lines of a journal that go to a destination together. */
#ifndef BATCH_H
#define BATCH_H

#include "position.h"

#define BATCH_LINES 1000
#define BATCH_BYTES (1u << 20)          /* a batch is closed once it has so many, so it is at most
                                         * one line longer */

struct batch_line {
    size_t offset, size;                /* in the batch's text; without the LF at its end */
    struct position position;           /* of this line; of an event of our own, that of the line
                                         * before it, or of the last line that was removed */
    bool own;                           /* an event of the delivery (certwitness.delivery.fault),
                                         * which no journal holds */
};

/* {0} is empty. */
struct batch {
    struct bytes text;                  /* owned; the lines, each with its LF */
    struct batch_line *lines;           /* owned; BATCH_LINES */
    unsigned count;
};

HRESULT batch_open(struct batch *batch) MUST_CHECK;
void batch_free(struct batch *batch);
void batch_empty(struct batch *batch);
bool batch_is_full(const struct batch *batch);

/* Copy a line to the end; the batch is not full. `text` ends in LF. E_OUTOFMEMORY: unchanged. */
HRESULT batch_add(struct batch *batch, struct span text, const struct position *position,
                  bool own) MUST_CHECK;

/* A line without its LF, and `count` lines with theirs: views until the batch changes. */
struct span batch_line(const struct batch *batch, unsigned index);
struct span batch_lines(const struct batch *batch, unsigned first, unsigned count);

#endif
