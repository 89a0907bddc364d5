/*
 * One method of an interface as a compiler sees it; layout.cpp makes the tables, layout_compare.cpp holds them
 * together.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

struct method {
    const char *name;
    unsigned slot;                      /* 0 is QueryInterface */
    const char *type;                   /* mangled: return type, this, every parameter, and const where it counts */
};

struct layout {
    const char *whose;
    const struct method *method;
    unsigned count;
};

extern const layout c_of_certwitness, c_of_mingw, cpp_of_certwitness, cpp_of_mingw;

#endif
