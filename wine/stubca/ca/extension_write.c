/* The values of extensions. */
#include "extension_write.h"

#include "stubca/base/text.h"

#include <stdlib.h>
#include <string.h>

static void write_bmp(struct der_writer *writer, const char *utf8)
{
    WCHAR *wide = text_wide(utf8);
    size_t length = wcslen(wide);

    for (size_t i = 0; i < length; i++) wide[i] = (WCHAR)(wide[i] << 8 | wide[i] >> 8);
    der_put(writer, DER_BMP_STRING, wide, length * sizeof *wide);
    free(wide);
}

void write_template(struct der_writer *writer, const struct template *template)
{
    size_t list;

    if (template->schema < 2) {
        write_bmp(writer, template->name);
        return;
    }
    list = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, template->oid);
    der_put_number(writer, template->major);
    der_put_number(writer, template->minor);
    der_close(writer, list);
}

void write_application_policies(struct der_writer *writer, char *const *oids)
{
    size_t list = der_open(writer, DER_SEQUENCE);

    for (; *oids; oids++) {
        size_t policy = der_open(writer, DER_SEQUENCE);

        der_put_oid(writer, *oids);
        der_close(writer, policy);
    }
    der_close(writer, list);
}

/* GeneralName otherName [0]: an OID and, in an explicit [0], one value. */
void write_other_name(struct der_writer *writer, const char *oid, uint32_t tag, const void *value,
                      size_t size)
{
    size_t name = der_open(writer, DER_CONTEXT_CONSTRUCTED(0)), inside;

    der_put_oid(writer, oid);
    inside = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put(writer, tag, value, size);
    der_close(writer, inside);
    der_close(writer, name);
}

void write_sid(struct der_writer *writer, const char *sid)
{
    size_t names = der_open(writer, DER_SEQUENCE);

    write_other_name(writer, "1.3.6.1.4.1.311.25.2.1", DER_OCTET_STRING, sid, strlen(sid));
    der_close(writer, names);
}

void write_alternative_names(struct der_writer *writer, const char *upn, const char *dns_name,
                             const char *mail)
{
    size_t names = der_open(writer, DER_SEQUENCE);

    if (upn)
        write_other_name(writer, "1.3.6.1.4.1.311.20.2.3", DER_UTF8_STRING, upn, strlen(upn));
    if (dns_name) der_put(writer, DER_CONTEXT(2), dns_name, strlen(dns_name));
    if (mail) der_put(writer, DER_CONTEXT(1), mail, strlen(mail));
    der_close(writer, names);
}
