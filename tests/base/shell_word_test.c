/* Words of a command line: each shell gets back what was put in. */
#include "lib/test.h"

#include "base/shell_word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *quoted(enum shell shell, const char *word)
{
    static struct bytes out;

    out.size = 0;
    shell_word_add(&out, shell, word);
    bytes_add(&out, "", 1);
    return out.data;
}

TEST(a_path_with_blanks_is_the_same_for_powershell_and_cmd)
{
    check_text(quoted(SHELL_POWERSHELL, "C:\\ProgramData\\CertWitness\\CA 1"),
               "\"C:\\ProgramData\\CertWitness\\CA 1\"");
    check_text(quoted(SHELL_CMD, "C:\\ProgramData\\CertWitness\\CA 1"),
               "\"C:\\ProgramData\\CertWitness\\CA 1\"");
    check_text(quoted(SHELL_CMD, "A & B (2)"), "\"A & B (2)\"");
    check_text(quoted(SHELL_POWERSHELL, "M\303\274ller's CA"), "\"M\303\274ller's CA\"");
}

TEST(a_backslash_at_the_end_does_not_take_the_quote_with_it)
{
    check_text(quoted(SHELL_POWERSHELL, "E:\\"), "\"E:\\\\\"");
    check_text(quoted(SHELL_CMD, "E:\\a b\\"), "\"E:\\a b\\\\\"");
}

TEST(powershell_replaces_nothing)
{
    check_text(quoted(SHELL_POWERSHELL, "C:\\$1"), "'C:\\$1'");
    check_text(quoted(SHELL_POWERSHELL, "it's `x"), "'it''s `x'");
    check_text(quoted(SHELL_POWERSHELL, "a \"b\" c"), "'a \\\"b\\\" c'");
    check_text(quoted(SHELL_POWERSHELL, "\342\200\234a\342\200\235 it\342\200\231s"),
               "'\342\200\234a\342\200\235 it\342\200\231\342\200\231s'");
}

TEST(cmd_replaces_nothing)
{
    check_text(quoted(SHELL_CMD, "C:\\$1 `x"), "\"C:\\$1 `x\"");
    check_text(quoted(SHELL_CMD, "100% & more"), "^\"100^% ^& more^\"");
    check_text(quoted(SHELL_CMD, "a \"b\" | c"), "^\"a \\^\"b\\^\" ^| c^\"");
    check_text(quoted(SHELL_CMD, "a\\\""), "^\"a\\\\\\^\"^\"");
}

TEST(sh_replaces_nothing)
{
    check_text(quoted(SHELL_POSIX, "/evidence/ca01"), "/evidence/ca01");
    check_text(quoted(SHELL_POSIX, "Demo Issuing CA"), "'Demo Issuing CA'");
    check_text(quoted(SHELL_POSIX, "it's $(id) \"`x`\" \\"), "'it'\\''s $(id) \"`x`\" \\'");
    check_text(quoted(SHELL_POSIX, ""), "''");
    check_text(quoted(SHELL_POSIX, "-rf"), "./-rf");
}

TEST(a_command_is_given_for_each_shell_that_needs_its_own)
{
    struct bytes out = {0};

    shell_command_add(&out, "certwitness show", "C:\\CA 1");
    bytes_add_text(&out, "; ");
    shell_command_add(&out, "certwitness show", "a $1");
    bytes_add(&out, "", 1);
#ifdef _WIN32
    check_text(out.data, "certwitness show \"C:\\CA 1\"; certwitness show 'a $1' (in cmd.exe: "
                         "certwitness show \"a $1\")");
#else
    check_text(out.data, "certwitness show 'C:\\CA 1'; certwitness show 'a $1'");
#endif
    bytes_free(&out);
}
