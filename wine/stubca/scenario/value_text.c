/* Values as text. */
#include "value_text.h"

#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <certsrv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *text, struct value *value)
{
    char *end;
    long long number = strtoll(text, &end, 0);

    value->number = (LONG)number;
    return *text && !*end && number >= -2147483648ll && number <= 0xFFFFFFFFll;
}

static bool value_text_read_date(const char *text, struct value *value)
{
    SYSTEMTIME time = {0};
    FILETIME file_time;
    int used = 0;

    if (sscanf(text, "%4hu-%2hu-%2huT%2hu:%2hu:%2huZ%n", &time.wYear, &time.wMonth, &time.wDay,
               &time.wHour, &time.wMinute, &time.wSecond, &used) != 6 ||
        !used || text[used] || !SystemTimeToFileTime(&time, &file_time))
        return false;
    value->seconds =
        (int64_t)(((ULONGLONG)file_time.dwHighDateTime << 32 | file_time.dwLowDateTime) /
                  10000000) -
        11644473600;
    return true;
}

static bool read_bytes(const char *text, struct value *value)
{
    unsigned char *bytes;

    value->size = strlen(text) / 2;
    if (strlen(text) % 2 || strspn(text, "0123456789abcdefABCDEF") != strlen(text)) return false;
    value->data = bytes = heap_take(value->size + 1);
    for (size_t i = 0; i < value->size; i++) sscanf(text + 2 * i, "%2hhx", &bytes[i]);
    return true;
}

bool value_read(LONG type, const char *text, struct value *value)
{
    *value = (struct value){.type = type};
    switch (type) {
    case PROPTYPE_LONG:   return read_number(text, value);
    case PROPTYPE_DATE:   return value_text_read_date(text, value);
    case PROPTYPE_BINARY: return read_bytes(text, value);
    case PROPTYPE_STRING:
        value->data = text_wide(text);
        value->size = wcslen(value->data) * sizeof(WCHAR);
        return true;
    }
    return false;
}

const char *value_kind(LONG type)
{
    switch (type) {
    case PROPTYPE_LONG:   return "a number";
    case PROPTYPE_DATE:   return "a date such as 2026-11-21T10:30:00Z";
    case PROPTYPE_BINARY: return "bytes in hex";
    case PROPTYPE_STRING: return "text";
    }
    return "no value, as it is for policy modules to set";
}

bool value_of_size(LONG type, size_t size, struct value *value)
{
    *value = (struct value){.type = type, .size = size};
    if (type != PROPTYPE_BINARY && type != PROPTYPE_STRING) return false;
    if (type == PROPTYPE_STRING) value->size *= sizeof(WCHAR);
    value->data = heap_take(value->size + sizeof(WCHAR));
    if (type == PROPTYPE_BINARY) memset(value->data, 0xA5, size);
    for (size_t i = 0; type == PROPTYPE_STRING && i < size; i++) ((WCHAR *)value->data)[i] = L'x';
    return true;
}
