/*
 * A strict check that bytes are JSON which every parser reads the same way, and the places of the
 * values in them.
 */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_CHECK_DEPTH 64             /* nesting of objects and arrays; the journal's own lines
                                         * reach five or six */

#define JSON_CHECK_FEW 128              /* hash slots that need no allocation; at most half of
                                         * them are used */

/*
 * A member name that was found: its offset, after the quote, and the number of its object. Objects
 * are counted from 1, so 0 marks an empty slot.
 */
struct json_name {
    uint32_t at, object, hash;
};

/*
 * Memory that is reused from text to text; {0} initially. It grows with the number of names, to at
 * most 6 MiB for a text of 1 MiB, and shrinks after a text with few names. Most lines of a journal
 * need no allocation. One thread at a time.
 */
struct json_check {
    struct json_name few[JSON_CHECK_FEW];
    struct json_name *names;            /* owned; NULL: `few` are used */
    size_t room;                        /* capacity of `names`: a power of two, or 0 */
    size_t used;                        /* names in the last text */
    uint64_t basis;                     /* random seed of the hash: names cannot be chosen to
                                         * collide. 0: not drawn yet */
    int around;                         /* set by the caller: number of objects and arrays that
                                         * will enclose the text; counts toward the depth */
};

enum json_verdict { JSON_GOOD, JSON_BAD, JSON_NO_MEMORY };

enum json_kind {
    JSON_NOTHING,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_TEXT,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
};

/*
 * The place of a value or of a member's name. Values are in the order of the text: a container
 * comes before all that is in it, a name directly before its value.
 */
struct json_value {
    uint32_t start, size;               /* in the text; of a string without its quotes */
    uint32_t values;                    /* this one and all that is in it, names included */
    uint8_t kind;                       /* enum json_kind; JSON_TEXT for a name */
    bool is_name;
};

/*
 * The values of a text; {0} initially, and reused from text to text. It grows with their number,
 * to at most 8 MiB for a text of 1 MiB, and shrinks after a text with few values.
 */
struct json_values {
    struct json_value *values;          /* owned */
    uint32_t count, room;
};

/*
 * Check that `size` bytes (at most 4 GiB) are exactly one JSON object with optional white space
 * around it. Enforces RFC 8259 and, of RFC 7493, valid UTF-8, unique member names in each object
 * (compared after unescaping), and paired surrogates. Not recursive.
 *
 * `values` receives the places of all values, unless it is NULL; if the verdict is not JSON_GOOD,
 * its count is 0.
 */
enum json_verdict json_check(struct json_check *check, const char *text, size_t size,
                             struct json_values *values);
void json_check_free(struct json_check *check);
void json_values_free(struct json_values *values);

#endif
