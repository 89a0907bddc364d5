/*
 * Two walks over the same values: the first measures what each becomes, the second writes it.
 * Values that hold others are numbered in the order in which they begin, so that the second walk
 * finds what the first one noted.
 */
#include "ber.h"
#include "cms.h"

#include <stdlib.h>
#include <string.h>

/* A value that holds others, or is in pieces. */
struct holder {
    const unsigned char *at;
    size_t content; /* bytes of what it becomes, without tag and length */
    uint32_t next;  /* number of the first holder behind it */
    bool changed;   /* it or something in it is written otherwise than it stands */
    bool opened;    /* an OCTET STRING whose content is taken apart */
};

struct walk {
    const unsigned char *first; /* where BER first shows; NULL: nowhere */
    struct holder *holders;
    uint32_t count, room; /* in the second walk, `count` is the number of the next */
    uint32_t total;       /* of the second walk: how many the first one left */
    unsigned char *out;   /* of the second walk */
    bool failed;
};

/* Tag and length of a value. */
struct head {
    const unsigned char *at, *content;
    size_t tag_size, size; /* of the content, unless it is indefinite */
    unsigned char tag;     /* the first byte of it */
    bool constructed, indefinite;
};

static bool read_head(const unsigned char *at, const unsigned char *end, struct head *head)
{
    const unsigned char *first = at;
    size_t count, size = 0;

    if (end - at < 2 || !*at) return false;
    *head = (struct head){.at = at, .tag = *at, .constructed = *at & 0x20};
    if ((*at++ & 0x1F) == 0x1F)
        while (at < end && *at++ & 0x80) {
        }
    head->tag_size = (size_t)(at - first);
    if (at == end || *at == 0xFF) return false;
    count = *at & 0x80 ? *at & 0x7F : 0;
    head->indefinite = *at == 0x80;
    if (!(*at & 0x80)) size = *at;
    if (++at, count > (size_t)(end - at)) return false;
    for (; count--; at++) {
        if (size > SIZE_MAX >> 9) return false;
        size = size << 8 | *at;
    }
    head->content = at;
    head->size = size;
    return head->indefinite ? head->constructed : size <= (size_t)(end - at);
}

static bool ber_is_end(const unsigned char *at, const unsigned char *end)
{
    return end - at >= 2 && !at[0] && !at[1];
}

/* Of the universal types, a string that is constructed stands in pieces. */
static bool is_in_pieces(const struct head *head)
{
    const uint32_t holding = 1u << 0x10 | 1u << 0x11 | 1u << 0x08 | 1u << 0x0B | 1u << 0x1D;

    return head->constructed && !(head->tag & 0xC0) && (head->tag & 0x1F) != 0x1F &&
           !(holding >> (head->tag & 0x1F) & 1);
}

static size_t length_size(size_t content)
{
    size_t size = 1;

    if (content >= 0x80)
        for (; content; content >>= 8) size++;
    return size;
}

static bool add_holder(struct walk *walk, const unsigned char *at, uint32_t *number)
{
    struct holder *more;
    uint32_t room;

    if (walk->count == walk->room) {
        room = walk->room ? walk->room * 2 : 64;
        if (room > BER_VALUES_MAX || !(more = realloc(walk->holders, room * sizeof *more))) {
            walk->failed = true;
            return false;
        }
        walk->holders = more;
        walk->room = room;
    }
    *number = walk->count++;
    walk->holders[*number] = (struct holder){.at = at};
    return true;
}

static void ber_note(struct walk *walk, const unsigned char *at)
{
    if (!walk->first) walk->first = at;
}

/*
 * The contents of pieces, which are strings of the type or OCTET STRINGs, and may themselves be in
 * pieces: added up in
 * `*size`, and copied to `*out` unless that is NULL. Of a BIT STRING, each piece begins with its
 * count of unused bits, of which the last one's counts; `*unused` is that. Moves `*at` behind them.
 */
static bool ber_join(const struct head *whole, const unsigned char **at, const unsigned char *end,
                 unsigned depth, unsigned char **out, size_t *size, unsigned char *unused)
{
    bool is_bits = (whole->tag & 0x1F) == DER_BIT_STRING;
    const unsigned char *limit = whole->indefinite ? end : whole->content + whole->size;
    struct head piece;
    size_t skip = is_bits;

    if (depth == BER_DEPTH_MAX) return false;
    for (*at = whole->content; whole->indefinite ? !ber_is_end(*at, limit) : *at < limit;) {
        if (!read_head(*at, limit, &piece)) return false;
        if ((piece.tag & 0xDF) != (whole->tag & 0xDF) &&
            (is_bits || (piece.tag & 0xDF) != DER_OCTET_STRING))
            return false;
        if (piece.constructed) {
            if (!ber_join(&piece, at, limit, depth + 1, out, size, unused)) return false;
            continue;
        }
        *at = piece.content + piece.size;
        if (piece.size < skip || (is_bits && *unused))
            return false; /* bits unused in the midst of it */
        if (is_bits) *unused = piece.content[0];
        *size += piece.size - skip;
        if (out && piece.size > skip)
            memcpy(*out, piece.content + skip, piece.size - skip), *out += piece.size - skip;
    }
    if (whole->indefinite) *at += 2;
    return true;
}

static bool ber_measure(struct walk *walk, const unsigned char **at, const unsigned char *end,
                    unsigned depth, bool is_content, size_t *size, bool *changed);

static bool measure_pieces(struct walk *walk, const struct head *head, const unsigned char **at,
                           const unsigned char *end, unsigned depth, struct holder *holder)
{
    size_t size = (head->tag & 0x1F) == DER_BIT_STRING; /* for the count of unused bits */
    unsigned char unused = 0;

    ber_note(walk, head->at);
    holder->changed = true;
    if (!ber_join(head, at, end, depth, NULL, &size, &unused)) return false;
    holder->content = size;
    return true;
}

/* What a holder has in it, up to `limit` or to what ends an indefinite length. */
static bool measure_inside(struct walk *walk, const struct head *head, const unsigned char **at,
                           const unsigned char *limit, unsigned depth, uint32_t number)
{
    size_t sum = 0, size;
    bool changed = head->indefinite, each;

    if (head->indefinite) ber_note(walk, head->at);
    for (*at = head->content; head->indefinite ? !ber_is_end(*at, limit) : *at < limit;
         sum += size, changed |= each) {
        if (!ber_measure(walk, at, limit, depth + 1, head->tag == 0xA0, &size, &each)) return false;
    }
    if (head->indefinite) *at += 2;
    walk->holders[number].content = sum;
    walk->holders[number].changed = changed;
    walk->holders[number].next = walk->count;
    return true;
}

/* The OCTET STRING that is CMS's content may hold BER of its own: one value, which is a SEQUENCE.
 */
static bool measure_content(struct walk *walk, const struct head *head, unsigned depth,
                            uint32_t *number)
{
    const unsigned char *at, *limit = head->content + head->size, *first = walk->first;
    uint32_t count = walk->count;

    if (head->tag != DER_OCTET_STRING || head->size < 2 || head->content[0] != DER_SEQUENCE)
        return false;
    if (add_holder(walk, head->at, number) &&
        measure_inside(walk, head, &at, limit, depth, *number) && walk->holders[*number].changed) {
        walk->holders[*number].opened = true;
        return true;
    }
    walk->count = count; /* it is not, and stays what it is */
    walk->first = first;
    return false;
}

/* The first walk: what the value at `*at` becomes, behind which `*at` moves. */
static bool ber_measure(struct walk *walk, const unsigned char **at, const unsigned char *end,
                    unsigned depth, bool is_content, size_t *size, bool *changed)
{
    struct holder holder = {0};
    struct head head;
    uint32_t number;
    bool ok = true;

    if (walk->failed || depth == BER_DEPTH_MAX || !read_head(*at, end, &head)) return false;
    *at = head.content + head.size;
    *changed = false;
    *size = (size_t)(*at - head.at);
    if (!head.constructed) {
        if (!is_content || !measure_content(walk, &head, depth, &number)) return true;
        holder = walk->holders[number];
    } else {
        if (!add_holder(walk, head.at, &number)) return false;
        if (is_in_pieces(&head)) {
            ok = measure_pieces(walk, &head, at, end, depth, &holder);
            holder.at = head.at;
            holder.next = walk->count;
            walk->holders[number] = holder;
        } else {
            ok = measure_inside(walk, &head, at, head.indefinite ? end : *at, depth, number);
            holder = walk->holders[number];
        }
    }
    *changed = holder.changed;
    if (holder.changed) *size = head.tag_size + length_size(holder.content) + holder.content;
    return ok;
}

static void ber_put_head(struct walk *walk, const struct head *head, bool is_pieces, size_t content)
{
    size_t count = length_size(content);

    memcpy(walk->out, head->at, head->tag_size);
    if (is_pieces) *walk->out &= 0xDF;
    walk->out += head->tag_size;
    if (count == 1) *walk->out++ = (unsigned char)content;
    else {
        *walk->out++ = (unsigned char)(0x80 | (count - 1));
        while (--count) *walk->out++ = (unsigned char)(content >> 8 * (count - 1));
    }
}

static void put_pieces(struct walk *walk, const struct head *head, const unsigned char **at,
                       const unsigned char *end)
{
    unsigned char *unused_at = NULL, unused = 0;
    size_t size = 0;

    if ((head->tag & 0x1F) == DER_BIT_STRING) unused_at = walk->out++;
    ber_join(head, at, end, 0, &walk->out, &size, &unused);
    if (unused_at) *unused_at = unused;
}

/* Whether the first walk opened the OCTET STRING that is the next holder. */
static bool is_opened(const struct walk *walk, const struct head *head, bool is_content)
{
    const struct holder *holder = walk->count < walk->total ? &walk->holders[walk->count] : NULL;

    return is_content && holder && holder->at == head->at && holder->opened;
}

/* The second walk. */
static void ber_put(struct walk *walk, const unsigned char **at, const unsigned char *end,
                bool is_content)
{
    const struct holder *holder;
    struct head head;

    read_head(*at, end, &head);
    if (!head.constructed && !is_opened(walk, &head, is_content)) {
        *at = head.content + head.size;
        memcpy(walk->out, head.at, (size_t)(*at - head.at));
        walk->out += *at - head.at;
        return;
    }
    holder = &walk->holders[walk->count];
    if (!holder->changed) {
        walk->count = holder->next;
        *at = head.content + head.size;
        memcpy(walk->out, head.at, (size_t)(*at - head.at));
        walk->out += *at - head.at;
        return;
    }
    walk->count++;
    ber_put_head(walk, &head, is_in_pieces(&head), holder->content);
    if (is_in_pieces(&head)) {
        put_pieces(walk, &head, at, end);
        return;
    }
    const unsigned char *limit = head.indefinite ? end : head.content + head.size;

    for (*at = head.content; head.indefinite ? !ber_is_end(*at, limit) : *at < limit;)
        ber_put(walk, at, limit, head.tag == 0xA0);
    if (head.indefinite) *at += 2;
}

/* One pass. NULL: nothing in it is BER, or it cannot be done. */
static unsigned char *convert(const unsigned char *data, size_t size, size_t *becomes,
                              size_t *first)
{
    const unsigned char *at = data, *end = data + size;
    unsigned char *out = NULL;
    struct walk walk = {0};
    size_t measured;
    bool changed;

    if (!ber_measure(&walk, &at, end, 0, false, &measured, &changed) || !changed) goto done;
    *becomes = measured + (size_t)(end - at);
    if (!(out = malloc(*becomes))) goto done;
    *first = (size_t)(walk.first - data);
    walk.total = walk.count;
    walk.count = 0;
    walk.out = out;
    at = data;
    ber_put(&walk, &at, end, false);
    memcpy(out + measured, at, (size_t)(end - at));
done:
    free(walk.holders);
    return out;
}

/* What was in pieces may hold BER in turn, once it is whole: a pass for each that stands in
 * another. */
unsigned char *ber_to_der(const void *data, size_t size, size_t *becomes, size_t *at)
{
    unsigned char *out, *next;
    size_t next_size, first;

    if (!size || !(out = convert(data, size, becomes, at))) return NULL;
    for (int pass = 0; pass < CMS_NESTED_MAX && (next = convert(out, *becomes, &next_size, &first));
         pass++) {
        free(out);
        out = next;
        *becomes = next_size;
    }
    return out;
}
