/*
 * A cursor over DER, as ITU-T X.690 demands it: what could have been written differently is
 * refused, or remarked upon and read all the same, as the caller chooses.
 *
 * Nothing is allocated, nothing recurses, nothing is written but the cursor and the fault: bytes go
 * in, views into those bytes come out, and they live as long as the input does. Every call costs at
 * most the bytes it passes over. Portable, any thread.
 *
 * Reading is a chain of calls that ends at the first one to say no:
 *
 *     struct der_fault fault;
 *     struct der outer, inside;
 *
 *     der_begin(&outer, &fault, data, size);
 *     if (der_enter(&outer, "certificate", DER_SEQUENCE, &inside) && der_integer(&inside, "serial
 * number", &serial)
 *         && ... && der_end(&inside, "certificate") && der_end(&outer, "certificate")) ...
 *     else der_fault_text(&fault, text, sizeof text);   "the length of the serial number runs past
 * the end at byte 4"
 *
 * The first refusal stays in the fault and every later call of any cursor of that fault fails at
 * once, so a chain may also be written as plain statements with one check at the end. A call that
 * fails leaves its outputs zeroed. Each call names what it expects to read (`what`, a literal such
 * as "subject"): the name is kept by pointer and shown in the fault's text.
 *
 * Strict or not. A cursor without remarks is strict: whatever is not as the standards have it is
 * refused. One with remarks refuses only what cannot be read; what is odd and can be read is put
 * into the remarks, each with its offset. Readers take `remarks` behind the fault, NULL for strict.
 * Lists that were read once are walked under DER_BORNE: what is odd in them was refused, or
 * remarked upon, then.
 *
 * "As DER demands, where it looks": lengths and tags of everything passed over, and the contents of
 * what is read through a typed call (value.h). What stands inside a value that is only viewed is
 * not looked at.
 */
#ifndef DER_DER_H
#define DER_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view: somebody else's bytes. Nothing is {NULL, 0} or has size 0. */
struct der_bytes {
    const unsigned char *data;
    size_t size;
};

/*
 * A tag is its identifier byte, class and form included: 0x30 is SEQUENCE, 0xA0 is [0] constructed.
 * Numbers from 31 on take more bytes in DER; they are then `identifier | number << 8`, up to
 * DER_TAG_NUMBER_MAX (nothing in use comes near).
 */
enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0A,
    DER_UTF8_STRING = 0x0C,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_VISIBLE_STRING = 0x1A,
    DER_UNIVERSAL_STRING = 0x1C,
    DER_BMP_STRING = 0x1E,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_TAG_NUMBER_MAX = 0xFFFFFF,
};
#define DER_CONTEXT(number)                                                                        \
    (0x80u | (number)) /* [number] IMPLICIT of something primitive; number < 31 */
#define DER_CONTEXT_CONSTRUCTED(number)                                                            \
    (0xA0u | (number)) /* [number] EXPLICIT, or IMPLICIT of a SEQUENCE or SET */

/* Seconds since 1970, where a date was read that does not exist. Only with remarks. */
#define DER_TIME_NONE INT64_MIN

/* How deep values may be entered. A certificate needs seven levels, a PKCS#10 request nine; the
 * rest is room. */
#define DER_DEPTH_MAX 16

enum der_error {
    DER_OK,
    DER_E_MISSING,       /* the value is not there: what holds it ends before */
    DER_E_TAG,           /* another tag; the fault says which and which was wanted */
    DER_E_TAG_CUT,       /* the tag itself runs past the end */
    DER_E_TAG_PADDED,    /* a tag number in more bytes than it needs */
    DER_E_TAG_TOO_LARGE, /* beyond DER_TAG_NUMBER_MAX */
    DER_E_TAG_RESERVED,  /* universal 0, which ends indefinite lengths in BER */
    DER_E_FORM, /* constructed where DER wants primitive (strings in pieces), or the reverse */
    DER_E_LENGTH_CUT,        /* the length's own bytes run past the end */
    DER_E_LENGTH_INDEFINITE, /* 80 */
    DER_E_LENGTH_RESERVED,   /* FF */
    DER_E_LENGTH_PADDED,     /* a length in more bytes than it needs */
    DER_E_LENGTH_TOO_LARGE,  /* more than four bytes of length */
    DER_E_PAST_END,          /* the value is longer than what holds it */
    DER_E_TRAILING,          /* bytes follow where nothing may */
    DER_E_DEPTH,             /* deeper than DER_DEPTH_MAX */
    DER_E_SET_ORDER,         /* elements of a SET OF not in ascending order */
    DER_E_EMPTY,             /* nothing in it where at least one is due */
    DER_E_TOO_MANY,          /* more elements than this reader bears */
    DER_E_REPEATED,          /* stands there twice */
    DER_E_DEFAULT,           /* a default value is written out */
    DER_E_BOOLEAN,           /* not one byte 00 or FF */
    DER_E_NULL,              /* a NULL with contents */
    DER_E_INTEGER_EMPTY,
    DER_E_INTEGER_PADDED,    /* the first nine bits are all alike */
    DER_E_INTEGER_TOO_LARGE, /* does not fit where a small number is due */
    DER_E_INTEGER_NEGATIVE,  /* negative or zero where that makes no sense, as in an RSA key */
    DER_E_OID_EMPTY,
    DER_E_OID_CUT,        /* the last byte says that more follows */
    DER_E_OID_PADDED,     /* an arc that begins with 80 */
    DER_E_BITS_EMPTY,     /* a BIT STRING without its first byte */
    DER_E_BITS_UNUSED,    /* more than seven unused bits, or some of none */
    DER_E_BITS_NOT_ZERO,  /* an unused bit is set */
    DER_E_BITS_NOT_WHOLE, /* unused bits where whole bytes are due: keys, signatures */
    DER_E_BITS_PADDED,    /* a list of named bits that ends in zeros */
    DER_E_TIME_FORM,      /* not YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, the only forms of RFC 5280 */
    DER_E_TIME_RANGE,     /* no such day or time */
    DER_E_VERSION,        /* a version that the format does not have */
    DER_E_MISMATCH,       /* the two signature algorithms of a certificate differ */
    DER_E_ADDRESS,        /* an IP address of neither 4 nor 16 bytes */
    DER_E_ALGORITHM,      /* a key of another algorithm, or on a curve that is not known */
    DER_E_TEXT_SIZE,      /* a string of wide characters that ends within one */
    DER_E_CHOICE,         /* a tag that a choice of several does not have */
    DER_E_POINT, /* an elliptic curve's public point that is none: wrong size or first byte */
    /* Remarks alone: what a strict reader bears, too. */
    DER_R_TIME_EARLY, /* GeneralizedTime before the year 2050, for which RFC 5280 has UTCTime */
    DER_R_BER,        /* it came in BER; offsets are those of the DER that it became */
    DER_R_NUL,        /* a text that ends in a zero */
    DER_E_COUNT
};

/* The first refusal: what, why, and the offset of the byte that offends, counted from the start of
 * what der_begin was given. */
struct der_fault {
    enum der_error error;       /* DER_OK: none so far */
    size_t offset;
    const char *what;           /* the literal given to the call that failed */
    uint32_t tag, wanted;       /* with DER_E_TAG */
};

/* What is odd and was read all the same. */
struct der_remark {
    enum der_error error;
    const char *what;           /* as in the fault */
    size_t offset;
};

/* The first DER_REMARKS_MAX of them, in the order in which they were met; `count` counts those
 * beyond as well. */
#define DER_REMARKS_MAX 16
struct der_remarks {
    const unsigned char
        *start; /* offsets count from here, also those of a value that is read by itself */
    size_t size;
    size_t count;
    struct der_remark list[DER_REMARKS_MAX];
};

/* No remarks yet, upon these bytes. */
void der_remarks_begin(struct der_remarks *remarks, const void *data, size_t size);

/* How many of them the list has. */
size_t der_remarks_listed(const struct der_remarks *remarks);

/* To bear what is odd without a remark. Never written to. */
extern struct der_remarks der_borne;
#define DER_BORNE (&der_borne)

/* Walks over the values at one level. Fields are the reader's own. */
struct der {
    const unsigned char *at, *end;
    const unsigned char *start; /* of the input: offsets count from here */
    struct der_fault *fault;
    struct der_remarks *remarks; /* NULL: strict */
    struct der_bytes previous;  /* in a SET OF: the element before */
    unsigned char depth;
    bool ordered;               /* in a SET OF */
};

/* One value: its tag, its contents, and both together with the length between (`whole`, the bytes
 * to copy or hash). */
struct der_value {
    uint32_t tag;
    struct der_bytes content;
    struct der_bytes whole;
};

/* Start reading `size` bytes at `data`, strictly; clears the fault. Both are kept by pointer. */
void der_begin(struct der *der, struct der_fault *fault, const void *data, size_t size);

/* The same with remarks, to which this reading adds; NULL: strictly. */
void der_begin_with(struct der *der, struct der_fault *fault, struct der_remarks *remarks,
                    const void *data, size_t size);

/* Read the next value, whatever its tag. */
bool der_any(struct der *der, const char *what, struct der_value *value);

/* Read the next value, which has this tag. `content` may be NULL. */
bool der_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *content);

/* The same, for a constructed value: `inside` then reads its contents, and `der` goes on behind it.
 * DER_SET (or an IMPLICIT one, through der_enter_set) makes every element read check that it does
 * not come before the last. */
bool der_enter(struct der *der, const char *what, uint32_t tag, struct der *inside);
bool der_enter_set(struct der *der, const char *what, uint32_t tag, struct der *inside);

/* A SET OF that may be in any order: CMS demands DER of a few of its sets only. */
bool der_enter_unordered(struct der *der, const char *what, uint32_t tag, struct der *inside);

/* Is the next value there, and has it this tag? Looks only at the identifier; false after a
 * refusal. */
bool der_next_is(const struct der *der, uint32_t tag);

/* Is there anything left to read? False after a refusal, so `while (der_more(&d)) ...` ends. */
bool der_more(const struct der *der);

/* Nothing may be left. With remarks, what is left is passed over. */
bool der_end(struct der *der, const char *what);

/* Refuse, on behalf of a room that knows more than DER does: `at` is the offending byte in the
 * input. Always false. */
bool der_refuse(struct der *der, enum der_error error, const char *what, const unsigned char *at);

/* The same of what can be read although it is odd: true, with a remark, unless the cursor is
 * strict. */
bool der_odd(struct der *der, enum der_error error, const char *what, const unsigned char *at);

/* A remark upon what a strict reader bears as well. */
void der_remark(struct der *der, enum der_error error, const char *what, const unsigned char *at);

/* A cursor's view of what it has still to read. */
struct der_bytes der_rest(const struct der *der);

bool der_same(struct der_bytes a, struct der_bytes b);

/*
 * The fault as a sentence of ASCII, "the length of the subject runs past the end at byte 12",
 * NUL-terminated and cut to fit; it holds no byte of the input. DER_OK becomes "nothing is wrong".
 */
void der_fault_text(const struct der_fault *fault, char *text, size_t capacity);

/* A remark as such a sentence, without its place: "the critical flag is written out although it is
 * the default". */
void der_remark_text(const struct der_remark *remark, char *text, size_t capacity);

#endif
