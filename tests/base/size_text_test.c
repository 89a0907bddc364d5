/* Sizes as people read them. */
#include "lib/test.h"

#include "base/size_text.h"

#include <string.h>

static void told(uint64_t bytes, const char *want)
{
    char text[SIZE_TEXT_MAX];

    memset(text, 'x', sizeof text);
    size_text(bytes, text);
    check_text(text, want);
}

TEST(a_size_is_told_in_the_unit_of_which_there_is_one)
{
    told(0, "0 bytes");
    told(1, "1 byte");
    told(1023, "1023 bytes");
    told(1024, "1 KiB");
    told(130ull << 20, "130 MiB");
    told((1ull << 30) - 1, "1023 MiB");
    told(1ull << 30, "1 GiB");
    told(20ull << 30, "20 GiB");
    told(49356ull << 20, "48.1 GiB");
    told(1ull << 40, "1 TiB");
}

TEST(a_size_is_cut_and_never_shown_as_more_than_there_is)
{
    told(10239, "9.9 KiB");
    told(1024 + 102, "1 KiB");
    told(1024 + 103, "1.1 KiB");
    told(2047ull << 20, "1.9 GiB");
    told((100ull << 30) - 1, "99.9 GiB");
    told((101ull << 30) - 1, "100 GiB");
    told(UINT64_MAX, "15.9 EiB");
}
