#include "unwritten.h"

#include "base/digits.h"
#include "base/utc.h"
#include "record.h"

#include <string.h>

#define START        "certwitness-unwritten 1 "
#define RUN_AT       (sizeof START - 1)
#define BEGAN_AT     (RUN_AT + 36 + 1)
#define ENDED_AT     (BEGAN_AT + UNWRITTEN_TIME + 1)
#define RUNS_AT      (ENDED_AT + UNWRITTEN_TIME + 1)
#define UNCOUNTED_AT (RUNS_AT + 20 + 1)
#define EVENTS_AT    (UNCOUNTED_AT + 20 + 1)
#define HR_AT        (EVENTS_AT + 20 + 1)
#define CHECKSUM_AT  (HR_AT + 10 + 1)

_Static_assert(CHECKSUM_AT == RECORD_CHECKSUM_AT(UNWRITTEN_SIZE) && UNWRITTEN_SIZE <= RECORD_MAX,
               "the record's size");

void unwritten_hresult(HRESULT hr, char out[10])
{
    const unsigned char bytes[] = {(uint32_t)hr >> 24, (uint32_t)hr >> 16 & 255,
                                   (uint32_t)hr >> 8 & 255, (uint32_t)hr & 255};

    memcpy(out, "0x", 2);
    digits_hex(bytes, sizeof bytes, out + 2);
}

static HRESULT spell(const struct unwritten *unwritten, struct span source,
                     char out[UNWRITTEN_SIZE + 1])
{
    memset(out, ' ', UNWRITTEN_SIZE);
    memcpy(out, START, sizeof START - 1);
    memcpy(out + RUN_AT, unwritten->run, 36);
    memcpy(out + BEGAN_AT, unwritten->began, UNWRITTEN_TIME);
    memcpy(out + ENDED_AT, unwritten->ended, UNWRITTEN_TIME);
    digits_padded(unwritten->runs, out + RUNS_AT, 20);
    digits_padded(unwritten->uncounted, out + UNCOUNTED_AT, 20);
    digits_padded(unwritten->events, out + EVENTS_AT, 20);
    unwritten_hresult(unwritten->hr, out + HR_AT);
    return record_seal(out, UNWRITTEN_SIZE, source);
}

static HRESULT failure(const char *digits)
{
    uint32_t value = 0;

    for (int i = 2; i < 10; i++)
        value = value << 4 |
                (uint32_t)((digits[i] >= 'a' ? digits[i] - 'a' + 10 : digits[i] - '0') & 15);
    return (HRESULT)value;
}

static bool unwritten_is_time(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";

    for (int i = 0; i < UNWRITTEN_TIME; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
    return true;
}

/* The checksum vouches for the fields; that they are where they belong is seen by spelling them
 * again. */
static bool unwritten_parse(const char *text, size_t size, struct span source,
                            struct unwritten *out)
{
    struct unwritten read = {.runs = 0};
    char again[UNWRITTEN_SIZE + 1];

    if (size != UNWRITTEN_SIZE || !unwritten_is_time(text + BEGAN_AT) ||
        !unwritten_is_time(text + ENDED_AT))
        return false;
    memcpy(read.run, text + RUN_AT, sizeof read.run - 1);
    memcpy(read.began, text + BEGAN_AT, UNWRITTEN_TIME);
    memcpy(read.ended, text + ENDED_AT, UNWRITTEN_TIME);
    read.runs = record_number(text + RUNS_AT);
    read.uncounted = record_number(text + UNCOUNTED_AT);
    read.events = record_number(text + EVENTS_AT);
    read.hr = failure(text + HR_AT);
    if (!read.runs || strspn(read.run, "0123456789abcdef-") != 36) return false;
    if (FAILED(spell(&read, source, again)) || memcmp(text, again, UNWRITTEN_SIZE)) return false;
    *out = read;
    return true;
}

void unwritten_read(struct disk_folder *folder, struct span source, struct unwritten *out)
{
    char text[UNWRITTEN_SIZE + 1];
    size_t size;

    if (FAILED(disk_load(folder, UNWRITTEN_NAME, text, sizeof text, &size)) ||
        !unwritten_parse(text, size, source, out))
        out->runs = 0;
}

static HRESULT open_or_create(struct disk_folder *folder, struct disk_file **out)
{
    HRESULT hr = disk_open(folder, UNWRITTEN_NAME, out);

    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        hr = disk_create(folder, UNWRITTEN_NAME, out);
    return hr;
}

HRESULT unwritten_write(struct disk_folder *folder, struct span source,
                        const struct unwritten *unwritten)
{
    struct disk_file *file = NULL;
    char text[UNWRITTEN_SIZE + 1];
    uint64_t end = 0;
    HRESULT hr = spell(unwritten, source, text);

    if (SUCCEEDED(hr)) hr = open_or_create(folder, &file);
    if (SUCCEEDED(hr)) hr = disk_end(file, &end);
    if (SUCCEEDED(hr) && end > UNWRITTEN_SIZE)
        hr = disk_cut(file, 0); /* what is longer is none of ours */
    if (SUCCEEDED(hr)) hr = disk_write(file, 0, text, UNWRITTEN_SIZE);
    if (SUCCEEDED(hr)) hr = disk_flush(file);
    disk_close(file);
    return SUCCEEDED(hr) ? disk_flush_folder(folder) : hr;
}

HRESULT unwritten_remove(struct disk_folder *folder)
{
    HRESULT hr = disk_remove(folder, UNWRITTEN_NAME);

    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ? S_OK : hr;
}

/* Where the clock is outside of all years, it is that of 1601. */
static void unwritten_now(char out[UNWRITTEN_TIME + 1])
{
    char text[UTC_TEXT_MAX];

    memcpy(out,
           utc_text(os_now(), true, text) && strlen(text) == UNWRITTEN_TIME
               ? text
               : "1601-01-01T00:00:00.000Z",
           UNWRITTEN_TIME);
    out[UNWRITTEN_TIME] = 0;
}

void unwritten_begin(struct unwritten *unwritten, const char *run, HRESULT hr)
{
    unwritten_now(unwritten->ended);
    if (!unwritten->runs) {
        *unwritten = (struct unwritten){.runs = 0};
        unwritten_now(unwritten->began);
        unwritten_now(unwritten->ended);
    }
    memcpy(unwritten->run, run, 36);
    unwritten->run[36] = 0;
    unwritten->runs++;
    unwritten->uncounted++;
    unwritten->hr = hr;
}

void unwritten_end(struct unwritten *unwritten, uint64_t events, HRESULT hr)
{
    unwritten_now(unwritten->ended);
    unwritten->uncounted--;
    unwritten->events += events;
    unwritten->hr = hr;
}
