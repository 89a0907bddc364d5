/*
 * Progress messages of an operation for its user: written to a program's standard error or a
 * service's log.
 */
#ifndef NOTES_H
#define NOTES_H

struct notes {
    /* UTF-8, may contain any text of an enrollee; NULL: messages are dropped */
    void (*take)(void *context, const char *sentence);
    void *context;
};

void notes_add(const struct notes *notes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
