/* The files of root's that are given to the owner of a state's folder. */
#include "lib/test.h"

#include "delivery/owner_posix.h"

static bool changes(uid_t us, uid_t folder, const char *name, struct stat file)
{
    struct stat of = {.st_uid = folder};

    return owner_is_to_change(us, &of, name, &file);
}

static const struct stat plain = {.st_mode = S_IFREG | 0600, .st_nlink = 1};

TEST(roots_files_of_a_state_in_the_folder_of_another_are_given_away)
{
    static const char *const names[] = {"lock",       "hub.state",        "hub.parked",
                                        "hub.status", "hub.secret",       "hub.rate",
                                        "hub.new",    "hub.damaged-1782"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        check(changes(0, 990, names[i], plain));
}

TEST(no_other_file_is_and_none_by_another_account_or_in_a_folder_of_roots)
{
    struct stat theirs = plain, linked = plain, link = plain;

    theirs.st_uid = 1000;
    linked.st_nlink = 2;
    link.st_mode = S_IFLNK | 0777;
    check(!changes(0, 990, "hub.state", theirs));
    check(!changes(0, 990, "hub.state", linked));
    check(!changes(0, 990, "hub.state", link));
    check(!changes(0, 990, "notes.txt", plain));
    check(!changes(0, 990, ".state", plain));
    check(!changes(0, 0, "hub.state", plain));
    check(!changes(990, 990, "hub.state", plain));
}
