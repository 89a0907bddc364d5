#include "cert_words.h"

#include "der/usage.h"
#include "der/value.h"
#include "oid_name.h"

static void cert_words_add_oid(struct bytes *out, struct der_bytes oid, bool both)
{
    char dotted[DER_OID_TEXT];
    const char *name;

    if (!der_oid_text(oid, dotted, sizeof dotted)) {
        bytes_add_text(out, "?");
        return;
    }
    name = oid_name(dotted);
    if (name) bytes_add_text(out, name);
    if (name && both) bytes_add_text(out, " (");
    if (!name || both) bytes_add_text(out, dotted);
    if (name && both) bytes_add_text(out, ")");
}

void purposes_words(struct der_bytes value, struct bytes *out)
{
    struct der_fault fault;
    struct der_bytes oid;
    struct der cursor;
    size_t count = 0;

    if (!purposes_begin(&cursor, &fault, DER_BORNE, value)) return;
    while (purposes_next(&cursor, &oid)) {
        if (++count > CERT_WORDS_PURPOSES) continue;
        if (count > 1) bytes_add_text(out, ", ");
        cert_words_add_oid(out, oid, true);
    }
    if (count > CERT_WORDS_PURPOSES)
        bytes_printf(out, ", and %u more", (unsigned)(count - CERT_WORDS_PURPOSES));
}

void key_words(const struct public_key *key, struct bytes *out)
{
    unsigned length = public_key_length(key);
    struct der_bytes curve;
    struct der_fault fault;
    struct der parameters;

    der_begin_with(&parameters, &fault, DER_BORNE, key->algorithm.parameters.data,
                   key->algorithm.parameters.size);
    if (der_oid_is(key->algorithm.oid, "1.2.840.10045.2.1") &&
        der_oid(&parameters, "curve", &curve)) {
        cert_words_add_oid(out, curve, false);
        return;
    }
    cert_words_add_oid(out, key->algorithm.oid, false);
    if (length) bytes_printf(out, " %u", length);
}

void algorithm_words(const struct algorithm *algorithm, struct bytes *out)
{
    cert_words_add_oid(out, algorithm->oid, false);
}
