/*
 * journal_make FOLDER MIB EVENTS: a journal as large as somebody needs it, made of a few events told again and again.
 *
 * EVENTS is a file of lines "type TAB subject TAB data", the subject empty where there is none. In subject and data @ID@ becomes a number
 * that counts up, @USER@ one that repeats after a thousand. Segments are of 64 MiB and times a second apart, up to now; nothing is flushed.
 * Says how many lines it has written.
 */
#include "journal/segment.h"
#include "lib/line_make.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEGMENT_BYTES (64u << 20)
#define EVENTS_MAX    256

static char *events[EVENTS_MAX];
static unsigned event_count;

static void fail(const char *what)
{
    fprintf(stderr, "journal_make: %s\n", what);
    exit(2);
}

static void read_events(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t room;

    if (!file) fail("the file of events cannot be read");
    while (event_count < EVENTS_MAX && getline(&events[event_count], &room, file) > 0) {
        events[event_count][strcspn(events[event_count], "\n")] = 0;
        event_count++;
        room = 0;
    }
    fclose(file);
    if (!event_count) fail("there is no event in the file");
}

/* With the numbers put in. */
static void tell(struct bytes *out, const char *text, size_t size, uint64_t id)
{
    const char *at;

    out->size = 0;
    while ((at = memchr(text, '@', size))) {
        size_t plain = (size_t)(at - text), rest = size - plain;

        bytes_add(out, text, plain);
        if (rest >= 4 && !memcmp(at, "@ID@", 4)) bytes_printf(out, "%" PRIu64, id), plain += 4;
        else if (rest >= 6 && !memcmp(at, "@USER@", 6)) bytes_printf(out, "%" PRIu64, id % 1000), plain += 6;
        else bytes_add(out, at, 1), plain++;
        text += plain;
        size -= plain;
    }
    bytes_add(out, text, size);
}

struct maker {
    struct line_place place;
    char hash[2][LINE_HASH_SIZE + 1];
    struct bytes line, subject, data;
    int64_t time;
};

static void make_line(struct maker *maker)
{
    uint64_t sequence = maker->place.sequence;
    char *event = events[sequence % event_count], type[LINE_TYPE_MAX + 1] = "";
    char *subject = strchr(event, '\t'), *data = subject ? strchr(subject + 1, '\t') : NULL;

    if (!data || subject - event > LINE_TYPE_MAX) fail("an event is no type, subject and data");
    memcpy(type, event, (size_t)(subject - event));
    subject++;
    tell(&maker->subject, subject, (size_t)(data - subject), sequence);
    bytes_add(&maker->subject, "", 1);
    data++;
    tell(&maker->data, data, strlen(data), sequence);
    maker->line.size = 0;
    if (FAILED(line_make(&maker->line, &maker->place, type, *maker->subject.data ? maker->subject.data : NULL, maker->time,
                         (struct span){maker->data.data, maker->data.size}, maker->hash[sequence % 2]))) fail("a line cannot be made");
    maker->place.previous = maker->hash[sequence % 2];
    maker->place.flushed = sequence;
    maker->place.sequence++;
    maker->time += 1000000;
}

static FILE *begin_segment(const char *folder, uint64_t sequence)
{
    char name[SEGMENT_NAME_SIZE + 1], path[4096];
    FILE *file;

    segment_name(sequence, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!(file = fopen(path, "w"))) fail("a segment cannot be made");
    return file;
}

int main(int argc, char **argv)
{
    struct maker maker = {.place = {"0f0ef3ce-0000-4000-8000-000000000000", "/adcs/ca01.corp.example/Issuing%20CA%201", 1, line_no_hash, 0}};
    uint64_t wanted, written = 0, in_segment = 0;
    FILE *file;

    if (argc != 4) fail("FOLDER MIB EVENTS");
    wanted = strtoull(argv[2], NULL, 10) << 20;
    read_events(argv[3]);
    mkdir(argv[1], 0755);
    maker.time = os_now() - (int64_t)(wanted / 4096) * 1000000;
    file = begin_segment(argv[1], 1);
    while (written < wanted) {
        if (in_segment >= SEGMENT_BYTES) {
            if (fclose(file)) fail("a segment cannot be written");
            file = begin_segment(argv[1], maker.place.sequence);
            in_segment = 0;
        }
        make_line(&maker);
        if (fwrite(maker.line.data, 1, maker.line.size, file) != maker.line.size) fail("a segment cannot be written");
        written += maker.line.size;
        in_segment += maker.line.size;
    }
    if (fclose(file)) fail("a segment cannot be written");
    printf("%" PRIu64 "\n", maker.place.sequence - 1);
    return 0;
}
