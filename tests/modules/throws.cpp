/* C++ exceptions. */
#include "throws.h"

#include <stdexcept>

int throws_destroyed;

namespace {
struct witness {
    ~witness() { throws_destroyed++; }
};
}

void throws_out(void)
{
    witness one;

    throw std::runtime_error("thrown by a module");
}

int throws_and_catches(void)
{
    try {
        throws_out();
    } catch (const std::exception &) {
        return 1;
    }
    return 0;
}
