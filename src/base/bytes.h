/* A byte buffer that grows up to a limit and remembers a failure to grow. */
#ifndef BYTES_H
#define BYTES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A memory budget that several buffers share, on any thread. The capacity of each buffer is
 * counted in `used`; a buffer that would exceed `most` fails as if memory had run out. A budget
 * that is part of another one (`whole` is not NULL) is charged to that one as well. {.most = …} is
 * a budget of which nothing is used.
 */
struct bytes_budget {
    size_t most, used;
    struct bytes_budget *whole;
};

/*
 * {0} is an empty buffer without a limit. If memory runs out or the limit is exceeded, `failed` is
 * set and further appended data is dropped. A long text can therefore be built without checking
 * each call and checked once at the end. `data` is not zero-terminated.
 *
 * A failure at the limit can be undone: bytes_take_back removes what did not fit. After memory ran
 * out, pieces may be missing anywhere in the text, so `failed` stays set until bytes_reset or
 * bytes_free.
 */
struct bytes {
    char *data;                         /* owned */
    size_t size, room;
    size_t limit;                       /* maximum of `size`; 0: no limit */
    bool failed;
    struct bytes_budget *budget;        /* borrowed; charged with `room`. NULL: none. May be set
                                         * only while the buffer is empty */
    bool for_good;                      /* with `failed`: memory ran out; bytes_take_back does
                                         * not clear the failure */
};

void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_add_text(struct bytes *bytes, const char *text);
/* at most 255 characters */
void bytes_printf(struct bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Reserve `size` more bytes at the end. The caller fills them, then adds the bytes used to `size`.
 * Returns NULL on failure.
 */
char *bytes_reserve(struct bytes *bytes, size_t size);

/*
 * Mark the buffer as failed because its input is not available; bytes_take_back does not clear
 * this.
 */
void bytes_fail(struct bytes *bytes);

/* Cut the text to `size` bytes and clear a failure that was caused by the limit. */
void bytes_take_back(struct bytes *bytes, size_t size);

/* Empty the buffer. Its memory is kept for reuse unless it is more than `keep` bytes. */
void bytes_reset(struct bytes *bytes, size_t keep);
void bytes_free(struct bytes *bytes);

#endif
