/* One line of a journal, made and recognised. The format is described at the top of line.c. */
#ifndef LINE_H
#define LINE_H

#include "base/bytes.h"
#include "base/json_doc.h"
#include "base/os.h"
#include "base/span.h"

/* bytes, LF included: 32 of the CA's largest rows, and small enough for a reader's memory */
#define LINE_MAX_SIZE   (1 << 20)
#define LINE_DATA_MAX   (LINE_MAX_SIZE - 8192)  /* always leaves enough for the envelope */
#define LINE_SOURCE_MAX 2048
#define LINE_TYPE_MAX   64
#define LINE_HASH_SIZE  64                      /* hex digits */

/* The place of an event in the chain, which the journal adds. */
struct line_place {
    const char *run;                    /* GUID */
    const char *source;
    uint64_t sequence;
    const char *previous;               /* LINE_HASH_SIZE hex digits */
    uint64_t flushed;
};

/*
 * Check that `data` can be part of a line: at most LINE_DATA_MAX bytes that are one JSON object
 * which every parser reads the same way, with nothing before or after it and no line break in it.
 * S_OK, E_INVALIDARG, or E_OUTOFMEMORY if memory does not suffice to check.
 */
HRESULT line_check_data(struct span data) MUST_CHECK;

/*
 * Append a whole line to `out`. `data` must have been accepted by line_check_data; it is not
 * checked again, which would take as long as the hash. `hash` (LINE_HASH_SIZE + 1) receives the
 * line's hash. `subject` may be NULL; `time` is as from os_now. On failure `out` is unchanged.
 *
 * E_INVALIDARG: the result would not be a line, now or later: a text is too long or contains
 *     characters that no string of the envelope may contain, or the time cannot be formatted.
 * E_OUTOFMEMORY: nothing can be added to `out` before bytes_reset. Any other failure is that of the
 *     hash.
 */
HRESULT line_make_checked(struct bytes *out, const struct line_place *place, const char *type,
                          const char *subject, int64_t time, struct span data,
                          char *hash) MUST_CHECK;

/* A line that was read: views of its text. */
struct line {
    struct span text;                   /* the whole line, LF included */
    struct span run, source, type, subject, time, previous, data, hash;
    uint64_t sequence, flushed;
    bool is_plain;                      /* the envelope's strings are ASCII without controls */
};

enum line_fault {
    LINE_OK,
    LINE_NO_END,                        /* no LF at the end */
    LINE_FORM,                          /* not a line of a journal: the envelope is missing or
                                         * its members are out of order */
    LINE_HASH,                          /* the hash does not match the bytes */
    LINE_UNJUDGED,                      /* the hash could not be computed, as memory is short. It
                                         * may be a line */
};

/*
 * Check that `size` bytes, LF included, are a line with a correct hash; only then is `line` set.
 * `data` is not parsed: the hash proves that it is what line_make_checked was given. Whether
 * `previous` and `sequence` follow the line before is for the caller to check.
 */
enum line_fault line_read(const char *text, size_t size, struct line *line);

/* The same of a text in which no LF is but at its end, as it is with a segment's pieces. */
enum line_fault line_read_piece(const char *text, size_t size, struct line *line);

/*
 * Check that a line which line_read accepted is JSON that every parser reads the same way. If it
 * is, `data` is the line's data: a view of the line and of `values`, valid as long as they are.
 * The envelope is not read again, unless something is wrong or odd.
 */
enum json_verdict line_check_json(struct json_check *check, const struct line *line,
                                  struct json_values *values, struct json_doc *data);

/*
 * The last offset in the text, from 1 on, at which a line may begin, complete or cut off at the
 * end; 0: none.
 */
size_t line_last_start(struct span text);

/*
 * True if the text ends as a line does, with a hash that matches the bytes before it, whatever
 * these are.
 */
bool line_is_sealed(struct span text);

/* The last line of a chain; sequence 0 and 64 zeros before the first. */
struct chain_head {
    uint64_t sequence;
    char hash[LINE_HASH_SIZE + 1];
};

void chain_head_set(struct chain_head *head, const struct line *line);
extern const char line_no_hash[LINE_HASH_SIZE + 1];     /* the previoushash of line 1 */

/*
 * The CA's name in "/adcs/<machine>/<CA>". It stays the same if the machine is renamed or a
 * cluster moves the CA.
 */
struct span source_ca(struct span source);

/* Copy that name; empty where it is longer than any that a journal may have. Returns its size. */
size_t source_keep_ca(struct span source, char out[LINE_SOURCE_MAX + 1]);

/* SHA-256 as lower-case hex digits. */
HRESULT hash_hex(const char *data, size_t size, char out[LINE_HASH_SIZE + 1]) MUST_CHECK;

#endif
