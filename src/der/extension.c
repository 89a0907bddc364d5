/* Reading of extensions and of alternative names. */
#include "extension.h"
#include "name.h"
#include "value.h"

static bool read_extension(struct der *der, const char *what, struct extension *extension)
{
    struct der inside;

    *extension = (struct extension){0};
    if (!der_enter(der, what, DER_SEQUENCE, &inside) || !der_oid(&inside, "OID of an extension", &extension->oid))
        return false;
    if (der_next_is(&inside, DER_BOOLEAN)) {
        const unsigned char *at = inside.at;

        if (!der_boolean(&inside, "critical flag", &extension->critical)) return false;
        if (!extension->critical) return der_refuse(&inside, DER_E_DEFAULT, "critical flag", at);
    }
    return der_read(&inside, "value of an extension", DER_OCTET_STRING, &extension->value) && der_end(&inside, what);
}

static bool is_among(const struct der_bytes *seen, size_t count, struct der_bytes oid)
{
    while (count--) {
        if (der_same(seen[count], oid)) return true;
    }
    return false;
}

bool extensions_read(struct der *der, const char *what, struct der_bytes *list)
{
    struct der_bytes seen[EXTENSIONS_MAX];
    struct extension extension;
    struct der inside, whole;
    size_t count = 0;

    *list = (struct der_bytes){0};
    const unsigned char *first = der->at;
    if (!der_enter(der, what, DER_SEQUENCE, &inside)) return false;
    if (!der_more(&inside)) return der_refuse(der, DER_E_EMPTY, what, first);
    for (whole = inside; der_more(&inside); seen[count++] = extension.oid) {
        const unsigned char *at = inside.at;

        if (count == EXTENSIONS_MAX) return der_refuse(der, DER_E_TOO_MANY, what, at);
        if (!read_extension(&inside, "extension", &extension)) return false;
        if (is_among(seen, count, extension.oid)) return der_refuse(der, DER_E_REPEATED, "extension", at);
    }
    *list = der_rest(&whole);
    return true;
}

void extensions_begin(struct der *cursor, struct der_fault *fault, struct der_bytes list)
{
    der_begin(cursor, fault, list.data, list.size);
}

bool extensions_next(struct der *cursor, struct extension *extension)
{
    *extension = (struct extension){0};
    return der_more(cursor) && read_extension(cursor, "extension", extension);
}

bool extensions_find(struct der_bytes list, const char *dotted_oid, struct extension *extension)
{
    struct der_fault fault;
    struct der cursor;

    extensions_begin(&cursor, &fault, list);
    while (extensions_next(&cursor, extension)) {
        if (der_oid_is(extension->oid, dotted_oid)) return true;
    }
    return false;
}

bool general_names_begin(struct der *cursor, struct der_fault *fault, struct der_bytes value)
{
    struct der whole;

    der_begin(&whole, fault, value.data, value.size);
    if (!der_enter(&whole, "alternative name", DER_SEQUENCE, cursor)) return false;
    if (!der_end(&whole, "alternative name")) return false;
    return der_more(cursor) || der_refuse(cursor, DER_E_EMPTY, "alternative name", value.data);
}

/* [0] { OID, [0] EXPLICIT ANY } */
static bool read_other_name(struct der *cursor, struct general_name *name)
{
    struct der inside, explicit;

    return der_enter(cursor, "other name", DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_OTHER), &inside)
        && der_oid(&inside, "type of an other name", &name->type)
        && der_enter(&inside, "value of an other name", DER_CONTEXT_CONSTRUCTED(0), &explicit)
        && der_checked(&explicit, "value of an other name", &name->value)
        && der_end(&explicit, "value of an other name") && der_end(&inside, "other name");
}

/* [4] EXPLICIT Name: explicit, since a Name is a CHOICE. */
static bool read_directory_name(struct der *cursor, struct general_name *name)
{
    struct der explicit;

    return der_enter(cursor, "directory name", DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_DIRECTORY), &explicit)
        && name_read(&explicit, "directory name", &name->content) && der_end(&explicit, "directory name");
}

static bool read_ip(struct der *cursor, struct general_name *name)
{
    const unsigned char *at = cursor->at;

    if (!der_read(cursor, "IP address", DER_CONTEXT(GENERAL_NAME_IP), &name->content)) return false;
    return name->content.size == 4 || name->content.size == 16 || der_refuse(cursor, DER_E_ADDRESS, "IP address", at);
}

/* [8] IMPLICIT OID: the same contents under another tag. */
static bool read_registered_id(struct der *cursor, struct general_name *name)
{
    return der_tagged(cursor, "registered ID", DER_CONTEXT(GENERAL_NAME_REGISTERED_ID), DER_OID, &name->content);
}

static const struct kind {
    uint32_t tag;
    const char *what;
    bool (*read)(struct der *cursor, struct general_name *name);        /* NULL: the contents, as they are */
} kinds[] = {
    [GENERAL_NAME_OTHER]         = {DER_CONTEXT_CONSTRUCTED(0), "other name", read_other_name},
    [GENERAL_NAME_EMAIL]         = {DER_CONTEXT(1), "e-mail address", NULL},
    [GENERAL_NAME_DNS]           = {DER_CONTEXT(2), "DNS name", NULL},
    [GENERAL_NAME_X400]          = {DER_CONTEXT_CONSTRUCTED(3), "X.400 address", NULL},
    [GENERAL_NAME_DIRECTORY]     = {DER_CONTEXT_CONSTRUCTED(4), "directory name", read_directory_name},
    [GENERAL_NAME_EDI]           = {DER_CONTEXT_CONSTRUCTED(5), "EDI party name", NULL},
    [GENERAL_NAME_URI]           = {DER_CONTEXT(6), "URI", NULL},
    [GENERAL_NAME_IP]            = {DER_CONTEXT(7), "IP address", read_ip},
    [GENERAL_NAME_REGISTERED_ID] = {DER_CONTEXT(8), "registered ID", read_registered_id},
};

bool general_names_next(struct der *cursor, struct general_name *name)
{
    const unsigned char *at = cursor->at;
    struct der_value other;

    *name = (struct general_name){0};
    if (!der_more(cursor)) return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!der_next_is(cursor, kinds[i].tag)) continue;
        name->kind = (enum general_name_kind)i;
        if (kinds[i].read ? kinds[i].read(cursor, name) : der_read(cursor, kinds[i].what, kinds[i].tag, &name->content))
            return true;
        *name = (struct general_name){0};
        return false;
    }
    return der_any(cursor, "alternative name", &other) && der_refuse(cursor, DER_E_CHOICE, "alternative name", at);
}

bool general_name_upn(const struct general_name *name, struct der_bytes *text)
{
    *text = (struct der_bytes){0};
    if (name->kind != GENERAL_NAME_OTHER || name->value.tag != DER_UTF8_STRING) return false;
    if (!der_oid_is(name->type, "1.3.6.1.4.1.311.20.2.3")) return false;
    *text = name->value.content;
    return true;
}
