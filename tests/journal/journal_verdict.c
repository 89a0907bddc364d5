/* What the reader says of journals, for tests that are scripts: journal_verdict FOLDER... The words are those of tests/lib/verify.py; an empty
 * line follows what is said of each folder. */
#include "journal/reader.h"

#include <inttypes.h>
#include <stdio.h>

static void print(const char *before, const struct reader_item *item)
{
    printf("%s%s: %s line %" PRIu64 " byte %" PRIu64 " sequence %" PRIu64 "\n", before, reader_kind_text(item->kind), item->place.file,
           item->place.number, item->place.offset, item->place.sequence);
}

static bool judge(const char *folder)
{
    struct reader *reader = NULL;
    struct reader_totals totals;
    struct reader_item item;
    enum reader_result result = READER_LINE;

    if (FAILED(reader_open(folder, 0, &reader))) return false;
    while (result == READER_LINE || result == READER_ON_RECORD) {
        result = reader_next_of_all(reader, &item);
        if (result == READER_ON_RECORD) print("on record, ", &item);
    }
    reader_totals(reader, &totals);
    reader_close(reader);
    if (result == READER_END) printf("holds: %" PRIu64 " lines\n", totals.lines);
    else print("", &item);
    putchar('\n');
    return true;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) if (!judge(argv[i])) return 2;
    return 0;
}
