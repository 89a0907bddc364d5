/* What somebody else has put into a journal's folder, and how the journal goes on beside it. */
#include "../test.h"

#include "crash_disk.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "journal/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct journal *open_journal(void)
{
    struct journal_options with = {.directory = "/", .source = "/adcs/here.example/Our%20CA", .wait_ms = 3000, .retry_ms = 2,
                                   .queue_bytes = 1 << 20, .segment_bytes = 1200};
    struct journal *journal = NULL;

    check_hr(journal_open(&with, &journal), S_OK);
    return journal;
}

TEST(a_folder_is_listed_once_when_it_is_opened_whatever_is_in_it)
{
    char name[SEGMENT_NAME_SIZE + 1];

    crash_disk_begin();
    for (uint64_t first = 1; first < 60; first++) {
        segment_name(first, name);
        crash_disk_put(name, "x", first % 2);
    }
    check_hr(journal_close(open_journal()), S_OK);
    check_int(crash_disk_listings(), 1);
}
