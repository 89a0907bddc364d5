/* Options and operands, and text made plain for a terminal. */
#include "lib/test.h"

#include "base/bytes.h"
#include "cli/options.h"
#include "cli/terminal/console.h"

#include <string.h>

static const struct option_row rows[] = {{"last", "N", "the last N"}, {"type", "TYPE", "of this type"}, {"full", NULL, "all of it"}, {0}};
static struct options options;

#define PARSE(...) parse((char *[]){(char *)"show", __VA_ARGS__, NULL})

static bool parse(char **argv)
{
    int argc = 0;

    while (argv[argc]) argc++;
    memset(&options, 0x5a, sizeof options);
    return options_parse(&options, rows, argc, argv);
}

TEST(options_and_operands_may_come_in_any_order)
{
    unsigned at = 0;

    check(PARSE((char *)"folder", (char *)"--type", (char *)"a", (char *)"--full", (char *)"--type=b", (char *)"other"));
    check_text(operand_at(&options, 0), "folder");
    check_text(operand_at(&options, 1), "other");
    check_text(operand_at(&options, 2), NULL);
    check_text(option_next(&options, "type", &at), "a");
    check_text(option_next(&options, "type", &at), "b");
    check_text(option_next(&options, "type", &at), NULL);
    check_text(option_value(&options, "type"), "b");
    check(option_given(&options, "full") && !option_given(&options, "last") && !options.help);
}

TEST(what_follows_two_dashes_is_an_operand)
{
    check(PARSE((char *)"--", (char *)"--full", (char *)"-x"));
    check_text(operand_at(&options, 0), "--full");
    check_text(operand_at(&options, 1), "-x");
    check(!option_given(&options, "full"));
}

TEST(an_option_that_there_is_not_or_that_lacks_its_value_is_refused)
{
    check(!PARSE((char *)"--nonsense"));
    check(!PARSE((char *)"--last"));
    check(!PARSE((char *)"--full=yes"));
    check(!PARSE((char *)"-x"));
    check(!PARSE((char *)"--\x1b[31m"));
    check(PARSE((char *)"--help") && options.help);
    check(PARSE((char *)"-h") && options.help);
    check(PARSE((char *)"--type", (char *)"") && option_given(&options, "type"));
}

TEST(more_options_than_there_is_room_for_are_refused)
{
    char *argv[OPTIONS_MAX + 3] = {(char *)"show"};

    for (int i = 1; i <= OPTIONS_MAX; i++) argv[i] = (char *)"--full";
    check(parse(argv));
    argv[OPTIONS_MAX + 1] = (char *)"--full";
    check(!parse(argv));
}

TEST(a_number_has_digits_only_and_keeps_to_its_range)
{
    static const char *const bad[] = {"", "0", "11", "-1", "+1", " 1", "1 ", "0x1", "1e0", "18446744073709551616", "99999999999999999999999"};
    unsigned long long number = 7;

    check(PARSE((char *)"--full") && option_number(&options, "last", 1, 10, &number) && number == 7);
    check(PARSE((char *)"--last", (char *)"10") && option_number(&options, "last", 1, 10, &number) && number == 10);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        number = 7;
        if (!check(PARSE((char *)"--last", (char *)bad[i]) && !option_number(&options, "last", 1, 10, &number) && number == 7)) test_note("\"%s\"", bad[i]);
    }
    check(PARSE((char *)"--last", (char *)"18446744073709551615") && option_number(&options, "last", 0, -1ULL, &number) && number == -1ULL);
}

static const char *plain(const char *text, size_t size, unsigned columns, unsigned wanted)
{
    static struct bytes out;

    out.size = 0;
    check_int(console_add_text(&out, text, size, columns), wanted);
    bytes_add(&out, "", 1);
    return out.data;
}

TEST(what_could_steer_a_terminal_is_written_out)
{
    check_text(plain("a\x1b[31m", 6, 0, 11), "a\\u{1b}[31m");
    check_text(plain("\0\x7f", 2, 0, 11), "\\u{0}\\u{7f}");
    check_text(plain("\xc2\x9b\xe2\x80\xae", 5, 0, 14), "\\u{9b}\\u{202e}");
    check_text(plain("\xff\xc3", 2, 0, 2), "\xef\xbf\xbd\xef\xbf\xbd");
    check_text(plain("\xf3\xa0\x80\x81", 4, 0, 9), "\\u{e0001}");
    check_text(plain("", 0, 0, 0), "");
    check_text(plain("", 0, 1, 0), "");
}

TEST(marks_without_columns_are_cut_where_text_is)
{
    static const char mark[] = "\xcc\x81", few[] = "a\xcc\x81\xcc\x82\xcc\x83" "b\xcc\x81";
    static char text[100001];

    text[0] = 'a';
    for (size_t i = 1; i < sizeof text; i++) text[i] = mark[(i + 1) % 2];
    check_text(plain(few, sizeof few - 1, 2, 2), few);
    check_int(strlen(plain(text, sizeof text, 0, 1)), sizeof text);
    check_int(strlen(plain(text, sizeof text, 20, 2)), 159 + 3);    /* with the ellipsis */
    check_int(strlen(plain(text + 1, sizeof text - 1, 1, 1)), 8 + 3);
}

TEST(text_is_cut_to_columns_not_to_bytes)
{
    check_text(plain("abcdef", 6, 6, 6), "abcdef");
    check_text(plain("abcdef", 6, 5, 5), "abcd\xe2\x80\xa6");
    check_text(plain("abcdef", 6, 1, 1), "\xe2\x80\xa6");
    check_text(plain("\xe6\x97\xa5\xe6\x9c\xac", 6, 4, 4), "\xe6\x97\xa5\xe6\x9c\xac");
    check_text(plain("\xe6\x97\xa5\xe6\x9c\xac", 6, 3, 3), "\xe6\x97\xa5\xe2\x80\xa6");
    check_text(plain("\xe6\x97\xa5\xe6\x9c\xac", 6, 2, 1), "\xe2\x80\xa6");
    check_text(plain("e\xcc\x81" "e\xcc\x81" "e\xcc\x81", 9, 3, 3), "e\xcc\x81" "e\xcc\x81" "e\xcc\x81");
    check_text(plain("a\x1b" "b", 3, 5, 2), "a\xe2\x80\xa6");
}
