/*
 * A request to prune: names the sealed lines that a program is about to remove or move away, for
 * the writer to record. The format is described at the top of request.c.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "segment.h"
#include "base/utc.h"

#define REQUEST_NAME     "prune"                /* in the journal's folder */
/* in the same folder: held by the one program that may write a request */
#define PRUNE_LOCK_NAME  "prune.lock"
#define REQUEST_SIZE_MAX 1024                   /* bytes; three texts and six numbers take less */
#define REQUEST_TEXT_MAX 200                    /* maximum size of a text, in bytes */

struct request {
    struct chain_head last;                     /* the last line to be removed */
    uint64_t segments;                          /* number of files to be removed */
    char before[UTC_TEXT_MAX];                  /* every line in them is older than this moment */
    /* the files are moved to an archive; otherwise they are removed */
    bool archived;
    /* the rule that selected them: plain UTF-8 (utf8.h), at least one character */
    char rule[REQUEST_TEXT_MAX + 1];
    char account[REQUEST_TEXT_MAX + 1];         /* the account that makes the request: likewise */
};

/* Append the request to `out`. Returns false if a field is not as it must be; `out` is then as it
 * was. */
bool request_make(const struct request *request, struct bytes *out) MUST_CHECK;

enum request_form {
    REQUEST_WHOLE,
    /* it is being written, or writing it was interrupted */
    REQUEST_UNFINISHED,
    REQUEST_WRONG,                              /* not a request */
};

/* Judge `size` bytes; only a whole request sets `*out`. */
enum request_form request_read(const char *text, size_t size, struct request *out);

enum request_state {
    /* there is no request in the folder, or an unfinished one */
    REQUEST_NONE,
    REQUEST_GOOD, /* `request` names the last line of a sealed segment of this chain */
    /* a request, but its line is not one that may be removed */
    REQUEST_OF_OTHER,
    /* the file or object of that name is not a request */
    REQUEST_NOT_ONE,
    REQUEST_UNREADABLE, /* `hr`; try again later */
};

struct request_look {
    enum request_state state;
    struct request request;                     /* with REQUEST_GOOD and REQUEST_OF_OTHER */
    HRESULT hr;                                 /* the reason, unless the state is REQUEST_GOOD */
};

/*
 * Look for a request in the folder. Reads at most REQUEST_SIZE_MAX + 1 bytes of it and at most one
 * line of a sealed segment, and allocates no more than that line needs. `writing` is the first
 * sequence of the segment being written: all earlier segments are sealed.
 */
void request_look(struct disk_folder *folder, uint64_t writing, struct request_look *out);

#endif
