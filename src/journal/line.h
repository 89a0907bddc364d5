/* One line of a journal: how it is made, and how it is told from anything else. The format is told at the top of line.c. */
#ifndef LINE_H
#define LINE_H

#include "base/bytes.h"
#include "base/os.h"
#include "base/span.h"

#define LINE_MAX_SIZE   (1 << 20)               /* bytes, LF included: 32 of the CA's largest rows; a reader can hold it */
#define LINE_DATA_MAX   (LINE_MAX_SIZE - 8192)  /* what the envelope can never need */
#define LINE_SOURCE_MAX 2048
#define LINE_TYPE_MAX   64
#define LINE_HASH_SIZE  64                      /* hex digits */

/* What the journal adds to an event: its place in the chain. */
struct line_place {
    const char *run;                    /* GUID */
    const char *source;
    uint64_t sequence;
    const char *previous;               /* LINE_HASH_SIZE hex digits */
    uint64_t flushed;
};

/*
 * Whether `data` can stand in a line: LINE_DATA_MAX bytes at most that are one JSON object which every parser reads the same way, with nothing
 * before or behind it and no line break in it. S_OK, E_INVALIDARG, or E_OUTOFMEMORY where memory does not suffice to look.
 */
HRESULT line_check_data(struct span data) MUST_CHECK;

/*
 * Append a whole line to `out`. `data` was accepted by line_check_data, and is not looked at again, which would take as
 * long as the hash. `hash` (LINE_HASH_SIZE + 1) takes its hash. `subject` may be NULL; `time` is as os_now gives it. On
 * failure `out` holds what it held.
 * E_INVALIDARG: this would be no line, whoever tries again: a text is too long or holds what no string of the envelope may
 *     hold, or a time has no text.
 * E_OUTOFMEMORY: nothing more can be added to `out` before bytes_reset. All else is a failure of the hash.
 */
HRESULT line_make_checked(struct bytes *out, const struct line_place *place, const char *type, const char *subject, int64_t time,
                          struct span data, char *hash) MUST_CHECK;

/* A line that was read: views into its text. */
struct line {
    struct span text;                   /* all of it, LF included */
    struct span run, source, type, subject, time, previous, data, hash;
    uint64_t sequence, flushed;
};

enum line_fault {
    LINE_OK,
    LINE_NO_END,                        /* no LF at the end */
    LINE_FORM,                          /* not a line of a journal: the envelope is not there or not in its order */
    LINE_HASH,                          /* the hash does not fit the bytes */
    LINE_UNJUDGED,                      /* the system did not make the hash: memory is short. It may be a line */
};

/*
 * Tell whether `size` bytes, LF included, are a line whose hash is right; only then is `line` set. `data` is not parsed: the hash says
 * that it is what line_make_checked was given. Whether `previous` and `sequence` follow the line before is for the caller to say.
 */
enum line_fault line_read(const char *text, size_t size, struct line *line);

/* The last place in the text, from byte 1 on, where a line may begin, whole or cut off at the end; 0: there is none. */
size_t line_last_start(struct span text);

/* Whether the text ends as a line does, in a hash that fits the bytes before it, whatever these are. */
bool line_is_sealed(struct span text);

/* The last line of a chain; sequence 0 and 64 zeros before the first. */
struct chain_head {
    uint64_t sequence;
    char hash[LINE_HASH_SIZE + 1];
};

void chain_head_set(struct chain_head *head, const struct line *line);
extern const char line_no_hash[LINE_HASH_SIZE + 1];     /* what line 1 has for the hash of the line before it */

/* The CA's name in "/adcs/<machine>/<CA>": it stays where the machine is renamed, or another one of the cluster. */
struct span source_ca(struct span source);

/* SHA-256 in lower-case hex digits. */
HRESULT hash_hex(const char *data, size_t size, char out[LINE_HASH_SIZE + 1]) MUST_CHECK;

#endif
