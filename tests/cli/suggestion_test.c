/* The name that was meant by one that was mistyped. */
#include "lib/test.h"

#include "cli/suggestion.h"

#include <string.h>

static const char *const names[] = {"show", "verify", "stats", "cert", "export", "prune", "status", "settings", "install", "uninstall",
                                    "enable", "disable", "RetainDays", "MinFreeMiB", "MaxWaitMs"};

static const char *meant(const char *typed)
{
    static struct suggestion suggestion;

    memset(&suggestion, 0x5a, sizeof suggestion);
    suggestion_begin(&suggestion, typed);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) suggestion_offer(&suggestion, names[i]);
    return suggestion.best;
}

TEST(a_letter_more_or_less_or_other_or_two_swapped_is_the_name_nearby)
{
    check_text(meant("shwo"), "show");
    check_text(meant("verfy"), "verify");
    check_text(meant("expport"), "export");
    check_text(meant("prume"), "prune");
    check_text(meant("unnistall"), "uninstall");
    check_text(meant("MinFreeMb"), "MinFreeMiB");
    check_text(meant("maxwaitms"), "MaxWaitMs");
    check_text(meant("RetentionDays"), "RetainDays");
}

TEST(a_beginning_of_three_letters_is_the_name_that_begins_so)
{
    check_text(meant("set"), "settings");
    check_text(meant("uninst"), "uninstall");
    check_text(meant("Retain"), "RetainDays");
}

TEST(what_is_like_no_name_gets_no_suggestion)
{
    static const char *const odd[] = {"", "x", "xy", "zzzzzz", "--", "deliver", "\xc3\xbc", "\x1b[31m", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                      "show show show show show show show show show show show show"};

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) if (!check(!meant(odd[i]))) test_note("\"%s\" is taken for %s", odd[i], meant(odd[i]));
}

TEST(the_longest_names_are_compared_and_longer_ones_are_not)
{
    char longest[SUGGESTION_NAME_MAX + 2], text[SUGGESTION_TEXT_MAX];
    struct suggestion suggestion;

    memset(longest, 'a', sizeof longest);
    longest[SUGGESTION_NAME_MAX + 1] = 0;
    suggestion_begin(&suggestion, longest);
    suggestion_offer(&suggestion, longest);
    check(!suggestion.best);
    longest[SUGGESTION_NAME_MAX] = 0;
    suggestion_begin(&suggestion, longest);
    suggestion_offer(&suggestion, longest);
    check(suggestion.best && !suggestion.distance);
    memset(text, 'x', sizeof text);
    suggestion_text(&suggestion, "--", text);
    check(!strncmp(text, " Did you mean \"--aaaa", 21) && !strcmp(text + strlen(text) - 2, "\"?"));
    suggestion_begin(&suggestion, "zzz");
    suggestion_offer(&suggestion, "show");
    check_text(suggestion_text(&suggestion, "--", text), "");
}
