#include "parts.h"

#include "der_put.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool parts_next(const char **names, char *type, size_t type_size, char *value, size_t value_size)
{
    const char *line = *names, *colon = strchr(line, ':');
    size_t size = strcspn(line, "\n");

    if (!*line || !colon) return false;
    snprintf(type, type_size, "%.*s", (int)(colon - line), line);
    snprintf(value, value_size, "%.*s", (int)(line + size - colon - 1), colon + 1);
    *names = line + size + (line[size] == '\n');
    return true;
}

static void put_rdn(struct bytes *out, const char *oid, unsigned tag, const char *text)
{
    size_t set = put_open(out, TAG_SET), pair = put_open(out, TAG_SEQUENCE);

    put_oid(out, oid);
    put_text(out, tag, text);
    put_close(out, pair);
    put_close(out, set);
}

void parts_put_subject(struct bytes *out, const char *cn, const char *ou)
{
    size_t whole = put_open(out, TAG_SEQUENCE);

    if (*cn && *ou) {
        put_rdn(out, "0.9.2342.19200300.100.1.25", TAG_IA5, "example");
        put_rdn(out, "0.9.2342.19200300.100.1.25", TAG_IA5, "corp");
        put_rdn(out, "2.5.4.11", TAG_UTF8, ou);
    } else if (*cn) put_rdn(out, "2.5.4.10", TAG_UTF8, "Corp");
    if (*cn) put_rdn(out, "2.5.4.3", TAG_UTF8, cn);
    put_close(out, whole);
}

void parts_subject_text(const char *cn, const char *ou, char *out, size_t size)
{
    if (!*cn) *out = 0;
    else if (*ou) snprintf(out, size, "CN=%s, OU=%s, DC=corp, DC=example", cn, ou);
    else snprintf(out, size, "CN=%s, O=Corp", cn);
}

void parts_put_extension(struct bytes *out, const char *oid, bool critical, const struct bytes *value)
{
    size_t whole = put_open(out, TAG_SEQUENCE);

    put_oid(out, oid);
    if (critical) put_true(out);
    put_value(out, TAG_OCTETS, value->data, value->size);
    if (value->failed) bytes_fail(out);
    put_close(out, whole);
}

static void put_other_name(struct bytes *out, const char *oid, unsigned tag, const char *text)
{
    size_t whole = put_open(out, TAG_CONSTRUCTED), value;

    put_oid(out, oid);
    value = put_open(out, TAG_CONSTRUCTED);
    put_text(out, tag, text);
    put_close(out, value);
    put_close(out, whole);
}

static void put_name(struct bytes *out, const char *type, const char *value)
{
    struct in_addr address;

    if (!strcmp(type, "upn")) put_other_name(out, MS "20.2.3", TAG_UTF8, value);
    else if (!strcmp(type, "email")) put_text(out, TAG_CONTEXT | 1, value);
    else if (!strcmp(type, "dns")) put_text(out, TAG_CONTEXT | 2, value);
    else if (!strcmp(type, "uri")) put_text(out, TAG_CONTEXT | 6, value);
    else if (inet_pton(AF_INET, value, &address) == 1) put_value(out, TAG_CONTEXT | 7, &address, sizeof address);
    else bytes_fail(out);
}

void parts_put_alternative_names(struct bytes *out, const char *names)
{
    struct bytes value = {0};
    char type[8], text[256];
    size_t list;

    if (!*names) return;
    list = put_open(&value, TAG_SEQUENCE);
    while (parts_next(&names, type, sizeof type, text, sizeof text)) put_name(&value, type, text);
    put_close(&value, list);
    parts_put_extension(out, "2.5.29.17", false, &value);
    bytes_free(&value);
}

void parts_put_sid(struct bytes *out, const char *sid)
{
    struct bytes value = {0};
    size_t list;

    if (!*sid) return;
    list = put_open(&value, TAG_SEQUENCE);
    put_other_name(&value, MS "25.2.1", TAG_OCTETS, sid);
    put_close(&value, list);
    parts_put_extension(out, MS "25.2", false, &value);
    bytes_free(&value);
}

void parts_put_template(struct bytes *out, const struct template *template)
{
    struct bytes value = {0};
    size_t whole;

    if (!template->oid) put_bmp(&value, template->name);
    else {
        whole = put_open(&value, TAG_SEQUENCE);
        put_oid(&value, template->oid);
        put_number(&value, 100);
        put_number(&value, 4);
        put_close(&value, whole);
    }
    parts_put_extension(out, template->oid ? MS "21.7" : MS "20.2", false, &value);
    bytes_free(&value);
}

void parts_put_usages(struct bytes *out, const char *oids)
{
    struct bytes value = {0};
    size_t list;

    if (!oids) return;
    list = put_open(&value, TAG_SEQUENCE);
    put_oids(&value, oids);
    put_close(&value, list);
    parts_put_extension(out, "2.5.29.37", false, &value);
    bytes_free(&value);
}

void parts_put_policies(struct bytes *out, const char *oid, const char *oids)
{
    struct bytes value = {0};
    size_t list, one;

    if (!oids) return;
    list = put_open(&value, TAG_SEQUENCE);
    while (*oids) {
        char dotted[80];
        size_t size = strcspn(oids, " ");

        snprintf(dotted, sizeof dotted, "%.*s", (int)size, oids);
        one = put_open(&value, TAG_SEQUENCE);
        put_oid(&value, dotted);
        put_close(&value, one);
        oids += size + (oids[size] == ' ');
    }
    put_close(&value, list);
    parts_put_extension(out, oid, false, &value);
    bytes_free(&value);
}
