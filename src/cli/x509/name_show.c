#include "name_show.h"
#include "der/name.h"
#include "der/text.h"
#include "der/value.h"
#include "oid_name.h"

#include <string.h>

/* A value as UTF-8 of its own, to be freed with bytes_free; failure is the outline's. */
static struct bytes utf8_of(struct outline *outline, uint32_t tag, struct der_bytes content)
{
    struct bytes text = {0};
    size_t size = der_text(tag, content, NULL, 0, NULL);
    char *room = size ? bytes_reserve(&text, size) : NULL;

    if (room) text.size = der_text(tag, content, room, size, NULL);
    outline->out->failed |= text.failed;
    return text;
}

static struct bytes hex_of(struct outline *outline, struct der_bytes content)
{
    static const char digits[] = "0123456789abcdef";
    struct bytes text = {0};
    char *room = content.size ? bytes_reserve(&text, content.size * 2) : NULL;

    for (size_t i = 0; room && i < content.size; i++) {
        *room++ = digits[content.data[i] >> 4];
        *room++ = digits[content.data[i] & 15];
    }
    if (room) text.size = content.size * 2;
    outline->out->failed |= text.failed;
    return text;
}

static void any_name_show(struct outline *outline, const char *key, const char *label,
                          struct der_bytes name, size_t (*write)(struct der_bytes, char *, size_t))
{
    struct bytes text = {0};
    size_t size = write(name, NULL, 0);
    char *room = size ? bytes_reserve(&text, size) : NULL;

    if (room) text.size = write(name, room, size);
    outline->out->failed |= text.failed;
    outline_text(outline, key, label, text.data, text.size);
    bytes_free(&text);
}

void name_show(struct outline *outline, const char *key, const char *label, struct der_bytes name)
{
    any_name_show(outline, key, label, name, name_text);
}

void relative_name_show(struct outline *outline, const char *key, const char *label,
                        struct der_bytes set)
{
    any_name_show(outline, key, label, set, name_set_text);
}

void text_show(struct outline *outline, const char *key, const char *label,
               const struct der_value *value)
{
    struct bytes text;

    if (!der_is_text(value->tag)) {
        outline_hex(outline, key, label, value->whole.data, value->whole.size);
        return;
    }
    text = utf8_of(outline, value->tag, value->content);
    outline_text(outline, key, label, text.data, text.size);
    bytes_free(&text);
}

void oid_show(struct outline *outline, const char *key, const char *label, struct der_bytes oid)
{
    const struct outline_names *names = outline->names;
    char dotted[DER_OID_TEXT];
    const char *name;

    if (!der_oid_text(oid, dotted, sizeof dotted)) {
        outline_hex(outline, key, label, oid.data, oid.size);
        return;
    }
    if (!(name = oid_name(dotted)) && names) name = names->find(names->context, dotted);
    outline_oid(outline, key, label, dotted, name);
}

void integer_show(struct outline *outline, const char *key, const char *label,
                  struct der_bytes content)
{
    int64_t number;

    if (der_number(content, &number)) outline_number(outline, key, label, number);
    else outline_hex(outline, key, label, content.data, content.size);
}

void plain_hex_show(struct outline *outline, const char *key, const char *label,
                    struct der_bytes content)
{
    struct bytes text = hex_of(outline, content);

    outline_text(outline, key, label, text.data, text.size);
    bytes_free(&text);
}

void serial_show(struct outline *outline, const char *key, const char *label,
                 struct der_bytes content)
{
    if (content.size > 1 && !content.data[0]) content.data++, content.size--;
    plain_hex_show(outline, key, label, content);
}

void time_show(struct outline *outline, const char *key, const char *label, int64_t seconds)
{
    if (seconds != DER_TIME_NONE) outline_time(outline, key, label, seconds);
    else if (!outline->as_json) outline_word(outline, key, label, "(a date that does not exist)");
}

/* The longest run of two zeros and more among eight numbers of an IPv6 address, the first of the
 * longest (RFC 5952). */
static void longest_zeros(const unsigned *parts, size_t *from, size_t *count)
{
    *from = *count = 0;
    for (size_t i = 0, run = 0; i < 8; i++) {
        run = parts[i] ? 0 : run + 1;
        if (run > 1 && run > *count) *count = run, *from = i + 1 - run;
    }
}

static void add_v6(struct bytes *text, const unsigned char *at)
{
    unsigned parts[8];
    size_t from, count;

    for (size_t i = 0; i < 8; i++) parts[i] = (unsigned)at[2 * i] << 8 | at[2 * i + 1];
    longest_zeros(parts, &from, &count);
    for (size_t i = 0; i < 8; i++) {
        if (count && i == from) bytes_add_text(text, "::");
        if (count && i >= from && i < from + count) continue;
        bytes_printf(text, "%s%x", i && !(count && i == from + count) ? ":" : "", parts[i]);
    }
}

static void name_show_add_address(struct bytes *text, const unsigned char *at, size_t size)
{
    if (size == 4) bytes_printf(text, "%u.%u.%u.%u", at[0], at[1], at[2], at[3]);
    else add_v6(text, at);
}

static void hex_kind_show(struct outline *outline, const char *kind, const char *label,
                          struct der_bytes content)
{
    struct bytes text = hex_of(outline, content);

    outline_kind(outline, kind, label, text.data, text.size);
    bytes_free(&text);
}

/* An address alone has 4 or 16 bytes, one with its mask 8 or 32. */
static void address_show(struct outline *outline, struct der_bytes address)
{
    size_t size = address.size % 16 ? 4 : 16;
    struct bytes text = {0};

    if (address.size != size && address.size != 2 * size) {     /* of no size that an address has */
        hex_kind_show(outline, "ip", "IP address", address);
        return;
    }

    name_show_add_address(&text, address.data, size);
    if (address.size > size) {
        bytes_add_text(&text, "/");
        name_show_add_address(&text, address.data + size, size);
    }
    outline->out->failed |= text.failed;
    outline_kind(outline, "ip", "IP address", text.data, text.size);
    bytes_free(&text);
}

/* Windows stores the first three fields with the least byte first. */
static void guid_show(struct outline *outline, struct der_bytes guid)
{
    static const unsigned char order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    struct bytes text = {0};

    for (size_t i = 0; i < sizeof order; i++)
        bytes_printf(&text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                     guid.data[order[i]]);
    outline->out->failed |= text.failed;
    outline_kind(outline, "guid", "Object GUID", text.data, text.size);
    bytes_free(&text);
}

static void name_show_add_utf8(struct outline *outline, struct bytes *to, struct der_bytes content)
{
    struct bytes text = utf8_of(outline, DER_UTF8_STRING, content);

    bytes_add(to, text.data, text.size);
    bytes_free(&text);
}

/* "HTTP/www.example.org@REALM" */
static void kerberos_show(struct outline *outline, struct der_bytes realm, struct der_bytes parts)
{
    struct bytes text = {0};
    struct der_fault fault;
    struct der_bytes part;
    struct der cursor;

    kerberos_begin(&cursor, &fault, parts);
    for (bool first = true; kerberos_next(&cursor, &part); first = false) {
        if (!first) bytes_add_text(&text, "/");
        name_show_add_utf8(outline, &text, part);
    }
    bytes_add_text(&text, "@");
    name_show_add_utf8(outline, &text, realm);
    outline->out->failed |= text.failed;
    outline_kind(outline, "kerberos", "Kerberos principal", text.data, text.size);
    bytes_free(&text);
}

static void kind_show(struct outline *outline, const char *kind, const char *label, uint32_t tag,
                      struct der_bytes content)
{
    struct bytes text = utf8_of(outline, tag, content);

    outline_kind(outline, kind, label, text.data, text.size);
    bytes_free(&text);
}

static void other_name_show(struct outline *outline, const struct general_name *name)
{
    struct der_bytes content, realm;

    if (general_name_upn(name, &content)) {
        kind_show(outline, "upn", "User principal name", DER_UTF8_STRING, content);
    } else if (general_name_sid(name, &content)) {
        kind_show(outline, "sid", "SID", DER_UTF8_STRING, content);
    } else if (general_name_guid(name, &content)) {
        guid_show(outline, content);
    } else if (general_name_kerberos(name, &realm, &content)) {
        kerberos_show(outline, realm, content);
    } else {
        outline_group(outline, NULL, "Other name", NULL);
        if (outline->as_json) outline_word(outline, "type", NULL, "other");
        oid_show(outline, "id", "Type", name->type);
        text_show(outline, "value", "Value", &name->value);
        outline_close(outline);
    }
}

static void directory_name_show(struct outline *outline, struct der_bytes name)
{
    struct bytes text = {0};
    size_t size = name_text(name, NULL, 0);
    char *room = size ? bytes_reserve(&text, size) : NULL;

    if (room) text.size = name_text(name, room, size);
    outline->out->failed |= text.failed;
    outline_kind(outline, "directory", "Directory name", text.data, text.size);
    bytes_free(&text);
}

static void registered_id_show(struct outline *outline, struct der_bytes oid)
{
    char dotted[DER_OID_TEXT];

    if (der_oid_text(oid, dotted, sizeof dotted))
        outline_kind(outline, "id", "Registered ID", dotted, strlen(dotted));
    else hex_kind_show(outline, "id", "Registered ID", oid);
}

void general_name_show(struct outline *outline, const struct general_name *name)
{
    switch (name->kind) {
    case GENERAL_NAME_OTHER:         other_name_show(outline, name); break;
    case GENERAL_NAME_EMAIL:
        kind_show(outline, "email", "E-mail", DER_IA5_STRING, name->content);
        break;
    case GENERAL_NAME_DNS:
        kind_show(outline, "dns", "DNS name", DER_IA5_STRING, name->content);
        break;
    case GENERAL_NAME_X400:
        hex_kind_show(outline, "x400", "X.400 address", name->content);
        break;
    case GENERAL_NAME_DIRECTORY:     directory_name_show(outline, name->content); break;
    case GENERAL_NAME_EDI:
        hex_kind_show(outline, "edi", "EDI party name", name->content);
        break;
    case GENERAL_NAME_URI:
        kind_show(outline, "uri", "URI", DER_IA5_STRING, name->content);
        break;
    case GENERAL_NAME_IP:            address_show(outline, name->content); break;
    case GENERAL_NAME_REGISTERED_ID: registered_id_show(outline, name->content); break;
    }
}

void general_names_show(struct outline *outline, const char *key, const char *label,
                        struct der_bytes list)
{
    struct general_name name;
    struct der_fault fault;
    struct der cursor;

    outline_list(outline, key, label);
    for (general_names_in(&cursor, &fault, list); general_names_next(&cursor, &name);)
        general_name_show(outline, &name);
    outline_close(outline);
}
