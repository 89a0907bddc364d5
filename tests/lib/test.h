/*
 * Tests that speak TAP.
 *
 * A test is a sentence that is true; its name is printed with spaces. A failed check prints file, line and values and goes on,
 * so that what the test holds is still released and one failure stays one. Tests run in the order of the file, on one thread;
 * checks may be called from any thread. Exit code 0: every test passed. Words choose among the tests, by parts of their names.
 *
 *     TEST(a_count_starts_at_zero)
 *     {
 *         check_int(count(), 0);
 *     }
 */
#ifndef TEST_H
#define TEST_H

#include <stddef.h>
#include <stdbool.h>

struct test {
    const char *name;
    int line;
    void (*run)(void);
    struct test *next;
};

void test_register(struct test *test);

#define TEST(sentence)                                                                              \
    static void sentence(void);                                                                     \
    __attribute__((constructor)) static void register_##sentence(void)                              \
    {                                                                                               \
        static struct test test = {#sentence, __LINE__, sentence, NULL};                                      \
        test_register(&test);                                                                       \
    }                                                                                               \
    static void sentence(void)

/* Each returns whether it held, so that a test can leave when going on makes no sense. */
bool test_check(bool ok, const char *file, int line, const char *text);
bool test_check_int(long long got, long long want, const char *file, int line, const char *text);
bool test_check_hr(long got, long want, const char *file, int line, const char *text);
bool test_check_text(const char *got, const char *want, const char *file, int line, const char *text);
bool test_check_bytes(const void *got, size_t got_size, const void *want, size_t want_size, const char *file, int line,
                      const char *text);

#define check(condition)               test_check(!!(condition), __FILE__, __LINE__, #condition)
#define check_int(got, want)           test_check_int((long long)(got), (long long)(want), __FILE__, __LINE__, #got)
#define check_hr(got, want)            test_check_hr((got), (want), __FILE__, __LINE__, #got)
#define check_text(got, want)          test_check_text((got), (want), __FILE__, __LINE__, #got)
#define check_bytes(got, got_size, want, want_size) \
    test_check_bytes((got), (got_size), (want), (want_size), __FILE__, __LINE__, #got)

#ifdef _WIN32
/* UTF-16 texts, printed as UTF-8; NULL equals only NULL. */
bool test_check_wide(const wchar_t *got, const wchar_t *want, const char *file, int line, const char *text);
#define check_wide(got, want)          test_check_wide((got), (want), __FILE__, __LINE__, #got)
#endif

/* Checks of this test that have failed so far. */
int test_failures(void);

/* A line of explanation in the output, wherever it helps the reader of a failure. */
void test_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The arguments of the program, for tests that start themselves again as a helper process. A program that defines
 * test_role() is asked first: it returns -1 to run the tests, or the exit code of the role it just played. */
extern int test_argc;
extern char **test_argv;
int test_role(void);

#endif
