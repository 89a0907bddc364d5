/* A file that stands for another one, held by one at a time. */
#include "lib/test.h"

#include "base/file_system.h"

#ifdef _WIN32
#define HELD "build/file_hold_test.windows"
#else
#define HELD "build/file_hold_test.native"
#endif

TEST(a_file_that_is_held_is_nobody_elses_until_it_is_let_go)
{
    intptr_t one = -7, other = -7;

    for (int i = 0; i < 3; i++) {           /* made first, found then */
        if (!check_hr(file_hold(HELD, &one), S_OK)) return;
        check_hr(file_hold(HELD, &other), HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
        check_hr(file_hold(HELD, &other), HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
        file_let_go(one);
    }
    check_hr(file_remove(HELD), S_OK);
}

TEST(a_file_that_cannot_be_made_is_not_held)
{
    intptr_t held = -7;

    check(FAILED(file_hold("build/there/is/no/folder", &held)));
    check(FAILED(file_hold("build", &held)));
}
