/* What verify has to say, as it is found: text for people, or one JSON object. */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include "base/json.h"
#include "journal/reader.h"

enum report_weight {
    REPORT_NOTE,                        /* worth knowing */
    REPORT_WARNING,                     /* worth looking into; the journal holds all the same */
    REPORT_UNPROVEN,                    /* nothing speaks against it, and nothing vouches for it */
    REPORT_WRONG,
};

struct report {
    bool as_json, quiet;
    bool wrong;                         /* anything that was said is */
    bool begun;                         /* text: a finding was shown */
    uint64_t findings;
    struct bytes out;                   /* owned; what is not written yet */
    struct json json;
};

void report_begin(struct report *report, bool as_json, bool quiet, const char *path);

/*
 * Something found. `kind` is one or two words; `sequence` and `time` are those of the line that it
 * is about, or 0 and NULL; `place` may be NULL. `text`, a sentence or more which may hold what is
 * hostile, is emptied.
 */
struct finding {
    const char *kind;
    enum report_weight weight;
    uint64_t sequence;
    const struct span *time;
    const struct reader_place *place;
};
void report_tell(struct report *report, struct finding finding, struct bytes *text);

/* What comes after the findings: in JSON members of the object (`key`), in text rows (`label`). */
void report_summary(struct report *report);
void report_row(struct report *report, const char *label, const struct bytes *text); /* text only */
void report_line(struct report *report, const char *line); /* text only, as it is */
struct json *report_json(struct report *report);           /* JSON only; NULL otherwise */
void report_verdict(struct report *report, const char *word, enum report_weight weight,
                    const struct bytes *text);
void report_end(struct report *report);

/* A number of any size up to 2^64 - 1. */
void report_number(struct json *json, const char *name, uint64_t number);

#endif
