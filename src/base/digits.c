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
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned char)digits[i] - '0';

        if (digit > 9 || (i >= 19 && *out > (UINT64_MAX - digit) / 10))
            return false; /* 19 digits fit */
        *out = *out * 10 + digit;
    }
    return true;
}

void digits_hex(const void *data, size_t size, char *out)
{
    const unsigned char *in = data;

    for (size_t i = 0; i < size; i++) {
        *out++ = "0123456789abcdef"[in[i] >> 4];
        *out++ = "0123456789abcdef"[in[i] & 15];
    }
}
