/* Which folders are one, or lie in each other, on a file system that this test plays. */
#include "lib/test.h"

#include "delivery/place/real_folder.h"
#include "delivery/place/real_folder_system.h"

#include "base/os.h"

#include <stdlib.h>
#include <string.h>

const char real_folder_separator = '/';
const bool real_folder_any_case = true;

/* Plain paths without links, and the numbers of the folders there. */
static const struct { const char *path; uint64_t volume; uint8_t file; } folders[] = {
    {"", 1, 1},          {"/srv", 1, 2},   {"/srv/journal", 1, 3}, {"/srv/journal/torn", 1, 4},
    {"/mnt", 1, 5},      {"/mnt/a", 1, 3}, {"/mnt/a/torn", 1, 4},  {"/mnt/b", 2, 3},
    {"/mnt/share", 0, 0}, {"/MNT/Share", 0, 0},
};

static int32_t hangs, hung, gone;       /* whether folders below /away answer; how many wait, have gone */

char *real_folder_plain(const char *path)
{
    return strdup(path);
}

char *real_folder_resolve(const char *path)
{
    if (strncmp(path, "/away", 5)) return strdup(path);
    __atomic_fetch_add(&hung, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&hangs, __ATOMIC_SEQ_CST)) os_word_wait(&hangs, 1, 10);
    __atomic_fetch_add(&gone, 1, __ATOMIC_SEQ_CST);
    return strdup("/srv/journal");
}

bool real_folder_identify(const char *plain, struct real_folder_identity *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (!strcmp(folders[i].path, plain) && folders[i].volume) {
            out->volume = folders[i].volume;
            out->file[0] = folders[i].file;
            return true;
        }
    return false;
}

static bool is_nested_within(const char *one, const char *other, uint32_t wait_ms)
{
    const char *paths[] = {one, other};
    struct real_folder *real[2];
    bool nested, mirrored;

    real_folder_look(paths, real, 2, wait_ms);
    nested = real_folder_is_nested(real[0], real[1]);
    mirrored = real_folder_is_nested(real[1], real[0]);
    real_folder_free(real[0]);
    real_folder_free(real[1]);
    if (!check(nested == mirrored)) test_note("%s, %s", one, other);
    return nested;
}

static bool is_nested(const char *one, const char *other)
{
    return is_nested_within(one, other, 60000);
}

TEST(a_folder_in_another_is_nested_and_one_beside_it_is_not)
{
    check(is_nested("/srv/journal", "/srv/journal"));
    check(is_nested("/srv/journal", "/srv/journal/torn"));
    check(is_nested("/srv/journal", "/srv"));
    check(is_nested("/srv/journal", ""));
    check(!is_nested("/srv/journal", "/srv/journal2"));
    check(!is_nested("/srv/journal", "/srv/state"));
    check(!is_nested("/srv/journal", "/mnt"));
}

TEST(folders_that_are_not_there_are_told_apart_by_their_names_in_the_folder_that_is)
{
    check(is_nested("/srv/new", "/srv/new/x"));
    check(is_nested("/srv/new", "/srv/NEW"));
    check(!is_nested("/srv/new", "/srv/new2"));
    check(!is_nested("/srv/new/a", "/srv/new/b"));
    check(is_nested("/mnt/a/new", "/srv/journal/new"));
    check(is_nested("/mnt/a/new", "/srv/journal/new/x/y"));
    check(!is_nested("/mnt/a/new", "/srv/journal/newer"));
    check(!is_nested("/mnt/a/new", "/srv/new"));
}

TEST(a_folder_that_is_mounted_in_two_places_is_one)
{
    check(is_nested("/srv/journal", "/mnt/a"));
    check(is_nested("/srv/journal", "/mnt/a/torn"));
    check(is_nested("/srv/journal", "/mnt/a/sub/copy"));
    check(is_nested("/mnt/a", "/srv/journal/torn/x"));
}

TEST(one_number_on_two_volumes_is_two_folders)
{
    check(!is_nested("/srv/journal", "/mnt/b"));
    check(!is_nested("/mnt/a/x", "/mnt/b/x"));
}

TEST(where_no_folder_has_a_number_the_names_decide)
{
    check(is_nested("/mnt/share", "/MNT/Share"));
    check(is_nested("/mnt/share/\xc3\xa4", "/MNT/Share/\xc3\x84/x"));
    check(!is_nested("/mnt/share/\xc3\xa4", "/MNT/Share/\xc3\xa4\xc3\xa4"));
}

/* The threads that were left behind free what they have: the address sanitizer looks. */
TEST(a_folder_that_does_not_answer_is_told_apart_by_its_path_and_holds_nobody_up)
{
    uint64_t before = os_ticks_ms();

    __atomic_store_n(&hangs, 1, __ATOMIC_SEQ_CST);
    check(!is_nested_within("/away/x", "/srv/journal", 50));
    check(is_nested_within("/away/x", "/away/x/y", 50));
    check(os_ticks_ms() - before < 60000);
    __atomic_store_n(&hangs, 0, __ATOMIC_SEQ_CST);
    os_word_wake(&hangs);
    for (int i = 0; i < 6000 && __atomic_load_n(&gone, __ATOMIC_SEQ_CST) < 3; i++)
        os_word_wait(&hangs, 0, 10);
    check_int(hung, 3);
    check_int(gone, 3);
    check(is_nested("/away/x", "/mnt/a"));
}
