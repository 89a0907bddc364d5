#include "mime.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define WORD_BEGIN "=?utf-8?Q?"
#define WORD_END   "?="
#define WORD_LINE  76                   /* a line with encoded words is not longer */
#define TEXT_LINE  76                   /* a line of quoted-printable, its "=" included */
#define TOKEN_MAX  16

/* --- header fields --- */

/* It needs no encoding, and has room in a line of its own. */
static bool mime_is_simple(struct span text)
{
    if (!text.size || text.text[0] == ' ' || text.text[text.size - 1] == ' ') return false;
    if (text.size + 1 > MIME_LINE) return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.text[i] < ' ' || text.text[i] > '~') return false;
        if (text.text[i] == '=' && i + 1 < text.size && text.text[i + 1] == '?') return false;
    }
    return true;
}

/* One character in an encoded word: those that are letters in any of its contexts, as they are. */
static size_t mime_word_token(const char *text, size_t size, char out[TOKEN_MAX])
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/";
    size_t length = 0;

    if (size == 1 && *text && strchr(plain, *text)) out[length++] = *text;
    else if (size == 1 && *text == ' ') out[length++] = '_';
    else
        for (size_t i = 0; i < size; i++, length += 3)
            snprintf(out + length, 4, "=%02X", (unsigned char)text[i]);
    return length;
}

/* Characters are not divided between words. */
static void mime_words(struct bytes *out, size_t column, struct span text)
{
    const size_t most = WORD_LINE - (sizeof WORD_END - 1);
    char token[TOKEN_MAX];
    uint32_t point;

    bytes_add_text(out, WORD_BEGIN);
    column += sizeof WORD_BEGIN - 1;
    for (size_t at = 0, size, length; at < text.size; at += size, column += length) {
        size = utf8_next(text.text + at, text.size - at, &point);
        length = mime_word_token(text.text + at, size, token);
        if (column + length > most) {
            bytes_add_text(out, WORD_END "\r\n " WORD_BEGIN);
            column = 1 + sizeof WORD_BEGIN - 1;
        }
        bytes_add(out, token, length);
    }
    bytes_add_text(out, WORD_END);
}

void mime_header(struct bytes *out, const char *name, struct span text)
{
    size_t column = strlen(name) + 2;

    bytes_add_text(out, name);
    if (mime_is_simple(text)) {
        bytes_add_text(out, column + text.size > MIME_LINE ? ":\r\n " : ": ");
        bytes_add(out, text.text, text.size);
    } else {
        bytes_add_text(out, ": ");
        mime_words(out, column, text);
    }
    bytes_add_text(out, "\r\n");
}

void mime_addresses(struct bytes *out, const char *name, char *const *addresses, unsigned count)
{
    size_t column = strlen(name) + 2;

    bytes_add_text(out, name);
    bytes_add_text(out, ": ");
    for (unsigned i = 0; i < count; i++) {
        size_t size = strlen(addresses[i]);

        if (i && column + size + 3 > MIME_LINE) {
            bytes_add_text(out, ",\r\n ");
            column = 1;
        } else if (i) {
            bytes_add_text(out, ", ");
            column += 2;
        }
        bytes_add(out, addresses[i], size);
        column += size;
    }
    bytes_add_text(out, "\r\n");
}

/* The date of a day, counted from 1970-01-01; in the calendar that is in force now. */
static void mime_day(int64_t day, int *year, unsigned *month, unsigned *of_month)
{
    int64_t era = (day + 719468) / 146097;              /* of 400 years, from 0000-03-01 on */
    int64_t in_era = day + 719468 - era * 146097;
    int64_t years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * years + years / 4 - years / 100);
    int64_t from_march = (5 * in_year + 2) / 153;

    *of_month = (unsigned)(in_year - (153 * from_march + 2) / 5 + 1);
    *month = (unsigned)(from_march < 10 ? from_march + 3 : from_march - 9);
    *year = (int)(years + era * 400 + (*month <= 2));
}

void mime_date(struct bytes *out, int64_t micros)
{
    static const char days[] = "ThuFriSatSunMonTueWed",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t seconds = micros / 1000000, day = seconds / 86400;
    unsigned month, of_month, rest = (unsigned)(seconds % 86400);
    int year;

    if (micros < 0) return;
    mime_day(day, &year, &month, &of_month);
    if (year > 9999) return;
    bytes_printf(out, "Date: %.3s, %u %.3s %04d %02u:%02u:%02u +0000\r\n", days + day % 7 * 3,
                 of_month, months + (month - 1) * 3, year, rest / 3600, rest / 60 % 60, rest % 60);
}

/* --- text --- */

void mime_text_headers(struct bytes *out)
{
    bytes_add_text(out, "MIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n");
}

/* What stands at the beginning of a line is encoded where a server would treat it: a dot, and
 * "From ". */
static bool mime_is_plain(struct span text, size_t at, size_t column)
{
    char letter = text.text[at];
    bool last = at + 1 == text.size || text.text[at + 1] == '\n';

    if (letter == ' ') return !last;
    if (letter <= ' ' || letter > '~' || letter == '=') return false;
    return column || (letter != '.' && letter != 'F');
}

static size_t mime_text_token(struct span text, size_t at, size_t size, size_t column,
                              char out[TOKEN_MAX])
{
    size_t length = 0;

    if (size == 1 && mime_is_plain(text, at, column)) out[length++] = text.text[at];
    else
        for (size_t i = 0; i < size; i++, length += 3)
            snprintf(out + length, 4, "=%02X", (unsigned char)text.text[at + i]);
    return length;
}

void mime_text(struct bytes *out, struct span text)
{
    char token[TOKEN_MAX];
    size_t column = 0;
    uint32_t point;

    for (size_t at = 0, size, length; at < text.size; at += size) {
        size = utf8_next(text.text + at, text.size - at, &point);
        if (text.text[at] == '\n') {
            bytes_add_text(out, "\r\n");
            column = 0;
            continue;
        }
        length = mime_text_token(text, at, size, column, token);
        if (column + length >= TEXT_LINE) {
            bytes_add_text(out, "=\r\n");
            column = 0;
            length = mime_text_token(text, at, size, column, token);
        }
        bytes_add(out, token, length);
        column += length;
    }
    if (column) bytes_add_text(out, "\r\n");
}
