/*
 * Holds our headers' layout against MinGW-w64's. Prints "same" or "differs", slot, method and type for every method of
 * both languages; the exit code is 0 only if both sides are whose they ought to be and all methods are the same.
 */
#include <cstdio>
#include <cstring>

#include "layout.h"

static bool same(const method &a, const method &b)
{
    return !std::strcmp(a.name, b.name) && a.slot == b.slot && !std::strcmp(a.type, b.type);
}

static int compare(const char *language, const layout &ours, const layout &theirs)
{
    int wrong = std::strcmp(ours.whose, "CertWitness") || std::strcmp(theirs.whose, "MinGW-w64");

    if (wrong) std::printf("differs: whose headers are they? %s, %s\n", ours.whose, theirs.whose);
    if (ours.count != theirs.count || !ours.count) wrong++, std::printf("differs: the number of methods\n");
    for (unsigned i = 0; i < ours.count && i < theirs.count; i++) {
        const method &a = ours.method[i], &b = theirs.method[i];

        if (same(a, b)) {
            std::printf("same: %s slot %u %s %s\n", language, a.slot, a.name, a.type);
        } else {
            std::printf("differs: %s slot %u %s %s, MinGW-w64 has slot %u %s\n", language, a.slot, a.name, a.type,
                        b.slot, b.type);
            wrong++;
        }
    }
    return wrong;
}

int main()
{
    int wrong = compare("C", c_of_certwitness, c_of_mingw) + compare("C++", cpp_of_certwitness, cpp_of_mingw);

    return wrong ? 1 : 0;
}
