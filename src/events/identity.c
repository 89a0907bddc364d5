#include "identity.h"

#include "decoded_text.h"
#include "der/text.h"
#include "der/value.h"

#include <string.h>

#define UPN     "1.3.6.1.4.1.311.20.2.3"
#define SID     "1.3.6.1.4.1.311.25.2.1"
#define SID_URI "tag:microsoft.com,2022-09-14:sid:"

bool identity_extension(const struct identity *identity, const char *dotted_oid,
                        struct extension *extension)
{
    if (identity->certificate)
        return extensions_find(identity->certificate->extensions, dotted_oid, extension);
    return identity->request && pkcs10_extension(identity->request, dotted_oid, extension);
}

static void begin_nothing(struct identity_names *names)
{
    der_begin_with(&names->list, &names->fault_of_list, DER_BORNE, "", 0);
}

void identity_names_begin(struct identity_names *names, const struct identity *identity)
{
    *names = (struct identity_names){.has_certificate = identity->certificate,
                                     .has_request = !identity->certificate && identity->request};
    if (names->has_certificate)
        extensions_begin(&names->extensions, &names->fault, identity->certificate->extensions);
    if (names->has_request) pkcs10_extensions_begin(&names->asked, identity->request);
    begin_nothing(names);
}

static bool next_extension(struct identity_names *names, struct extension *extension)
{
    if (names->has_certificate) return extensions_next(&names->extensions, extension);
    return names->has_request && pkcs10_extensions_next(&names->asked, extension);
}

/* The list of the next extension that holds alternative names. */
static bool next_list(struct identity_names *names)
{
    struct extension extension;

    do {
        if (!next_extension(names, &extension)) return false;
    } while (!der_oid_is(extension.oid, "2.5.29.17"));
    if (!general_names_begin(&names->list, &names->fault_of_list, DER_BORNE, extension.value)) {
        names->broken = true;
        begin_nothing(names);
    }
    return true;
}

bool identity_name_upn(const struct general_name *name, struct der_value *text)
{
    *text = name->value;
    return name->kind == GENERAL_NAME_OTHER && der_oid_is(name->type, UPN) &&
           der_is_text(text->tag);
}

static bool is_upn(const struct general_name *name)
{
    struct der_value text;

    return identity_name_upn(name, &text);
}

static bool is_sid(const struct general_name *name)
{
    struct der_bytes text;

    return general_name_sid(name, &text);
}

/* A UPN or a SID by its type, though its value is none. */
static bool is_unread(const struct general_name *name)
{
    if (name->kind != GENERAL_NAME_OTHER) return false;
    return (der_oid_is(name->type, UPN) && !is_upn(name)) ||
           (der_oid_is(name->type, SID) && !is_sid(name));
}

bool identity_names_next(struct identity_names *names, struct general_name *name)
{
    while (!general_names_next(&names->list, name)) {
        names->broken |= names->fault_of_list.error != DER_OK;
        if (!next_list(names)) return false;
    }
    names->broken |= is_unread(name);
    return true;
}

bool identity_broken(const struct identity *identity)
{
    struct identity_names names;
    struct general_name name;

    identity_names_begin(&names, identity);
    while (identity_names_next(&names, &name)) continue;
    return names.broken;
}

bool identity_text(struct bytes *out, const struct general_name *name)
{
    struct der_value text;

    if (identity_name_upn(name, &text)) return decoded_text_add(out, text.tag, text.content);
    switch (name->kind) {
    case GENERAL_NAME_DIRECTORY: return decoded_name_add(out, name->content);
    case GENERAL_NAME_EMAIL:
    case GENERAL_NAME_DNS:
    case GENERAL_NAME_URI:       return decoded_text_add(out, DER_IA5_STRING, name->content);
    default:                     return false;
    }
}

/* Cut what was appended since `start`, not within a character. */
static void cut(struct bytes *out, size_t start)
{
    size_t end = start + IDENTITY_NAME_MOST;

    if (out->failed || out->size - start <= IDENTITY_NAME_MOST) return;
    while (end > start && ((unsigned char)out->data[end] & 0xc0) == 0x80) end--;
    out->size = end;
    bytes_add_text(out, "...");
}

static bool is_dns(const struct general_name *name)
{
    return name->kind == GENERAL_NAME_DNS;
}

static bool is_sid_uri(const struct general_name *name)
{
    size_t size = sizeof SID_URI - 1;

    return name->kind == GENERAL_NAME_URI && name->content.size > size &&
           !memcmp(name->content.data, SID_URI, size);
}

/* The name itself, of whatever kind. */
static void identity_add_value(struct bytes *out, const struct general_name *name)
{
    size_t start = out->size;
    struct der_bytes text;

    if (general_name_sid(name, &text)) decoded_text_add(out, DER_UTF8_STRING, text);
    else if (name->kind == GENERAL_NAME_IP) decoded_address_add(out, name->content);
    else if (name->kind == GENERAL_NAME_REGISTERED_ID) decoded_oid_add(out, name->content);
    else if (name->kind != GENERAL_NAME_OTHER || is_upn(name)) identity_text(out, name);
    else decoded_oid_add(out, name->type);
    cut(out, start);
}

static const char *identity_kind_of(const struct general_name *name)
{
    static const char *const kinds[] = {"other", "email", "DNS", "X400", "directory", "EDI", "URI",
                                        "IP", "ID"};

    if (is_upn(name)) return "UPN";
    if (is_sid(name)) return "SID";
    return (size_t)name->kind < sizeof kinds / sizeof *kinds ? kinds[name->kind] : "other";
}

/* The first name of which this is true. */
static bool identity_find(const struct identity *identity, bool (*is)(const struct general_name *),
                 struct general_name *name)
{
    struct identity_names names;

    identity_names_begin(&names, identity);
    while (identity_names_next(&names, name)) if (!is || is(name)) return true;
    return false;
}

bool identity_upn(const struct identity *identity, struct bytes *out)
{
    size_t start = out->size;
    struct general_name name;

    if (identity_find(identity, is_upn, &name)) identity_add_value(out, &name);
    return out->size > start;
}

/* Of the extension of its own. */
static bool add_extension_sid(const struct identity *identity, struct bytes *out)
{
    struct extension extension;
    struct general_name name;
    size_t start = out->size;
    struct der_fault fault;
    struct der cursor;

    if (!identity_extension(identity, "1.3.6.1.4.1.311.25.2", &extension)) return false;
    if (!general_names_begin(&cursor, &fault, DER_BORNE, extension.value)) return false;
    while (out->size == start && general_names_next(&cursor, &name))
        if (is_sid(&name)) identity_add_value(out, &name);
    return out->size > start;
}

bool identity_sid(const struct identity *identity, struct bytes *out)
{
    size_t start = out->size;
    struct general_name name;

    if (add_extension_sid(identity, out)) return true;
    if (identity_find(identity, is_sid, &name)) {
        identity_add_value(out, &name);
    } else if (identity_find(identity, is_sid_uri, &name)) {
        name.content.data += sizeof SID_URI - 1;
        name.content.size -= sizeof SID_URI - 1;
        identity_add_value(out, &name);
    }
    return out->size > start;
}

static size_t identity_count_of(const struct identity *identity, bool *broken)
{
    struct identity_names names;
    struct general_name name;
    size_t count = 0;

    identity_names_begin(&names, identity);
    while (identity_names_next(&names, &name)) count++;
    *broken = names.broken;
    return count;
}

bool identity_first(const struct identity *identity, bool unread, struct bytes *out)
{
    bool is_name = true, broken;
    size_t start = out->size, others = identity_count_of(identity, &broken);
    struct general_name name;

    if (identity_find(identity, is_upn, &name) || identity_find(identity, is_dns, &name))
        identity_add_value(out, &name);
    else if (identity_sid(identity, out)) is_name = identity_find(identity, is_sid, &name);
    else if (identity_find(identity, NULL, &name)) identity_add_value(out, &name);
    if (out->size == start) return false;
    others -= is_name && others;
    if (broken || unread) bytes_add_text(out, " (+?)");
    else if (others) bytes_printf(out, " (+%u)", (unsigned)others);
    return true;
}

/* With a backslash before what separates names. */
static void identity_add_escaped(struct bytes *out, const struct bytes *text)
{
    for (size_t i = 0; i < text->size; i++) {
        if (text->data[i] == ',' || text->data[i] == '\\') bytes_add_text(out, "\\");
        bytes_add(out, text->data + i, 1);
    }
    out->failed |= text->failed;
}

bool identity_all(const struct identity *identity, struct bytes *out)
{
    size_t start = out->size, count = 0;
    struct identity_names names;
    struct bytes text = {0};
    struct general_name name;

    for (identity_names_begin(&names, identity); identity_names_next(&names, &name);
         text.size = 0) {
        if (++count > IDENTITY_NAMES_MOST) continue;
        identity_add_value(&text, &name);
        bytes_printf(out, "%s%s:", count > 1 ? ", " : "", identity_kind_of(&name));
        identity_add_escaped(out, &text);
    }
    if (count > IDENTITY_NAMES_MOST)
        bytes_printf(out, ", and %u more", (unsigned)(count - IDENTITY_NAMES_MOST));
    if (names.broken) bytes_printf(out, "%s(not readable)", count ? ", " : "");
    bytes_free(&text);
    return out->size > start;
}
