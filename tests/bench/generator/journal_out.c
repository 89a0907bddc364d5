#include "journal_out.h"

#include "journal/segment.h"
#include "random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SEGMENT_BYTES (64u << 20)
#define SOURCE        "/adcs/ca01.corp.example/Corp%20Issuing%20CA%201"

static void fail(const char *message)
{
    fprintf(stderr, "generate: %s\n", message);
    exit(2);
}

static void begin_segment(struct journal_out *journal)
{
    char name[SEGMENT_NAME_SIZE + 1], path[4096];

    if (journal->file && fclose(journal->file)) fail("a segment cannot be written");
    segment_name(journal->place.sequence, name);
    snprintf(path, sizeof path, "%s/%s", journal->folder, name);
    if (!(journal->file = fopen(path, "wx"))) fail("a segment cannot be made; the folder has to be new or empty");
    journal->in_segment = 0;
    journal->segments++;
}

void journal_out_run(struct journal_out *journal)
{
    uint64_t high = random_at(journal->seed, 2 * journal->run_count, DRAW_RUN), low = random_at(journal->seed, 2 * journal->run_count + 1, DRAW_RUN);

    snprintf(journal->run, sizeof journal->run, "%08x-%04x-4%03x-8%03x-%012" PRIx64, (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
             (unsigned)(high & 0xfff), (unsigned)(low >> 52 & 0xfff), low & 0xffffffffffff);
    journal->place.run = journal->run;
    if (journal->run_count++) begin_segment(journal);
}

void journal_out_begin(struct journal_out *journal, const char *folder, uint64_t seed)
{
    *journal = (struct journal_out){.folder = folder, .seed = seed, .place = {NULL, SOURCE, 1, line_no_hash, 0}};
    mkdir(folder, 0755);
    begin_segment(journal);
    journal_out_run(journal);
}

uint64_t journal_out_add(struct journal_out *journal, const char *type, uint32_t request, int64_t time, const struct bytes *data)
{
    uint64_t sequence = journal->place.sequence;
    char subject[32];

    if (journal->in_segment >= SEGMENT_BYTES) begin_segment(journal);
    snprintf(subject, sizeof subject, "request/%u", request);
    journal->line.size = 0;
    if (data->failed || FAILED(line_make_checked(&journal->line, &journal->place, type, request ? subject : NULL, time,
                                                 (struct span){data->data, data->size}, journal->hash[sequence % 2])))
        fail("a line cannot be made");
    if (fwrite(journal->line.data, 1, journal->line.size, journal->file) != journal->line.size) fail("a segment cannot be written");
    journal->in_segment += journal->line.size;
    journal->place.previous = journal->hash[sequence % 2];
    journal->place.flushed = sequence;
    journal->place.sequence++;
    return sequence;
}

void journal_out_end(struct journal_out *journal)
{
    if (fclose(journal->file)) fail("a segment cannot be written");
    bytes_free(&journal->line);
}
