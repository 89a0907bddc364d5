/*
 * The longest valid prefix of the last segment is kept. The bytes after it are either
 *
 * - a torn tail: it was being written when the power failed. Its bytes may be old, new, zero or
 *   garbage, and intact lines may even follow a damaged one, but nobody was ever told that they are
 *   on disk; or
 * - damage: the `flushed` of an intact line in it, or the file `head`, shows that the first damaged
 *   line had been on disk.
 *
 * A last segment without a valid line was begun, and its name reached the disk before its first
 * lines did. The segment before it must then end right before it, since a segment is begun only
 * when all lines before it are on disk. If it does not, that segment is damaged.
 */
#include "recover.h"

#include "aside.h"
#include "damage_scan.h"
#include "journal_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What reading one segment has shown. */
struct survey {
    uint64_t segment;                   /* its first sequence; 0: there is no such segment */
    struct chain_head head;             /* last valid line, sequence 0: none */
    uint64_t next;                      /* the sequence that has to come */
    uint64_t flushed;                   /* the highest that a valid line has */
    uint64_t valid_size, size;
    struct line_at last;                /* that line; segment 0: none */
    bool hanging; /* valid lines of our own stand behind it, and do not count */
    bool ended_cleanly;
    struct damage_scan
        behind; /* `lines` and what follows: of the intact ones behind the valid ones */
};

static bool recover_follows(const struct survey *survey, const struct line *line)
{
    if (line->sequence != survey->next) return false;
    if (survey->head.sequence)
        return !memcmp(line->previous.text, survey->head.hash, LINE_HASH_SIZE);
    return line->sequence != 1 || !memcmp(line->previous.text, line_no_hash, LINE_HASH_SIZE);
}

static void recover_take(struct survey *survey, const struct line *line, uint64_t offset)
{
    chain_head_set(&survey->head, line);
    survey->last = (struct line_at){survey->segment, offset, line->text.size, ""};
    memcpy(survey->last.hash, survey->head.hash, sizeof survey->last.hash);
    survey->next = line->sequence + 1;
    survey->valid_size = survey->size = offset + line->text.size;
    if (line->flushed > survey->flushed) survey->flushed = line->flushed;
    survey->ended_cleanly =
        span_is(line->type, JOURNAL_STOPPED) || span_is(line->type, JOURNAL_CA_STOPPING);
}

static bool is_unacknowledged(const struct recover_own *own, const struct line *line)
{
    return own && line->sequence > own->sequence && span_is(line->run, own->run);
}

/* The longest valid prefix; lines of our own that nobody acknowledged belong to it only where a
 * line of another run follows. `piece` is what stands behind it: S_FALSE where nothing does. */
static HRESULT survey_valid(struct segment_reader *reader, uint64_t limit,
                            const struct recover_own *own, struct survey *survey,
                            struct segment_piece *piece)
{
    struct survey all = *survey;
    enum line_fault fault;
    struct line line;
    HRESULT hr;

    while ((hr = segment_next(reader, piece)) == S_OK) {
        if (all.next == limit) break;
        if ((fault = line_read(piece->text.text, piece->text.size, &line)) == LINE_UNJUDGED)
            return E_OUTOFMEMORY;
        if (fault != LINE_OK || !recover_follows(&all, &line)) break;
        recover_take(&all, &line, piece->offset);
        if (!is_unacknowledged(own, &line)) *survey = all;
    }
    survey->hanging = all.next != survey->next;
    if (FAILED(hr) || !survey->hanging) return hr;
    segment_seek(reader, survey->valid_size);
    return segment_next(reader, piece);
}

/* Lines from `limit` on were left behind, the next segment holds them again. */
static HRESULT survey_segment(struct disk_folder *folder, uint64_t segment, uint64_t limit,
                              const struct recover_own *own, struct survey *survey)
{
    struct segment_reader *reader;
    struct segment_piece piece;
    HRESULT hr;

    memset(survey, 0, sizeof *survey);
    survey->segment = survey->next = segment;
    if (FAILED(hr = segment_reader_open(folder, segment, &reader))) return hr;
    hr = survey_valid(reader, limit, own, survey, &piece);
    survey->behind.next = survey->next;
    if (hr == S_OK) {
        damage_scan_piece(&survey->behind, &piece);
        hr = damage_scan_rest(&survey->behind, reader);
        survey->size = survey->behind.size;
    }
    segment_reader_close(reader);
    if (SUCCEEDED(hr) && survey->behind.unjudged) hr = E_OUTOFMEMORY; /* not taken for damage */
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT copy_tail(struct disk_file *from, uint64_t offset, uint64_t size,
                         struct disk_file *to)
{
    char *block = malloc(LINE_MAX_SIZE);
    HRESULT hr = block ? S_OK : E_OUTOFMEMORY;

    for (uint64_t done = 0; SUCCEEDED(hr) && done < size;) {
        size_t got = 0, want = size - done < LINE_MAX_SIZE ? (size_t)(size - done) : LINE_MAX_SIZE;

        if (FAILED(hr = disk_read(from, offset + done, block, want, &got))) break;
        if (!got) hr = HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        else hr = disk_write(to, done, block, got);
        done += got;
    }
    free(block);
    return SUCCEEDED(hr) ? disk_flush(to) : hr;
}

/* Whether `copy` is the beginning of the tail: an earlier attempt at moving it came that far. */
static HRESULT is_beginning(struct disk_file *segment, const struct recovery *found,
                            struct disk_file *copy, bool *answer)
{
    char *blocks = malloc(2 * LINE_MAX_SIZE);
    HRESULT hr = blocks ? S_OK : E_OUTOFMEMORY;

    *answer = true;
    for (uint64_t done = 0; SUCCEEDED(hr) && *answer;) {
        size_t ours = 0, theirs = 0;

        if (FAILED(hr = disk_read(copy, done, blocks, LINE_MAX_SIZE, &theirs)) || !theirs) break;
        if (FAILED(hr = disk_read(segment, found->offset + done, blocks + LINE_MAX_SIZE, theirs,
                                  &ours)))
            break;
        *answer = ours == theirs && !memcmp(blocks, blocks + LINE_MAX_SIZE, ours);
        done += theirs;
    }
    free(blocks);
    return hr;
}

#define TORN_MAX 1000

static void torn_name(char out[DISK_NAME_MAX], const char *file, uint64_t offset, unsigned attempt)
{
    snprintf(out, DISK_NAME_MAX, "torn/%.20s-%" PRIu64 "-%u", file, offset, attempt);
}

/* A file in torn/ for the tail: a new one, or the one that an earlier attempt has begun. Never one
 * that holds other bytes. */
static HRESULT create_torn(struct disk_folder *folder, struct disk_file *segment,
                           struct recovery *found, struct disk_file **out)
{
    HRESULT hr = disk_make_folder(folder, "torn");
    bool ours = false;

    for (unsigned attempt = 1; SUCCEEDED(hr) && attempt <= TORN_MAX; attempt++) {
        torn_name(found->kept, found->file, found->offset, attempt);
        hr = disk_create(folder, found->kept, out);
        if (hr != HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)) return hr;
        if (FAILED(hr = disk_open(folder, found->kept, out))) return hr;
        if (FAILED(hr = is_beginning(segment, found, *out, &ours)) || ours) return hr;
        disk_close(*out);
        *out = NULL;
    }
    return FAILED(hr) ? hr : HRESULT_FROM_WIN32(ERROR_FILE_EXISTS);
}

/* Where in the segment the line after `covered` begins, of lines that are valid. */
static HRESULT find_uncovered(struct disk_folder *folder, uint64_t segment, uint64_t covered,
                              uint64_t *offset)
{
    struct segment_reader *reader;
    struct segment_piece piece;
    HRESULT hr = segment_reader_open(folder, segment, &reader);

    if (FAILED(hr)) return hr;
    for (*offset = 0; segment <= covered && (hr = segment_next(reader, &piece)) == S_OK; segment++)
        *offset = piece.offset + piece.text.size;
    segment_reader_close(reader);
    return FAILED(hr) ? hr : S_OK;
}

static HRESULT write_over_itself(struct disk_file *file, uint64_t from, uint64_t to)
{
    char *block = malloc(LINE_MAX_SIZE);
    HRESULT hr = block ? S_OK : E_OUTOFMEMORY;

    while (SUCCEEDED(hr) && from < to) {
        size_t got = 0, want = to - from < LINE_MAX_SIZE ? (size_t)(to - from) : LINE_MAX_SIZE;

        if (FAILED(hr = disk_read(file, from, block, want, &got))) break;
        hr = got ? disk_write(file, from, block, got) : HRESULT_FROM_WIN32(ERROR_INVALID_DATA);
        from += got;
    }
    free(block);
    return hr;
}

/*
 * What stands was only read, which does not mean that it is on disk: a run that was killed may have
 * written it and not flushed it, or flushed it in vain, and after a flush that failed the system
 * may take what it could not write for written. So what nothing covers is written again. The next
 * line will say that it was flushed. Segments before the last one were flushed before that was
 * begun. `end` is behind the last line that the chain goes on after.
 */
static HRESULT recover_settle(struct disk_folder *folder, uint64_t segment, uint64_t covered,
                              uint64_t end)
{
    char name[SEGMENT_NAME_SIZE + 1];
    struct disk_file *file;
    uint64_t from;
    HRESULT hr;

    segment_name(segment, name);
    if (FAILED(hr = find_uncovered(folder, segment, covered, &from))) return hr;
    if (FAILED(hr = disk_open(folder, name, &file))) return hr;
    hr = write_over_itself(file, from, end);
    if (SUCCEEDED(hr)) hr = disk_flush(file);
    disk_close(file);
    return hr;
}

/* Copy the tail aside and cut it off. Where that is refused, or the segment is `held`, it stays:
 * the chain goes on in a new segment; or, where nothing stands before the tail and the new segment
 * would have this very name, over the tail. */
static HRESULT move_tail(struct disk_folder *folder, const struct survey *torn, bool held,
                         struct recovery *out)
{
    struct recovery tail = {.offset = torn->valid_size, .bytes = torn->size - torn->valid_size};
    struct disk_file *segment = NULL, *copy = NULL;
    HRESULT hr;

    segment_name(torn->segment, tail.file);
    if (FAILED(hr = held ? disk_view(folder, tail.file, &segment)
                         : disk_open(folder, tail.file, &segment)))
        goto done;
    if (FAILED(hr = create_torn(folder, segment, &tail, &copy))) goto done;
    if (FAILED(hr = copy_tail(segment, tail.offset, tail.bytes, copy))) goto done;
    if (FAILED(hr = disk_flush_folder(folder))) goto done;
    if (!held && FAILED(disk_cut(segment, tail.offset)) && tail.offset)
        out->segment = out->segment_size = 0;
    if (!held) hr = disk_flush(segment);
    memcpy(out->kept, tail.kept, sizeof out->kept);
done:
    disk_close(copy);
    disk_close(segment);
    return hr;
}

static HRESULT recover_size_of(struct disk_folder *folder, const char *name, uint64_t *size)
{
    char *block = malloc(LINE_MAX_SIZE);
    struct disk_file *file = NULL;
    size_t got = 1;
    HRESULT hr = block ? disk_view(folder, name, &file) : E_OUTOFMEMORY;

    for (*size = 0; SUCCEEDED(hr) && got; *size += got)
        hr = disk_read(file, *size, block, LINE_MAX_SIZE, &got);
    disk_close(file);
    free(block);
    return hr;
}

/* A tail that was cut off right behind the last valid line, and the power went before
 * journal.recovered, which would stand there, was on disk. Its copy tells. */
static HRESULT find_unrecorded(struct disk_folder *folder, const struct survey *last,
                               struct recovery *out)
{
    char file[SEGMENT_NAME_SIZE + 1], name[DISK_NAME_MAX];
    uint64_t size;
    HRESULT hr = S_OK;

    segment_name(last->segment, file);
    for (unsigned attempt = 1; attempt <= TORN_MAX; attempt++) {
        torn_name(name, file, last->valid_size, attempt);
        if (FAILED(hr = recover_size_of(folder, name, &size))) break;
        out->finding = RECOVER_TORN;
        memcpy(out->file, file, sizeof file);
        out->offset = last->valid_size;
        out->sequence = last->next;
        out->bytes = size;
        memcpy(out->kept, name, sizeof name);
    }
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
                   hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND)
               ? S_OK
               : hr;
}

static void set_finding(struct recovery *out, enum recover_finding finding,
                        const struct survey *survey)
{
    out->finding = finding;
    segment_name(survey->segment, out->file);
    out->offset = survey->valid_size;
    out->sequence = survey->next;
    out->bytes = survey->size - survey->valid_size;
}

/* Damage behind which no other segment was begun: a new one goes on after the highest intact line,
 * and after the one that `head` names. */
static void find_broken_last(const struct survey *last, const struct head *head,
                             struct recovery *out)
{
    set_finding(out, RECOVER_BROKEN, last);
    if (last->behind.highest.sequence) out->head = last->behind.highest;
    if (head->line.sequence > out->head.sequence) {
        out->vouched = *head;
        out->head.sequence = head->line.sequence;
    }
    out->ended_cleanly = false;         /* how the last run ended is not known */
    out->segment = out->segment_size = 0;
}

/* No segment is there, and `head` names a line. */
static void find_all_lost(const struct head *head, struct recovery *out)
{
    out->finding = RECOVER_BROKEN;
    memcpy(out->file, HEAD_NAME, sizeof HEAD_NAME);
    out->sequence = head->line.sequence;
    out->vouched = *head;
    out->head = head->line;
    out->ended_cleanly = false;
}

/* The last segment holds no valid line, and the one before it, if there is one, too few. The chain
 * goes on in the last one, with the sequence that its name tells. */
static void find_broken_before(const struct survey *before, uint64_t last, struct recovery *out)
{
    set_finding(out, RECOVER_BROKEN, before);
    if (before->behind.highest.sequence) out->head = before->behind.highest;
    out->ended_cleanly = false;
    out->head.sequence = last - 1;
}

/* The last segment held no valid line: the head stands in one before it. `before` is the nearest. A
 * row of segments without a line is nothing that a writer leaves: behind so many of them the head
 * is lost, and journal.broken names the nearest in any case. */
static HRESULT find_head_before(struct disk_folder *folder, const struct segments_last *segments,
                                const struct recover_own *own, struct survey *before,
                                struct recovery *out)
{
    uint64_t last = segments->first[0];
    struct survey survey;
    HRESULT hr = S_OK;

    memset(before, 0, sizeof *before);
    out->ended_cleanly = last == 1;
    for (unsigned i = 1; i < segments->count; i++) {
        if (FAILED(hr = survey_segment(folder, segments->first[i], segments->first[i - 1], own,
                                       &survey)))
            break;
        if (!before->segment) *before = survey;
        if (!survey.head.sequence) continue;
        out->head = survey.head;
        out->last = survey.last;
        out->ended_cleanly = survey.ended_cleanly;
        break;
    }
    out->head.sequence =
        last - 1; /* also where those before it are gone: the name tells where we are */
    return hr;
}

static HRESULT act_on(struct disk_folder *folder, const struct survey *last,
                      const struct survey *before, const struct head *head, bool held,
                      struct recovery *out)
{
    bool torn = last->size > last->valid_size,
         short_before = before->segment && before->next != last->segment;
    HRESULT hr;

    if ((torn && last->behind.covered) || head->line.sequence >= last->next) {
        find_broken_last(last, head, out);
        return S_OK;
    }
    if (torn && FAILED(hr = move_tail(folder, last, held, out))) return hr;
    if (torn) set_finding(out, RECOVER_TORN, last);
    else if (FAILED(hr = find_unrecorded(folder, last, out))) return hr;
    if (short_before) find_broken_before(before, last->segment, out);
    else if (!out->finding && before->segment) return find_unrecorded(folder, before, out);
    return S_OK;
}

/* What the file `head` says; sequence 0: nothing. That it cannot be read keeps nobody from writing
 * on. */
static struct head vouched_for(struct disk_folder *folder, struct span source)
{
    struct head head;

    return head_read(folder, source, &head) == S_OK ? head : (struct head){.line.sequence = 0};
}

/* The line of the segment that the chain goes on after: behind damage that had been on disk it is
 * the highest intact one. */
static const struct chain_head *end_of(const struct survey *last)
{
    return last->behind.covered && last->behind.highest.sequence ? &last->behind.highest
                                                                 : &last->head;
}

/* The highest line of the survey that is known to be on disk: a segment is begun when all before it
 * is, and `head` may name the last. A line's own `flushed` is below it, so that no line covers the
 * last one. */
static uint64_t covered_by(const struct survey *last, const struct head *head)
{
    const struct chain_head *end = end_of(last);
    bool named =
        head->line.sequence == end->sequence && !memcmp(head->line.hash, end->hash, LINE_HASH_SIZE);

    return named ? end->sequence : last->flushed;
}

/* Whether somebody lets nobody write to the segment, and nobody has to: all its lines that count,
 * and there are some, are known to be on disk. */
static bool recover_is_held(struct disk_folder *folder, const struct survey *last,
                            const struct head *head)
{
    char name[SEGMENT_NAME_SIZE + 1];
    struct disk_file *file;
    HRESULT hr;

    if (!end_of(last)->sequence || covered_by(last, head) < end_of(last)->sequence) return false;
    segment_name(last->segment, name);
    hr = disk_open(folder, name, &file);
    disk_close(file);
    return hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
}

/* lines: more than any disk that failed has taken out of a journal's end */
#define JUMP_MAX 1000000000u

/* What the first line of a segment says of where it belongs. */
struct origin {
    bool known;                         /* there is such a line */
    bool same_source, same_ca;
    char previous[LINE_HASH_SIZE];
};

static HRESULT read_origin(struct disk_folder *folder, uint64_t segment, struct span source,
                           struct origin *out)
{
    struct span ours = source_ca(source), theirs;
    struct segment_reader *reader;
    struct line line;
    HRESULT hr = segment_open_first(folder, segment, &reader, &line);

    memset(out, 0, sizeof *out);
    if (hr != S_OK) return FAILED(hr) ? hr : S_OK;
    if (line.sequence == segment) {
        theirs = source_ca(line.source);
        out->known = true;
        out->same_source =
            line.source.size == source.size && !memcmp(line.source.text, source.text, source.size);
        out->same_ca = !ours.size || !theirs.size ||
                       (ours.size == theirs.size && !memcmp(ours.text, theirs.text, ours.size));
        memcpy(out->previous, line.previous.text, LINE_HASH_SIZE);
    }
    segment_reader_close(reader);
    return S_OK;
}

/* Without a line its name alone tells: the chain would have to begin there. `reached` is the last
 * line that is known to have been. */
static bool is_too_far(uint64_t segment, uint64_t reached)
{
    return segment > reached && segment - reached > JUMP_MAX;
}

/*
 * Whether the last segment is another chain's. A line of this CA on this machine is ours. Else the
 * link decides, since machines are renamed and clusters change them: what follows the line before
 * is ours. What does not is another CA's; or, of a CA of the same name, another chain's where the
 * one before is whole up to there, or `head` names its end. Else it may be ours behind damage, and
 * stays.
 */
static HRESULT is_foreign(struct disk_folder *folder, const struct segments_last *segments,
                          struct span source, const struct head *head, bool *answer)
{
    uint64_t last = segments->first[0];
    struct survey before = {0};
    struct origin origin;
    HRESULT hr = read_origin(folder, last, source, &origin);

    *answer = SUCCEEDED(hr) && last > UINT64_MAX - JUMP_MAX;
    if (FAILED(hr) || *answer || (origin.known && origin.same_source)) return hr;
    if (segments->count > 1 &&
        FAILED(hr = survey_segment(folder, segments->first[1], last, NULL, &before)))
        return hr;
    if (!origin.known)
        *answer =
            is_too_far(last, before.next > head->line.sequence ? before.next : head->line.sequence);
    else if (!before.head.sequence) *answer = !origin.same_ca;
    else if (before.next == last)
        *answer = memcmp(before.head.hash, origin.previous, LINE_HASH_SIZE) != 0;
    else
        *answer = !origin.same_ca || (before.head.sequence == head->line.sequence &&
                                      !memcmp(before.head.hash, head->line.hash, LINE_HASH_SIZE));
    return S_OK;
}

/* The last segments, once those that are not of this chain are out of the way. */
static HRESULT find_ours(struct disk_folder *folder, struct span source, const struct head *head,
                         struct segments_last *segments, struct recovery *out)
{
    char name[SEGMENT_NAME_SIZE + 1];
    bool foreign = true;
    HRESULT hr = segment_find_last(folder, segments);

    while (out->foreign.count < RECOVER_FOREIGN_MAX && SUCCEEDED(hr) && segments->count) {
        if (FAILED(hr = is_foreign(folder, segments, source, head, &foreign)) || !foreign) break;
        segment_name(segments->first[0], name);
        hr = aside_move(folder, name, out->foreign.kept[out->foreign.count]);
        if (*out->foreign.kept[out->foreign.count]) out->foreign.count++;
        if (SUCCEEDED(hr)) hr = segment_find_last(folder, segments);
    }
    return hr;
}

/* What the last valid line has for its source, where that is not ours. One that is longer than any
 * writer makes it is left out. */
static HRESULT read_source(struct disk_folder *folder, struct span ours, struct recovery *out)
{
    struct segment_reader *reader;
    struct segment_piece piece;
    struct line line;
    HRESULT hr;

    if (!out->last.segment) return S_OK;
    if (FAILED(hr = segment_reader_open(folder, out->last.segment, &reader))) return hr;
    segment_seek(reader, out->last.offset);
    hr = segment_next(reader, &piece);
    if (hr == S_OK && line_read(piece.text.text, piece.text.size, &line) == LINE_OK &&
        line.source.size <= LINE_SOURCE_MAX &&
        (line.source.size != ours.size || memcmp(line.source.text, ours.text, ours.size)))
        memcpy(out->source, line.source.text, line.source.size);
    segment_reader_close(reader);
    return FAILED(hr) ? hr : S_OK;
}

/* All that is known of the chain while its end is looked for: much for a thread of an unknown
 * stack. */
struct search {
    struct head head;
    struct survey last, before;
    struct segments_last segments;
};

static HRESULT find_end(struct disk_folder *folder, struct span source,
                        const struct recover_own *own, struct search *search, struct recovery *out)
{
    struct survey *last = &search->last;
    uint64_t segment, end;
    bool held;
    HRESULT hr;

    out->segment = segment = search->segments.first[0];
    if (FAILED(hr = survey_segment(folder, segment, UINT64_MAX, own, last))) return hr;
    out->segment_size = last->valid_size;
    out->head = last->head;
    out->last = last->last;
    out->ended_cleanly = last->ended_cleanly;
    if (!last->head.sequence) {
        memcpy(out->head.hash, line_no_hash, sizeof line_no_hash);
        if (FAILED(hr = find_head_before(folder, &search->segments, own, &search->before, out)))
            return hr;
    }
    if (FAILED(hr = read_source(folder, source, out))) return hr;
    held = recover_is_held(folder, last, &search->head);
    if (FAILED(hr = act_on(folder, last, &search->before, &search->head, held, out))) return hr;
    end = out->finding == RECOVER_BROKEN && !out->segment ? last->size : last->valid_size;
    if (held || last->hanging)
        out->segment = out->segment_size =
            0; /* hanging: a flush must not acknowledge what one before it failed to */
    if (!held && FAILED(hr = recover_settle(folder, segment, covered_by(last, &search->head), end)))
        return hr;
    return disk_flush_folder(folder);
}

HRESULT recover_chain(struct disk_folder *folder, struct span source, const struct recover_own *own,
                      struct recovery *out)
{
    struct search *search = calloc(1, sizeof *search);
    HRESULT hr = search ? S_OK : E_OUTOFMEMORY;

    memset(out, 0, sizeof *out);
    memcpy(out->head.hash, line_no_hash, sizeof line_no_hash);
    out->ended_cleanly = true;
    if (search) search->head = vouched_for(folder, source);
    if (SUCCEEDED(hr)) hr = find_ours(folder, source, &search->head, &search->segments, out);
    if (SUCCEEDED(hr) && search->segments.count) hr = find_end(folder, source, own, search, out);
    else if (SUCCEEDED(hr) && search->head.line.sequence) find_all_lost(&search->head, out);
    free(search);
    return hr;
}
