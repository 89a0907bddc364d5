/* Names out of attributes. */
#include "keygen_name.h"

#include "properties.h"
#include "stubca/base/text.h"
#include "subject.h"

#include <stdlib.h>
#include <string.h>

/* In which order the parts stand, the country first, and how each is written. */
static const struct { enum name_column column; const char *oid; uint32_t tag;
} parts[] = {
    {COLUMN_DOMAIN_COMPONENT, "0.9.2342.19200300.100.1.25", DER_IA5_STRING},
    {COLUMN_COUNTRY, "2.5.4.6", DER_PRINTABLE_STRING},
    {COLUMN_STATE, "2.5.4.8", DER_UTF8_STRING},
    {COLUMN_LOCALITY, "2.5.4.7", DER_UTF8_STRING},
    {COLUMN_ORGANIZATION, "2.5.4.10", DER_UTF8_STRING},
    {COLUMN_ORG_UNIT, "2.5.4.11", DER_UTF8_STRING},
    {COLUMN_COMMON_NAME, "2.5.4.3", DER_UTF8_STRING},
    {COLUMN_EMAIL, "1.2.840.113549.1.9.1", DER_IA5_STRING},
};

static void keygen_name_put_part(struct der_writer *writer, const char *oid, uint32_t tag,
                                 const WCHAR *wide)
{
    size_t set = der_open(writer, DER_SET), part = der_open(writer, DER_SEQUENCE);
    char *value = text_utf8(wide);

    der_put_oid(writer, oid);
    der_put(writer, tag, value, strlen(value));
    der_close(writer, part);
    der_close(writer, set);
    free(value);
}

static bool is_column(const WCHAR *wide, enum name_column column)
{
    char *name = text_utf8(wide);
    int property = property_find(name);

    free(name);
    return property >= 0 && !strcmp(properties[property].name, name_column_names[column]);
}

void keygen_name_write(const struct row *row, struct der_writer *writer)
{
    size_t name = der_open(writer, DER_SEQUENCE);

    for (size_t i = 0; i < ARRAYSIZE(parts); i++) {
        for (size_t n = 0; n < row->attribute_count; n++) {
            if (is_column(row->attributes[n].name, parts[i].column))
                keygen_name_put_part(writer, parts[i].oid, parts[i].tag, row->attributes[n].value);
        }
    }
    der_close(writer, name);
}
