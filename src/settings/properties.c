#include "properties.h"

#include "property_catalog.h"
#include "secret.h"

#include "base/json.h"
#include "base/utf16_windows.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Each costs the CA one call: 21 for an issued certificate, SetContext included. */
static const struct property standard[] = {
    {"RequestID", SERVER_REQUEST, PROPTYPE_LONG, PROPERTY_NEEDED},
    {"Disposition", SERVER_REQUEST, PROPTYPE_LONG, PROPERTY_NEEDED},
    {"RequestType", SERVER_REQUEST, PROPTYPE_LONG, PROPERTY_ALWAYS},
    {"RequestFlags", SERVER_REQUEST, PROPTYPE_LONG, PROPERTY_ALWAYS},
    {"StatusCode", SERVER_REQUEST, PROPTYPE_LONG, PROPERTY_ALWAYS},
    {"DispositionMessage", SERVER_REQUEST, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"SubmittedWhen", SERVER_REQUEST, PROPTYPE_DATE, PROPERTY_ALWAYS},
    {"ResolvedWhen", SERVER_REQUEST, PROPTYPE_DATE, PROPERTY_ALWAYS},
    {"RevokedWhen", SERVER_REQUEST, PROPTYPE_DATE, PROPERTY_IN_REVOCATIONS},
    {"RevokedEffectiveWhen", SERVER_REQUEST, PROPTYPE_DATE, PROPERTY_IN_REVOCATIONS},
    {"RevokedReason", SERVER_REQUEST, PROPTYPE_LONG, PROPERTY_IN_REVOCATIONS},
    {"RequesterName", SERVER_REQUEST, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"CallerName", SERVER_REQUEST, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"Request.DistinguishedName", SERVER_REQUEST, PROPTYPE_STRING, PROPERTY_UNISSUED},
    {"RequestAttributes", SERVER_REQUEST, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"RawRequest", SERVER_REQUEST, PROPTYPE_BINARY, PROPERTY_ALWAYS},
    {"SerialNumber", SERVER_CERTIFICATE, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"DistinguishedName", SERVER_CERTIFICATE, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"NotBefore", SERVER_CERTIFICATE, PROPTYPE_DATE, PROPERTY_ALWAYS},
    {"NotAfter", SERVER_CERTIFICATE, PROPTYPE_DATE, PROPERTY_ALWAYS},
    {"CertificateTemplate", SERVER_CERTIFICATE, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"CertificateHash", SERVER_CERTIFICATE, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"UPN", SERVER_CERTIFICATE, PROPTYPE_STRING, PROPERTY_ALWAYS},
    {"RawCertificate", SERVER_CERTIFICATE, PROPTYPE_BINARY, PROPERTY_ALWAYS},
};

struct properties {
    bool taken[ARRAYSIZE(standard)];
    size_t count;
    struct property_extra extras[PROPERTIES_ITEMS_MAX];         /* their texts are owned */
};

const struct property *properties_standard(size_t *count)
{
    *count = ARRAYSIZE(standard);
    return standard;
}

bool properties_has(const struct properties *properties, size_t index)
{
    return !properties || !properties->taken[index];
}

const struct property_extra *properties_extras(const struct properties *properties, size_t *count)
{
    *count = properties ? properties->count : 0;
    return properties ? properties->extras : NULL;
}

/* An item, taken apart: views into a copy of it. */
struct item {
    bool taken_away;
    bool has_source;
    enum property_source source;
    WCHAR *label;                       /* all but a type */
    WCHAR *name;
    WCHAR *type;                        /* NULL where it says none */
};

static bool properties_is_blank(WCHAR c)
{
    return c == ' ' || c == '\t';
}

static WCHAR *properties_trim(WCHAR *text)
{
    size_t size;

    while (properties_is_blank(*text)) text++;
    for (size = wcslen(text); size && properties_is_blank(text[size - 1]);) text[--size] = 0;
    return text;
}

static bool properties_find_source(const WCHAR *text, enum property_source *out)
{
    static const WCHAR *const words[] = {L"request", L"certificate", L"attribute", L"extension"};

    for (size_t i = 0; i < ARRAYSIZE(words); i++) {
        if (!property_catalog_same(text, words[i])) continue;
        *out = (enum property_source)i;
        return true;
    }
    return false;
}

static bool find_type(const WCHAR *text, LONG *out)
{
    static const WCHAR *const words[] = {
        [PROPTYPE_LONG] = L"long",
        [PROPTYPE_DATE] = L"date",
        [PROPTYPE_BINARY] = L"binary",
        [PROPTYPE_STRING] = L"string",
    };

    for (LONG i = PROPTYPE_LONG; i <= PROPTYPE_STRING; i++) {
        if (!property_catalog_same(text, words[i])) continue;
        *out = i;
        return true;
    }
    return false;
}

/* Control characters, and halves of surrogate pairs: as U+FFFD two different names would become
 * one. */
static bool properties_is_text(const WCHAR *text)
{
    for (; *text; text++) {
        if (*text < ' ' || (*text >= 0x7f && *text < 0xa0) || (*text >= 0xdc00 && *text <= 0xdfff))
            return false;
        if (*text >= 0xd800 && *text <= 0xdbff && !(*++text >= 0xdc00 && *text <= 0xdfff))
            return false;
    }
    return true;
}

/* Take `text` apart, which is trimmed and changed. Returns what is wrong with it, or NULL. */
static const WCHAR *take_apart(WCHAR *text, WCHAR *label, struct item *item)
{
    WCHAR *colon;

    memset(item, 0, sizeof *item);
    if (!properties_is_text(text))
        return L"It holds a control character or half of a surrogate pair, which no name has.";
    if ((item->taken_away = *text == '!')) text = properties_trim(text + 1);
    item->label = wcscpy(label, text);
    item->name = text;
    if ((colon = wcschr(text, ':'))) {
        *colon = 0;
        if (properties_find_source(properties_trim(text), &item->source)) {
            item->has_source = true;
            item->name = text = colon + 1;
            colon = wcschr(text, ':');
        } else if (wcschr(colon + 1, ':')) {
            return L"The word before the first colon has to be request, certificate, attribute or "
                   L"extension.";
        }
    }
    if (colon) {
        *colon = 0;
        item->type = properties_trim(colon + 1);
        *wcsrchr(item->label, ':') = 0;
        if (wcschr(item->type, ':')) return L"It holds too many colons.";
    }
    item->label = properties_trim(item->label);
    item->name = properties_trim(item->name);
    return *item->name ? NULL : L"It names nothing.";
}

/* The standard list's number of a name, or its length. */
static size_t find_standard(const struct item *item)
{
    for (size_t i = 0; i < ARRAYSIZE(standard); i++) {
        WCHAR name[PROPERTIES_ITEM_MAX];

        if (item->has_source && (size_t)item->source != (size_t)standard[i].table) continue;
        if (utf16_from_utf8(standard[i].name, name, ARRAYSIZE(name)) &&
            property_catalog_same(name, item->name))
            return i;
    }
    return ARRAYSIZE(standard);
}

static const WCHAR *properties_take_away(struct properties *properties, const struct item *item)
{
    size_t index = find_standard(item);

    if (item->type) return L"What is to be left out needs no type.";
    if (index == ARRAYSIZE(standard))
        return L"It is not on the list that is recorded anyway, so it cannot be left out.";
    if (standard[index].when == PROPERTY_NEEDED)
        return L"The journal needs it to say what an event is about: it cannot be left out.";
    properties->taken[index] = true;
    return NULL;
}

static const WCHAR *check_extension(const struct item *item)
{
    const WCHAR *c = item->name;

    if (item->type) return L"An extension is always bytes: it takes no type.";
    for (; *c; c++) {
        if ((*c < '0' || *c > '9') && (*c != '.' || c == item->name || c[-1] == '.' || !c[1]))
            break;
    }
    return *c || !wcschr(item->name, '.') ? L"An extension is named by its OID, in digits and dots."
                                          : NULL;
}

static const WCHAR *conflict(LONG type)
{
    switch (type) {
    case PROPTYPE_LONG: return L"The CA has it as a long: leave the type out.";
    case PROPTYPE_DATE: return L"The CA has it as a date: leave the type out.";
    case PROPTYPE_BINARY: return L"The CA has it as binary: leave the type out.";
    default: return L"The CA has it as a string: leave the type out.";
    }
}

/* Find out table and type of a property. */
static const WCHAR *properties_check_property(struct item *item, LONG *type)
{
    struct catalog_property known;
    LONG said;

    if (item->type && !find_type(item->type, &said))
        return L"There is no such type: there are string, long, date and binary.";
    if (!property_catalog_find(item->name, &known)) {
        if (!item->type)
            return L"No property of that name is known. Say its type as well: name:string, "
                   L"name:long, name:date or name:binary.";
        *type = said;
        return NULL;
    }
    if (known.of == KNOWN_OF_CA)
        return L"It belongs to the CA and not to a request; module.started and crl.issued record "
               L"the CA's own data.";
    if (known.of == KNOWN_SETTABLE) return L"A policy module can set it, but nobody can read it.";
    if (item->type && said != known.type) return conflict(known.type);
    if (!item->has_source)
        item->source =
            known.table == SERVER_REQUEST ? PROPERTY_OF_REQUEST : PROPERTY_OF_CERTIFICATE;
    *type = known.type;
    return NULL;
}

static const WCHAR *check_new(const struct properties *properties, const struct item *item)
{
    size_t index = find_standard(
        &(struct item){.has_source = true, .source = item->source, .name = item->name});

    if (index < ARRAYSIZE(standard) && standard[index].when <= PROPERTY_ALWAYS)
        return L"It is on the list that is recorded anyway.";
    for (size_t i = 0; i < properties->count; i++) {
        const struct property_extra *extra = &properties->extras[i];

        if (extra->source == item->source && property_catalog_same(extra->name, item->name))
            return L"It is in the list twice.";
    }
    return NULL;
}

/* What the JSON writer makes of it, without the quotes. */
static char *escaped(const char *label)
{
    struct bytes text = {0};
    struct json json = {.out = &text};
    char *key = NULL;

    json_text(&json, NULL, label);
    if (!text.failed && (key = calloc(1, text.size))) memcpy(key, text.data + 1, text.size - 2);
    bytes_free(&text);
    return key;
}

static void extra_free(struct property_extra *extra)
{
    free((void *)extra->name);
    free((void *)extra->label);
    free((void *)extra->key);
}

static HRESULT properties_add(struct properties *properties, const struct item *item, LONG type)
{
    struct property_extra extra = {.source = item->source,
                                   .type = type,
                                   .name = _wcsdup(item->name),
                                   .label = utf16_to_utf8(item->label)};

    extra.key = extra.label ? escaped(extra.label) : NULL;
    if (extra.name && extra.key) {
        properties->extras[properties->count++] = extra;
        return S_OK;
    }
    extra_free(&extra);
    return E_OUTOFMEMORY;
}

/* The order of the checks is that of what an administrator would want to hear first. */
static const WCHAR *read_item(struct properties *properties, WCHAR *text, HRESULT *hr)
{
    WCHAR label[PROPERTIES_ITEM_MAX + 1];
    const WCHAR *wrong = NULL;
    LONG type = PROPTYPE_STRING;
    struct item item;

    if ((wrong = take_apart(text, label, &item))) return wrong;
    if (item.taken_away) return properties_take_away(properties, &item);
    if (secret_is(item.name, wcslen(item.name))) return L"It is a secret, which is never recorded.";
    if (!item.has_source || item.source <= PROPERTY_OF_CERTIFICATE)
        wrong = properties_check_property(&item, &type);
    else if (item.source == PROPERTY_EXTENSION) wrong = check_extension(&item);
    else if (item.type) wrong = L"An attribute is always text: it takes no type.";
    if (!wrong) wrong = check_new(properties, &item);
    if (!wrong)
        *hr = properties_add(properties, &item,
                             item.source == PROPERTY_EXTENSION ? PROPTYPE_BINARY : type);
    return wrong;
}

HRESULT properties_parse(const WCHAR *list, properties_refused *refused, void *context,
                         struct properties **out)
{
    struct properties *properties = calloc(1, sizeof *properties);
    HRESULT hr = properties ? S_OK : E_OUTOFMEMORY;
    size_t count = 0;

    for (; SUCCEEDED(hr) && list && *list; list += wcslen(list) + 1) {
        WCHAR shown[PROPERTIES_ITEM_MAX + 1] = L"", text[PROPERTIES_ITEM_MAX + 1], *item;
        const WCHAR *wrong;

        wcsncpy(shown, list, PROPERTIES_ITEM_MAX);
        item = properties_trim(wcscpy(text, shown));
        if (!*item) continue;
        if (++count > PROPERTIES_ITEMS_MAX)
            wrong = L"There are more than 64: this one and all after it are left out.";
        else if (wcslen(list) > PROPERTIES_ITEM_MAX) wrong = L"It is longer than 256 characters.";
        else wrong = read_item(properties, item, &hr);
        if (wrong) refused(context, shown, wrong);
        if (count > PROPERTIES_ITEMS_MAX) break;
    }
    if (FAILED(hr)) {
        properties_free(properties);
        properties = NULL;
    }
    *out = properties;
    return hr;
}

void properties_free(struct properties *properties)
{
    if (!properties) return;
    for (size_t i = 0; i < properties->count; i++) extra_free(&properties->extras[i]);
    free(properties);
}
