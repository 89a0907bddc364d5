#include "digits.h"

void digits_padded(uint64_t number, char *out, size_t count)
{
    while (count) {
        out[--count] = (char)('0' + number % 10);
        number /= 10;
    }
}

size_t digits_of(uint64_t number, char *out)
{
    size_t count = 1;

    for (uint64_t rest = number / 10; rest; rest /= 10) count++;
    digits_padded(number, out, count);
    out[count] = 0;
    return count;
}

size_t digits_signed(int64_t number, char out[DIGITS_MAX])
{
    if (number >= 0) return digits_of((uint64_t)number, out);
    out[0] = '-';
    return 1 + digits_of(-(uint64_t)number, out + 1);
}

bool digits_read(const char *digits, size_t count, uint64_t *out)
{
    size_t fitting = count < 19 ? count : 19;           /* 19 digits fit */
    uint64_t number = 0;

    for (size_t i = 0; i < fitting; i++) {
        unsigned digit = (unsigned char)digits[i] - '0';

        if (digit > 9) return false;
        number = number * 10 + digit;
    }
    for (size_t i = fitting; i < count; i++) {
        unsigned digit = (unsigned char)digits[i] - '0';

        if (digit > 9 || number > (UINT64_MAX - digit) / 10) return false;
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

int digits_hex_value(int c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int digits_hex_byte(const char digits[2])
{
    int high = digits_hex_value(digits[0]), low = digits_hex_value(digits[1]);

    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static char hex_digit(unsigned char n)
{
    return (char)(n + (n < 10 ? '0' : 'a' - 10));
}

void digits_hex(const void *data, size_t size, char *restrict out)
{
    const unsigned char *in = data;

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = hex_digit(in[i] >> 4);
        out[2 * i + 1] = hex_digit(in[i] & 15);
    }
}
