/* Keeps a journal open as the module does, for tests of other programs: journal_keeper FOLDER LOOK_MS. Each line on standard input appends one event and is
 * answered; the end of it closes the journal. */
#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct journal_options options = {.directory = argc > 1 ? argv[1] : "", .source = "/adcs/ca/CA", .wait_ms = 60000, .retry_ms = 50, .queue_bytes = 1 << 20,
                                      .segment_bytes = 64 << 20, .look_ms = argc > 2 ? (uint32_t)atoi(argv[2]) : 0};
    struct journal_event event = {.type = "certwitness.certificate.issued", .has_request = true, .request_id = 1, .time = 0, .data = {"{\"event\":1}", 11}};
    struct journal *journal = NULL;
    char line[100];

    if (journal_open(&options, &journal) != S_OK) return 1;
    puts("open"), fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        event.time = os_now();
        printf("0x%08x\n", (unsigned)journal_append(journal, &event)), fflush(stdout);
    }
    return FAILED(journal_close(journal));
}
