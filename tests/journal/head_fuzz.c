/* Any bytes as the file head: what is taken for a record is the one that its fields spell, and no other bytes are. */
#include "journal/head.h"

#include <stdlib.h>
#include <string.h>

static const struct span source = {"/adcs/a/CA", 10};

static void must(bool ok)
{
    if (!ok) abort();
}

/* The bytes as they are; and with the checksum that fits them, which a fuzzer never finds. */
static void parse(const char *text, size_t size)
{
    char again[HEAD_SIZE + 1];
    struct head head;

    if (!head_parse(text, size, source, &head)) return;
    must(size == HEAD_SIZE && head.line.sequence && head.line.sequence <= INT64_MAX && strlen(head.run) == 36 && strlen(head.line.hash) == LINE_HASH_SIZE);
    must(head_spell(&head, source, again) == S_OK && !memcmp(again, text, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[HEAD_SIZE + 2] = "", sum[LINE_HASH_SIZE + 1];
    const size_t fields = HEAD_SIZE - LINE_HASH_SIZE - 1;

    parse((const char *)data, size);
    if (size < fields) return 0;
    memcpy(text, data, fields);
    memcpy(text + fields, "CA", 2);
    must(hash_hex(text, fields + 2, sum) == S_OK);
    memcpy(text + fields, sum, LINE_HASH_SIZE);
    text[HEAD_SIZE - 1] = '\n';
    parse(text, HEAD_SIZE);
    return 0;
}
