/*
 * An outline: names with values, one below the other and in groups, written as text for people or
 * as JSON for programs.
 *
 * Whoever shows something says once what it holds; `key` is its name in JSON (ASCII; NULL within a
 * list), `label` what a person reads (NULL: one of several alike, "- value"). As text every value
 * is a line, `Label: value`, groups are indented, and what could steer a terminal or hide is
 * written `\u{202e}`; a backslash of the text itself stays one, so only JSON is exact. With a
 * width, a text that is too long goes on in the next line, indented once more; a word is never
 * broken. Failure is remembered by the bytes that are written to (bytes.h), which the caller owns
 * and may have given a limit.
 */
#ifndef OUTLINE_H
#define OUTLINE_H

#include "base/json.h"

/* Names for identifiers that no standard names, such as the templates of a forest. */
struct outline_names {
    /* Plain UTF-8; NULL: none. */
    const char *(*find)(const void *context, const char *dotted);
    const void *context;                /* borrowed */
};

struct outline {
    struct bytes *out;                  /* borrowed */
    bool as_json;
    bool full;                          /* bytes in full, however many; outline_begin says no */
    unsigned width; /* columns that a text is broken to, at blanks, but for commands; 0, as
                       outline_begin sets it: never */
    unsigned depth, level;              /* how far lines are indented; how much is open */
    uint32_t bare;                      /* a bit for each level: a list without a line of its own */
    struct json json;
    const struct outline_names *names;  /* borrowed; NULL, as outline_begin sets it: none */
};

void outline_begin(struct outline *outline, struct bytes *out, bool as_json);

/* A group of named values, and a list of values or groups; each is closed by outline_close. `note`
 * may be NULL and stands behind the label, "Key usage (critical):". A list without a label within a
 * group is what the group is about: no line of its own. */
void outline_group(struct outline *outline, const char *key, const char *label, const char *note);
void outline_list(struct outline *outline, const char *key, const char *label);
void outline_close(struct outline *outline);

/* Text that may be hostile: UTF-8, which is made well-formed. */
void outline_text(struct outline *outline, const char *key, const char *label, const char *text,
                  size_t size);
void outline_word(struct outline *outline, const char *key, const char *label,
                  const char *word); /* zero-terminated */
void outline_number(struct outline *outline, const char *key, const char *label, int64_t number);
void outline_flag(struct outline *outline, const char *key, const char *label, bool flag);

/* Seconds since 1970, "2026-11-21T10:00:00Z"; years 0 to 9999. */
void outline_time(struct outline *outline, const char *key, const char *label, int64_t seconds);

/* Bytes in hexadecimal; as text with colons between, and of more than OUTLINE_HEX_MAX only the
 * first unless `full`. */
#define OUTLINE_HEX_MAX 32
void outline_hex(struct outline *outline, const char *key, const char *label, const void *data,
                 size_t size);

/* An element of a list of things of different kinds: in JSON {"type":kind,"value":text}. */
void outline_kind(struct outline *outline, const char *kind, const char *label, const char *text,
                  size_t size);

/* An identifier and what it is known as (NULL: nothing): "Server Authentication
 * (1.3.6.1.5.5.7.3.1)", in JSON
 * {"oid":...,"name":...}. */
void outline_oid(struct outline *outline, const char *key, const char *label, const char *dotted,
                 const char *name);

#endif
