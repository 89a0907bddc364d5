/*
 * The language of scenario files: reads a whole file, and every file that it includes, and checks all of it before
 * anything is played.
 *
 *   # from here to the end of the line is a comment
 *   verb word... key=value...
 *
 * UTF-8, with or without a mark in front, lines ended by LF or CR LF. Words are parted by blanks. Between "..." stands
 * anything but a line's end, blanks and # included; "" there is one ". A backslash is a backslash. What each verb takes
 * stands in the table in script.c, which the help prints.
 */
#ifndef STUBCA_SCRIPT_H
#define STUBCA_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum verb {
    VERB_CA, VERB_TEMPLATE, VERB_MODULE, VERB_SETTING, VERB_INCLUDE, VERB_START, VERB_STOP,
    VERB_SUBMIT, VERB_APPROVE, VERB_DENY, VERB_RETRIEVE, VERB_REVOKE, VERB_HOLD, VERB_RELEASE,
    VERB_CRL, VERB_IMPORT, VERB_RENEW, VERB_PARENT, VERB_CHANGE, VERB_DELETE, VERB_RECOVER, VERB_CLOCK, VERB_PROPERTY,
    VERB_TOGETHER, VERB_APART, VERB_LOG, VERB_FILE, VERB_MANAGE, VERB_DESCRIBE, VERB_CAINFO, VERB_DISK, VERB_KILL, VERB_COUNT
};
const char *verb_name(enum verb verb);

struct pair {
    char *key, *value;
};

/* One line that does something. */
struct step {
    const char *file;                   /* as it was named */
    int line;
    enum verb verb;
    char *words[3];                     /* those behind the verb */
    int word_count;
    struct pair *pairs;
    size_t pair_count;
};

struct script {
    struct step *steps;                 /* included files' steps stand where the include stood */
    size_t count;
    char **files;                       /* what the steps' `file` points to */
    size_t file_count;
};

/* Is there a step behind which nothing can come? NULL: none. */
const struct step *script_kill(const struct script *script);

/* Read and check. False: `complain` was called for what is wrong, in the order of the lines, and nothing is read. */
bool script_read(const char *path, struct script *script,
                 void (*complain)(const char *file, int line, const char *what));
void script_free(struct script *script);

/* The value of a key, the first of several; `otherwise` where the key is not given. */
const char *step_value(const struct step *step, const char *key, const char *otherwise);
long step_number(const struct step *step, const char *key, long otherwise);

/* One after the other of a key that may stand several times; `*place` is 0 at first. NULL behind the last. */
const char *step_next_value(const struct step *step, const char *key, size_t *place);

/* What may stand in a scenario, for --help. */
void script_print_help(void);

#endif
