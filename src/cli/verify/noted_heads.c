#include "noted_heads.h"

#include "base/digits.h"
#include "journal/journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void noted_heads_free(struct noted_heads *heads)
{
    free(heads->heads);
    *heads = (struct noted_heads){0};
}

static void noted_heads_add(struct noted_heads *heads, uint64_t sequence, const char *digits)
{
    struct noted_head *head, *grown;

    if (heads->count == heads->room) {
        size_t room = heads->room ? 2 * heads->room : 64;

        if (room > NOTED_HEADS_MAX || !(grown = realloc(heads->heads, room * sizeof *grown))) {
            heads->failed = true;
            return;
        }
        heads->heads = grown;
        heads->room = room;
    }
    head = &heads->heads[heads->count++];
    *head = (struct noted_head){.sequence = sequence};
    for (int i = 0; i < 32; i++)
        head->hash[i] = (uint8_t)digits_hex_byte(digits + 2 * i);
}

#define BETWEEN_MAX 16
/* digits of a hash before a line break; "10:30" at the end of a line is the beginning of none */
#define BROKEN_LEAST 8

/* Looks for heads in a text that comes byte by byte. */
struct scan {
    enum { OUTSIDE, IN_NUMBER, BETWEEN, IN_HASH } state;
    bool in_word;                       /* outside: the byte before was a letter or digit */
    bool broken;                        /* in the hash: a line has ended */
    uint64_t number;
    unsigned digits, hash_size, between_size;
    char between[BETWEEN_MAX], hash[LINE_HASH_SIZE];
    size_t found;
    struct noted_heads *heads;
};

static bool is_word(int c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void outside(struct scan *scan, int c)
{
    bool begins = !scan->in_word && c >= '0' && c <= '9';

    scan->state = begins ? IN_NUMBER : OUTSIDE;
    scan->number = begins ? (uint64_t)(c - '0') : 0;
    scan->digits = 1;
    scan->in_word = is_word(c);
}

static void in_number(struct scan *scan, int c)
{
    if (c >= '0' && c <= '9' && ++scan->digits <= 20 &&
        scan->number <= (UINT64_MAX - (uint64_t)(c - '0')) / 10) {
        scan->number = scan->number * 10 + (uint64_t)(c - '0');
        return;
    }
    scan->in_word = true;
    if (is_word(c)) {
        outside(scan, c);
        return;
    }
    scan->state = BETWEEN;
    scan->between_size = 0;
}

/* What stands between number and hash, white space left out: whether it is, or begins, one of the
 * forms. */
static bool is_between(const struct scan *scan, bool whole)
{
    static const char *const forms[] = {":", ",hash", "</data><data>"};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t size = strlen(forms[i]);

        if ((whole ? scan->between_size == size : scan->between_size <= size) &&
            !memcmp(scan->between, forms[i], scan->between_size))
            return true;
    }
    return false;
}

static void between(struct scan *scan, int c)
{
    if (is_space(c)) return;
    if (digits_hex_value(c) >= 0 && is_between(scan, true)) {
        scan->state = IN_HASH;
        scan->hash[0] = (char)c;
        scan->hash_size = 1;
        scan->broken = false;
        return;
    }
    if (scan->between_size < BETWEEN_MAX)
        scan->between[scan->between_size++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
    if (is_between(scan, false)) return;
    scan->in_word = false;
    outside(scan, c);
}

static void end_of_hash(struct scan *scan)
{
    if (scan->state != IN_HASH || scan->hash_size != LINE_HASH_SIZE) return;
    noted_heads_add(scan->heads, scan->number, scan->hash);
    scan->found++;
}

static void in_hash(struct scan *scan, int c)
{
    bool whole = scan->hash_size == LINE_HASH_SIZE;

    if (!whole && digits_hex_value(c) >= 0) {
        scan->hash[scan->hash_size++] = (char)c;
        return;
    }
    if (!whole && scan->hash_size >= BROKEN_LEAST &&
        (c == '\r' || c == '\n' || (is_space(c) && scan->broken))) {
        scan->broken = true;
        return;
    }
    if (!is_word(c)) end_of_hash(scan);
    scan->in_word = !is_space(c) && is_word(c);
    outside(scan, c);
}

static void scan_bytes(struct scan *scan, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int c = (unsigned char)text[i];

        if (!c) continue;               /* half of an ASCII character in UTF-16 */
        switch (scan->state) {
        case OUTSIDE:   outside(scan, c); break;
        case IN_NUMBER: in_number(scan, c); if (scan->state == BETWEEN) between(scan, c); break;
        case BETWEEN:   between(scan, c); break;
        case IN_HASH:   in_hash(scan, c); break;
        }
    }
}

size_t noted_heads_add_text(struct noted_heads *heads, const char *text, size_t size)
{
    struct scan scan = {.heads = heads};

    scan_bytes(&scan, text, size);
    end_of_hash(&scan);
    return scan.found;
}

size_t noted_heads_add_file(struct noted_heads *heads, FILE *file)
{
    struct scan scan = {.heads = heads};
    char block[16384];
    uint64_t left = NOTED_HEADS_FILE_MAX;
    size_t got;

    for (; !heads->failed && left && (got = fread(block, 1, sizeof block, file));
         left -= got < left ? got : left)
        scan_bytes(&scan, block, got);
    heads->failed |= !left;
    end_of_hash(&scan);
    return scan.found;
}

static int noted_heads_compare(const void *a, const void *b)
{
    const struct noted_head *one = a, *other = b;

    if (one->sequence != other->sequence) return one->sequence < other->sequence ? -1 : 1;
    return memcmp(one->hash, other->hash, sizeof one->hash);
}

void noted_heads_sort(struct noted_heads *heads)
{
    size_t kept = 0;

    if (heads->count) qsort(heads->heads, heads->count, sizeof *heads->heads, noted_heads_compare);
    for (size_t i = 0; i < heads->count; i++)
        if (!kept || noted_heads_compare(&heads->heads[i], &heads->heads[kept - 1]))
            heads->heads[kept++] = heads->heads[i];
    heads->count = kept;
}

static bool has_hash(const struct noted_head *head, struct span hash)
{
    for (size_t i = 0; i < sizeof head->hash; i++)
        if (head->hash[i] != digits_hex_byte(hash.text + 2 * i))
            return false;
    return true;
}

/* The lines before this one, back to the last that came, will not come. What it names is the line
 * before it, except where it is journal.broken, which goes on after the highest line that was
 * intact. */
static enum head_state state_by(const struct noted_head *head, const struct line *line)
{
    if (head->sequence == line->sequence)
        return has_hash(head, line->hash) ? HEAD_PROVEN : HEAD_CONTRADICTED;
    if (head->sequence + 1 == line->sequence && has_hash(head, line->previous)) return HEAD_LINKED;
    if (head->state == HEAD_ASIDE || head->state == HEAD_OTHER_ASIDE) return head->state;
    return head->sequence + 1 == line->sequence && !span_is(line->type, JOURNAL_BROKEN)
               ? HEAD_CONTRADICTED
               : HEAD_GONE;
}

bool noted_heads_meet_aside(struct noted_heads *heads, const struct line *line)
{
    size_t low = heads->next, high = heads->count;
    bool met = false;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (heads->heads[middle].sequence < line->sequence) low = middle + 1;
        else high = middle;
    }
    for (; low < heads->count && heads->heads[low].sequence == line->sequence; low++) {
        struct noted_head *head = &heads->heads[low];

        if (has_hash(head, line->hash)) met = true, head->state = HEAD_ASIDE;
        else if (head->state == HEAD_WAITS) head->state = HEAD_OTHER_ASIDE;
    }
    return met;
}

void noted_heads_meet(struct noted_heads *heads, const struct line *line,
                      void (*told)(void *, const struct noted_head *), void *context)
{
    if (line->sequence <= heads->last)
        while (heads->next && heads->heads[heads->next - 1].sequence >= line->sequence)
            heads->next--;
    heads->last = line->sequence;
    for (; heads->next < heads->count && heads->heads[heads->next].sequence <= line->sequence;
         heads->next++) {
        struct noted_head *head = &heads->heads[heads->next];

        head->state = state_by(head, line);
        told(context, head);
    }
}

void noted_head_text(const struct noted_head *head, char out[NOTED_HEAD_TEXT])
{
    int size = snprintf(out, NOTED_HEAD_TEXT, "%" PRIu64 ":", head->sequence);

    for (int i = 0; i < 32; i++) size += snprintf(out + size, 3, "%02x", head->hash[i]);
}
