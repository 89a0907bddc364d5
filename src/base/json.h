/*
 * A writer of JSON, piece by piece.
 *
 * Calls nest as the JSON does: json_object or json_array, the members, json_end. `name` is the
 * member's name, in ASCII without characters that need escaping; NULL inside arrays and for the
 * outermost value. A failure is remembered by `out` (bytes.h).
 */
#ifndef JSON_H
#define JSON_H

#include "bytes.h"

#include <stdint.h>

#define JSON_DEPTH_MAX 24

struct json {
    struct bytes *out;                  /* borrowed */
    bool comma;                         /* the next member needs a comma before it */
    int depth;
    char closing[JSON_DEPTH_MAX];
};

void json_object(struct json *json, const char *name);
void json_array(struct json *json, const char *name);
void json_end(struct json *json);

void json_number(struct json *json, const char *name, int64_t number);
void json_bool(struct json *json, const char *name, bool value);

/*
 * `text` is `size` bytes of UTF-8 and may be hostile. Bytes that are not UTF-8 become U+FFFD, one
 * each. Besides the characters that JSON requires, every character is escaped that could control a
 * terminal or reorder displayed text: C0, DEL, C1, line and paragraph separators, direction marks
 * and overrides, zero-width and tag characters, noncharacters.
 */
void json_string(struct json *json, const char *name, const char *text, size_t size);
/* one character as it is written in a string, "\\u202e" */
void json_escape(struct bytes *out, uint32_t point);
void json_text(struct json *json, const char *name, const char *text); /* zero-terminated */
void json_base64(struct json *json, const char *name, const void *data, size_t size);
/* a member's name; the caller then appends the value to `out` */
void json_key(struct json *json, const char *name);
/* members that are already JSON text: `"a":1,"b":2`, or empty */
void json_members(struct json *json, const char *text, size_t size);
void json_hex(struct json *json, const char *name, const void *data, size_t size); /* lower case */

#endif
