/* The TAP runner behind test.h. */
#include "test.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <windows.h>
#endif

int test_argc;
char **test_argv;

static struct test *first;
static volatile int failures;                   /* of the test that runs; a race loses one and never all */

void test_register(struct test *test)
{
    struct test **place = &first;                /* constructors run in an order that compilers do not agree on */

    while (*place && (*place)->line < test->line) place = &(*place)->next;
    test->next = *place;
    *place = test;
}

__attribute__((weak)) int test_role(void)
{
    return -1;
}

int test_failures(void)
{
    return failures;
}

void test_note(const char *format, ...)
{
    char line[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    for (char *c = line; *c; c++) {
        if (*c == '\n' || *c == '\r') *c = ' ';  /* a note is one line, or TAP would read the second as its own */
    }
    printf("# %s\n", line);
    fflush(stdout);
}

static bool fail(const char *file, int line, const char *text)
{
    failures++;
    test_note("%s:%d: %s", file, line, text);
    return false;
}

bool test_check(bool ok, const char *file, int line, const char *text)
{
    return ok || fail(file, line, text);
}

bool test_check_int(long long got, long long want, const char *file, int line, const char *text)
{
    if (got == want) return true;
    fail(file, line, text);
    test_note("    got %lld (0x%llx), want %lld (0x%llx)", got, got, want, want);
    return false;
}

bool test_check_hr(long got, long want, const char *file, int line, const char *text)
{
    if ((unsigned)got == (unsigned)want) return true;
    fail(file, line, text);
    test_note("    got 0x%08x, want 0x%08x", (unsigned)got, (unsigned)want);
    return false;
}

bool test_check_text(const char *got, const char *want, const char *file, int line, const char *text)
{
    if (got == want || (got && want && !strcmp(got, want))) return true;
    fail(file, line, text);
    test_note("    got  %s", got ? got : "(null)");
    test_note("    want %s", want ? want : "(null)");
    return false;
}

bool test_check_bytes(const void *got, size_t got_size, const void *want, size_t want_size, const char *file, int line,
                      const char *text)
{
    const unsigned char *a = got, *b = want;
    size_t at = 0;

    if (got_size == want_size && (!got_size || !memcmp(got, want, got_size))) return true;
    while (at < got_size && at < want_size && a[at] == b[at]) at++;
    fail(file, line, text);
    test_note("    got %llu bytes, want %llu; they differ from byte %llu on", (unsigned long long)got_size,
              (unsigned long long)want_size, (unsigned long long)at);
    return false;
}

#ifdef _WIN32
static const char *utf8(const wchar_t *wide, char *out, int size)
{
    if (!wide) return NULL;
    if (!WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, size, NULL, NULL)) out[size - 1] = 0;
    return out;
}

bool test_check_wide(const wchar_t *got, const wchar_t *want, const char *file, int line, const char *text)
{
    static char a[8192], b[8192];

    if (got == want || (got && want && !wcscmp(got, want))) return true;
    test_check_text(utf8(got, a, sizeof a), utf8(want, b, sizeof b), file, line, text);
    return fail(file, line, "the UTF-16 texts differ");
}
#endif

static void print_sentence(const char *name)
{
    for (; *name; name++) putchar(*name == '_' ? ' ' : *name);
    putchar('\n');
    fflush(stdout);
}

static bool is_chosen(const struct test *test)
{
    for (int i = 1; i < test_argc; i++) if (strstr(test->name, test_argv[i])) return true;
    return test_argc < 2;
}

int main(int argc, char **argv)
{
    int count = 0, failed = 0, role;

    test_argc = argc;
    test_argv = argv;
    setvbuf(stdout, NULL, _IOLBF, 1 << 12);
#ifdef _WIN32
    _setmode(_fileno(stdout), _O_BINARY);        /* TAP readers stumble over CR */
#endif
    if ((role = test_role()) >= 0) return role;
    for (struct test *test = first; test; test = test->next) count += is_chosen(test);
    printf("1..%d\n", count);
    count = 0;
    for (struct test *test = first; test; test = test->next) {
        if (!is_chosen(test)) continue;
        failures = 0;
        test->run();
        printf("%sok %d - ", failures ? "not " : "", ++count);
        print_sentence(test->name);
        failed += failures != 0;
    }
    return failed ? 1 : 0;
}
