#include "head.h"

#include "base/digits.h"
#include "record.h"

#include <string.h>

#define START         "certwitness-head 1 "
#define RUN_AT        (sizeof START - 1)
#define SEQUENCE_AT   (RUN_AT + 36 + 1)
#define HASH_AT       (SEQUENCE_AT + 20 + 1)
#define CHECKSUM_AT   (HASH_AT + LINE_HASH_SIZE + 1)
#define READ_ATTEMPTS 3 /* a record that is just being written may be read in parts */

_Static_assert(CHECKSUM_AT == RECORD_CHECKSUM_AT(HEAD_SIZE) && HEAD_SIZE <= RECORD_MAX,
               "the record's size");

HRESULT head_spell(const struct head *head, struct span source, char out[HEAD_SIZE + 1])
{
    memset(out, ' ', HEAD_SIZE);
    memcpy(out, START, sizeof START - 1);
    memcpy(out + RUN_AT, head->run, 36);
    digits_padded(head->line.sequence, out + SEQUENCE_AT, 20);
    memcpy(out + HASH_AT, head->line.hash, LINE_HASH_SIZE);
    return record_seal(out, HEAD_SIZE, source);
}

/* The checksum vouches for the fields; that they are where they belong is seen by spelling them
 * again. */
bool head_parse(const char *text, size_t size, struct span source, struct head *head)
{
    char again[HEAD_SIZE + 1];
    struct head read = {.line.sequence = size == HEAD_SIZE ? record_number(text + SEQUENCE_AT) : 0};

    if (!read.line.sequence) return false;
    memcpy(read.run, text + RUN_AT, sizeof read.run - 1);
    memcpy(read.line.hash, text + HASH_AT, LINE_HASH_SIZE);
    if (strspn(read.run, "0123456789abcdef-") != 36 ||
        strspn(read.line.hash, "0123456789abcdef") != LINE_HASH_SIZE)
        return false;
    if (FAILED(head_spell(&read, source, again)) || memcmp(text, again, HEAD_SIZE)) return false;
    *head = read;
    return true;
}

HRESULT head_read(struct disk_folder *folder, struct span source, struct head *head)
{
    struct disk_file *file;
    char text[HEAD_SIZE + 1];
    size_t size;
    HRESULT hr = disk_view(folder, HEAD_NAME, &file);

    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return S_FALSE;
    if (FAILED(hr)) return hr;
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        if (FAILED(hr = disk_read(file, 0, text, sizeof text, &size))) break;
        hr = head_parse(text, size, source, head) ? S_OK : S_FALSE;
        if (hr == S_OK) break;
    }
    disk_close(file);
    return hr;
}

/* What is longer than a record is none; and none of ours would be one in front of the rest. */
static void empty_if_longer(struct disk_file *file)
{
    uint64_t end;
    HRESULT hr = disk_end(file, &end);

    if (SUCCEEDED(hr) && end > HEAD_SIZE) hr = disk_cut(file, 0);
    (void)hr;                           /* then there is no head */
}

HRESULT head_open(struct disk_folder *folder, struct disk_file **out)
{
    HRESULT hr = disk_open(folder, HEAD_NAME, out);

    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)) return disk_create(folder, HEAD_NAME, out);
    if (SUCCEEDED(hr)) empty_if_longer(*out);
    return hr;
}

HRESULT head_write(struct disk_file *file, const struct head *head, struct span source)
{
    char text[HEAD_SIZE + 1];
    HRESULT hr = head_spell(head, source, text);

    return SUCCEEDED(hr) ? disk_write(file, 0, text, HEAD_SIZE) : hr;
}
