/* What a far end said, shown without what is secret. */
#include "lib/test.h"

#include "delivery/net/quote.h"

#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct span span(const char *text)
{
    return (struct span){text, strlen(text)};
}

static void check_said(struct quote *quote, const char *said, const char *shown)
{
    char out[400];

    quote_text(quote, said, out, sizeof out);
    if (strcmp(out, shown)) printf("# %s\n", said);
    check_text(out, shown);
}

TEST(a_secret_is_hidden_as_it_is_and_in_escapes)
{
    struct quote quote = {0};

    quote_hide(&quote, span("a\"b\\c/d&<e>+f g'\303\244"));
    check_said(&quote, "<a\"b\\c/d&<e>+f g'\303\244>", "<...>");
    check_said(&quote, "{\"x\":\"a\\\"b\\\\c\\/d&<e>+f g'\\u00e4\"}", "{\"x\":\"...\"}");
    check_said(&quote, "{\"x\":\"a\\u0022b\\u005cc/d\\u0026\\u003ce\\u003E+f g\\u0027\303\244\"}",
               "{\"x\":\"...\"}");
    check_said(&quote, "<p>a&quot;b\\c/d&amp;&lt;e&gt;+f g&#39;\303\244</p>", "<p>...</p>");
    check_said(&quote, "<p>a&#34;b\\c/d&#x26;&lt;e&gt;+f g&apos;&#228;</p>", "<p>...</p>");
    check_said(&quote, "?k=a%22b%5cc%2Fd%26%3Ce%3e%2Bf+g%27%C3%A4&x", "?k=...&x");
    check_said(&quote, "b'a\"b\\\\c/d&<e>+f g\\'\\xc3\\xa4'", "b'...'");
    check_said(&quote, "a\"b\\c/d&<e>+f g'\303\203\302\244 a\"b\\\\c/d&<e>+f g'\\u00c3\\u00a4",
               "... ...");
    quote_hide(&quote, span("x\\\\y%41&amp;"));
    check_said(&quote, "x\\\\y%41&amp; x\\\\\\\\y%2541&amp;amp;", "... ...");
    check_said(&quote, "a\"b\\c/d and %22 &amp; \\u", "a\"b\\c/d and %22 &amp; \\u");
    quote_free(&quote);
}

TEST(a_secret_is_hidden_in_base64_wherever_it_stands_in_a_text)
{
    static const char *const encoded[] = {
        "aHVudGVyMj8+Pg==", "eDpodW50ZXIyPz4+", "eHg6aHVudGVyMj8+Pg==", "eDpodW50ZXIyPz4+eQ=="};
    struct quote quote = {0};
    char out[100];

    quote_hide(&quote, span("hunter2?>>"));
    for (size_t i = 0; i < sizeof encoded / sizeof *encoded; i++) {
        quote_text(&quote, encoded[i], out, sizeof out);
        check(strstr(out, "...") != NULL);
        check(!strstr(out, "W50Z") && !strstr(out, "dW50") && !strstr(out, "h1bnR"));
    }
    check_said(&quote, "aHVudGVyMj8-Pg", "...");
    quote_free(&quote);
}

TEST(a_login_is_hidden_as_it_is_sent)
{
    struct quote quote = {0};

    quote_hide_base64(&quote, span("certwitness:hunter2hunter2"));
    check_said(&quote, "Basic Y2VydHdpdG5lc3M6aHVudGVyMmh1bnRlcjI=, no", "Basic ..., no");
    check_said(&quote, "Y2VydHdpdG5lc3M6a HVu", "... HVu");
    check_said(&quote, "Y2VydHd 1", "Y2VydHd 1");
    quote_free(&quote);
}

TEST(the_beginning_of_a_secret_is_hidden_too)
{
    struct quote quote = {0};

    quote_hide(&quote, span("tok-1234567890abcdef"));
    check_said(&quote, "no tok-12345678... here", "no ...... here");
    check_said(&quote, "no tok-1234567 here", "no tok-1234567 here");
    check_said(&quote, "no tok-", "no ...");
    check_said(&quote, "no tok", "no tok");
    quote_free(&quote);
}

TEST(of_a_header_the_value_is_hidden_and_its_longer_words)
{
    struct quote quote = {0};

    quote_hide_header(&quote, "X-Api-Key:  K123 \t");
    quote_hide_header(&quote, "Cookie: session=0123456789ab; theme=dark");
    quote_hide_header(&quote, "X-A: b");
    check_said(&quote, "X-Api-Key: K123, session=0123456789ab; theme=dark",
               "X-Api-Key: ..., ...");
    check_said(&quote, "0123456789ab, X-A: b", "..., X-A: b");
    quote_free(&quote);
}

TEST(of_a_url_the_longer_parts_are_hidden_as_they_are_spelled_and_as_they_read)
{
    struct quote quote = {0};

    quote_hide_url(&quote, span("/hooks/T0123456789ab?key=%41bcdefghi%2Fjk&x=%zz%"));
    check_said(&quote, "/hooks/T0123456789ab?key=%41bcdefghi%2Fjk&x=", "/hooks/...?key=...&x=");
    quote_free(&quote);
}

TEST(what_is_shown_fits_and_nothing_is_hidden_without_secrets)
{
    struct quote quote = {0};
    char out[8];

    check_said(&quote, "abc", "abc");
    quote_hide(&quote, span(""));
    check_said(&quote, "abc", "abc");
    quote_hide(&quote, span("secret"));
    quote_text(&quote, "abcdsecret", out, sizeof out);
    check_text(out, "abcd...");
    quote_text(&quote, "abcdesecret", out, sizeof out);
    check_text(out, "abcde");
    quote_text(&quote, "secretsecretsecret", out, sizeof out);
    check_text(out, "......");
    quote_free(&quote);
}

/* Whatever is said, nothing outside it is read; the sanitizers look. */
TEST(anything_may_be_said)
{
    static const char letters[] = "\\u&#x;%0a4+/=-_ABsecrt\"amp";
    struct quote quote = {0};
    uint32_t luck = 1;

    quote_hide(&quote, span("secret \\\"&+"));
    quote_hide(&quote, span("\303\244\"A"));
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = round % 23;
        char *said = malloc(size + 1), *copy = malloc(size ? size : 1), out[16];

        for (size_t i = 0; i < size; i++) {
            luck = luck * 1664525 + 1013904223;
            said[i] = letters[(luck >> 16) % (sizeof letters - 1)];
        }
        memcpy(copy, said, size);
        quote_said(&quote, (struct span){copy, size}, out, sizeof out);
        check(strlen(out) < sizeof out);
        free(said);
        free(copy);
    }
    quote_free(&quote);
}
