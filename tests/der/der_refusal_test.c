/* What the DER reader refuses, why, and at which byte: every reason it has is met here at least once. */
#include "lib/test.h"
#include "der/cmc.h"
#include "der/extension.h"
#include "der/key.h"
#include "der/name.h"
#include "der/pkcs10.h"
#include "der/value.h"
#include "der/x509.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool met[DER_E_COUNT];

/* Bytes from hex, blanks between as you like. Each gets a buffer of just its size, so that ASan sees a step beyond
 * it. */
struct input {
    unsigned char *data;
    size_t size;
};

static struct input from_hex(const char *hex)
{
    struct input input = {malloc(strlen(hex) / 2 + 1), 0};
    unsigned byte;
    int used;

    for (; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used) input.data[input.size++] = (unsigned char)byte;
    input.data = realloc(input.data, input.size ? input.size : 1);
    return input;
}

/* The ways of reading that are tried: true where something was read. Each poisons what the reader must clear when it
 * refuses, and "reads" what is left there if it does not. */
typedef bool read_function(struct der *der);

#define POISONED {(const void *)1, 9}

static bool any(struct der *d)
{
    struct der_value v;

    memset(&v, 0xA5, sizeof v);
    return der_any(d, "value", &v) || v.tag || v.whole.size;
}

static bool checked(struct der *d)
{
    struct der_value v;

    memset(&v, 0xA5, sizeof v);
    return der_checked(d, "value", &v) || v.tag || v.whole.size;
}

static bool octets(struct der *d)
{
    struct der_bytes b = POISONED;

    return der_read(d, "value", DER_OCTET_STRING, &b) || b.size;
}

static bool elements(struct der *d, uint32_t tag)
{
    struct der_value value;
    struct der inside;

    if (!der_enter(d, "value", tag, &inside)) return der_more(&inside);
    while (der_more(&inside)) der_any(&inside, "element", &value);
    return der_end(&inside, "value") && der_end(d, "value");
}

static bool sequence(struct der *d)
{
    return elements(d, DER_SEQUENCE);
}

static bool set(struct der *d)
{
    return elements(d, DER_SET);
}

static bool deep(struct der *d)
{
    struct der level = *d, inside;

    while (der_enter(&level, "value", DER_SEQUENCE, &inside)) {
        if (!der_more(&inside)) return true;
        level = inside;
    }
    return false;
}

static bool boolean(struct der *d)
{
    bool b = true;

    return der_boolean(d, "value", &b) || b;
}

static bool null(struct der *d)
{
    return der_null(d, "value");
}

static bool integer(struct der *d)
{
    struct der_bytes b = POISONED;

    return der_integer(d, "value", &b) || b.size;
}

static bool positive(struct der *d)
{
    struct der_bytes b = POISONED;

    return der_positive(d, "value", &b) || b.size;
}

static bool small(struct der *d)
{
    int32_t n = 77;

    return der_small(d, "value", &n) || n;
}

static bool oid(struct der *d)
{
    struct der_bytes b = POISONED;

    return der_oid(d, "value", &b) || b.size;
}

static bool bits(struct der *d)
{
    struct der_bytes b = POISONED;
    unsigned unused = 9;

    return der_bits(d, "value", &b, &unused) || b.size || unused;
}

static bool whole_bits(struct der *d)
{
    struct der_bytes b = POISONED;

    return der_whole_bits(d, "value", &b) || b.size;
}

static bool named_bits(struct der *d)
{
    uint32_t n = 77;

    return der_named_bits(d, "value", &n) || n;
}

static bool a_time(struct der *d)
{
    int64_t t = 77;

    return der_time(d, "value", &t) || t;
}

static bool name(struct der *d)
{
    struct der_bytes b = POISONED;

    return name_read(d, "value", &b) || b.size;
}

static bool algorithm(struct der *d)
{
    struct algorithm a;

    memset(&a, 0xA5, sizeof a);
    return algorithm_read(d, "value", &a) || a.whole.size || a.parameters.size;
}

static bool public_key(struct der *d)
{
    struct public_key k;

    memset(&k, 0xA5, sizeof k);
    return public_key_read(d, "value", &k) || k.whole.size;
}

static bool rsa_key(struct der *d)
{
    struct der_bytes n = POISONED, e = POISONED;
    struct public_key k;

    return public_key_read(d, "value", &k) && (public_key_rsa(&k, d->fault, &n, &e) || n.size || e.size);
}

static bool ec_key(struct der *d)
{
    struct der_bytes curve = POISONED, x = POISONED, y = POISONED;
    struct public_key k;

    if (!public_key_read(d, "value", &k)) return false;
    return public_key_ec(&k, d->fault, &curve, &x, &y) || curve.size || x.size || y.size;
}

static bool extensions(struct der *d)
{
    struct der_bytes b = POISONED;

    return extensions_read(d, "value", &b) || b.size;
}

static bool alternative_names(struct der *d)
{
    struct general_name name;
    struct der cursor;

    if (!general_names_begin(&cursor, d->fault, der_rest(d))) return false;
    if (d->fault->error) return true;
    while (general_names_next(&cursor, &name)) { }
    return !d->fault->error || name.kind || name.content.size || name.type.size || name.value.tag;
}

static bool request(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct pkcs10 p;

    memset(&p, 0xA5, sizeof p);
    return pkcs10_read(all.data, all.size, &p, d->fault) || p.info.size || p.has_challenge || p.challenge_size;
}

static bool certificate(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct x509 x;

    memset(&x, 0xA5, sizeof x);
    return x509_read(all.data, all.size, &x, d->fault) || x.info.size || x.version;
}

static bool signed_data(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct cms c;

    memset(&c, 0xA5, sizeof c);
    return cms_read_inner(all.data, all.size, &c, d->fault) || c.version || c.has_content || c.content_type.size;
}

static bool content_info(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct cms c;

    memset(&c, 0xA5, sizeof c);
    return cms_read(all.data, all.size, &c, d->fault) || c.version || c.content_type.size;
}

static bool pki_data(struct der *d)
{
    struct pki_data p;

    memset(&p, 0xA5, sizeof p);
    return pki_data_read(der_rest(d), &p, d->fault) || p.controls.size || p.requests.size;
}

static bool addition(struct der *d)
{
    struct cmc_addition a;

    memset(&a, 0xA5, sizeof a);
    return cmc_add_attributes_read(der_rest(d), &a, d->fault) || a.to || a.list.size;
}

static bool registration_info(struct der *d)
{
    struct der_bytes text = POISONED;

    return reg_info_read(der_rest(d), &text, d->fault) || text.size;
}

static bool unwrapped(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct pkcs10 p;

    memset(&p, 0xA5, sizeof p);
    return pkcs10_unwrap(all.data, all.size, &p, d->fault) || p.info.size || p.has_challenge;
}

static struct der_fault refusal(read_function *read, const char *hex, bool *accepted)
{
    struct input input = from_hex(hex);
    struct der_fault fault;
    struct der der;

    der_begin(&der, &fault, input.data, input.size);
    *accepted = read(&der);
    met[fault.error] = true;
    free(input.data);
    return fault;
}

static void refuses(read_function *read, const char *hex, enum der_error error, size_t offset, const char *file,
                    int line)
{
    bool accepted;
    struct der_fault fault = refusal(read, hex, &accepted);
    char text[256], want[32];

    if (!test_check(!accepted, file, line, "it is refused, and nothing comes out")) test_note("    %s", hex);
    der_fault_text(&fault, text, sizeof text);
    if (!test_check_int(fault.error, error, file, line, "the reason")
        || !test_check_int((long long)fault.offset, (long long)offset, file, line, "the offset"))
        test_note("    %s: %s", hex, text);
    snprintf(want, sizeof want, " at byte %u", (unsigned)offset);
    bool whole = strlen(text) > strlen(want) && !strcmp(text + strlen(text) - strlen(want), want) && !strchr(text, '%');
    if (!test_check(whole, file, line, "the sentence is whole and ends with the offset")) test_note("    %s", text);
}

static void accepts(read_function *read, const char *hex, const char *file, int line)
{
    bool accepted;
    struct der_fault fault = refusal(read, hex, &accepted);
    char text[256];

    if (test_check(accepted && !fault.error, file, line, "it is accepted")) return;
    der_fault_text(&fault, text, sizeof text);
    test_note("    %s: %s", hex, text);
}

#define REFUSES(read, hex, error, offset) refuses(read, hex, error, offset, __FILE__, __LINE__)
#define ACCEPTS(read, hex) accepts(read, hex, __FILE__, __LINE__)

TEST(what_is_missing_is_told_at_the_end_of_what_should_hold_it)
{
    REFUSES(any, "", DER_E_MISSING, 0);
    REFUSES(octets, "", DER_E_MISSING, 0);
    REFUSES(algorithm, "30 00", DER_E_MISSING, 2);
}

TEST(another_tag_is_refused_before_anything_else_about_the_value)
{
    struct der_fault fault;
    bool accepted;
    char text[128];

    REFUSES(octets, "05 00", DER_E_TAG, 0);
    REFUSES(octets, "30 80", DER_E_TAG, 0);
    REFUSES(sequence, "31 00", DER_E_TAG, 0);
    fault = refusal(octets, "31 00", &accepted);
    der_fault_text(&fault, text, sizeof text);
    check_text(text, "the value has tag 31, not 04, at byte 0");
}

TEST(tags_are_written_in_the_shortest_way)
{
    ACCEPTS(any, "BF 1F 00");
    ACCEPTS(any, "9F 81 00 00");
    ACCEPTS(any, "9F 87 FF FF 7F 00");                     /* 0xFFFFFF, the largest that is read */
    REFUSES(any, "1F", DER_E_TAG_CUT, 1);
    REFUSES(any, "9F 81", DER_E_TAG_CUT, 2);
    REFUSES(any, "9F 1E 00", DER_E_TAG_PADDED, 1);
    REFUSES(any, "9F 80 7F 00", DER_E_TAG_PADDED, 1);
    REFUSES(any, "9F 00 00", DER_E_TAG_PADDED, 1);
    REFUSES(any, "9F 88 80 80 00 00", DER_E_TAG_TOO_LARGE, 1);
    REFUSES(any, "9F FF FF FF FF FF FF FF 7F 00", DER_E_TAG_TOO_LARGE, 1);
    REFUSES(any, "00 00", DER_E_TAG_RESERVED, 0);
    REFUSES(sequence, "30 02 00 00", DER_E_TAG_RESERVED, 2);
}

TEST(strings_in_pieces_and_sequences_in_one_piece_are_refused)
{
    REFUSES(any, "24 04 04 02 41 42", DER_E_FORM, 0);
    REFUSES(any, "2C 00", DER_E_FORM, 0);
    REFUSES(any, "10 00", DER_E_FORM, 0);
    REFUSES(any, "11 00", DER_E_FORM, 0);
    REFUSES(sequence, "30 02 23 00", DER_E_FORM, 2);
    REFUSES(octets, "24 00", DER_E_FORM, 0);
    REFUSES(sequence, "10 00", DER_E_FORM, 0);
    ACCEPTS(any, "A0 00");
    ACCEPTS(any, "80 00");
    ACCEPTS(any, "28 00");
}

TEST(lengths_are_definite_and_written_in_the_shortest_way)
{
    REFUSES(octets, "04", DER_E_LENGTH_CUT, 1);
    REFUSES(octets, "04 81", DER_E_LENGTH_CUT, 2);
    REFUSES(octets, "04 82 01", DER_E_LENGTH_CUT, 3);
    REFUSES(octets, "04 84 FF FF FF", DER_E_LENGTH_CUT, 5);
    REFUSES(octets, "04 80 41 00 00", DER_E_LENGTH_INDEFINITE, 1);
    REFUSES(sequence, "30 80 00 00", DER_E_LENGTH_INDEFINITE, 1);
    REFUSES(octets, "04 FF 41", DER_E_LENGTH_RESERVED, 1);
    REFUSES(octets, "04 81 01 41", DER_E_LENGTH_PADDED, 1);
    REFUSES(octets, "04 81 7F 41", DER_E_LENGTH_PADDED, 1);
    REFUSES(octets, "04 82 00 80 41", DER_E_LENGTH_PADDED, 1);
    REFUSES(octets, "04 85 00 00 00 00 01 41", DER_E_LENGTH_PADDED, 1);
    REFUSES(octets, "04 85 01 00 00 00 00 41", DER_E_LENGTH_TOO_LARGE, 1);
    REFUSES(octets, "04 88 FF FF FF FF FF FF FF FF 41", DER_E_LENGTH_TOO_LARGE, 1);
}

TEST(nothing_is_longer_than_what_holds_it)
{
    REFUSES(octets, "04 01", DER_E_PAST_END, 1);
    REFUSES(octets, "04 03 41 42", DER_E_PAST_END, 1);
    REFUSES(octets, "04 81 80 41", DER_E_PAST_END, 1);
    REFUSES(octets, "04 81 80", DER_E_PAST_END, 1);
    REFUSES(octets, "04 82 01 00", DER_E_PAST_END, 1);
    REFUSES(octets, "04 84 FF FF FF FF 41", DER_E_PAST_END, 1);
    REFUSES(octets, "04 84 80 00 00 00 41", DER_E_PAST_END, 1);
    REFUSES(sequence, "30 03 04 02 41 42", DER_E_PAST_END, 3);  /* past its sequence, though not past the input */
}

TEST(nothing_may_follow)
{
    REFUSES(sequence, "30 00 00", DER_E_TRAILING, 2);
    REFUSES(request, "30 00 41", DER_E_TRAILING, 2);
    REFUSES(certificate, "30 00 41", DER_E_TRAILING, 2);
    REFUSES(algorithm, "30 07 06 01 2A 05 00 05 00", DER_E_TRAILING, 7);
}

TEST(values_may_lie_sixteen_deep_and_no_deeper)
{
    ACCEPTS(deep, "30 1E 30 1C 30 1A 30 18 30 16 30 14 30 12 30 10 30 0E 30 0C 30 0A 30 08 30 06 30 04 30 02 30 00");
    REFUSES(deep, "30 20 30 1E 30 1C 30 1A 30 18 30 16 30 14 30 12 30 10 30 0E 30 0C 30 0A 30 08 30 06 30 04 30 02"
                  " 30 00", DER_E_DEPTH, 32);
}

TEST(the_elements_of_a_set_ascend)
{
    ACCEPTS(set, "31 06 02 01 01 02 01 02");
    ACCEPTS(set, "31 06 02 01 01 02 01 01");
    ACCEPTS(set, "31 07 02 01 FF 02 02 00 80");
    REFUSES(set, "31 06 02 01 02 02 01 01", DER_E_SET_ORDER, 5);
    REFUSES(set, "31 06 02 01 81 02 01 01", DER_E_SET_ORDER, 5);           /* bytes are compared, not numbers */
    REFUSES(set, "31 09 02 01 01 02 01 03 02 01 02", DER_E_SET_ORDER, 8);
    REFUSES(set, "31 05 04 01 41 02 00", DER_E_SET_ORDER, 5);
    REFUSES(set, "31 07 02 02 00 80 02 01 01", DER_E_SET_ORDER, 6);
}

TEST(a_boolean_is_one_byte_of_00_or_FF)
{
    REFUSES(boolean, "01 01 01", DER_E_BOOLEAN, 2);
    REFUSES(boolean, "01 01 FE", DER_E_BOOLEAN, 2);
    REFUSES(boolean, "01 00", DER_E_BOOLEAN, 2);
    REFUSES(boolean, "01 02 FF FF", DER_E_BOOLEAN, 2);
    ACCEPTS(boolean, "01 01 FF");
}

TEST(a_null_is_empty)
{
    ACCEPTS(null, "05 00");
    REFUSES(null, "05 01 00", DER_E_NULL, 2);
}

TEST(integers_have_no_byte_too_many)
{
    ACCEPTS(integer, "02 01 00");
    ACCEPTS(integer, "02 02 00 80");
    ACCEPTS(integer, "02 02 FF 7F");
    REFUSES(integer, "02 00", DER_E_INTEGER_EMPTY, 2);
    REFUSES(integer, "02 02 00 7F", DER_E_INTEGER_PADDED, 2);
    REFUSES(integer, "02 02 FF 80", DER_E_INTEGER_PADDED, 2);
    REFUSES(integer, "02 02 00 00", DER_E_INTEGER_PADDED, 2);
    REFUSES(positive, "02 00", DER_E_INTEGER_EMPTY, 2);
    REFUSES(small, "02 02 00 01", DER_E_INTEGER_PADDED, 2);
    REFUSES(positive, "02 01 00", DER_E_INTEGER_NEGATIVE, 2);
    REFUSES(positive, "02 01 80", DER_E_INTEGER_NEGATIVE, 2);
    REFUSES(small, "02 01 FF", DER_E_INTEGER_NEGATIVE, 2);
    ACCEPTS(small, "02 04 7F FF FF FF");
    REFUSES(small, "02 05 00 80 00 00 00", DER_E_INTEGER_TOO_LARGE, 2);
    REFUSES(small, "02 05 00 FF FF FF FF", DER_E_INTEGER_TOO_LARGE, 2);
    REFUSES(small, "02 09 01 00 00 00 00 00 00 00 00", DER_E_INTEGER_TOO_LARGE, 2);
}

TEST(every_arc_of_an_oid_is_whole_and_in_its_shortest_form)
{
    REFUSES(oid, "06 00", DER_E_OID_EMPTY, 2);
    REFUSES(oid, "06 02 2A 86", DER_E_OID_CUT, 3);
    REFUSES(oid, "06 03 2A 86 F7", DER_E_OID_CUT, 4);
    REFUSES(oid, "06 03 2A 80 01", DER_E_OID_PADDED, 3);
    REFUSES(oid, "06 02 80 2A", DER_E_OID_PADDED, 2);
    REFUSES(oid, "06 04 2A 03 80 80", DER_E_OID_PADDED, 4);
    ACCEPTS(oid, "06 03 2A 81 00");
}

TEST(simple_values_are_checked_wherever_any_value_may_stand)
{
    REFUSES(checked, "01 01 01", DER_E_BOOLEAN, 2);
    REFUSES(checked, "02 02 00 01", DER_E_INTEGER_PADDED, 2);
    REFUSES(checked, "0A 00", DER_E_INTEGER_EMPTY, 2);
    REFUSES(checked, "05 01 00", DER_E_NULL, 2);
    REFUSES(checked, "06 02 2A 80", DER_E_OID_PADDED, 3);
    REFUSES(checked, "03 02 01 01", DER_E_BITS_NOT_ZERO, 3);
    REFUSES(checked, "1E 01 41", DER_E_TEXT_SIZE, 2);
    REFUSES(checked, "1C 06 00 00 00 41 00 00", DER_E_TEXT_SIZE, 2);
    ACCEPTS(checked, "1E 02 D8 00");
    ACCEPTS(checked, "04 01 80");
    ACCEPTS(checked, "82 01 80");
    REFUSES(name, "30 0C 31 0A 30 08 06 03 55 04 03 1E 01 41", DER_E_TEXT_SIZE, 13);
    REFUSES(algorithm, "30 06 06 01 2A 01 01 01", DER_E_BOOLEAN, 7);
    REFUSES(alternative_names, "30 0A A0 08 06 01 2A A0 03 01 01 01", DER_E_BOOLEAN, 11);
}

TEST(unused_bits_are_few_and_zero)
{
    ACCEPTS(bits, "03 01 00");
    ACCEPTS(bits, "03 02 07 80");
    REFUSES(bits, "03 00", DER_E_BITS_EMPTY, 2);
    REFUSES(bits, "03 02 08 00", DER_E_BITS_UNUSED, 2);
    REFUSES(bits, "03 02 FF 00", DER_E_BITS_UNUSED, 2);
    REFUSES(bits, "03 01 01", DER_E_BITS_UNUSED, 2);
    REFUSES(bits, "03 02 01 81", DER_E_BITS_NOT_ZERO, 3);
    REFUSES(bits, "03 03 07 FF C0", DER_E_BITS_NOT_ZERO, 4);
    REFUSES(whole_bits, "03 00", DER_E_BITS_EMPTY, 2);
    REFUSES(named_bits, "03 02 01 01", DER_E_BITS_NOT_ZERO, 3);
    REFUSES(whole_bits, "03 02 01 80", DER_E_BITS_NOT_WHOLE, 2);
    REFUSES(named_bits, "03 02 00 80", DER_E_BITS_PADDED, 3);
    REFUSES(named_bits, "03 03 07 80 00", DER_E_BITS_PADDED, 4);
    REFUSES(named_bits, "03 06 00 00 00 00 00 01", DER_E_TOO_MANY, 3);
    ACCEPTS(named_bits, "03 02 05 A0");
}

TEST(times_are_written_in_one_way_and_exist)
{
    ACCEPTS(a_time, "17 0D 32 34 30 32 32 39 32 33 35 39 35 39 5A");                   /* 240229235959Z */
    REFUSES(a_time, "04 00", DER_E_TAG, 0);
    REFUSES(a_time, "17 00", DER_E_TIME_FORM, 2);
    REFUSES(a_time, "17 0B 32 34 30 32 32 39 32 33 35 39 5A", DER_E_TIME_FORM, 12);    /* no seconds */
    REFUSES(a_time, "17 0D 32 34 30 32 32 39 32 33 35 39 35 39 7A", DER_E_TIME_FORM, 14);      /* z */
    REFUSES(a_time, "17 0C 32 34 30 32 32 39 32 33 35 39 35 39", DER_E_TIME_FORM, 14);         /* no Z */
    REFUSES(a_time, "17 0D 32 34 30 32 32 39 32 33 35 39 2D 31 5A", DER_E_TIME_FORM, 12);      /* a minus sign */
    REFUSES(a_time, "17 11 32 34 30 32 32 39 32 33 35 39 35 39 2B 30 31 30 30", DER_E_TIME_FORM, 14);  /* +0100 */
    REFUSES(a_time, "18 11 32 30 32 34 30 32 32 39 32 33 35 39 35 39 2E 35 5A", DER_E_TIME_FORM, 16);  /* .5 */
    REFUSES(a_time, "17 0E 32 34 30 32 32 39 32 33 35 39 35 39 5A 5A", DER_E_TIME_FORM, 14);
    REFUSES(a_time, "17 0D 32 35 30 32 32 39 30 30 30 30 30 30 5A", DER_E_TIME_RANGE, 2);      /* 29 February 2025 */
    REFUSES(a_time, "17 0D 32 35 31 33 30 31 30 30 30 30 30 30 5A", DER_E_TIME_RANGE, 2);      /* month 13 */
    REFUSES(a_time, "17 0D 32 35 30 30 30 31 30 30 30 30 30 30 5A", DER_E_TIME_RANGE, 2);      /* month 0 */
    REFUSES(a_time, "17 0D 32 35 30 31 30 30 30 30 30 30 30 30 5A", DER_E_TIME_RANGE, 2);      /* day 0 */
    REFUSES(a_time, "17 0D 32 35 30 31 30 31 32 34 30 30 30 30 5A", DER_E_TIME_RANGE, 2);      /* hour 24 */
    REFUSES(a_time, "17 0D 32 35 30 31 30 31 30 30 36 30 30 30 5A", DER_E_TIME_RANGE, 2);      /* minute 60 */
    REFUSES(a_time, "17 0D 32 35 30 31 30 31 30 30 30 30 36 30 5A", DER_E_TIME_RANGE, 2);      /* second 60 */
    REFUSES(a_time, "18 0F 31 39 30 30 30 32 32 39 30 30 30 30 30 30 5A", DER_E_TIME_RANGE, 2);  /* 29 February 1900 */
}

TEST(a_name_is_sets_of_type_and_value)
{
    ACCEPTS(name, "30 00");
    REFUSES(name, "31 00", DER_E_TAG, 0);
    ACCEPTS(name, "30 0C 31 0A 30 08 06 03 55 04 03 0C 01 41");
    REFUSES(name, "30 02 31 00", DER_E_EMPTY, 2);
    REFUSES(name, "30 0E 31 0C 30 0A 06 03 55 04 03 0C 01 41 05 00", DER_E_TRAILING, 14);
    REFUSES(name, "30 09 31 07 30 05 06 03 55 04 03", DER_E_MISSING, 11);
    REFUSES(name, "30 0C 31 0A 30 08 06 03 55 04 83 0C 01 41", DER_E_OID_CUT, 10);
    REFUSES(name, "30 16 31 14 30 08 06 03 55 04 0A 0C 01 41 30 08 06 03 55 04 03 0C 01 41", DER_E_SET_ORDER, 14);
    REFUSES(name, "30 02 30 00", DER_E_TAG, 2);
}

TEST(a_key_is_what_its_algorithm_says)
{
#define RSA "30 0D 06 09 2A 86 48 86 F7 0D 01 01 01 05 00 "
#define EC  "30 13 06 07 2A 86 48 CE 3D 02 01 06 08 2A 86 48 CE 3D 03 01 07 "
    ACCEPTS(rsa_key, "30 1A " RSA "03 09 00 30 06 02 01 05 02 01 03");
    REFUSES(public_key, "30 1A " RSA "03 09 01 30 06 02 01 05 02 01 02", DER_E_BITS_NOT_WHOLE, 19);
    REFUSES(public_key, "30 0F " RSA, DER_E_MISSING, 17);
    REFUSES(public_key, "30 10 " RSA, DER_E_PAST_END, 1);
    REFUSES(public_key, "30 0D 06 09 2A 86 48 86 F7 0D 01 01 01 05 00", DER_E_TAG, 2);
    REFUSES(rsa_key, "30 1A " RSA "03 09 00 30 06 02 01 00 02 01 03", DER_E_INTEGER_NEGATIVE, 24);
    REFUSES(rsa_key, "30 1A " RSA "03 09 00 30 06 02 01 05 02 01 FD", DER_E_INTEGER_NEGATIVE, 27);
    REFUSES(rsa_key, "30 1B " RSA "03 0A 00 30 06 02 01 05 02 01 03 00", DER_E_TRAILING, 28);
    REFUSES(rsa_key, "30 11 30 09 06 07 2A 86 48 CE 3D 02 01 03 04 00 04 01 02", DER_E_ALGORITHM, 6);
    REFUSES(ec_key, "30 1B " EC "03 04 00 04 01 02", DER_E_POINT, 26);
    REFUSES(ec_key, "30 1B " RSA "03 0A 00 30 07 02 01 05 02 02 01 01", DER_E_ALGORITHM, 6);
    REFUSES(ec_key, "30 18 30 10 06 07 2A 86 48 CE 3D 02 01 06 05 2B 81 04 00 0A 03 04 00 04 01 02",
            DER_E_ALGORITHM, 15);
    REFUSES(ec_key, "30 11 30 09 06 07 2A 86 48 CE 3D 02 01 03 04 00 04 01 02", DER_E_MISSING, 16);
}

TEST(extensions_are_not_empty_not_repeated_and_not_by_the_hundred)
{
    static char many[8192];
    unsigned count;

    ACCEPTS(extensions, "30 0B 30 09 06 03 55 1D 0E 04 02 05 00");
    ACCEPTS(extensions, "30 0E 30 0C 06 03 55 1D 0E 01 01 FF 04 02 05 00");
    REFUSES(extensions, "30 00", DER_E_EMPTY, 0);
    REFUSES(extensions, "31 00", DER_E_TAG, 0);
    REFUSES(extensions, "30 02 31 00", DER_E_TAG, 2);
    REFUSES(extensions, "30 0B 30 09 06 03 55 1D 0E 03 02 05 00", DER_E_TAG, 9);
    REFUSES(extensions, "30 0D 30 0B 06 03 55 1D 0E 04 02 05 00 05 00", DER_E_TRAILING, 13);
    REFUSES(extensions, "30 0E 30 0C 06 03 55 1D 0E 01 01 00 04 02 05 00", DER_E_DEFAULT, 9);
    REFUSES(extensions, "30 0E 30 0C 06 03 55 1D 0E 01 01 01 04 02 05 00", DER_E_BOOLEAN, 11);
    REFUSES(extensions, "30 16 30 09 06 03 55 1D 0E 04 02 05 00 30 09 06 03 55 1D 0E 04 02 04 00", DER_E_REPEATED, 13);
    REFUSES(extensions, "30 07 30 05 06 03 55 1D 0E", DER_E_MISSING, 9);

    strcpy(many, "30 82 03 89");                                        /* 101 of nine bytes */
    for (count = 0; count < 101; count++) sprintf(many + strlen(many), " 30 07 06 03 55 1D %02X 04 00", count);
    REFUSES(extensions, many, DER_E_TOO_MANY, 904);
    strcpy(many, "30 82 03 84");
    for (count = 0; count < 100; count++) sprintf(many + strlen(many), " 30 07 06 03 55 1D %02X 04 00", count);
    ACCEPTS(extensions, many);
}

TEST(alternative_names_are_of_the_kinds_that_exist)
{
    ACCEPTS(alternative_names, "30 03 82 01 41");
    REFUSES(alternative_names, "30 00", DER_E_EMPTY, 0);
    REFUSES(alternative_names, "", DER_E_MISSING, 0);
    REFUSES(alternative_names, "30 03 82 01 41 00", DER_E_TRAILING, 5);
    REFUSES(alternative_names, "30 03 89 01 41", DER_E_CHOICE, 2);
    REFUSES(alternative_names, "30 03 0C 01 41", DER_E_CHOICE, 2);
    REFUSES(alternative_names, "30 03 A2 01 41", DER_E_CHOICE, 2);              /* [2], but constructed */
    REFUSES(alternative_names, "30 02 24 00", DER_E_FORM, 2);
    REFUSES(alternative_names, "30 06 87 04 7F 00 00 01 00", DER_E_TRAILING, 8);
    ACCEPTS(alternative_names, "30 06 87 04 7F 00 00 01");
    REFUSES(alternative_names, "30 05 87 03 7F 00 01", DER_E_ADDRESS, 2);
    REFUSES(alternative_names, "30 0A 87 08 7F 00 00 01 FF FF FF FF", DER_E_ADDRESS, 2);
    REFUSES(alternative_names, "30 04 88 02 2A 80", DER_E_OID_PADDED, 5);
    ACCEPTS(alternative_names, "30 04 A4 02 30 00");
    REFUSES(alternative_names, "30 06 A4 04 30 02 31 00", DER_E_EMPTY, 6);
    ACCEPTS(alternative_names, "30 09 A0 07 06 01 2A A0 02 05 00");
    REFUSES(alternative_names, "30 05 A0 03 06 01 2A", DER_E_MISSING, 7);
    REFUSES(alternative_names, "30 0B A0 09 06 01 2A A0 02 05 00 05 00", DER_E_TRAILING, 11);
    REFUSES(alternative_names, "30 0B A0 09 06 01 2A A0 04 05 00 05 00", DER_E_TRAILING, 11);
    REFUSES(alternative_names, "30 06 A4 04 30 00 30 00", DER_E_TRAILING, 6);
    REFUSES(alternative_names, "30 07 A0 05 06 01 2A A0 00", DER_E_MISSING, 9);
    REFUSES(alternative_names, "30 07 A0 05 06 01 2A 05 00", DER_E_TAG, 7);
}

/* A request with an empty name and a key of nothing, but for what the case is about. */
#define SIGNATURE "30 03 06 01 2A 03 01 00"

TEST(a_request_is_told_apart_from_what_is_nearly_one)
{
    ACCEPTS(request, "30 1B 30 11 02 01 00 30 00 30 08 30 03 06 01 2A 03 01 00 A0 00 30 03 06 01 2A 03 01 00");
    ACCEPTS(request, "30 19 30 0F 02 01 00 30 00 30 08 30 03 06 01 2A 03 01 00 " SIGNATURE);  /* no attributes at all */
    REFUSES(request, "", DER_E_MISSING, 0);
    REFUSES(request, "30 02 31 00", DER_E_TAG, 2);
    REFUSES(request, "30 04 30 02 05 00", DER_E_TAG, 4);
    REFUSES(request, "2D 2D 2D 2D 2D 42 45 47 49 4E", DER_E_TAG, 0);           /* -----BEGIN */
    REFUSES(request, "30 1B 30 11 02 01 01 30 00 30 08 30 03 06 01 2A 03 01 00 A0 00 " SIGNATURE, DER_E_VERSION, 4);
    REFUSES(request, "30 1B 30 11 02 01 00 30 00 " "30 08 30 03 06 01 2A 03 01 00 A1 00 " SIGNATURE, DER_E_TAG, 19);
    REFUSES(request, "30 1D 30 13 02 01 00 30 00 30 08 30 03 06 01 2A 03 01 00 A0 00 05 00 " SIGNATURE,
            DER_E_TRAILING, 21);
    REFUSES(request, "30 1D 30 11 02 01 00 30 00 30 08 30 03 06 01 2A 03 01 00 A0 00 " SIGNATURE " 05 00",
            DER_E_TRAILING, 29);
    REFUSES(request, "30 1B 30 11 02 01 00 30 00 30 08 30 03 06 01 2A 03 01 00 A0 00 30 03 06 01 2A 03 01 01",
            DER_E_BITS_UNUSED, 28);
    REFUSES(request, "30 1A 30 10 02 01 00 30 00 30 07 30 03 06 01 2A 03 00 A0 00 " SIGNATURE, DER_E_BITS_EMPTY, 18);
}

/* The same, with attributes: `size` and `info` are the lengths of the request and of its info, `list` of the
 * attributes. */
#define REQUEST(size, info, list, attributes) \
    "30 " size " 30 " info " 02 01 00 30 00 30 08 30 03 06 01 2A 03 01 00 A0 " list " " attributes " " SIGNATURE

TEST(what_a_request_asks_for_stands_there_once)
{
#define EXTENSION  "30 07 06 03 55 1D 0E 04 00"
#define EXT_REQ    "06 09 2A 86 48 86 F7 0D 01 09 0E"
#define CHALLENGE  "06 09 2A 86 48 86 F7 0D 01 09 07"
    ACCEPTS(request, REQUEST("35", "2B", "1A", "30 18 " EXT_REQ " 31 0B 30 09 " EXTENSION));
    REFUSES(request, REQUEST("40", "36", "25", "30 23 " EXT_REQ " 31 16 30 09 " EXTENSION " 30 09 " EXTENSION),
            DER_E_TRAILING, 47);
    REFUSES(request, REQUEST("4F", "45", "34", "30 18 " EXT_REQ " 31 0B 30 09 " EXTENSION
                             " 30 18 " EXT_REQ " 31 0B 30 09 " EXTENSION), DER_E_REPEATED, 62);
    REFUSES(request, REQUEST("2C", "22", "11", "30 0F " EXT_REQ " 31 02 30 00"), DER_E_EMPTY, 36);
    REFUSES(request, REQUEST("2A", "20", "0F", "30 0D " EXT_REQ " 31 00"), DER_E_EMPTY, 34);
    ACCEPTS(request, REQUEST("2D", "23", "12", "30 10 " CHALLENGE " 31 03 0C 01 41"));
    REFUSES(request, REQUEST("30", "26", "15", "30 13 " CHALLENGE " 31 06 0C 01 41 0C 01 42"), DER_E_TRAILING, 39);
    REFUSES(request, REQUEST("3F", "35", "24", "30 10 " CHALLENGE " 31 03 0C 01 41 30 10 " CHALLENGE " 31 03 0C 01 42"),
            DER_E_REPEATED, 54);
    REFUSES(request, REQUEST("3F", "35", "24", "30 10 " CHALLENGE " 31 03 0C 01 42 30 10 " CHALLENGE " 31 03 0C 01 41"),
            DER_E_SET_ORDER, 39);
    ACCEPTS(request, REQUEST("24", "1A", "09", "30 07 06 01 2A 31 02 05 00"));
    REFUSES(request, REQUEST("1D", "13", "02", "31 00"), DER_E_TAG, 21);
    REFUSES(request, REQUEST("1D", "13", "02", "30 00"), DER_E_MISSING, 23);
    REFUSES(request, REQUEST("22", "18", "07", "30 05 06 01 2A 30 00"), DER_E_TAG, 26);
    REFUSES(request, REQUEST("24", "1A", "09", "30 07 06 01 2A 31 02 01 00"), DER_E_BOOLEAN, 30);
    REFUSES(request, REQUEST("26", "1C", "0B", "30 09 06 01 2A 31 02 05 00 05 00"), DER_E_TRAILING, 30);
    REFUSES(request, REQUEST("28", "1E", "0D", "30 0B 06 01 2A 31 06 02 01 02 02 01 01"), DER_E_SET_ORDER, 31);
}

/* A certificate of version 3 with empty names, in the same manner. */
#define THEN  "17 0D 32 34 30 31 30 31 30 30 30 30 30 30 5A"
#define LATER "17 0D 32 35 30 31 30 31 30 30 30 30 30 30 5A"
#define TIMES "30 1E " THEN " " LATER

TEST(a_certificate_is_told_apart_from_what_is_nearly_one)
{
#define MIDDLE "02 01 07 30 03 06 01 2A 30 00 " TIMES " 30 00 30 08 30 03 06 01 2A 03 01 00"
    ACCEPTS(certificate, "30 45 30 3B A0 03 02 01 02 " MIDDLE " " SIGNATURE);
    ACCEPTS(certificate, "30 40 30 36 " MIDDLE " " SIGNATURE);
    REFUSES(certificate, "30 02 31 00", DER_E_TAG, 2);
    REFUSES(certificate, "30 1D 30 1B 02 01 07 30 03 06 01 2A 30 00 30 0F " THEN, DER_E_MISSING, 31);
    REFUSES(certificate, "30 2E 30 2C 02 01 07 30 03 06 01 2A 30 00 30 20 " THEN " " LATER " 05 00", DER_E_TRAILING,
            46);
    REFUSES(certificate, "30 53 30 49 A0 03 02 01 02 " MIDDLE " A3 0C 30 08 30 06 06 01 2A 04 01 00 05 00 " SIGNATURE,
            DER_E_TRAILING, 75);
    REFUSES(certificate, "30 42 30 36 " MIDDLE " " SIGNATURE " 05 00", DER_E_TRAILING, 66);
    REFUSES(certificate, "30 40 30 36 " MIDDLE " 30 03 06 01 2A 03 01 01", DER_E_BITS_UNUSED, 65);
    REFUSES(certificate, "30 45 30 3B A0 03 02 01 80 " MIDDLE " " SIGNATURE, DER_E_INTEGER_NEGATIVE, 8);
    REFUSES(certificate, "30 47 30 3D A0 05 02 01 02 05 00 " MIDDLE " " SIGNATURE, DER_E_TRAILING, 9);
    REFUSES(certificate, "30 45 30 3B A0 03 02 01 00 " MIDDLE " " SIGNATURE, DER_E_DEFAULT, 4);
    REFUSES(certificate, "30 45 30 3B A0 03 02 01 03 " MIDDLE " " SIGNATURE, DER_E_VERSION, 4);
    REFUSES(certificate, "30 45 30 3B A0 03 02 01 02 " MIDDLE " 30 03 06 01 2B 03 01 00", DER_E_MISMATCH, 63);
    REFUSES(certificate, "30 51 30 47 A0 03 02 01 01 " MIDDLE " A3 0A 30 08 30 06 06 01 2A 04 01 00 " SIGNATURE,
            DER_E_TRAILING, 63);                                                /* extensions, but version 2 */
    ACCEPTS(certificate, "30 51 30 47 A0 03 02 01 02 " MIDDLE " A3 0A 30 08 30 06 06 01 2A 04 01 00 " SIGNATURE);
    REFUSES(certificate, "30 49 30 3F A0 03 02 01 02 " MIDDLE " A3 02 30 00 " SIGNATURE, DER_E_EMPTY, 65);
    ACCEPTS(certificate, "30 4B 30 41 A0 03 02 01 01 " MIDDLE " 81 01 00 82 01 00 " SIGNATURE);
    REFUSES(certificate, "30 4B 30 41 A0 03 02 01 02 " MIDDLE " 82 01 00 81 01 00 " SIGNATURE, DER_E_TRAILING, 66);
    REFUSES(certificate, "30 4B 30 41 A0 03 02 01 02 " MIDDLE " 81 01 01 82 01 00 " SIGNATURE, DER_E_BITS_UNUSED, 65);
    REFUSES(certificate, "30 43 30 39 " MIDDLE " 81 01 00 " SIGNATURE, DER_E_TRAILING, 58);    /* version 1 has none */
}

TEST(signed_data_is_told_apart_from_what_is_nearly_it)
{
#define HEAD "02 01 01 31 00 "
#define BARE "30 03 06 01 2A "
    ACCEPTS(signed_data, "30 0C " HEAD BARE "31 00");
    REFUSES(signed_data, "30 0C 02 01 02 31 00 " BARE "31 00", DER_E_VERSION, 2);
    REFUSES(signed_data, "30 0C 02 01 00 31 00 " BARE "31 00", DER_E_VERSION, 2);
    REFUSES(signed_data, "30 80 " HEAD BARE "31 00 00 00", DER_E_LENGTH_INDEFINITE, 1);
    REFUSES(signed_data, "30 0A " HEAD BARE, DER_E_MISSING, 12);
    REFUSES(signed_data, "30 0E " HEAD BARE "31 00 05 00", DER_E_TRAILING, 14);
    REFUSES(signed_data, "30 0C " HEAD BARE "31 00 05 00", DER_E_TRAILING, 14);
    ACCEPTS(signed_data, "30 16 02 01 01 31 0A 30 03 06 01 2B 30 03 06 01 2A " BARE "31 00");             /* in any order */
    REFUSES(signed_data, "30 0E 02 01 01 31 02 30 00 " BARE "31 00", DER_E_MISSING, 9);
    ACCEPTS(signed_data, "30 10 " HEAD "30 07 06 01 2A A0 02 04 00 31 00");
    ACCEPTS(signed_data, "30 10 " HEAD "30 07 06 01 2A A0 02 30 00 31 00");
    REFUSES(signed_data, "30 18 " HEAD "30 0F 06 09 2A 86 48 86 F7 0D 01 07 01 A0 02 30 00 31 00", DER_E_TAG, 22);
    REFUSES(signed_data, "30 12 " HEAD "30 09 06 01 2A A0 04 24 02 04 00 31 00", DER_E_FORM, 14);
    REFUSES(signed_data, "30 12 " HEAD "30 09 06 01 2A A0 04 04 00 04 00 31 00", DER_E_TRAILING, 16);
    REFUSES(signed_data, "30 12 " HEAD "30 09 06 01 2A A0 02 04 00 05 00 31 00", DER_E_TRAILING, 16);
    ACCEPTS(signed_data, "30 16 " HEAD BARE "A0 04 A2 00 30 00 A1 02 30 00 31 00");
    REFUSES(signed_data, "30 10 " HEAD BARE "A0 02 31 00 31 00", DER_E_CHOICE, 14);
    REFUSES(signed_data, "30 10 " HEAD BARE "A1 00 A0 00 31 00", DER_E_TAG, 14);
}

TEST(a_signer_is_told_apart_from_what_is_nearly_one)
{
#define TWO "30 03 06 01 2A 30 03 06 01 2A 04 00"
    ACCEPTS(signed_data, "30 20 " HEAD BARE "31 14 30 12 02 01 03 80 01 55 " TWO);
    REFUSES(signed_data, "30 20 " HEAD BARE "31 14 30 12 02 01 02 80 01 55 " TWO, DER_E_VERSION, 16);
    REFUSES(signed_data, "30 20 " HEAD BARE "31 14 30 12 02 01 03 81 01 55 " TWO, DER_E_TAG, 19);
    ACCEPTS(signed_data, "30 24 " HEAD BARE "31 18 30 16 02 01 01 30 05 30 00 02 01 07 " TWO);
    REFUSES(signed_data, "30 26 " HEAD BARE "31 1A 30 18 02 01 01 30 07 30 00 02 01 07 05 00 " TWO, DER_E_TRAILING, 26);
    REFUSES(signed_data, "30 22 " HEAD BARE "31 16 30 14 02 01 03 80 01 55 " TWO " 05 00", DER_E_TRAILING, 34);
    REFUSES(signed_data, "30 29 " HEAD BARE "31 1D 30 1B 02 01 03 80 01 55 30 03 06 01 2A A0 07 30 05 06 01 2A 31 00 30 03 06 01 2A 04 00",
            DER_E_EMPTY, 34);
    ACCEPTS(signed_data, "30 37 " HEAD BARE "31 2B 30 29 02 01 03 80 01 55 30 03 06 01 2A A0 09 30 07 06 01 2A 31 02 05 00 30 03 06 01 2A 04 00 "
                         "A1 0A 30 08 06 01 2A 31 03 02 01 00");
    REFUSES(signed_data, "30 35 " HEAD BARE "31 29 30 27 02 01 03 80 01 55 " TWO " A1 13 30 11 06 09 2A 86 48 86 F7 0D 01 09 07 31 04 0C 03 41 41",
            DER_E_PAST_END, 52);
}

TEST(cms_is_refused_where_it_is_of_another_kind)
{
#define KIND "06 09 2A 86 48 86 F7 0D 01 07 "
    ACCEPTS(content_info, "30 1B " KIND "02 A0 0E 30 0C " HEAD BARE "31 00");
    REFUSES(content_info, "30 1B " KIND "03 A0 0E 30 0C " HEAD BARE "31 00", DER_E_ALGORITHM, 2);
    REFUSES(content_info, "30 0B " KIND "02", DER_E_MISSING, 13);
    REFUSES(content_info, "30 1D " KIND "02 A0 10 30 0C " HEAD BARE "31 00 05 00", DER_E_TRAILING, 29);
    REFUSES(content_info, "30 1D " KIND "02 A0 0E 30 0C " HEAD BARE "31 00 05 00", DER_E_TRAILING, 29);
    REFUSES(content_info, "30 80 " KIND "02 A0 80 30 80", DER_E_LENGTH_INDEFINITE, 1);
}

TEST(what_cmc_adds_is_told_apart_from_what_is_nearly_it)
{
    ACCEPTS(pki_data, "30 08 30 00 30 00 30 00 30 00");
    REFUSES(pki_data, "30 06 30 00 30 00 30 00", DER_E_MISSING, 8);
    REFUSES(pki_data, "30 0A 30 00 30 00 30 00 30 00 05 00", DER_E_TRAILING, 10);
    ACCEPTS(pki_data, "30 12 30 0A 30 08 02 01 01 06 01 2A 31 00 30 00 30 00 30 00");
    ACCEPTS(pki_data, "30 16 30 0E 30 0C 02 05 00 FF FF FF FF 06 01 2A 31 00 30 00 30 00 30 00");
    REFUSES(pki_data, "30 16 30 0E 30 0C 02 05 01 00 00 00 00 06 01 2A 31 00 30 00 30 00 30 00", DER_E_INTEGER_TOO_LARGE, 6);
    REFUSES(pki_data, "30 12 30 0A 30 08 02 01 80 06 01 2A 31 00 30 00 30 00 30 00", DER_E_INTEGER_NEGATIVE, 6);
    ACCEPTS(pki_data, "30 13 30 00 30 0B A0 05 02 01 01 30 00 A1 00 A2 00 30 00 30 00");
    REFUSES(pki_data, "30 0A 30 00 30 02 A3 00 30 00 30 00", DER_E_CHOICE, 6);
    REFUSES(pki_data, "30 11 30 00 30 09 A0 07 02 01 01 30 00 05 00 30 00 30 00", DER_E_TRAILING, 13);
    REFUSES(pki_data, "30 0D 30 00 30 00 30 05 30 03 02 01 01 30 00", DER_E_MISSING, 13);
    REFUSES(pki_data, "30 0F 30 00 30 00 30 00 30 07 30 05 02 01 01 05 00", DER_E_TAG, 15);
    ACCEPTS(addition, "30 07 02 01 00 30 00 31 00");
    REFUSES(addition, "30 0A 02 01 00 30 03 02 01 80 31 00", DER_E_INTEGER_NEGATIVE, 7);
    REFUSES(addition, "30 07 02 01 00 30 00 31 00 05 00", DER_E_TRAILING, 9);
    ACCEPTS(registration_info, "04 01 41");
    REFUSES(registration_info, "0C 01 41", DER_E_TAG, 0);
    REFUSES(registration_info, "04 01 41 04 01 42", DER_E_TRAILING, 3);
}

TEST(where_there_is_no_request_it_is_told_where_one_was_sought)
{
#define CMC_TYPE "06 08 2B 06 01 05 05 07 0C 02 "
    REFUSES(unwrapped, "30 1B " KIND "02 A0 0E 30 0C " HEAD BARE "31 00", DER_E_MISSING, 0);
    REFUSES(unwrapped, "30 1F " KIND "02 A0 12 30 10 " HEAD "30 07 06 01 2A A0 02 04 00 31 00", DER_E_ALGORITHM, 31);
    REFUSES(unwrapped, "30 27 " KIND "02 A0 1A 30 18 " HEAD "30 0F " KIND "01 A0 02 04 00 31 00", DER_E_MISSING, 39);
    REFUSES(unwrapped, "30 29 " KIND "02 A0 1C 30 1A " HEAD "30 11 " KIND "01 A0 04 04 02 30 00 31 00", DER_E_MISSING, 41);
    REFUSES(unwrapped, "30 30 " KIND "02 A0 23 30 21 " HEAD "30 18 " CMC_TYPE "A0 0C 04 0A 30 08 30 00 30 00 30 00 30 00 31 00", DER_E_MISSING, 44);
    REFUSES(unwrapped, "30 32 " KIND "02 A0 25 30 23 " HEAD "30 1A " CMC_TYPE "A0 0E 04 0C 30 0A 30 00 30 02 A1 00 30 00 30 00 31 00",
            DER_E_ALGORITHM, 44);
}

TEST(the_first_refusal_stays_and_everything_after_it_fails)
{
    const unsigned char bytes[] = {0x05, 0x00, 0x05, 0x00};
    struct der_fault fault;
    struct der_value value;
    struct der der, inside;

    der_begin(&der, &fault, bytes, sizeof bytes);
    check(!der_enter(&der, "sequence", DER_SEQUENCE, &inside));
    check(!der_more(&der) && !der_more(&inside));
    check(!der_any(&der, "value", &value));
    check(!der_end(&inside, "sequence"));
    check(!der_next_is(&der, DER_NULL));
    check(!der_refuse(&der, DER_E_DEPTH, "other", bytes + 2));
    check_int(fault.error, DER_E_TAG);
    check_int(fault.offset, 0);
    check_text(fault.what, "sequence");
}

TEST(every_reason_for_a_refusal_has_been_met)
{
    for (int error = 0; error < DER_E_COUNT; error++) {
        if (!check(met[error])) test_note("    number %d", error);
    }
}
