/* Sentences for whoever asked for something, while it is done: a program's standard error, a service's log. */
#ifndef NOTES_H
#define NOTES_H

struct notes {
    void (*take)(void *context, const char *sentence);         /* UTF-8 that may hold anything an enrollee wrote; NULL: nobody listens */
    void *context;
};

void notes_add(const struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
