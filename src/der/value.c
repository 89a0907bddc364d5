/* The checks behind value.h. */
#include "value.h"

#include <string.h>

/*
 * What is wrong with the contents of a value of one of the simple types, and at which byte; DER_OK
 * for what is right, and for types that are not simple.
 */
static enum der_error oid_flaw(struct der_bytes oid, const unsigned char **at)
{
    bool begins = true;                         /* an arc begins here */

    if (!oid.size) return DER_E_OID_EMPTY;
    for (size_t i = 0; i < oid.size; i++) {
        *at = oid.data + i;
        if (begins && oid.data[i] == 0x80) return DER_E_OID_PADDED;
        begins = !(oid.data[i] & 0x80);
    }
    return begins ? DER_OK : DER_E_OID_CUT;
}

static enum der_error integer_flaw(struct der_bytes content)
{
    if (!content.size) return DER_E_INTEGER_EMPTY;
    if (content.size == 1 || content.data[0] != (content.data[1] & 0x80 ? 0xFF : 0x00))
        return DER_OK;
    return DER_E_INTEGER_PADDED;
}

static enum der_error bits_flaw(struct der_bytes content, const unsigned char **at)
{
    if (!content.size) return DER_E_BITS_EMPTY;
    if (content.data[0] > (content.size > 1 ? 7 : 0)) return DER_E_BITS_UNUSED;
    *at = content.data + content.size - 1;
    return **at & ((1u << content.data[0]) - 1) ? DER_E_BITS_NOT_ZERO : DER_OK;
}

static enum der_error flaw(uint32_t tag, struct der_bytes content, const unsigned char **at)
{
    *at = content.data;
    switch (tag) {
    case DER_BOOLEAN:
        return content.size == 1 && (content.data[0] == 0x00 || content.data[0] == 0xFF)
                   ? DER_OK
                   : DER_E_BOOLEAN;
    case DER_NULL:              return content.size ? DER_E_NULL : DER_OK;
    case DER_INTEGER:           return integer_flaw(content);
    case DER_ENUMERATED:        return integer_flaw(content);
    case DER_OID:               return oid_flaw(content, at);
    case DER_BIT_STRING:        return bits_flaw(content, at);
    case DER_BMP_STRING:        return content.size % 2 ? DER_E_TEXT_SIZE : DER_OK;
    case DER_UNIVERSAL_STRING:  return content.size % 4 ? DER_E_TEXT_SIZE : DER_OK;
    }
    return DER_OK;
}

/* Is it plain what contents with this flaw mean? */
static bool is_readable(enum der_error error, struct der_bytes content)
{
    switch (error) {
    case DER_E_INTEGER_EMPTY:
    case DER_E_OID_EMPTY:
    case DER_E_OID_CUT:
    case DER_E_OID_PADDED:
    case DER_E_BITS_EMPTY:
        return false;
    case DER_E_BOOLEAN: return content.size == 1;
    default: return true;
    }
}

/* An INTEGER without the bytes that it does not need, should they be borne. */
static struct der_bytes unpadded(uint32_t type, struct der_bytes content)
{
    if (type != DER_INTEGER && type != DER_ENUMERATED) return content;
    while (integer_flaw(content) == DER_E_INTEGER_PADDED) content.data++, content.size--;
    return content;
}

/* Contents of this type, or what they mean where that is plain. */
static bool flawless(struct der *der, const char *what, uint32_t type, struct der_bytes *content)
{
    const unsigned char *at;
    enum der_error error = flaw(type, *content, &at);

    if (!error) return true;
    if (!is_readable(error, *content)) return der_refuse(der, error, what, at);
    if (!der_odd(der, error, what, at)) return false;
    *content = unpadded(type, *content);
    return true;
}

bool der_checked(struct der *der, const char *what, struct der_value *value)
{
    if (!der_any(der, what, value)) return false;
    if (flawless(der, what, value->tag, &value->content)) return true;
    *value = (struct der_value){0};
    return false;
}

bool der_tagged(struct der *der, const char *what, uint32_t tag, uint32_t type,
                struct der_bytes *content)
{
    if (!der_read(der, what, tag, content)) return false;
    if (flawless(der, what, type, content)) return true;
    *content = (struct der_bytes){0};
    return false;
}

bool der_integer(struct der *der, const char *what, struct der_bytes *content)
{
    return der_tagged(der, what, DER_INTEGER, DER_INTEGER, content);
}

bool der_positive(struct der *der, const char *what, struct der_bytes *magnitude)
{
    struct der_bytes got;

    *magnitude = (struct der_bytes){0};
    if (!der_integer(der, what, &got)) return false;
    if (got.size == 1 && !got.data[0])
        return der_refuse(der, DER_E_INTEGER_NEGATIVE, what, got.data);
    if (got.data[0] & 0x80 && !der_odd(der, DER_E_INTEGER_NEGATIVE, what, got.data)) return false;
    *magnitude = got.data[0] ? got : (struct der_bytes){got.data + 1, got.size - 1};
    return true;
}

bool der_small(struct der *der, const char *what, int32_t *number)
{
    struct der_bytes got;
    int32_t sum = 0;

    *number = 0;
    if (!der_integer(der, what, &got)) return false;
    if (got.data[0] & 0x80) return der_refuse(der, DER_E_INTEGER_NEGATIVE, what, got.data);
    if (got.size > 4) return der_refuse(der, DER_E_INTEGER_TOO_LARGE, what, got.data);
    for (size_t i = 0; i < got.size; i++) sum = sum << 8 | got.data[i];
    *number = sum;
    return true;
}

bool der_boolean(struct der *der, const char *what, bool *value)
{
    struct der_bytes content;
    bool ok = der_tagged(der, what, DER_BOOLEAN, DER_BOOLEAN, &content);

    *value = ok && content.data[0];
    return ok;
}

bool der_null(struct der *der, const char *what)
{
    struct der_bytes content;

    return der_tagged(der, what, DER_NULL, DER_NULL, &content);
}

bool der_oid(struct der *der, const char *what, struct der_bytes *oid)
{
    return der_tagged(der, what, DER_OID, DER_OID, oid);
}

/* How many bits of the last byte do not belong, of sound contents or of such as are borne. */
static unsigned unused_in(struct der_bytes content)
{
    return content.size == 1 ? 0 : content.data[0] > 7 ? 7 : content.data[0];
}

bool der_bits(struct der *der, const char *what, struct der_bytes *bytes, unsigned *unused)
{
    struct der_bytes content;
    bool ok = der_tagged(der, what, DER_BIT_STRING, DER_BIT_STRING, &content);

    *unused = ok ? unused_in(content) : 0;
    *bytes = ok ? (struct der_bytes){content.data + 1, content.size - 1} : (struct der_bytes){0};
    return ok;
}

bool der_whole_bits(struct der *der, const char *what, struct der_bytes *bytes)
{
    struct der_bytes got;
    unsigned unused;

    *bytes = (struct der_bytes){0};
    if (!der_bits(der, what, &got, &unused)) return false;
    if (unused && !der_odd(der, DER_E_BITS_NOT_WHOLE, what, got.data - 1)) return false;
    *bytes = got;
    return true;
}

bool der_number(struct der_bytes content, int64_t *number)
{
    uint64_t sum = content.size && content.data[0] & 0x80 ? UINT64_MAX : 0;

    *number = 0;
    if (!content.size || content.size > 8) return false;
    for (size_t i = 0; i < content.size; i++) sum = sum << 8 | content.data[i];
    *number = (int64_t)sum;
    return true;
}

/* The bits of a BIT STRING's contents, known to be sound; the first byte counts the unused ones. */
static bool flags_of(struct der *der, const char *what, struct der_bytes content, uint32_t *bits)
{
    *bits = 0;
    if (content.size > 5) {
        if (!der_odd(der, DER_E_TOO_MANY, what, content.data + 1)) return false;
        content.size = 5;
    }
    for (size_t i = 0; i + 8 < content.size * 8; i++) {
        if (content.data[1 + i / 8] >> (7 - i % 8) & 1) *bits |= (uint32_t)1 << i;
    }
    return true;
}

bool der_flags(struct der *der, const char *what, uint32_t tag, uint32_t *bits)
{
    struct der_bytes content;

    *bits = 0;
    return der_tagged(der, what, tag, DER_BIT_STRING, &content) &&
           flags_of(der, what, content, bits);
}

bool der_named_bits(struct der *der, const char *what, uint32_t *bits)
{
    struct der_bytes content;
    const unsigned char *last;

    *bits = 0;
    if (!der_tagged(der, what, DER_BIT_STRING, DER_BIT_STRING, &content) ||
        !flags_of(der, what, content, bits))
        return false;
    last = content.data + content.size - 1;
    if (content.size == 1 || *last >> unused_in(content) & 1 ||
        der_odd(der, DER_E_BITS_PADDED, what, last))
        return true;
    *bits = 0;
    return false;
}

/* Two decimal digits, which are known to be digits. */
static int two(const unsigned char *digits)
{
    return (digits[0] - '0') * 10 + digits[1] - '0';
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int year, int month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to this date of the Gregorian calendar, carried back to the year 0. */
static int64_t days_since_1970(int year, int month, int day)
{
    int64_t years = year,
            days = years * 365 + (years + 3) / 4 - (years + 99) / 100 + (years + 399) / 400;

    for (int m = 1; m < month; m++) days += days_in(year, m);
    return days + day - 1 - 719528; /* 719528 days lie between 0000-01-01 and 1970-01-01 */
}

/* How many digits a text begins with. */
static size_t count_digits(struct der_bytes text)
{
    size_t count = 0;

    while (count < text.size && text.data[count] >= '0' && text.data[count] <= '9') count++;
    return count;
}

/* Where a time stops being one of RFC 5280's; NULL: it is. */
static const unsigned char *form_flaw(bool is_utc, struct der_bytes text)
{
    size_t size = is_utc ? 12 : 14, count = count_digits(text);

    if (count < size) return text.data + count;
    return text.size == size + 1 && text.data[size] == 'Z' ? NULL : text.data + size;
}

/* What X.680 lets a time have behind its digits: a fraction, and Z, an offset of hours or of hours
 * and minutes, or nothing. `*offset` is in minutes. */
static bool read_zone(struct der_bytes rest, int *offset)
{
    size_t count;

    *offset = 0;
    if (rest.size > 1 && (*rest.data == '.' || *rest.data == ',')) {
        count = count_digits((struct der_bytes){rest.data + 1, rest.size - 1}) + 1;
        if (count == 1) return false;
        rest.data += count, rest.size -= count;
    }
    if (!rest.size || (rest.size == 1 && *rest.data == 'Z')) return true;
    count = count_digits((struct der_bytes){rest.data + 1, rest.size - 1});
    if ((*rest.data != '+' && *rest.data != '-') || count + 1 != rest.size ||
        (count != 2 && count != 4))
        return false;
    *offset = two(rest.data + 1) * 60 + (count == 4 ? two(rest.data + 3) : 0);
    if (*rest.data == '-') *offset = -*offset;
    return true;
}

/* Year, month, day, hour, minute, second. */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };

static void take_parts(bool is_utc, struct der_bytes digits, int parts[PARTS])
{
    const unsigned char *rest = digits.data + (is_utc ? 2 : 4), *end = digits.data + digits.size;
    int year = two(digits.data);

    parts[YEAR] = is_utc ? year + (year < 50 ? 2000 : 1900) : year * 100 + two(digits.data + 2);
    for (int i = MONTH; i < PARTS; i++, rest += 2) parts[i] = end - rest >= 2 ? two(rest) : 0;
}

static bool exists(const int parts[PARTS])
{
    return parts[MONTH] >= 1 && parts[MONTH] <= 12 && parts[DAY] >= 1 &&
           parts[DAY] <= days_in(parts[YEAR], parts[MONTH]) && parts[HOUR] <= 23 &&
           parts[MINUTE] <= 59 && parts[SECOND] <= 59;
}

/* Minutes may be left out of a GeneralizedTime, seconds of both. */
static bool has_digits(bool is_utc, size_t count)
{
    return is_utc ? count == 10 || count == 12 : count == 10 || count == 12 || count == 14;
}

#define YEAR_0     (-62167219200)
#define YEAR_10000 253402300800
static bool read_time(struct der *der, const char *what, bool is_utc, struct der_bytes text,
                      int64_t *seconds)
{
    const unsigned char *at = form_flaw(is_utc, text);
    int parts[PARTS], offset = 0;
    struct der_bytes digits = text;

    if (at) {
        digits.size = count_digits(text);
        struct der_bytes rest = {text.data + digits.size, text.size - digits.size};

        if (!has_digits(is_utc, digits.size) || !read_zone(rest, &offset))
            return der_refuse(der, DER_E_TIME_FORM, what, at);
        if (!der_odd(der, DER_E_TIME_FORM, what, at)) return false;
    }
    take_parts(is_utc, digits, parts);
    *seconds = DER_TIME_NONE;
    if (!exists(parts)) return der_odd(der, DER_E_TIME_RANGE, what, text.data);
    *seconds = ((days_since_1970(parts[YEAR], parts[MONTH], parts[DAY]) * 24 + parts[HOUR]) * 60 +
                parts[MINUTE] - offset) *
                   60 +
               parts[SECOND];
    if (*seconds >= YEAR_0 && *seconds < YEAR_10000) return true;
    *seconds = DER_TIME_NONE;                   /* an offset leads out of what a date can be */
    return der_odd(der, DER_E_TIME_RANGE, what, text.data);
}

static bool time_under(struct der *der, const char *what, uint32_t tag, bool is_utc,
                       int64_t *seconds)
{
    struct der_bytes text;

    *seconds = 0;
    if (der_read(der, what, tag, &text) && read_time(der, what, is_utc, text, seconds)) return true;
    *seconds = 0;
    return false;
}

bool der_time(struct der *der, const char *what, int64_t *seconds)
{
    bool is_utc = der_next_is(der, DER_UTC_TIME);

    return time_under(der, what, is_utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, is_utc, seconds);
}

bool der_tagged_time(struct der *der, const char *what, uint32_t tag, int64_t *seconds)
{
    return time_under(der, what, tag, false, seconds);
}

#define YEAR_2050 2524608000

bool der_date(struct der *der, const char *what, int64_t *seconds)
{
    const unsigned char *at = der->at;
    bool is_utc = der_next_is(der, DER_UTC_TIME);

    if (!der_time(der, what, seconds)) return false;
    if (!is_utc && *seconds >= 0 && *seconds < YEAR_2050)
        der_remark(der, DER_R_TIME_EARLY, what, at);
    return true;
}

/* A number of any size in decimal, least significant digit first: times 128, plus `add`. False if
 * it does not fit. */
static bool append_base128(char *digits, size_t *count, size_t capacity, unsigned add)
{
    unsigned carry = add;

    for (size_t i = 0; i < *count; i++) {
        carry += (unsigned)(digits[i] - '0') * 128;
        digits[i] = (char)('0' + carry % 10);
        carry /= 10;
    }
    for (; carry; carry /= 10) {
        if (*count == capacity) return false;
        digits[(*count)++] = (char)('0' + carry % 10);
    }
    return true;
}

/* Take a number from 0 to 80 off a number of at least that size. */
static void subtract(char *digits, size_t *count, int number)
{
    for (size_t i = 0; number; i++) {
        int digit = digits[i] - '0' - number % 10;

        number /= 10;
        if (digit < 0) digit += 10, number++;
        digits[i] = (char)('0' + digit);
    }
    while (*count && digits[*count - 1] == '0') --*count;
}

/* Write one arc, most significant digit first, and a dot before it unless it is the first; moves
 * `*at` on. */
static bool put_arc(char **at, const char *end, bool first, const char *digits, size_t count)
{
    size_t size = (count ? count : 1) + !first;

    if ((size_t)(end - *at) <= size) return false;              /* one is kept for the NUL */
    if (!first) *(*at)++ = '.';
    if (!count) *(*at)++ = '0';
    while (count) *(*at)++ = digits[--count];
    return true;
}

/* The first number of an OID is 40 times its first arc plus the second, which is below 40 unless
 * the first is 2. */
static bool put_first_arcs(char **at, const char *end, char *digits, size_t *count)
{
    int number = *count > 2 ? 80 : 0, arc;

    if (*count <= 2) {
        for (size_t i = *count; i--;) number = number * 10 + digits[i] - '0';
        number = number > 80 ? 80 : number;
    }
    arc = number / 40;
    subtract(digits, count, arc * 40);
    return put_arc(at, end, true, (const char[]){(char)('0' + arc)}, 1) &&
           put_arc(at, end, false, digits, *count);
}

static bool write_oid(struct der_bytes oid, char *text, size_t capacity)
{
    char digits[256],
        *at = text,
        *end = text + capacity; /* an arc longer than this fits no text we promise to fit */
    size_t count = 0;
    bool first = true;

    for (size_t i = 0; i < oid.size; i++) {
        if (!append_base128(digits, &count, sizeof digits, oid.data[i] & 0x7F)) return false;
        if (oid.data[i] & 0x80) continue;
        if (!(first ? put_first_arcs(&at, end, digits, &count)
                    : put_arc(&at, end, false, digits, count)))
            return false;
        first = false;
        count = 0;
    }
    *at = 0;
    return true;
}

bool der_oid_text(struct der_bytes oid, char *text, size_t capacity)
{
    const unsigned char *at;

    if (capacity && !flaw(DER_OID, oid, &at) && write_oid(oid, text, capacity)) return true;
    if (capacity) *text = 0;
    return false;
}

/* One number of an OID's contents, as its bytes; returns how many of them. */
static size_t encode_arc(uint64_t number, unsigned char bytes[10])
{
    size_t count = 1;

    for (uint64_t rest = number >> 7; rest; rest >>= 7) count++;
    for (size_t i = count; i--; number >>= 7)
        bytes[i] = (unsigned char)((number & 0x7F) | (i + 1 < count ? 0x80 : 0));
    return count;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The next number of dotted text, moving behind it and the dot before another; false for one of
 * more than 18 digits, one with a zero in front, or none. */
static bool take_arc(const char **dotted, uint64_t *number)
{
    const char *first = *dotted;

    for (*number = 0; is_digit(**dotted); ++*dotted)
        *number = *number * 10 + (unsigned)(**dotted - '0');
    if (*dotted == first || *dotted - first > 18 || (*first == '0' && *dotted - first > 1))
        return false;
    if (**dotted == '.' && is_digit((*dotted)[1])) ++*dotted;
    return true;
}

static bool value_is_text(struct der_bytes oid, const char *dotted)
{
    char text[DER_OID_TEXT];

    return der_oid_text(oid, text, sizeof text) && !strcmp(text, dotted);
}

static bool begins_with(const unsigned char *at, const unsigned char *bytes, size_t size)
{
    while (size && *at == *bytes) at++, bytes++, size--;
    return !size;
}

/* Arc by arc, since comparing is what readers do all day; what that is not made for, as text. */
bool der_oid_is(struct der_bytes oid, const char *dotted)
{
    const char *rest = dotted;
    unsigned char bytes[10];
    uint64_t first, number;
    size_t at = 0, size;

    if (!take_arc(&rest, &first) || first > 2 || !take_arc(&rest, &number) ||
        (first < 2 && number >= 40))
        return value_is_text(oid, dotted);
    for (number += first * 40;;) {
        size = encode_arc(number, bytes);
        if (oid.size - at < size || !begins_with(oid.data + at, bytes, size)) return false;
        at += size;
        if (!*rest) return at == oid.size;
        if (!take_arc(&rest, &number)) return value_is_text(oid, dotted);
    }
}
