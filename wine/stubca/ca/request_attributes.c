/* Attributes out of requests, and out of what they came in. */
#include "request_attributes.h"

#include "der/microsoft.h"
#include "der/value.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

#define OID_NAME_VALUE "1.3.6.1.4.1.311.13.2.1"
#define OID_ADD_ATTRIBUTES "1.3.6.1.4.1.311.10.10.1"
#define OID_REGISTRATION_INFO "1.3.6.1.5.5.7.7.18"

/* Append a line. Takes `value` over. Line ends in it become blanks. */
static void request_attributes_add_line(struct text_builder *lines, const char *name, char *value)
{
    if (!value) return;
    for (char *c = value; *c; c++) {
        if (*c == '\n' || *c == '\r') *c = ' ';
    }
    text_append(lines, name);
    text_append(lines, ":");
    text_append(lines, value);
    text_append(lines, "\n");
    free(value);
}

static char *os_version(struct der *der)
{
    struct der_value value = {.tag = DER_IA5_STRING};

    return der_read(der, "OS version", DER_IA5_STRING, &value.content) ? text_of(&value) : NULL;
}

/* SEQUENCE { keySpec INTEGER, cspName BMPString, signature BIT STRING } */
static char *csp_name(struct der *der)
{
    struct der_value name;
    struct der_bytes number;
    struct der inside;

    if (!der_enter(der, "CSP", DER_SEQUENCE, &inside) || !der_integer(&inside, "key spec", &number)
        || !der_any(&inside, "name", &name)) return NULL;
    return text_of(&name);
}

/* SEQUENCE { clientId INTEGER, machine UTF8String, user UTF8String, process UTF8String }, each of
 * them optional */
static char *client_machine(struct der *der)
{
    struct der_value value;
    struct der inside;

    if (!der_enter(der, "client info", DER_SEQUENCE, &inside) ||
        !der_any(&inside, "client info", &value))
        return NULL;
    if (value.tag == DER_INTEGER && !der_any(&inside, "machine", &value)) return NULL;
    return value.tag == DER_UTF8_STRING ? text_of(&value) : NULL;
}

static const struct {
    const char *oid, *name;
    char *(*read)(struct der *der);
} kinds[] = {
    {"1.3.6.1.4.1.311.13.2.3", "RequestOSVersion", os_version},
    {"1.3.6.1.4.1.311.13.2.2", "RequestCSPProvider", csp_name},
    {"1.3.6.1.4.1.311.21.20", "ccm", client_machine},
};

/* Of a name nothing may end the line or the name. */
static char *harmless_name(char *name)
{
    for (char *c = name; *c; c++) {
        if (*c == ':' || *c == '\n' || *c == '\r') *c = ' ';
    }
    return name;
}

static void add_pairs(struct text_builder *lines, struct der_bytes values)
{
    struct name_value_pair pair;
    struct der_fault fault;
    struct der cursor;

    name_value_pairs_begin(&cursor, &fault, DER_BORNE, values);
    while (name_value_pairs_next(&cursor, &pair)) {
        char *name = pair.secret ? NULL : harmless_name(text_of(&pair.name));

        if (name) request_attributes_add_line(lines, name, text_of(&pair.value));
        free(name);
    }
}

static void request_attributes_add_list(struct text_builder *lines, struct der_bytes list)
{
    struct attribute attribute;
    struct der_fault fault,
        value_fault; /* a fault ends its cursor: one bad value must not end the walk */
    struct der cursor, values;

    attributes_begin(&cursor, &fault, list);
    while (attributes_next(&cursor, &attribute)) {
        if (der_oid_is(attribute.oid, OID_NAME_VALUE)) add_pairs(lines, attribute.values);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            if (!der_oid_is(attribute.oid, kinds[i].oid)) continue;
            der_begin(&values, &value_fault, attribute.values.data, attribute.values.size);
            request_attributes_add_line(lines, kinds[i].name, kinds[i].read(&values));
        }
    }
}

/* A part of registration info, '%' and its digits undone. */
static char *unescaped(struct der_bytes raw)
{
    struct der_value value = {.tag = DER_UTF8_STRING};
    char *plain = heap_take(raw.size + 1), *text;

    value.content = (struct der_bytes){(unsigned char *)plain, reg_info_unescape(raw, plain)};
    text = text_of(&value);
    free(plain);
    return text;
}

static void add_registration(struct text_builder *lines, struct der_bytes values)
{
    struct reg_info_pair pair;
    struct der_fault fault;
    struct der_bytes text;

    if (!reg_info_read(values, &text, &fault, DER_BORNE)) return;
    while (reg_info_next(&text, &pair)) {
        char *name = pair.secret ? NULL : harmless_name(unescaped(pair.name));

        if (name) request_attributes_add_line(lines, name, unescaped(pair.value));
        free(name);
    }
}

static void add_controls(struct text_builder *lines, const struct pki_data *pki_data)
{
    struct cmc_addition addition;
    struct cmc_control control;
    struct der_fault fault, inner;
    struct der cursor;

    cmc_controls_begin(&cursor, &fault, pki_data);
    while (cmc_controls_next(&cursor, &control)) {
        if (der_oid_is(control.oid, OID_REGISTRATION_INFO)) add_registration(lines, control.values);
        if (der_oid_is(control.oid, OID_ADD_ATTRIBUTES) &&
            cmc_add_attributes_read(control.values, &addition, &inner, DER_BORNE))
            request_attributes_add_list(lines, addition.list);
    }
}

/* What is around the request, from the inside outwards. */
static void add_wrapping(struct text_builder *lines, const struct wrapping *wrapping)
{
    for (size_t i = wrapping->count; i-- > 0;) {
        struct cms_signer signer;
        struct der_fault fault;
        struct der cursor;

        add_controls(lines, &wrapping->layers[i].pki_data);
        cms_signers_begin(&cursor, &fault, &wrapping->layers[i].cms);
        for (int n = 0; n < CMS_SIGNERS_MAX && cms_signers_next(&cursor, &signer); n++)
            request_attributes_add_list(lines, signer.signed_attributes);
    }
}

char *request_attributes(const struct request *request)
{
    struct text_builder lines = {0};

    text_append(&lines, "");
    request_attributes_add_list(&lines, request->pkcs10.attributes);
    add_wrapping(&lines, &request->wrapping);
    return lines.text;
}

/* The value of the last line `requestername`, whatever its case; NULL: there is none. Frees the
 * lines. */
static char *take_requester(struct text_builder *lines)
{
    static const char name[] = "requestername:";
    const char *found = NULL, *line = lines->text;
    char *requester = NULL;

    while (line && *line) {
        if (!_strnicmp(line, name, sizeof name - 1)) found = line + sizeof name - 1;
        line += strcspn(line, "\n") + 1;
    }
    if (found) requester = text_format("%.*s", (int)strcspn(found, "\n"), found);
    free(lines->text);
    return requester;
}

char *requester_in_controls(const struct wrapping_layer *layer)
{
    struct text_builder lines = {0};

    add_controls(&lines, &layer->pki_data);
    return take_requester(&lines);
}

char *requester_in_signer(const struct cms_signer *signer)
{
    struct text_builder lines = {0};

    request_attributes_add_list(&lines, signer->signed_attributes);
    return take_requester(&lines);
}
