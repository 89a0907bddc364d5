/* A run of bytes that grows up to a limit, and remembers when it could not. */
#ifndef BYTES_H
#define BYTES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Memory that several runs share, any thread: what their rooms take of it is counted, and beyond `most` it counts as run out. A part of one
 * (`whole` is not NULL) takes from its whole as well. {.most = …} has given nothing away.
 */
struct bytes_budget {
    size_t most, used;
    struct bytes_budget *whole;
};

/*
 * {0} is an empty run without a limit. What is appended after memory ran out or the limit was passed is dropped and `failed` set;
 * so a long text is built without looking after every piece, and looked at once at the end. `data` is not zero-terminated.
 *
 * Of the two only the limit can be mended, by taking back what did not fit. Where memory ran out pieces may be missing anywhere: `failed` then
 * stays until bytes_reset or bytes_free.
 */
struct bytes {
    char *data;                         /* owned */
    size_t size, room;
    size_t limit;                       /* most bytes ever held; 0: none */
    bool failed;
    struct bytes_budget *budget;        /* borrowed; `room` is taken from it. NULL: none. Set while the run is empty */
    bool for_good;                      /* with failed: not, or not only, since the limit was passed */
};

void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_add_text(struct bytes *bytes, const char *text);
void bytes_printf(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));  /* 255 characters at most */

/* Room for `size` more bytes at the end, for the caller to fill and then to count by `size +=`; NULL when there is none. */
char *bytes_reserve(struct bytes *bytes, size_t size);

/* What goes in cannot be had: `failed`, for good. */
void bytes_fail(struct bytes *bytes);

/* Drop what stands beyond `size` bytes, and forget that it passed the limit. */
void bytes_take_back(struct bytes *bytes, size_t size);

/* Empty again, with its room kept unless that is more than `keep` bytes. */
void bytes_reset(struct bytes *bytes, size_t keep);
void bytes_free(struct bytes *bytes);

#endif
