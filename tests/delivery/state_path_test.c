/* The state's folder, read from the configuration of a delivery. */
#include "lib/test.h"

#include "delivery/place/state_path.h"

#include <stdio.h>
#include <string.h>

#define FILE_NAME "build/tmp/state_path_test.conf"

static HRESULT read_of(const char *text, struct bytes *out)
{
    FILE *file = fopen(FILE_NAME, "wb");

    check(file && fputs(text, file) >= 0 && !fclose(file));
    bytes_free(out);
    return state_path_read(FILE_NAME, out);
}

TEST(the_path_of_state_is_found_wherever_it_stands_and_no_other_path)
{
    static const char *const texts[] = {
        "[journal]\npath = /srv/journal\n[state]\npath = /srv/state\n[to hub]\npath = /x\n",
        "\xEF\xBB\xBF[state]\r\npath=/srv/state\r\n",
        "[to hub]\npath = /x\n# [state]\n [state] # here\n\n# path = /y\n\tpath\t=\t/srv/state # it\n",
        "[state]\nrubbish\npath = /srv/state",
    };
    struct bytes out = {0};

    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        check(read_of(texts[i], &out) == S_OK);
        check(out.size && !strcmp(out.data, "/srv/state"));
    }
    check(read_of("[state]\npath = /a b#c/d e  #f\n", &out) == S_OK);
    check(out.size && !strcmp(out.data, "/a b#c/d e"));
    bytes_free(&out);
    remove(FILE_NAME);
}

TEST(without_that_key_or_the_file_nothing_is_named)
{
    static const char *const texts[] = {"", "[state]\n", "[state]\npath =\n[to hub]\npath = /x\n",
                                        "path = /x\n[states]\npath = /x\n", "[state]\npaths = /x"};
    struct bytes out = {0};

    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        check(read_of(texts[i], &out) == S_FALSE);
        check(!out.size);
    }
    remove(FILE_NAME);
    check(state_path_read(FILE_NAME, &out) == S_FALSE);
    check(FAILED(state_path_read("build", &out)));
    bytes_free(&out);
}
