#include "unfinished.h"

#include "base/os.h"
#include "journal/segment.h"

#include <string.h>

/* for a line that is being written: more than MaxWaitMs' half, and nobody waits long */
#define WRITER_WAIT_MS 3000
#define WRITER_LOOK_MS 100

enum writer unfinished_writer(struct disk_folder *folder)
{
    bool lives;

    if (FAILED(disk_is_written(folder, &lives))) return WRITER_UNKNOWN;
    return lives ? WRITER_LIVES : WRITER_NONE;
}

bool unfinished_may_become_a_line(struct disk_folder *folder, enum writer *writer,
                                  unsigned *waited_ms)
{
    static const int32_t word;

    if (*waited_ms >= WRITER_WAIT_MS) return false;
    *writer = unfinished_writer(folder);
    if (*writer != WRITER_LIVES) return false;
    os_word_wait(&word, 0, WRITER_LOOK_MS);             /* nobody wakes it */
    *waited_ms += WRITER_LOOK_MS;
    return true;
}

bool unfinished_is_cut_line(struct disk_folder *folder, const struct reader_place *place)
{
    static const char start[] = "{\"specversion\":\"1.0\",\"id\":\"";
    struct segment_reader *file;
    struct segment_piece piece;
    bool cut = false;
    size_t size;

    if (FAILED(segment_reader_open(folder, segment_sequence(place->file), &file))) return false;
    segment_seek(file, place->offset);
    if (segment_next(file, &piece) == S_OK && piece.text.text[piece.text.size - 1] != '\n') {
        size = piece.text.size < sizeof start - 1 ? piece.text.size : sizeof start - 1;
        cut = !*piece.text.text || !memcmp(piece.text.text, start, size);
        for (size = 0; !*piece.text.text && cut && size < piece.text.size; size++)
            cut = !piece.text.text[size];
        cut = cut && segment_next(file, &piece) == S_FALSE;
    }
    segment_reader_close(file);
    return cut;
}
