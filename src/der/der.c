/* The cursor behind der.h: tags, lengths, levels, and the sentences for what is refused. */
#include "der.h"

#include <stdio.h>
#include <string.h>

bool der_refuse(struct der *der, enum der_error error, const char *what, const unsigned char *at)
{
    struct der_fault *fault = der->fault;

    if (fault->error) return false;             /* the first one stays */
    *fault = (struct der_fault){.error = error, .what = what, .offset = (size_t)(at - der->start)};
    return false;
}

struct der_remarks der_borne;

void der_remarks_begin(struct der_remarks *remarks, const void *data, size_t size)
{
    *remarks = (struct der_remarks){.start = data, .size = size};
}

size_t der_remarks_listed(const struct der_remarks *remarks)
{
    return remarks->count < DER_REMARKS_MAX ? remarks->count : DER_REMARKS_MAX;
}

/* Where in what the remarks are about; of bytes that do not lie there, from the start of what is
 * being read. */
static size_t der_offset_of(const struct der *der, const unsigned char *at)
{
    uintptr_t start = (uintptr_t)der->remarks->start, here = (uintptr_t)at;

    if (start && here >= start && here - start <= der->remarks->size) return here - start;
    return (size_t)(at - der->start);
}

void der_remark(struct der *der, enum der_error error, const char *what, const unsigned char *at)
{
    struct der_remarks *remarks = der->remarks;
    struct der_remark *last;
    size_t offset;

    if (!remarks || remarks == DER_BORNE || der->fault->error) return;
    offset = der_offset_of(der, at);
    last = remarks->count && remarks->count <= DER_REMARKS_MAX ? &remarks->list[remarks->count - 1]
                                                               : NULL;
    if (last && last->error == error && last->offset == offset) return;     /* looked at twice */
    if (remarks->count < DER_REMARKS_MAX)
        remarks->list[remarks->count] = (struct der_remark){error, what, offset};
    remarks->count++;
}

bool der_odd(struct der *der, enum der_error error, const char *what, const unsigned char *at)
{
    if (!der->remarks) return der_refuse(der, error, what, at);
    der_remark(der, error, what, at);
    return !der->fault->error;
}

void der_begin(struct der *der, struct der_fault *fault, const void *data, size_t size)
{
    der_begin_with(der, fault, NULL, data, size);
}

void der_begin_with(struct der *der, struct der_fault *fault, struct der_remarks *remarks,
                    const void *data, size_t size)
{
    static const unsigned char
        nothing[1]; /* so that pointers may be compared and subtracted even where data is NULL */

    *fault = (struct der_fault){0};
    *der = (struct der){.fault = fault, .remarks = remarks};
    der->start = der->at = data ? data : nothing;
    der->end = der->at + (data ? size : 0);
}

/* The number of a tag in the long form, base 128 and big-endian behind the identifier byte. */
static bool read_long_tag(struct der *der, const char *what, const unsigned char **at,
                          uint32_t *tag)
{
    const unsigned char *first = *at;
    uint32_t number = 0;

    for (;;) {
        if (*at == der->end) return der_refuse(der, DER_E_TAG_CUT, what, *at);
        if (number > DER_TAG_NUMBER_MAX >> 7)
            return der_refuse(der, DER_E_TAG_TOO_LARGE, what, first);
        number = number << 7 | (**at & 0x7F);
        if (!number && !der_odd(der, DER_E_TAG_PADDED, what, first)) return false;
        if (!(*(*at)++ & 0x80)) break;
    }
    if (number < 0x1F) {                        /* the short form would do, and is what it means */
        *tag = (*tag & ~0x1Fu) | number;
        return der_odd(der, DER_E_TAG_PADDED, what, first);
    }
    *tag |= number << 8;
    return true;
}

/* Of the universal types, SEQUENCE and SET (and the three that are sequences by another name:
 * EXTERNAL, EMBEDDED PDV and CHARACTER STRING) are constructed, and in DER no other is. */
static bool form_is_right(uint32_t tag)
{
    const uint32_t constructed = 1u << 0x10 | 1u << 0x11 | 1u << 0x08 | 1u << 0x0B | 1u << 0x1D;

    if (tag > 0xFF || tag & 0xC0) return true;  /* not universal: either may be right */
    return !!(tag & 0x20) == (constructed >> (tag & 0x1F) & 1);
}

static bool read_tag(struct der *der, const char *what, const unsigned char **at, uint32_t *tag)
{
    const unsigned char *first = *at;

    if (first == der->end) return der_refuse(der, DER_E_MISSING, what, first);
    *tag = *(*at)++;
    if (!*tag) return der_refuse(der, DER_E_TAG_RESERVED, what, first);
    return (*tag & 0x1F) != 0x1F || read_long_tag(der, what, at, tag);
}

static bool read_length(struct der *der, const char *what, const unsigned char **at, size_t *length)
{
    const unsigned char *first = *at;
    unsigned count;

    *length = 0;
    if (first == der->end) return der_refuse(der, DER_E_LENGTH_CUT, what, first);
    count = *(*at)++;
    if (count < 0x80) {
        *length = count;
        return true;
    }
    if (count == 0x80) return der_refuse(der, DER_E_LENGTH_INDEFINITE, what, first);
    if (count == 0xFF) return der_refuse(der, DER_E_LENGTH_RESERVED, what, first);
    count -= 0x80;
    if (count > (size_t)(der->end - *at)) return der_refuse(der, DER_E_LENGTH_CUT, what, der->end);
    if (!**at && !der_odd(der, DER_E_LENGTH_PADDED, what, first)) return false;
    while (count && !**at) count--, ++*at;      /* zeros in front, where they are borne */
    if (count > 4) return der_refuse(der, DER_E_LENGTH_TOO_LARGE, what, first);
    while (count--) *length = *length << 8 | *(*at)++;
    return *length >= 0x80 || der_odd(der, DER_E_LENGTH_PADDED, what, first);
}

/* Elements of a SET OF ascend as strings of bytes, equal ones allowed; the shorter one counts as if
 * zeros followed (X.690, 11.6), which never comes to bear: no element's encoding is the beginning
 * of another's. */
static bool in_order(struct der_bytes before, struct der_bytes now)
{
    size_t size = before.size < now.size ? before.size : now.size;

    return memcmp(before.data, now.data, size) <= 0;
}

/* Tag and length at the cursor, which stays where it is. */
static bool der_peek(struct der *der, const char *what, struct der_value *value)
{
    const unsigned char *at = der->at;
    struct der_value got;
    size_t length;

    *value = (struct der_value){0};
    if (der->fault->error || !read_tag(der, what, &at, &got.tag)) return false;
    if (!form_is_right(got.tag)) return der_refuse(der, DER_E_FORM, what, der->at);
    const unsigned char *length_at = at;
    if (!read_length(der, what, &at, &length)) return false;
    if (length > (size_t)(der->end - at)) return der_refuse(der, DER_E_PAST_END, what, length_at);
    got.content = (struct der_bytes){at, length};
    got.whole = (struct der_bytes){der->at, (size_t)(at - der->at) + length};
    if (der->ordered && der->previous.size && !in_order(der->previous, got.whole)
        && !der_odd(der, DER_E_SET_ORDER, what, der->at))
        return false;
    *value = got;
    return true;
}

static void pass(struct der *der, const struct der_value *value)
{
    der->previous = value->whole;
    der->at = value->whole.data + value->whole.size;
}

bool der_any(struct der *der, const char *what, struct der_value *value)
{
    if (!der_peek(der, what, value)) return false;
    pass(der, value);
    return true;
}

/* A wrong tag is told before anything that is wrong with the length: it is the likelier mistake,
 * and comes first. */
static bool has_tag(struct der *der, const char *what, uint32_t tag)
{
    const unsigned char *at = der->at;
    uint32_t got;

    if (der->fault->error || !read_tag(der, what, &at, &got)) return false;
    if (got == tag) return true;
    if (got == (tag ^ 0x20) && !form_is_right(got))
        return der_refuse(der, DER_E_FORM, what, der->at);
    der_refuse(der, DER_E_TAG, what, der->at);
    der->fault->tag = got;
    der->fault->wanted = tag;
    return false;
}

bool der_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *content)
{
    struct der_value value = {0};
    bool ok = has_tag(der, what, tag) && der_any(der, what, &value);

    if (content) *content = value.content;
    return ok;
}

static bool enter(struct der *der, const char *what, uint32_t tag, bool ordered, struct der *inside)
{
    struct der_value value;

    *inside = *der;
    inside->end = inside->at;                   /* nothing to read, should this fail */
    if (!has_tag(der, what, tag) || !der_peek(der, what, &value)) return false;
    if (der->depth == DER_DEPTH_MAX) return der_refuse(der, DER_E_DEPTH, what, der->at);
    inside->at = value.content.data;
    inside->end = value.content.data + value.content.size;
    inside->depth = der->depth + 1;
    inside->ordered = ordered;
    inside->previous = (struct der_bytes){0};
    pass(der, &value);
    return true;
}

bool der_enter(struct der *der, const char *what, uint32_t tag, struct der *inside)
{
    return enter(der, what, tag, tag == DER_SET, inside);
}

bool der_enter_set(struct der *der, const char *what, uint32_t tag, struct der *inside)
{
    return enter(der, what, tag, true, inside);
}

bool der_enter_unordered(struct der *der, const char *what, uint32_t tag, struct der *inside)
{
    return enter(der, what, tag, false, inside);
}

bool der_more(const struct der *der)
{
    return !der->fault->error && der->at != der->end;
}

bool der_next_is(const struct der *der, uint32_t tag)
{
    struct der_fault fault = {0};
    struct der look = *der;

    look.fault = &fault; /* what is wrong with it, the real reading will tell */
    if (look.remarks) look.remarks = DER_BORNE;
    return der_more(der) && has_tag(&look, "", tag);
}

bool der_end(struct der *der, const char *what)
{
    if (der->fault->error) return false;
    return der->at == der->end || der_odd(der, DER_E_TRAILING, what, der->at);
}

struct der_bytes der_rest(const struct der *der)
{
    return (struct der_bytes){der->at, (size_t)(der->end - der->at)};
}

bool der_same(struct der_bytes a, struct der_bytes b)
{
    if (a.size != b.size) return false;
    return !a.size ||           /* OIDs differ at their end */
           (a.data[a.size - 1] == b.data[b.size - 1] && !memcmp(a.data, b.data, a.size));
}

/* One %s in each: what was being read. */
static const char *const sentences[DER_E_COUNT] = {
    [DER_OK] = "nothing is wrong",
    [DER_E_MISSING] = "the %s is missing",
    [DER_E_TAG] = "the %s has another tag",
    [DER_E_TAG_CUT] = "the tag of the %s runs past the end",
    [DER_E_TAG_PADDED] = "the tag of the %s takes more bytes than it needs",
    [DER_E_TAG_TOO_LARGE] = "the tag of the %s is too large",
    [DER_E_TAG_RESERVED] = "the %s has the reserved tag 00",
    [DER_E_FORM] = "the %s is in pieces, or whole, where DER has it the other way",
    [DER_E_LENGTH_CUT] = "the length of the %s is cut off",
    [DER_E_LENGTH_INDEFINITE] = "the length of the %s is indefinite",
    [DER_E_LENGTH_RESERVED] = "the length of the %s begins with the reserved byte FF",
    [DER_E_LENGTH_PADDED] = "the length of the %s takes more bytes than it needs",
    [DER_E_LENGTH_TOO_LARGE] = "the length of the %s is too large",
    [DER_E_PAST_END] = "the length of the %s runs past the end",
    [DER_E_TRAILING] = "bytes follow the %s",
    [DER_E_DEPTH] = "the %s is nested too deeply",
    [DER_E_SET_ORDER] = "the %s stands out of order in its set",
    [DER_E_EMPTY] = "the %s is empty",
    [DER_E_TOO_MANY] = "the %s has too many elements",
    [DER_E_REPEATED] = "the %s stands there twice",
    [DER_E_DEFAULT] = "the %s is written out although it is the default",
    [DER_E_BOOLEAN] = "the %s is neither 00 nor FF",
    [DER_E_NULL] = "the %s is not empty",
    [DER_E_INTEGER_EMPTY] = "the %s is a number without bytes",
    [DER_E_INTEGER_PADDED] = "the %s takes more bytes than it needs",
    [DER_E_INTEGER_TOO_LARGE] = "the %s is too large",
    [DER_E_INTEGER_NEGATIVE] = "the %s is not positive",
    [DER_E_OID_EMPTY] = "the %s is an OID without bytes",
    [DER_E_OID_CUT] = "the last arc of the %s is cut off",
    [DER_E_OID_PADDED] = "an arc of the %s takes more bytes than it needs",
    [DER_E_BITS_EMPTY] = "the %s is a bit string without bytes",
    [DER_E_BITS_UNUSED] = "the %s leaves more bits unused than it can",
    [DER_E_BITS_NOT_ZERO] = "an unused bit of the %s is set",
    [DER_E_BITS_NOT_WHOLE] = "the %s does not end at a whole byte",
    [DER_E_BITS_PADDED] = "the %s ends in zero bits",
    [DER_E_TIME_FORM] = "the %s is not written YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ",
    [DER_E_TIME_RANGE] = "the %s is no date that exists",
    [DER_E_VERSION] = "the %s is unknown",
    [DER_E_MISMATCH] = "the %s is not the same in both places",
    [DER_E_ADDRESS] = "the %s is neither 4 nor 16 bytes long",
    [DER_E_ALGORITHM] = "the %s is another than what is read here",
    [DER_E_TEXT_SIZE] = "the %s ends within a character",
    [DER_E_CHOICE] = "the %s is of a kind that does not exist",
    [DER_E_POINT] = "the %s is no uncompressed point of its curve",
    [DER_R_TIME_EARLY] = "the %s is a GeneralizedTime where RFC 5280 has a UTCTime",
    [DER_R_BER] = "the %s is written in BER, and shown as the DER that it stands for",
    [DER_R_NUL] = "the %s ends in a zero",
};

/* Returns false for a sentence that names nothing. */
static bool put_sentence(const char *sentence, const char *what, char *text, size_t capacity)
{
    const char *gap = strstr(sentence, "%s");

    if (!gap) snprintf(text, capacity, "%s", sentence);
    else snprintf(text, capacity, "%.*s%s%s", (int)(gap - sentence), sentence, what, gap + 2);
    return gap != NULL;
}

void der_fault_text(const struct der_fault *fault, char *text, size_t capacity)
{
    size_t length;

    if (fault->error == DER_E_TAG) {
        snprintf(text, capacity, "the %s has tag %02X, not %02X, at byte %llu", fault->what,
                 (unsigned)fault->tag, (unsigned)fault->wanted, (unsigned long long)fault->offset);
    } else if (put_sentence(sentences[fault->error], fault->what, text, capacity) && capacity) {
        length = strlen(text);
        snprintf(text + length, capacity - length, " at byte %llu",
                 (unsigned long long)fault->offset);
    }
}

void der_remark_text(const struct der_remark *remark, char *text, size_t capacity)
{
    put_sentence(sentences[remark->error], remark->what, text, capacity);
}
