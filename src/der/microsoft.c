/* Reading of Microsoft's extensions and attributes. */
#include "microsoft.h"
#include "text.h"
#include "value.h"

#include <string.h>

static bool microsoft_read_text(struct der *der, const char *what, struct der_value *text)
{
    const unsigned char *at = der->at;

    if (!der_checked(der, what, text)) return false;
    if (der_is_text(text->tag) || der_odd(der, DER_E_CHOICE, what, at)) return true;
    *text = (struct der_value){0};
    return false;
}

bool template_name_read(struct der_bytes value, struct der_value *name, struct der_fault *fault,
                        struct der_remarks *remarks)
{
    struct der whole;

    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (microsoft_read_text(&whole, "template name", name) && der_end(&whole, "template name"))
        return true;
    *name = (struct der_value){0};
    return false;
}

/* SEQUENCE { OID, major INTEGER OPTIONAL, minor INTEGER OPTIONAL } */
static bool read_template(struct der *whole, struct template_info *template)
{
    struct der inside;

    if (!der_enter(whole, "template", DER_SEQUENCE, &inside) || !der_end(whole, "template")
        || !der_oid(&inside, "template", &template->oid))
        return false;
    if (der_more(&inside) && !der_integer(&inside, "major version", &template->major)) return false;
    if (der_more(&inside) && !der_integer(&inside, "minor version", &template->minor)) return false;
    return der_end(&inside, "template");
}

bool template_info_read(struct der_bytes value, struct template_info *template,
                        struct der_fault *fault, struct der_remarks *remarks)
{
    struct der whole;

    *template = (struct template_info){0};
    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (read_template(&whole, template)) return true;
    *template = (struct template_info){0};
    return false;
}

/* An INTEGER of 32 bits: the key's number in the upper half, the certificate's in the lower. */
bool ca_version_read(struct der_bytes value, unsigned *certificate, unsigned *key,
                     struct der_fault *fault, struct der_remarks *remarks)
{
    struct der_bytes content;
    struct der whole;
    int64_t number;

    *certificate = *key = 0;
    der_begin_with(&whole, fault, remarks, value.data, value.size);
    if (!der_integer(&whole, "CA version", &content) || !der_end(&whole, "CA version"))
        return false;
    if (content.data[0] & 0x80)
        return der_refuse(&whole, DER_E_INTEGER_NEGATIVE, "CA version", content.data);
    if (!der_number(content, &number) || number > UINT32_MAX)
        return der_refuse(&whole, DER_E_INTEGER_TOO_LARGE, "CA version", content.data);
    *certificate = (unsigned)(number & 0xFFFF);
    *key = (unsigned)(number >> 16);
    return true;
}

/* SEQUENCE { clientId INTEGER, machine UTF8String, user UTF8String, process UTF8String } */
static bool read_client(struct der *values, struct client_info *info)
{
    struct der_value *const texts[] = {&info->machine, &info->user, &info->process};
    static const char *const what[] = {"machine", "user", "process"};
    struct der inside;

    if (!der_enter(values, "client info", DER_SEQUENCE, &inside) ||
        !der_integer(&inside, "client", &info->client))
        return false;
    for (size_t i = 0; i < 3 && der_more(&inside); i++)
        microsoft_read_text(&inside, what[i], texts[i]);
    return der_end(&inside, "client info");
}

bool client_info_read(struct der_bytes values, struct client_info *info, struct der_fault *fault,
                      struct der_remarks *remarks)
{
    struct der set;

    *info = (struct client_info){0};
    der_begin_with(&set, fault, remarks, values.data, values.size);
    if (read_client(&set, info)) return true;
    *info = (struct client_info){0};
    return false;
}

/* SEQUENCE { keySpec INTEGER, name BMPString, signature BIT STRING } */
static bool read_provider(struct der *values, struct key_provider *provider)
{
    struct der inside;
    unsigned unused;

    if (!der_enter(values, "key provider", DER_SEQUENCE, &inside) ||
        !der_integer(&inside, "key specification", &provider->key_spec) ||
        !microsoft_read_text(&inside, "name of the provider", &provider->name))
        return false;
    if (der_more(&inside) &&
        !der_bits(&inside, "signature of the provider", &provider->signature, &unused))
        return false;
    return der_end(&inside, "key provider");
}

bool key_provider_read(struct der_bytes values, struct key_provider *provider,
                       struct der_fault *fault, struct der_remarks *remarks)
{
    struct der set;

    *provider = (struct key_provider){0};
    der_begin_with(&set, fault, remarks, values.data, values.size);
    if (read_provider(&set, provider)) return true;
    *provider = (struct key_provider){0};
    return false;
}

bool os_version_read(struct der_bytes values, struct der_value *version, struct der_fault *fault,
                     struct der_remarks *remarks)
{
    struct der set;

    der_begin_with(&set, fault, remarks, values.data, values.size);
    return microsoft_read_text(&set, "version of the system", version);
}

/* Is this name, apart from case and what may separate its words, one of a password? */
static bool microsoft_is_secret(const struct der_value *name)
{
    uint32_t tag = der_text_tag(name->tag, name->content);
    struct der_bytes rest = name->content;
    char folded[32], utf8[4];
    size_t length = 0, size;

    while ((size = der_text_next(tag, &rest, utf8, NULL))) {
        if (size > 1 || (unsigned char)utf8[0] <= ' ' || strchr("-_:=\x7F", utf8[0])) continue;
        if (length == sizeof folded - 1) return false;
        folded[length++] = (char)(utf8[0] >= 'A' && utf8[0] <= 'Z' ? utf8[0] + 'a' - 'A' : utf8[0]);
    }
    folded[length] = 0;
    return !strcmp(folded, "challenge") || !strcmp(folded, "expectedchallenge");
}

/* SEQUENCE { name BMPString, value BMPString } */
static bool read_pair(struct der *cursor, struct name_value_pair *pair)
{
    struct der inside;

    if (!der_enter(cursor, "pair of name and value", DER_SEQUENCE, &inside) ||
        !microsoft_read_text(&inside, "name of a pair", &pair->name) ||
        !microsoft_read_text(&inside, "value of a pair", &pair->value) ||
        !der_end(&inside, "pair of name and value"))
        return false;
    if ((pair->secret = !der_is_text(pair->name.tag) || microsoft_is_secret(&pair->name)))
        pair->value = (struct der_value){0};
    return true;
}

void name_value_pairs_begin(struct der *cursor, struct der_fault *fault,
                            struct der_remarks *remarks, struct der_bytes values)
{
    der_begin_with(cursor, fault, remarks, values.data, values.size);
}

bool name_value_pairs_next(struct der *cursor, struct name_value_pair *pair)
{
    *pair = (struct name_value_pair){0};
    if (der_more(cursor) && read_pair(cursor, pair)) return true;
    *pair = (struct name_value_pair){0};
    return false;
}
