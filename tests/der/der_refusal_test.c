/* What the DER reader refuses, why, and at which byte: the cases of refusals.tsv, which meet every reason. */
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

    return public_key_read(d, "value", &k) && (public_key_rsa(&k, d->fault, NULL, &n, &e) || n.size || e.size);
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

    if (!general_names_begin(&cursor, d->fault, NULL, der_rest(d))) return false;
    if (d->fault->error) return true;
    while (general_names_next(&cursor, &name)) { }
    return !d->fault->error || name.kind || name.content.size || name.type.size || name.value.tag;
}

static bool request(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct pkcs10 p;

    memset(&p, 0xA5, sizeof p);
    return pkcs10_read(all.data, all.size, &p, d->fault, NULL) || p.info.size || p.has_challenge || p.challenge_size;
}

static bool certificate(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct x509 x;

    memset(&x, 0xA5, sizeof x);
    return x509_read(all.data, all.size, &x, d->fault, NULL) || x.info.size || x.version;
}

static bool signed_data(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct cms c;

    memset(&c, 0xA5, sizeof c);
    return cms_read_inner(all.data, all.size, &c, d->fault, NULL) || c.version || c.has_content || c.content_type.size;
}

static bool content_info(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct cms c;

    memset(&c, 0xA5, sizeof c);
    return cms_read(all.data, all.size, &c, d->fault, NULL) || c.version || c.content_type.size;
}

static bool pki_data(struct der *d)
{
    struct pki_data p;

    memset(&p, 0xA5, sizeof p);
    return pki_data_read(der_rest(d), &p, d->fault, NULL) || p.controls.size || p.requests.size;
}

static bool addition(struct der *d)
{
    struct cmc_addition a;

    memset(&a, 0xA5, sizeof a);
    return cmc_add_attributes_read(der_rest(d), &a, d->fault, NULL) || a.to || a.list.size;
}

static bool registration_info(struct der *d)
{
    struct der_bytes text = POISONED;

    return reg_info_read(der_rest(d), &text, d->fault, NULL) || text.size;
}

static bool unwrapped(struct der *d)
{
    struct der_bytes all = der_rest(d);
    struct pkcs10 p;

    memset(&p, 0xA5, sizeof p);
    return pkcs10_unwrap(all.data, all.size, &p, d->fault, NULL) || p.info.size || p.has_challenge;
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

/* The names that CASES uses: of the ways of reading, and of the reasons. */
#define READER(function) {#function, function}
static const struct reader {
    const char *name;
    read_function *read;
} readers[] = {
    READER(any), READER(checked), READER(octets), READER(sequence), READER(set), READER(deep), READER(boolean),
    READER(null), READER(integer), READER(positive), READER(small), READER(oid), READER(bits), READER(whole_bits),
    READER(named_bits), READER(a_time), READER(name), READER(algorithm), READER(public_key), READER(rsa_key),
    READER(ec_key), READER(extensions), READER(alternative_names), READER(request), READER(certificate),
    READER(signed_data), READER(content_info), READER(pki_data), READER(addition), READER(registration_info),
    READER(unwrapped),
};

#define REASON(error) [error] = #error
static const char *const reasons[DER_E_COUNT] = {
    [DER_OK] = "accepted",
    REASON(DER_E_MISSING), REASON(DER_E_TAG), REASON(DER_E_TAG_CUT), REASON(DER_E_TAG_PADDED),
    REASON(DER_E_TAG_TOO_LARGE), REASON(DER_E_TAG_RESERVED), REASON(DER_E_FORM), REASON(DER_E_LENGTH_CUT),
    REASON(DER_E_LENGTH_INDEFINITE), REASON(DER_E_LENGTH_RESERVED), REASON(DER_E_LENGTH_PADDED),
    REASON(DER_E_LENGTH_TOO_LARGE), REASON(DER_E_PAST_END), REASON(DER_E_TRAILING), REASON(DER_E_DEPTH),
    REASON(DER_E_SET_ORDER), REASON(DER_E_EMPTY), REASON(DER_E_TOO_MANY), REASON(DER_E_REPEATED),
    REASON(DER_E_DEFAULT), REASON(DER_E_BOOLEAN), REASON(DER_E_NULL), REASON(DER_E_INTEGER_EMPTY),
    REASON(DER_E_INTEGER_PADDED), REASON(DER_E_INTEGER_TOO_LARGE), REASON(DER_E_INTEGER_NEGATIVE),
    REASON(DER_E_OID_EMPTY), REASON(DER_E_OID_CUT), REASON(DER_E_OID_PADDED), REASON(DER_E_BITS_EMPTY),
    REASON(DER_E_BITS_UNUSED), REASON(DER_E_BITS_NOT_ZERO), REASON(DER_E_BITS_NOT_WHOLE), REASON(DER_E_BITS_PADDED),
    REASON(DER_E_TIME_FORM), REASON(DER_E_TIME_RANGE), REASON(DER_E_VERSION), REASON(DER_E_MISMATCH),
    REASON(DER_E_ADDRESS), REASON(DER_E_ALGORITHM), REASON(DER_E_TEXT_SIZE), REASON(DER_E_CHOICE),
    REASON(DER_E_POINT),
};

/*
 * The cases: text in UTF-8, a line each, of five fields with a tab between them, below a line of the fields' names.
 *
 *   case    what the case shows
 *   reader  the way of reading, one of `readers`
 *   strict  what the reader says without remarks: "accepted", or the reason of the refusal, one of `reasons`
 *   offset  of the byte that offends; "-" where it is accepted
 *   bytes   in hexadecimal digits; "-" for none
 */
#define CASES "tests/der/refusals.tsv"

struct refusal_case {
    const char *name, *reader, *strict, *offset, *bytes;
};

/* The text up to the next of the `ends`, which is cut off. */
static const char *next_field(char **line, const char *ends)
{
    char *field = *line;

    *line += strcspn(*line, ends);
    if (**line) *(*line)++ = 0;
    return field;
}

static struct refusal_case case_of(char *line)
{
    struct refusal_case one;

    one.name = next_field(&line, "\t");
    one.reader = next_field(&line, "\t");
    one.strict = next_field(&line, "\t");
    one.offset = next_field(&line, "\t");
    one.bytes = next_field(&line, "\r\n");
    return one;
}

static read_function *reader_named(const char *name)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (!strcmp(readers[i].name, name)) return readers[i].read;
    }
    return NULL;
}

static void check_sentence(const struct der_fault *fault, int line)
{
    char text[256], want[32];

    der_fault_text(fault, text, sizeof text);
    snprintf(want, sizeof want, " at byte %u", (unsigned)fault->offset);
    bool whole = strlen(text) > strlen(want) && !strcmp(text + strlen(text) - strlen(want), want) && !strchr(text, '%');
    if (!test_check(whole, CASES, line, "the sentence is whole and ends with the offset")) test_note("    %s", text);
}

static void check_case(const struct refusal_case *one, int line)
{
    bool is_good = !strcmp(one->strict, "accepted"), accepted;
    read_function *read = reader_named(one->reader);
    struct der_fault fault;
    char offset[16] = "-";
    int before = test_failures();

    if (!test_check(read != NULL, CASES, line, "the reader is one that there is")) return;
    fault = refusal(read, one->bytes, &accepted);
    test_check(accepted == is_good, CASES, line, is_good ? "it is accepted" : "it is refused, and nothing comes out");
    test_check_text(reasons[fault.error], one->strict, CASES, line, "the reason");
    if (fault.error) snprintf(offset, sizeof offset, "%u", (unsigned)fault.offset);
    test_check_text(offset, one->offset, CASES, line, "the offset");
    if (!is_good) check_sentence(&fault, line);
    if (test_failures() > before) test_note("    %s: %s", one->name, one->bytes);
}

TEST(each_case_of_the_file_is_accepted_or_refused_with_its_reason_at_its_byte)
{
    FILE *file = fopen(CASES, "r");
    char text[8192];
    int line = 1;

    if (!check(file != NULL)) return;
    check(fgets(text, sizeof text, file) && !strncmp(text, "case\treader\tstrict\toffset\tbytes", 31));
    while (fgets(text, sizeof text, file)) {
        struct refusal_case one = case_of(text);

        check_case(&one, ++line);
    }
    fclose(file);
    test_note("%d cases", line - 1);
    check(line - 1 >= 302);                     /* so many there were: a file that was cut off does not pass */
}

TEST(a_refusal_of_another_tag_names_both)
{
    bool accepted;
    struct der_fault fault = refusal(octets, "31 00", &accepted);
    char text[128];

    der_fault_text(&fault, text, sizeof text);
    check_text(text, "the value has tag 31, not 04, at byte 0");
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
    for (int error = 0; error < DER_R_TIME_EARLY; error++) {      /* those behind are remarks alone */
        if (!check(met[error])) test_note("    number %d", error);
    }
}
