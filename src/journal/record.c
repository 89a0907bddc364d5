#include "record.h"

#include "base/digits.h"

#include <string.h>

HRESULT record_seal(char *record, size_t size, struct span source)
{
    size_t at = RECORD_CHECKSUM_AT(size);
    char text[RECORD_MAX + LINE_SOURCE_MAX], sum[LINE_HASH_SIZE + 1];
    struct span ca = source_ca(source);
    HRESULT hr;

    if (size > RECORD_MAX || ca.size > LINE_SOURCE_MAX) return E_INVALIDARG;
    memcpy(text, record, at);
    if (ca.size) memcpy(text + at, ca.text, ca.size);
    if (FAILED(hr = hash_hex(text, at + ca.size, sum))) return hr;
    memcpy(record + at, sum, LINE_HASH_SIZE);
    strcpy(record + size - 1, "\n");
    return S_OK;
}

uint64_t record_number(const char *digits)
{
    uint64_t value;

    return digits_read(digits, 20, &value) && value <= INT64_MAX ? value : 0;
}
