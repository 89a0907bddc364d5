/* Reading of GeneralNames, and of what Windows and Kerberos put into them. */
#include "general_name.h"
#include "name.h"
#include "value.h"

#define UPN       "1.3.6.1.4.1.311.20.2.3"
#define SID       "1.3.6.1.4.1.311.25.2.1"
#define NTDS_GUID "1.3.6.1.4.1.311.25.1"
#define KERBEROS  "1.3.6.1.5.2.2"

/* what Kerberos writes its names in; ASCII, or UTF-8 against its standard */
#define GENERAL_STRING 0x1B

bool general_names_begin(struct der *cursor, struct der_fault *fault, struct der_remarks *remarks,
                         struct der_bytes value)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_enter(&whole, "alternative name", DER_SEQUENCE, cursor)) return false;
    if (!der_end(&whole, "alternative name")) return false;
    return der_more(cursor) || der_odd(cursor, DER_E_EMPTY, "alternative name", value.data);
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

    return der_enter(cursor, "directory name", DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_DIRECTORY),
                     &explicit) &&
           name_read(&explicit, "directory name", &name->content) &&
           der_end(&explicit, "directory name");
}

/* [8] IMPLICIT OID: the same contents under another tag. */
static bool read_registered_id(struct der *cursor, struct general_name *name)
{
    return der_tagged(cursor, "registered ID", DER_CONTEXT(GENERAL_NAME_REGISTERED_ID), DER_OID,
                      &name->content);
}

static const struct kind {
    uint32_t tag;
    const char *what;
    bool (*read)(struct der *cursor,
                 struct general_name *name); /* NULL: the contents, as they are */
} kinds[] = {
    [GENERAL_NAME_OTHER] = {DER_CONTEXT_CONSTRUCTED(0), "other name", read_other_name},
    [GENERAL_NAME_EMAIL] = {DER_CONTEXT(1), "e-mail address", NULL},
    [GENERAL_NAME_DNS] = {DER_CONTEXT(2), "DNS name", NULL},
    [GENERAL_NAME_X400] = {DER_CONTEXT_CONSTRUCTED(3), "X.400 address", NULL},
    [GENERAL_NAME_DIRECTORY] = {DER_CONTEXT_CONSTRUCTED(4), "directory name", read_directory_name},
    [GENERAL_NAME_EDI] = {DER_CONTEXT_CONSTRUCTED(5), "EDI party name", NULL},
    [GENERAL_NAME_URI] = {DER_CONTEXT(6), "URI", NULL},
    [GENERAL_NAME_IP] = {DER_CONTEXT(7), "IP address", NULL},
    [GENERAL_NAME_REGISTERED_ID] = {DER_CONTEXT(8), "registered ID", read_registered_id},
};

static bool is_address(size_t size, bool masked)
{
    return masked ? size == 8 || size == 32 : size == 4 || size == 16;
}

bool general_name_read(struct der *der, bool masked, struct general_name *name)
{
    const unsigned char *at = der->at;
    struct der_value other;
    bool ok;

    *name = (struct general_name){0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!der_next_is(der, kinds[i].tag)) continue;
        name->kind = (enum general_name_kind)i;
        ok = kinds[i].read ? kinds[i].read(der, name)
                           : der_read(der, kinds[i].what, kinds[i].tag, &name->content);
        if (ok && i == GENERAL_NAME_IP && !is_address(name->content.size, masked))
            ok = der_odd(der, DER_E_ADDRESS, "IP address", at);
        if (!ok) *name = (struct general_name){0};
        return ok;
    }
    return der_any(der, "alternative name", &other) &&
           der_refuse(der, DER_E_CHOICE, "alternative name", at);
}

bool general_names_next(struct der *cursor, struct general_name *name)
{
    *name = (struct general_name){0};
    return der_more(cursor) && general_name_read(cursor, false, name);
}

bool general_names_read(struct der *der, const char *what, uint32_t tag, struct der_bytes *list)
{
    const unsigned char *first = der->at;
    struct general_name name;
    struct der inside, whole;

    *list = (struct der_bytes){0};
    if (!der_enter(der, what, tag, &inside)) return false;
    if (!der_more(&inside) && !der_odd(der, DER_E_EMPTY, what, first)) return false;
    for (whole = inside; general_names_next(&inside, &name);) { }
    if (!der_end(&inside, what)) return false;
    *list = der_rest(&whole);
    return true;
}

void general_names_in(struct der *cursor, struct der_fault *fault, struct der_bytes list)
{
    der_begin_with(cursor, fault, DER_BORNE, list.data, list.size);
}

/* What an other name of this type holds, if it has this tag. */
static bool other_value(const struct general_name *name, const char *type, uint32_t tag,
                        struct der_bytes *content)
{
    *content = (struct der_bytes){0};
    if (name->kind != GENERAL_NAME_OTHER || name->value.tag != tag || !der_oid_is(name->type, type))
        return false;
    *content = name->value.content;
    return true;
}

bool general_name_upn(const struct general_name *name, struct der_bytes *text)
{
    return other_value(name, UPN, DER_UTF8_STRING, text);
}

bool general_name_sid(const struct general_name *name, struct der_bytes *text)
{
    return other_value(name, SID, DER_OCTET_STRING, text);
}

bool general_name_guid(const struct general_name *name, struct der_bytes *bytes)
{
    if (other_value(name, NTDS_GUID, DER_OCTET_STRING, bytes) && bytes->size == 16) return true;
    *bytes = (struct der_bytes){0};
    return false;
}

/* KRB5PrincipalName ::= SEQUENCE { realm [0] GeneralString, [1] SEQUENCE { type [0] INTEGER, names
 * [1] SEQUENCE OF GeneralString } }, every tag explicit. */
static bool read_kerberos(struct der *whole, struct der_bytes *realm, struct der *names)
{
    struct der principal, explicit, name, type, list;
    struct der_bytes number;

    return der_enter(whole, "Kerberos principal", DER_CONTEXT_CONSTRUCTED(0), &explicit) &&
           der_read(&explicit, "realm", GENERAL_STRING, realm) && der_end(&explicit, "realm") &&
           der_enter(whole, "principal name", DER_CONTEXT_CONSTRUCTED(1), &principal) &&
           der_end(whole, "Kerberos principal") &&
           der_enter(&principal, "principal name", DER_SEQUENCE, &name) &&
           der_end(&principal, "principal name") &&
           der_enter(&name, "type of the name", DER_CONTEXT_CONSTRUCTED(0), &type) &&
           der_integer(&type, "type of the name", &number) && der_end(&type, "type of the name") &&
           der_enter(&name, "components", DER_CONTEXT_CONSTRUCTED(1), &list) &&
           der_end(&name, "principal name") &&
           der_enter(&list, "components", DER_SEQUENCE, names) && der_end(&list, "components");
}

bool general_name_kerberos(const struct general_name *name, struct der_bytes *realm,
                           struct der_bytes *parts)
{
    struct der_bytes value, text;
    struct der_fault fault;
    struct der whole, names, walk;

    *realm = *parts = (struct der_bytes){0};
    if (!other_value(name, KERBEROS, DER_SEQUENCE, &value)) return false;
    der_begin_with(&whole, &fault, DER_BORNE, value.data, value.size);
    if (!read_kerberos(&whole, realm, &names)) goto refused;
    for (walk = names; kerberos_next(&walk, &text);) { }
    if (fault.error) goto refused;
    *parts = der_rest(&names);
    return true;
refused:
    *realm = (struct der_bytes){0};
    return false;
}

void kerberos_begin(struct der *cursor, struct der_fault *fault, struct der_bytes parts)
{
    der_begin_with(cursor, fault, DER_BORNE, parts.data, parts.size);
}

bool kerberos_next(struct der *cursor, struct der_bytes *text)
{
    *text = (struct der_bytes){0};
    return der_more(cursor) && der_read(cursor, "component", GENERAL_STRING, text);
}
