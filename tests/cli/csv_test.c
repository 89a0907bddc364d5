/* CSV: what a spreadsheet would compute is defused, what would steer a terminal escaped, and the rest is as it was. */
#include "lib/test.h"
#include "cli/terminal/csv.h"
#include "cli/export/digest_set.h"

#include "base/os.h"

#include <string.h>

/* One cell, zero-terminated, without its row's end. */
static const char *cell(const char *text)
{
    static char out[512];
    struct bytes bytes = {0};
    struct csv csv = {.out = &bytes};

    csv_text(&csv, text, strlen(text));
    check(!bytes.failed && bytes.size < sizeof out);
    memcpy(out, bytes.size ? bytes.data : "", bytes.size);
    out[bytes.size] = 0;
    bytes_free(&bytes);
    return out;
}

TEST(rows_are_as_rfc_4180_wants_them_behind_a_mark)
{
    struct bytes out = {0};
    struct csv csv;

    csv_begin(&csv, &out);
    csv_word(&csv, "a, \"b\"");
    csv_number(&csv, -7);
    csv_word(&csv, "");
    csv_end_row(&csv);
    csv_word(&csv, "");
    csv_word(&csv, "z");
    csv_end_row(&csv);
    bytes_add(&out, "", 1);
    check_text(out.data, "\xEF\xBB\xBF\"a, \"\"b\"\"\",-7,\r\n,\"z\"\r\n");
    bytes_free(&out);
}

TEST(what_a_spreadsheet_would_compute_gets_an_apostrophe)
{
    check_text(cell("=1+1"), "\"'=1+1\"");
    check_text(cell("+1"), "\"'+1\"");
    check_text(cell("-1"), "\"'-1\"");
    check_text(cell("@SUM(A1)"), "\"'@SUM(A1)\"");
    check_text(cell("  =1"), "\"  '=1\"");
    check_text(cell("\xC2\xA0=1"), "\"\xC2\xA0'=1\"");
    check_text(cell("\xEF\xBC\x9D" "1"), "\"'\xEF\xBC\x9D" "1\"");
    check_text(cell("\xEF\xBC\x8B\xEF\xBC\x8D\xEF\xBC\xA0"), "\"'\xEF\xBC\x8B\xEF\xBC\x8D\xEF\xBC\xA0\"");
    check_text(cell("a;=1"), "\"a;'=1\"");
    check_text(cell("a\",=1"), "\"a\"\",'=1\"");
    check_text(cell("a; \"=1"), "\"a; \"\"'=1\"");
    check_text(cell("a|=1|-2"), "\"a|'=1|'-2\"");
    check_text(cell("="), "\"'=\"");
}

TEST(what_it_would_not_compute_stays_as_it_is)
{
    check_text(cell("CN=a, O=b+c-d@e"), "\"CN=a, O=b+c-d@e\"");
    check_text(cell("a =1"), "\"a =1\"");
    check_text(cell("'=1"), "\"'=1\"");
    check_text(cell("Zo\xC3\xAB \xF0\x9F\x94\x91"), "\"Zo\xC3\xAB \xF0\x9F\x94\x91\"");
}

TEST(line_breaks_tabs_escapes_and_bidi_are_escaped)
{
    check_text(cell("\t=1"), "\"\\u{9}=1\"");
    check_text(cell("a\r\n=1"), "\"a\\u{d}\\u{a}=1\"");
    check_text(cell("\x1B[31m\xE2\x80\xAE\xEF\xBB\xBF"), "\"\\u{1b}[31m\\u{202e}\\u{feff}\"");
    check_text(cell("\xFF"), "\"\xEF\xBF\xBD\"");
}

TEST(what_has_been_seen_is_known_again_and_nothing_else_is)
{
    struct digest_set seen = {0};
    uint8_t hash[32];
    unsigned wrong = 0;

    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 20000; i++) {
            check(SUCCEEDED(os_sha256(&i, sizeof i, hash)));
            wrong += digest_set_add(&seen, hash) != !round;
        }
    }
    check_int(wrong, 0);
    memset(hash, 0, sizeof hash);
    check(digest_set_add(&seen, hash) && !digest_set_add(&seen, hash));
    check(seen.count == 20001 && seen.room <= 32768);
    digest_set_free(&seen);
    check(digest_set_add(&seen, hash));
    digest_set_free(&seen);
}
