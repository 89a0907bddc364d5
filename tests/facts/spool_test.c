/* Entries kept in order and read again at their offsets, from memory and from the disk. */
#include "lib/test.h"
#include "facts/spool.h"

#include <string.h>

static size_t size_of(unsigned i) { return i * 7919 % 3001; }

static void fill(char *out, unsigned i) { memset(out, (int)(i % 251), size_of(i)); }

static void keep_and_read(unsigned count, size_t most)
{
    static uint64_t offsets[2000];
    static char want[4096], got[4096];
    struct spool spool;

    spool_begin(&spool, most);
    for (unsigned i = 0; i < count; i++) {
        fill(want, i);
        offsets[i] = spool_add(&spool, want, size_of(i));
        check(!i || offsets[i] == offsets[i - 1] + size_of(i - 1));
    }
    for (unsigned i = count; i-- > 0;) {
        fill(want, i);
        memset(got, 0xa5, sizeof got);
        if (!check(spool_read(&spool, offsets[i], got, size_of(i)) && !memcmp(got, want, size_of(i)))) break;
    }
    check(!spool.hr && (most > 1 << 22) == !spool.file);
    spool_free(&spool);
}

TEST(entries_are_read_again_from_memory) { keep_and_read(2000, 64 << 20); }
TEST(entries_are_read_again_from_memory_disk_and_what_is_still_to_be_written) { keep_and_read(2000, 100000); }
TEST(entries_are_read_again_where_nothing_may_be_in_memory) { keep_and_read(2000, 0); }

TEST(nothing_is_read_behind_the_last_entry)
{
    char got[8] = "";
    struct spool spool;

    for (size_t most = 0; most <= 64; most += 64) {
        spool_begin(&spool, most);
        spool_add(&spool, "entry", 5);
        check(spool_read(&spool, 0, got, 5) && !memcmp(got, "entry", 5));
        check(!spool_read(&spool, 3, got, 3));
        check_hr(spool.hr, E_INVALIDARG);
        spool_free(&spool);
    }
}
