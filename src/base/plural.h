/* One word or another, by a count: "1 file is", "2 files are". */
#ifndef PLURAL_H
#define PLURAL_H

#include <stdint.h>

static inline const char *plural(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

#endif
