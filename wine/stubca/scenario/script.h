/*
 * The language of scenario files: a file, and every file that it includes, is read and checked
 * completely before anything is played.
 *
 *   # from here to the end of the line is a comment
 *   verb word... key=value...
 *
 * UTF-8, with or without a mark at the start; lines end in LF or CR LF. Words are separated by
 * blanks. Text in "..." may contain anything but a line end, including blanks and #; "" in it is
 * one ". A backslash is an ordinary character. The words and keys of each verb are in the table in
 * script.c, which the help prints.
 */
#ifndef STUBCA_SCRIPT_H
#define STUBCA_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum verb {
    VERB_CA,
    VERB_TEMPLATE,
    VERB_MODULE,
    VERB_SETTING,
    VERB_INCLUDE,
    VERB_START,
    VERB_STOP,
    VERB_SUBMIT,
    VERB_APPROVE,
    VERB_DENY,
    VERB_RETRIEVE,
    VERB_REVOKE,
    VERB_HOLD,
    VERB_RELEASE,
    VERB_CRL,
    VERB_IMPORT,
    VERB_RENEW,
    VERB_PARENT,
    VERB_CHANGE,
    VERB_DELETE,
    VERB_RECOVER,
    VERB_CLOCK,
    VERB_PROPERTY,
    VERB_TOGETHER,
    VERB_APART,
    VERB_LOG,
    VERB_FILE,
    VERB_MANAGE,
    VERB_DESCRIBE,
    VERB_CAINFO,
    VERB_DISK,
    VERB_KILL,
    VERB_COUNT
};
const char *verb_name(enum verb verb);

struct pair {
    char *key, *value;
};

/* One line with a verb. */
struct step {
    const char *file;                   /* path as given */
    int line;
    enum verb verb;
    char *words[3];                     /* words after the verb */
    int word_count;
    struct pair *pairs;
    size_t pair_count;
};

struct script {
    struct step *steps;                 /* the steps of an included file replace its include */
    size_t count;
    char **files;                       /* targets of the steps' `file` */
    size_t file_count;
};

/* The step after which no other can follow; NULL: none. */
const struct step *script_kill(const struct script *script);

/*
 * Read and check a scenario. False: `complain` was called for each fault, in the order of the
 * lines, and `script` is empty.
 */
bool script_read(const char *path, struct script *script,
                 void (*complain)(const char *file, int line, const char *what));
void script_free(struct script *script);

/* The first value of a key; `otherwise` if the key is missing. */
const char *step_value(const struct step *step, const char *key, const char *otherwise);
long step_number(const struct step *step, const char *key, long otherwise);

/*
 * Iterate over the values of a key that may be repeated; `*place` is 0 at first. NULL after the
 * last.
 */
const char *step_next_value(const struct step *step, const char *key, size_t *place);

/* Print the language's verbs and keys, for --help. */
void script_print_help(void);

#endif
