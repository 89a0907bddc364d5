/* Attributes out of PKCS#10 requests. */
#include "request_attributes.h"

#include "der/value.h"
#include "stubca/base/heap.h"
#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Put a line behind those there are. Takes `value` over. Line ends in it become blanks. */
static void add_line(char **lines, const char *name, char *value)
{
    char *longer;

    if (!value) return;
    for (char *c = value; *c; c++) {
        if (*c == '\n' || *c == '\r') *c = ' ';
    }
    longer = text_format("%s%s:%s\n", *lines, name, value);
    free(value);
    free(*lines);
    *lines = longer;
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

/* SEQUENCE { clientId INTEGER, machine UTF8String, user UTF8String, process UTF8String }, each of them optional */
static char *client_machine(struct der *der)
{
    struct der_value value;
    struct der inside;

    if (!der_enter(der, "client info", DER_SEQUENCE, &inside) || !der_any(&inside, "client info", &value)) return NULL;
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

char *request_attributes(const struct request *request)
{
    char *lines = heap_text("");
    struct attribute attribute;
    struct der_fault fault, value_fault;        /* a fault ends its cursor: one bad value must not end the walk */
    struct der cursor, values;

    attributes_begin(&cursor, &fault, request->pkcs10.attributes);
    while (attributes_next(&cursor, &attribute)) {
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            if (!der_oid_is(attribute.oid, kinds[i].oid)) continue;
            der_begin(&values, &value_fault, attribute.values.data, attribute.values.size);
            add_line(&lines, kinds[i].name, kinds[i].read(&values));
        }
    }
    return lines;
}
