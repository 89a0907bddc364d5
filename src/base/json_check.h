/* Whether bytes are JSON, strictly: what any parser reads, and reads the same way. */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_CHECK_DEPTH 64             /* of objects and arrays; the journal's own go to five or six */

#define JSON_CHECK_FEW 128              /* places for names that need no memory: half of them may be taken */

/* A member's name that was met: where it stands, behind its quote, and in which object; object 0 is an empty place, since the count of
 * objects begins at 1. */
struct json_name {
    uint32_t at, object, hash;
};

/* Memory that is used again from text to text; {0} at first. It grows with the names in a text, for one of 1 MiB to 6 MiB at most, and shrinks behind
 * one that had few. Most of the journal's lines have few enough for none. */
struct json_check {
    struct json_name few[JSON_CHECK_FEW];
    struct json_name *names;            /* owned; NULL: `few` are used */
    size_t room;                        /* of names: a power of two, or 0 */
    size_t used;                        /* names in the last text */
    uint32_t basis;                     /* by chance: of names that one has chosen, no other knows which fall together. 0: not drawn yet */
    int around;                         /* the caller's: objects and arrays that the text is going to stand in; they count for the depth */
};

enum json_verdict { JSON_GOOD, JSON_BAD, JSON_NO_MEMORY };

/*
 * Whether `size` bytes (at most 4 GiB) are one JSON object and nothing else but white space around it: RFC 8259, and of RFC 7493 that the
 * text is UTF-8, that no object has a member name twice (however it is escaped), and that surrogates come in pairs. No recursion.
 */
enum json_verdict json_check(struct json_check *check, const char *text, size_t size);
void json_check_free(struct json_check *check);

#endif
