/* When refused lines are many with one answer: what counts as the same, and what ends a row. */
#include "lib/test.h"

#include "delivery/pace/refused_row.h"

#include <stdio.h>
#include <string.h>

/* How many of `most` are added before there are too many. */
static unsigned added(struct refused_row *row, const char *format, unsigned most)
{
    char why[512];

    for (unsigned i = 0; i < most; i++) {
        snprintf(why, sizeof why, format, i);
        if (refused_row_add(row, why)) return i;
    }
    return most;
}

TEST(so_many_with_one_answer_are_too_many_and_so_is_each_one_more)
{
    struct refused_row row = {0};

    check_int(added(&row, "hub answered 400: no such index", 1000), REFUSED_ROW_MOST);
    check(refused_row_add(&row, "hub answered 400: no such index"));
    check(!refused_row_add(&row, "hub answered 400: the line is too long"));
    check(!refused_row_add(&row, "hub answered 400: no such index"));
}

TEST(a_line_that_is_taken_ends_the_row)
{
    struct refused_row row = {0};

    for (int i = 0; i < 50; i++) {
        check_int(added(&row, "no", REFUSED_ROW_MOST), REFUSED_ROW_MOST);
        refused_row_end(&row);
    }
}

TEST(answers_that_differ_in_numbers_alone_are_the_same)
{
    static const char *const formats[] = {"400: event %u", "{\"requestId\":\"8f%02xa1-44c0-9b\",\"error\":\"no index\"}", "[1:%u] failed in document '%08x'"};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct refused_row row = {0};

        check_int(added(&row, formats[i], 1000), REFUSED_ROW_MOST);
    }
}

TEST(answers_that_differ_in_words_are_not_and_what_is_far_behind_does_not_count)
{
    struct refused_row row = {0};
    char one[512], other[512];

    for (unsigned i = 0; i < 2 * REFUSED_ROW_MOST; i++) check(!refused_row_add(&row, i % 2 ? "no field x" : "no field y"));
    for (unsigned i = 0; i < 2 * REFUSED_ROW_MOST; i++) check(!refused_row_add(&row, i % 2 ? "no field" : "no field y"));
    memset(one, 'z', sizeof one);
    memset(other, 'z', sizeof other);
    one[sizeof one - 1] = other[sizeof other - 1] = 0;
    one[400] = 'x';
    refused_row_end(&row);
    for (unsigned i = 0; i < REFUSED_ROW_MOST; i++) check(!refused_row_add(&row, i % 2 ? one : other));
    check(refused_row_add(&row, one));
}
