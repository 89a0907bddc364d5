/* A request to prune: which sealed lines a program is about to remove or move away, for the writer to put on record. The format is told at the top of request.c. */
#ifndef REQUEST_H
#define REQUEST_H

#include "segment.h"
#include "base/utc.h"

#define REQUEST_NAME     "prune"                /* in the journal's folder */
#define PRUNE_LOCK_NAME  "prune.lock"           /* beside it: held by the one program that may write a request */
#define REQUEST_SIZE_MAX 1024                   /* bytes; three texts and six numbers take less */
#define REQUEST_TEXT_MAX 200                    /* bytes of a text */

struct request {
    struct chain_head last;                     /* the last line that goes */
    uint64_t segments;                          /* how many files go */
    char before[UTC_TEXT_MAX];                  /* every line in them is older than this moment */
    bool archived;                              /* they are moved to an archive; else they are removed */
    char rule[REQUEST_TEXT_MAX + 1];            /* by which rule: UTF-8 that is plain (utf8.h), at least one character */
    char account[REQUEST_TEXT_MAX + 1];         /* who asks: the same */
};

/* Append the request to `out`. Returns false if a field is not as it must be; `out` is then as it was. */
bool request_make(const struct request *request, struct bytes *out) MUST_CHECK;

enum request_form {
    REQUEST_WHOLE,
    REQUEST_UNFINISHED,                         /* it is being written, or never will be finished */
    REQUEST_WRONG,                              /* it is none */
};

/* Judge `size` bytes; only a whole request sets `*out`. */
enum request_form request_read(const char *text, size_t size, struct request *out);

enum request_state {
    REQUEST_NONE,                               /* no request lies in the folder, or one that is not finished yet */
    REQUEST_GOOD,                               /* `request` names the last line of a sealed segment of this chain */
    REQUEST_OF_OTHER,                           /* a request, but the line that it names is none that may go */
    REQUEST_NOT_ONE,                            /* something else has that name */
    REQUEST_UNREADABLE,                         /* `hr`; try again later */
};

struct request_look {
    enum request_state state;
    struct request request;                     /* with REQUEST_GOOD and REQUEST_OF_OTHER */
    HRESULT hr;                                 /* why it is not good */
};

/*
 * Look for a request in the folder. Reads at most REQUEST_SIZE_MAX + 1 bytes of it, and at most one line of a sealed segment, and allocates
 * no more than that line takes. `writing` is the first sequence of the segment that is written on: what stands before it is sealed.
 */
void request_look(struct disk_folder *folder, uint64_t writing, struct request_look *out);

#endif
