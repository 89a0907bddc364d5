/*
 * JSON, written piece by piece.
 *
 * Calls nest as the JSON does: json_object or json_array, the members, json_end. `name` is the member's name, ASCII that needs no
 * escaping; NULL inside arrays and for the outermost value. Failure is remembered by `out` (bytes.h).
 */
#ifndef JSON_H
#define JSON_H

#include "bytes.h"

#include <stdint.h>

#define JSON_DEPTH_MAX 24

struct json {
    struct bytes *out;                  /* borrowed */
    bool comma;                         /* the next member needs one before it */
    int depth;
    char closing[JSON_DEPTH_MAX];
};

void json_object(struct json *json, const char *name);
void json_array(struct json *json, const char *name);
void json_end(struct json *json);

void json_number(struct json *json, const char *name, int64_t number);
void json_bool(struct json *json, const char *name, bool value);

/*
 * `text` is `size` bytes of UTF-8, which may be hostile. What is no UTF-8 becomes U+FFFD, byte by byte. Besides what JSON demands,
 * everything is escaped that could steer a terminal or reorder what a person sees there: C0, DEL, C1, line and paragraph
 * separators, marks and overrides of direction, zero-width and tag characters, noncharacters.
 */
void json_string(struct json *json, const char *name, const char *text, size_t size);
void json_escape(struct bytes *out, uint32_t point);   /* one character, "\\u202e", as within a string */
void json_text(struct json *json, const char *name, const char *text);          /* zero-terminated */
void json_base64(struct json *json, const char *name, const void *data, size_t size);
void json_key(struct json *json, const char *name);    /* a member whose value the caller then appends to `out` himself */
void json_members(struct json *json, const char *text, size_t size);           /* written already: `"a":1,"b":2`, or nothing */
void json_hex(struct json *json, const char *name, const void *data, size_t size);      /* lower case */

#endif
